"""`manage.py make_demo`: the people of `fixtures/demo.yaml`, in the development profile only."""

import json
import os
import secrets
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.roles import registry
from accounts.roles import services as roles
from accounts.users import services


class Command(BaseCommand):
    """Makes the demo accounts and writes them to `demo.json`; a repeat changes nothing."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PROFILE != "development":
            raise CommandError("Demo accounts are for the development profile only.")
        source = Path(settings.BASE_DIR) / "fixtures" / "demo.yaml"
        people = yaml.safe_load(source.read_text(encoding="utf-8"))["accounts"]
        target = Path(settings.STATE_DIR) / "demo.json"
        known = known_passwords(target)
        rows = [make(person, known.get(person["email"], "")) for person in people]
        write_private(target, {"url": settings.SITE_URL, "accounts": rows})
        self.stdout.write(f"{len(rows)} demo accounts")


def known_passwords(path: Path) -> dict[str, str]:
    """Return the passwords of an earlier run by email address; none when the file is missing or broken."""
    try:
        accounts = json.loads(path.read_text(encoding="utf-8"))["accounts"]
    except (OSError, ValueError, KeyError):
        return {}
    return {account["email"]: account["password"] for account in accounts}


def make(person: dict[str, Any], password: str) -> dict[str, str]:
    """Make one person, give them this password or a new one, and return what the file says of them."""
    password = password or secrets.token_urlsafe(9)
    staff, admin = bool(person.get("staff")), bool(person.get("admin"))
    user = services.ensure(person["email"], password, staff=staff, admin=admin)
    if not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    if staff and not admin:
        roles.give(user, registry.AUTHORS)
    return {"role": person["role"], "email": person["email"], "password": password}


def write_private(path: Path, facts: dict[str, Any]) -> None:
    """Write the file readable by its owner only, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.unlink(missing_ok=True)
    with os.fdopen(
        os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        json.dump(facts, file, indent=2)
    temporary.replace(path)
