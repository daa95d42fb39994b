"""What staff look for on their start page: what was sold lately, and which jobs failed."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0012_devices'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='purchase',
            index=models.Index(fields=['-paid_at'], name='purchase_newest'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(
                condition=models.Q(('state', 'failed')), fields=['-finished_at'], name='job_failed_newest'
            ),
        ),
    ]
