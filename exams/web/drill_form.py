"""The form of a drill: from which questions it is drawn, how many there are, and when answers are shown."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, gettext_lazy

from exams.attempts import drills
from exams.attempts.drills import DAYS_MAX, MINUTES, NUMBER, Options
from exams.attempts.models import Feedback
from exams.attempts.pools import Filters, Pool
from exams.catalogue.selectors import DomainFacts
from exams.web.review import DIFFICULTIES

POOLS: Final[Mapping[str, Promise]] = {
    Pool.ALL: gettext_lazy("All questions"),
    Pool.NEW: gettext_lazy("New to me"),
    Pool.MISSED: gettext_lazy("Missed last time"),
    Pool.FLAGGED: gettext_lazy("Flagged"),
    Pool.UNSURE: gettext_lazy("Unsure or guessed"),
    Pool.SLOW: gettext_lazy("Slower than the pace of the exam"),
}
FEEDBACKS: Final[Mapping[str, Promise]] = {
    Feedback.AT_ONCE: gettext_lazy("After each question"),
    Feedback.AT_END: gettext_lazy("At the end"),
}
NOTHING_YET: Final = {"number": "10", "minutes": "0", "days": "0", "feedback": Feedback.AT_ONCE.value}
NOT_SENT: Final = {"pool": Pool.ALL.value, **NOTHING_YET}
SELECTED: Final = mark_safe(" selected")
DOMAIN_MOST: Final = 999_999

_CHOOSE: Final = gettext_lazy("Choose one from the list.")
_WHOLE: Final = gettext_lazy("Enter a whole number.")
_FAULTS_OF_CHOICE: Final = (
    *("required", "invalid", "invalid_choice", "min_value", "max_value"),
    "null_characters_not_allowed",
)
_NO_CHOICE: Final = dict.fromkeys(_FAULTS_OF_CHOICE, _CHOOSE)
_NO_NUMBER: Final = {"required": _WHOLE, "invalid": _WHOLE}
_NUMBER_SHAPE: Final = re.compile(r"-?[0-9]+")


class NumberInput(forms.NumberInput):
    """A field for a number that also shows a refused entry that is none."""

    def render(
        self,
        name: str,
        value: Any,  # noqa: ANN401
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        """Render a text field around what is no number: browsers leave such a number field empty."""
        if value is None or _NUMBER_SHAPE.fullmatch(str(value)):
            return super().render(name, value, attrs, renderer)
        kept = {key: value for key, value in self.attrs.items() if key not in ("min", "max")}
        return forms.TextInput({**kept, "inputmode": "numeric"}).render(name, value, attrs, renderer)


class Select(forms.Select):
    """A list to choose from, rendered by one function: a template for each of 40 options took 5 ms."""

    def render(
        self,
        name: str,
        value: Any,  # noqa: ANN401
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        """Render the list with what is chosen."""
        chosen = {str(one) for one in self.format_value(value)}
        options = [
            format_html(
                '<option value="{}"{}>{}</option>', key, SELECTED if str(key) in chosen else "", label
            )
            for key, label in self.choices
        ]
        attributes = flatatt(self.build_attrs({"name": name, **self.attrs}, attrs))
        return format_html("<select{}>{}</select>", attributes, mark_safe("".join(options)))  # noqa: S308


class DrillForm(forms.Form):
    """What a person asks for. What is not sent is as on a fresh page; domain and task may be unknown ones."""

    pool = forms.ChoiceField(
        label=gettext_lazy("Questions"),
        choices=tuple(POOLS.items()),
        widget=Select,
        error_messages=_NO_CHOICE,
    )
    domain = forms.IntegerField(
        label=gettext_lazy("Domain"),
        widget=Select,
        required=False,
        min_value=0,
        max_value=DOMAIN_MOST,
        error_messages=_NO_CHOICE,
    )
    task = forms.CharField(
        label=gettext_lazy("Task statement"), widget=Select, required=False, error_messages=_NO_CHOICE
    )
    difficulty = forms.ChoiceField(
        label=gettext_lazy("Difficulty"), widget=Select, required=False, error_messages=_NO_CHOICE
    )
    number = forms.IntegerField(
        widget=NumberInput({"min": NUMBER[0], "max": NUMBER[1]}), error_messages=_NO_NUMBER
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("Time limit in minutes (0 for none)"),
        widget=NumberInput({"min": 0, "max": MINUTES[1]}),
        error_messages=_NO_NUMBER,
    )
    days = forms.IntegerField(
        label=gettext_lazy("Leave out questions seen within this many days (0 for none)"),
        widget=NumberInput({"min": 0, "max": DAYS_MAX}),
        error_messages=_NO_NUMBER,
    )
    feedback = forms.ChoiceField(
        label=gettext_lazy("Show answers"),
        choices=tuple(FEEDBACKS.items()),
        widget=forms.RadioSelect,
        error_messages=_NO_CHOICE,
    )

    def __init__(self, sent: Mapping[str, str] | None, wanted: Mapping[str, str]) -> None:
        data = None if sent is None else {**NOT_SENT, **sent}
        super().__init__(data, initial={**NOTHING_YET, **wanted}, auto_id="%s")
        difficulty = cast(forms.ChoiceField, self.fields["difficulty"])
        difficulty.choices = [("", gettext("All difficulties")), *DIFFICULTIES.items()]
        self.fields["number"].label = gettext("Number of questions (%(least)s to %(most)s)") % {
            "least": NUMBER[0],
            "most": NUMBER[1],
        }

    def offer(self, domains: Iterable[DomainFacts], tasks: Iterable[tuple[str, str]]) -> None:
        """Let domains and tasks of a certification be chosen. Only a form that is shown needs them."""
        named = [(str(domain.number), f"{domain.number}. {domain.name}") for domain in domains]
        self._choose_from("domain", gettext("All domains"), named)
        titled = [(code, f"{code} {title}") for code, title in tasks]
        self._choose_from("task", gettext("All task statements"), titled)

    def _choose_from(self, name: str, everything: str, choices: list[tuple[str, str]]) -> None:
        cast(forms.Select, self.fields[name].widget).choices = [("", everything), *choices]

    def clean(self) -> dict[str, Any]:
        """Say at each field whose number cannot be which ones can; lead to the first that was refused."""
        for refused in drills.faults(self.options()):
            if (name := refused.extra["field"]) not in self.errors:
                self.add_error(name, str(refused))
        if first := next((name for name in self.fields if name in self.errors), None):
            self.fields[first].widget.attrs["autofocus"] = True
        return self.cleaned_data

    def options(self) -> Options:
        """Return what was asked for; what is no answer to its field is as on a fresh page."""
        asked = {**NOT_SENT, **self.cleaned_data}
        filters = Filters(
            pool=Pool(asked["pool"]),
            domain=asked.get("domain"),
            task=asked.get("task") or None,
            difficulty=asked.get("difficulty") or None,
            days=int(asked["days"]),
        )
        return Options(filters, int(asked["number"]), int(asked["minutes"]), Feedback(asked["feedback"]))
