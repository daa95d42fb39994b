"""Files that are uploaded to be imported."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
import uuid
from django.conf import settings
from django.db import migrations, models

from accounts.base import tables


class Migration(migrations.Migration):

    dependencies = [
        ('exams', '0026_catalogue_log'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportFile',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('format', models.CharField(max_length=12)),
                ('name', models.CharField(max_length=200)),
                ('content', models.BinaryField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('certification', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='exams.certification')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('content'), 20971520), name='import_file_size')],
            },
        ),
        tables.protect("exams_importfile", tables.LOG),
    ]
