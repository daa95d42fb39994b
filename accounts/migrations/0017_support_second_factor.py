"""The right of support to remove the second factor of somebody who lost it."""


from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0016_refund_failures'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='user',
            options={'permissions': [('remove_second_factor', 'Can remove the second factor of a person')], 'verbose_name': 'user', 'verbose_name_plural': 'users'},
        ),
    ]
