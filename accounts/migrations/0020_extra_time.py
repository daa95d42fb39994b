"""The permission to see and set the extra time of a candidate."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0019_token_scope'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='user',
            options={'permissions': [('remove_second_factor', 'Can remove the second factor of a person'), ('set_extra_time', 'Can see and set the extra time of a candidate')], 'verbose_name': 'user', 'verbose_name_plural': 'users'},
        ),
    ]
