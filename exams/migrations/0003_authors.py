"""The group of authors: they see catalogue, bank and forms in the admin, and nothing of candidates."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

SEEN = (
    "certification", "certificationtext", "domain", "domaintext", "taskstatement", "taskstatementtext",
    "item", "itemversion", "itemtext", "option", "optiontext",
    "examform", "formedition", "formitem", "paper",
)


def make(apps, schema_editor):
    """Make the group. Permissions normally come only after the migrations, so they are made here first."""
    config = apps.get_app_config("exams")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name="authors")
    codenames = [f"view_{model}" for model in SEEN] + ["change_certification", "change_certificationtext"]
    group.permissions.set(
        apps.get_model("auth", "Permission").objects.filter(
            content_type__app_label="exams", codename__in=codenames
        )
    )


class Migration(migrations.Migration):
    dependencies = [
        ("exams", "0002_freeze"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
