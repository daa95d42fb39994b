"""Who runs this site: facts from settings for the legal pages and mails, and their check for production."""

from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

# Without these no imprint and no privacy notice is complete.
REQUIRED: Final = ("OPERATOR_NAME", "OPERATOR_ADDRESS", "CONTACT_EMAIL", "HOSTING_PROVIDER", "MAIL_PROVIDER")
# Not everybody is in a register, has a VAT number, or answers a phone.
OPTIONAL: Final = ("OPERATOR_REGISTER", "OPERATOR_VAT_ID", "OPERATOR_PHONE", "OPERATOR_RESPONSIBLE")


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact about the operator: the setting that holds it, and its value, empty when it is not set."""

    setting: str
    value: str

    def __str__(self) -> str:
        return self.value or _("missing: set %(setting)s") % {"setting": self.setting}

    @property
    def is_listed(self) -> bool:
        """Whether pages have a line for it: an optional one that is missing shows in development only."""
        return bool(self.value) or self.setting in REQUIRED or not settings.PRODUCTION


def fact(setting: str) -> Fact:
    """Return the fact that a setting holds."""
    return Fact(setting, str(getattr(settings, setting)).strip())


def facts() -> dict[str, Fact]:
    """Return all facts by the name of their setting in lower case, as templates name them."""
    return {setting.lower(): fact(setting) for setting in (*REQUIRED, *OPTIONAL)}


def seller() -> str:
    """Return who sells, on one line: name, address, and VAT ID, as far as they are set."""
    values = (fact(setting).value for setting in ("OPERATOR_NAME", "OPERATOR_ADDRESS", "OPERATOR_VAT_ID"))
    return ", ".join(" ".join(value.split()) for value in values if value)


def contact_email() -> str:
    """Return the address for mail to the operator; where none is set, the words that say so."""
    return str(fact("CONTACT_EMAIL"))


def check_operator(**_options: Any) -> list[CheckMessage]:  # noqa: ANN401
    """Refuse production without the facts that the law asks for, and without a usable contact address."""
    if not settings.PRODUCTION:
        return []
    messages: list[CheckMessage] = [
        Error(
            f"{setting} is not set.",
            hint="Imprint, privacy notice and contact page name it: see .env.example.",
            id="accounts.E003",
        )
        for setting in REQUIRED
        if not fact(setting).value
    ]
    if fact("CONTACT_EMAIL").value:
        try:
            validate_email(fact("CONTACT_EMAIL").value)
        except ValidationError:
            messages.append(Error("CONTACT_EMAIL is not an email address.", id="accounts.E004"))
    return messages
