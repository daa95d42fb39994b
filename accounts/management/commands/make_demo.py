"""`manage.py make_demo`: the people of `fixtures/demo.yaml`, in the development profile only."""

import json
import os
import secrets
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.management import demo_access
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
        known = known_facts(target)
        accounts = {account["email"]: account for account in known.get("accounts", [])}
        rows = [make(person, accounts.get(person["email"], {})) for person in people]
        codes = demo_access.voucher_codes(known.get("vouchers", []))
        write_private(target, {"url": settings.SITE_URL, "accounts": rows, "vouchers": codes})
        self.stdout.write(f"{len(rows)} demo accounts, {len(codes)} vouchers")


def known_facts(path: Path) -> dict[str, Any]:
    """Return what the file of an earlier run says; nothing when it is missing or broken."""
    try:
        facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def make(person: dict[str, Any], known: dict[str, str]) -> dict[str, str]:
    """Make one person with what the file knows of them, and return what it is to say.

    Everybody but those whom the list excepts gets access to everything, staff an authenticator app too.
    """
    password = known.get("password") or secrets.token_urlsafe(9)
    group, admin = person.get("staff", ""), bool(person.get("admin"))
    user = services.ensure(person["email"], password, staff=bool(group), admin=admin)
    if not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    if group:
        roles.give(user, group)
    version = demo_access.everything()
    if version is not None and person.get("access", True):
        demo_access.grant(user, version)
    row = {"role": person["role"], "email": person["email"], "password": password}
    if user.is_staff:
        row["totp_secret"] = demo_access.totp_secret(user, known.get("totp_secret", ""))
    return row


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
