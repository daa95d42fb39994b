"""What passwords may be: not longer than anybody types, and not easy to guess."""

import re
import threading
from collections.abc import Iterable
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from zxcvbn import zxcvbn

# zxcvbn's scale ends at 4; from 3 on it expects at least 10^8 guesses.
SAFE: Final = 3
# Its work grows fast with the length: 72 odd characters take it seconds, 24 less than hashing once.
PIECE: Final = 24
OWN_WORDS: Final = "user_inputs"
SHORTEST_WORD: Final = 3
REASONS: Final = {
    OWN_WORDS: _("it contains the name of this site or part of your email address"),
    "dictionary": _("it is made of a common word or password"),
    "repeat": _("it repeats the same characters"),
    "sequence": _("it contains letters or digits in a row"),
    "spatial": _("it contains keys that are side by side"),
    "date": _("it contains dates or years"),
    "regex": _("it contains dates or years"),
    "bruteforce": _("it is too predictable"),
}
# zxcvbn keeps the words of the owner in a table of its module, so that two threads would mix them up.
_one_at_a_time: Final = threading.Lock()


class GuessablePasswordValidator(CommonPasswordValidator):
    """Refuses a password of Django's list of common ones, and one that zxcvbn expects to be guessed."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raise ValidationError with the reason for a password that is easy to guess."""
        super().validate(password)
        words = _own_words(user)
        judgments = [_judge(piece, words) for piece in pieces(password)]
        if all(result["score"] < SAFE for result in judgments):
            raise ValidationError(
                _("This password is easy to guess: %(reason)s."),
                code="password_guessable",
                params={"reason": REASONS[_pattern(judgments[0]["sequence"])]},
            )

    def get_help_text(self) -> str:
        """Say the rule."""
        return gettext("Your password must not be easy to guess.")


def pieces(password: str) -> list[str]:
    """Return the parts that are judged: a password is as hard to guess as the hardest of its parts."""
    if len(password) <= PIECE:
        return [password]
    return [password[:PIECE], password[-PIECE:]]


def _judge(piece: str, words: Iterable[str]) -> dict[str, Any]:
    with _one_at_a_time:
        return dict(zxcvbn(piece, user_inputs=list(words)))


def _own_words(user: AbstractBaseUser | None) -> list[str]:
    """Return what somebody would try first: the name of the site, the address and its parts."""
    own = [settings.MFA_TOTP_ISSUER, str(getattr(user, "email", ""))]
    parts = [part for text in own for part in re.split(r"[\W_]+", text) if len(part) >= SHORTEST_WORD]
    return [*own, *parts]


def _pattern(sequence: list[dict[str, Any]]) -> str:
    """Name what makes the password weak: words of the owner, else the longest pattern that was found."""
    if any(match.get("dictionary_name") == OWN_WORDS for match in sequence):
        return OWN_WORDS
    patterns = [match for match in sequence if match["pattern"] != "bruteforce"]
    longest = max(patterns, key=lambda match: len(match["token"]), default={"pattern": "bruteforce"})
    return str(longest["pattern"])


class MaximumLengthValidator:
    """Refuse a password of more than `max_length` characters."""

    def __init__(self, max_length: int = 128) -> None:
        self.max_length = max_length

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raise ValidationError for a password that is too long."""
        if len(password) > self.max_length:
            raise ValidationError(
                ngettext(
                    "This password is too long. It may have at most %(max_length)d character.",
                    "This password is too long. It may have at most %(max_length)d characters.",
                    self.max_length,
                ),
                code="password_too_long",
                params={"max_length": self.max_length},
            )

    def get_help_text(self) -> str:
        """Say the rule."""
        return ngettext(
            "Your password may have at most %(max_length)d character.",
            "Your password may have at most %(max_length)d characters.",
            self.max_length,
        ) % {"max_length": self.max_length}
