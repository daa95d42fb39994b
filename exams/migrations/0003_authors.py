"""Was: the group of authors. Roles are declared in the code and set after every migration (accounts.roles)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("exams", "0002_freeze"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = []
