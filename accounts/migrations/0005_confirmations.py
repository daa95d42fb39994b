"""Sign-ups and addresses that wait to be confirmed; the zone of those who do not say theirs is UTC."""

import accounts.profile.models
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_ground'),
    ]

    operations = [
        migrations.AlterField(
            model_name='profile',
            name='single_keys',
            field=models.BooleanField(default=True, verbose_name='keyboard shortcuts'),
        ),
        migrations.AlterField(
            model_name='profile',
            name='time_zone',
            field=models.CharField(default='UTC', max_length=64, validators=[accounts.profile.models.check_time_zone], verbose_name='time zone'),
        ),
        migrations.CreateModel(
            name='PendingConfirmation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('address', models.EmailField(max_length=254, verbose_name='email')),
                ('password', models.CharField(blank=True, help_text='hashed; of a sign-up only', max_length=128)),
                ('language', models.CharField(default='en', max_length=10)),
                ('time_zone', models.CharField(blank=True, max_length=64)),
                ('next_path', models.TextField(blank=True, help_text='where the person was going')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('expires_at', models.DateTimeField(help_text='later than this neither link nor code is valid')),
                ('code_number', models.PositiveSmallIntegerField(default=1, help_text='how many codes there have been')),
                ('code_expires_at', models.DateTimeField()),
                ('tries', models.PositiveSmallIntegerField(default=0, help_text='of this code')),
                ('address_number', models.PositiveSmallIntegerField(default=1, help_text='1 is the address first typed')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'pending confirmation',
                'indexes': [models.Index(fields=['expires_at'], name='pending_expires')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('user', None), models.Q(('password', ''), _negated=True)), models.Q(('password', ''), ('user__isnull', False)), _connector='OR'), name='pending_has_user_or_password'), models.UniqueConstraint(fields=('user', 'address'), name='pending_once_for_each_user')],
            },
        ),
    ]
