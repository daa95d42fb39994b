"""Browsers in which somebody wants to sign in by a code that was mailed."""

import django.db.models.functions.datetime
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0014_payments_keys'),
    ]

    operations = [
        migrations.CreateModel(
            name='SignInCode',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('address', models.EmailField(max_length=254, verbose_name='email')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('expires_at', models.DateTimeField(help_text='later than this neither link nor code is valid')),
                ('code_number', models.PositiveSmallIntegerField(default=1, help_text='how many codes there have been')),
                ('code_expires_at', models.DateTimeField()),
                ('tries', models.PositiveSmallIntegerField(default=0, help_text='of this code')),
            ],
            options={
                'verbose_name': 'sign-in code',
                'indexes': [models.Index(fields=['expires_at'], name='sign_in_code_expires')],
            },
        ),
    ]
