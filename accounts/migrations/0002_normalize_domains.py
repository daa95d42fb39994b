"""Domains of stored addresses in the spelling that new ones get (accounts.users.addresses)."""

from django.db import migrations


def punycoded(email):
    """As `accounts.users.addresses.normalized` was when this was written."""
    local, at, domain = email.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii').lower()}" if at else email
    except UnicodeError:
        return email


def normalize(apps, schema_editor):
    """Rewrite addresses with a domain beyond ASCII.

    Two accounts or two addresses of one mailbox stay two: the look-alike keeps its spelling, is no longer
    verified, and so gives no access. Whoever reads the mailbox uses the other account.
    """
    user, address = apps.get_model("accounts", "User"), apps.get_model("account", "EmailAddress")
    for model in (user, address):
        for row in model.objects.filter(email__regex=r"@.*[^\x01-\x7f]").order_by("pk"):
            email = punycoded(row.email)
            if email == row.email:
                continue
            # An address row may not get the spelling of any other, a user row not that of another person's.
            same = address.objects.filter(email__iexact=email)
            others = same.exclude(pk=row.pk) if model is address else same.exclude(user_id=row.pk)
            people = user.objects.filter(email__iexact=email).exclude(pk=owner(row))
            if people.exists() or others.exists():
                address.objects.filter(user_id=owner(row), email=row.email).update(verified=False)
            else:
                model.objects.filter(pk=row.pk).update(email=email)


def owner(row):
    """The id of the person whom a user row or an address row belongs to."""
    return getattr(row, "user_id", row.pk)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(normalize, migrations.RunPython.noop)]
