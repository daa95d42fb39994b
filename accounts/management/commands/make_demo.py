"""`manage.py make_demo`: the people of `fixtures/demo.yaml`, in the development profile only."""

import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import yaml
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.access import entitlements, vouchers
from accounts.access.models import EVERYTHING, Kind, ProductVersion, Source, Voucher
from accounts.roles import services as roles
from accounts.users import services
from accounts.users.models import User

VOUCHERS: Final = 3
NOTE: Final = "demo"


class Command(BaseCommand):
    """Makes the demo accounts and writes them to `demo.json`; a repeat changes nothing."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PROFILE != "development":
            raise CommandError("Demo accounts are for the development profile only.")
        source = Path(settings.BASE_DIR) / "fixtures" / "demo.yaml"
        people = yaml.safe_load(source.read_text(encoding="utf-8"))["accounts"]
        target = Path(settings.STATE_DIR) / "demo.json"
        earlier = read_facts(target)
        accounts = {account["email"]: account for account in earlier.get("accounts", [])}
        rows = [make(person, accounts.get(person["email"], {})) for person in people]
        codes = voucher_codes(earlier.get("vouchers", []))
        write_private(target, {"url": settings.SITE_URL, "accounts": rows, "vouchers": codes})
        self.stdout.write(f"{len(rows)} demo accounts, {len(codes)} vouchers")


def read_facts(path: Path) -> dict[str, Any]:
    """Return what the file of an earlier run says; nothing when it is missing or broken."""
    try:
        facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def make(person: dict[str, Any], earlier: dict[str, str]) -> dict[str, str]:
    """Make one person with what the file knows of them, and return what it is to say.

    Everybody but those whom the list excepts gets access to everything, staff an authenticator app too.
    """
    password = earlier.get("password") or secrets.token_urlsafe(9)
    group, admin = person.get("staff", ""), bool(person.get("admin"))
    user = services.ensure(person["email"], password, staff=bool(group), admin=admin)
    if not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    if group:
        roles.give(user, group)
    version = everything()
    if version is not None and person.get("access", True):
        entitlements.give(user, version, Source.GRANT, f"demo:{user.pk}")
    row = {"role": person["role"], "email": person["email"], "password": password}
    if user.is_staff:
        row["totp_secret"] = totp_secret(user, earlier.get("totp_secret", ""))
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


def everything() -> ProductVersion | None:
    """Return what gives the demo accounts their access: the longest that opens everything."""
    versions = ProductVersion.objects.filter(codes__contains=[EVERYTHING])
    return versions.order_by("-months", "pk").first()


def voucher_codes(earlier_codes: Sequence[str]) -> list[str]:
    """Return the codes of an earlier run as long as the database has them, else new ones.

    They give one certification; none where no product does.
    """
    if earlier_codes and all(_stored(code) for code in earlier_codes):
        return list(earlier_codes)
    versions = ProductVersion.objects.filter(product__kind=Kind.CERTIFICATION, product__on_sale=True)
    version = versions.order_by("product__place", "product_id", "-number").first()
    if version is None:
        return []
    return vouchers.create_batch(actor=None, version=version, count=VOUCHERS, note=NOTE)[1]


def _stored(code: str) -> bool:
    return Voucher.objects.filter(code_sha256=vouchers.digest(vouchers.normalized(code))).exists()


def totp_secret(user: User, earlier_secret: str) -> str:
    """Return the secret of a person's authenticator app; made, with the earlier one, where there is none."""
    app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if app is not None:
        return str(decrypt(app.data["secret"]))
    secret = earlier_secret or generate_totp_secret()
    TOTP.activate(user, secret)
    return secret
