"""Email addresses in one spelling, so that one mailbox is one account."""

from typing import Final

from django.core.validators import MaxLengthValidator
from django.utils.encoding import punycode

LONGEST: Final = 254


def normalized(email: str) -> str:
    """Return the address with its domain as mail servers know it: ASCII, lower case.

    Mails go to the domain that IDNA makes of what was typed, so `passline.example` written with a long s
    is the same mailbox. The part before the @ is the mail server's business and stays.
    A domain that IDNA does not take is returned as it is: the check of addresses refuses it.
    """
    local, at, domain = email.strip().rpartition("@")
    if not at:
        return email
    try:
        return f"{local}@{punycode(domain).lower()}"
    except UnicodeError:
        return email


def checked(email: str) -> str:
    """Return the address in its one spelling. Raises ValidationError where that is too long to be stored."""
    address = normalized(email)
    MaxLengthValidator(LONGEST)(address)
    return address
