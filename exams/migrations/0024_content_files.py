"""Files of a certification's folder that no other table holds."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('exams', '0023_authoring'),
    ]

    operations = [
        migrations.CreateModel(
            name='ContentFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='within the folder: guide.yaml', max_length=120)),
                ('content', models.TextField()),
                ('certification', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='exams.certification')),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(fields=('certification', 'name'), name='content_file_once')],
            },
        ),
    ]
