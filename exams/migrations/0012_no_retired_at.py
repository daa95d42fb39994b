"""An item no longer says when it was retired: nothing ever wrote it. Its column stays for one version.

The image before reads and inserts `retired_at`, so only the model lets go of it here; it may be empty. The
version after this one may drop the column.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("exams", "0011_sample")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField("item", "retired_at")],
        ),
    ]
