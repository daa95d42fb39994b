"""Names that Django makes of the code: "created at" of `created_at`. Here they get their translations."""

from typing import Any

from django.apps import apps
from django.utils.choices import CallableChoiceIterator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


def translate_names() -> None:
    """Have names of models, fields and choices read in the reader's language.

    Those that a model says itself are translated already. Migrations keep what the code says.
    """
    for model in apps.get_models():
        own = model._meta
        own.verbose_name = _translated(own.verbose_name)
        if "verbose_name_plural" in own.original_attrs:
            own.verbose_name_plural = _translated(own.verbose_name_plural)
        else:
            own.verbose_name_plural = gettext_lazy(f"{own.verbose_name_raw}s")
        for field in own.fields:
            field.verbose_name = _translated(field.verbose_name)
            # A function says the names of its choices itself, and is what migrations know.
            if field.choices and not isinstance(field.choices, CallableChoiceIterator):
                field.choices = [(value, _translated(label)) for value, label in field.flatchoices]


def _translated(name: Any) -> Any:  # noqa: ANN401
    return name if isinstance(name, Promise) or not name else gettext_lazy(name)
