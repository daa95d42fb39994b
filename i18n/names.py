"""Names that Django makes of the code: "created at" of `created_at`. Here they get their translations.

Where the code says it otherwise than people do, they get the words of people as well.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.apps import apps
from django.utils.choices import CallableChoiceIterator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

WORDS: Final[Mapping[str, str]] = {
    "accommodation minutes": "extra minutes in a foreign language",
    "beta on": "first day of the beta",
    "duration minutes": "duration in minutes",
    "entitlement": "access",
    "entitlements": "access",
    "exam fee usd": "exam fee in USD",
    "is listed": "on the site",
    "items scored": "scored questions",
    "items total": "questions",
    "live on": "first exam day",
    "planned facts": "planned, not confirmed by the vendor yet",
    "planned forms": "planned exams",
    "retake wait days": "days until a retake",
    "retired on": "last exam day",
    "scale max": "highest score",
    "scale min": "lowest score",
    "successor code": "code of the successor",
    "validity years": "validity in years",
    "weight percent": "weight in percent",
}
"""What people call it, by what the code says; in `foreign.txt` stands what they read."""


def translate_names() -> None:
    """Have names of models, fields and choices read in the reader's language.

    Those that a model says itself are translated already. Migrations keep what the code says.
    """
    for model in apps.get_models():
        own = model._meta
        plural = f"{own.verbose_name_raw}s"
        own.verbose_name = _translated(own.verbose_name)
        if "verbose_name_plural" in own.original_attrs:
            own.verbose_name_plural = _translated(own.verbose_name_plural)
        else:
            own.verbose_name_plural = _translated(plural)
        for field in own.fields:
            field.verbose_name = _translated(field.verbose_name)
            # A function says the names of its choices itself, and is what migrations know.
            if field.choices and not isinstance(field.choices, CallableChoiceIterator):
                field.choices = [(value, _translated(label)) for value, label in field.flatchoices]


def _translated(name: Any) -> Any:  # noqa: ANN401
    return name if isinstance(name, Promise) or not name else gettext_lazy(WORDS.get(name, name))
