"""The profile of a certification as its draft holds it: whole, so that an editor shows what applies.

```
{"options": {"single": "1 of 4", "multiple": "2 of 5, 3 of 6"},
 "endings": {"en": "?\\n? (Select TWO.)"}, "negative": false,
 "blocking": ["V02", ...], "required": ["tip", ...]}
```
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.base.errors import Text
from exams.authoring import schema
from exams.authoring.kinds import Content, Remark
from exams.content.rules.wording import WORDINGS
from exams.kinds.kinds import NAMES
from exams.kinds.profile import PARTS, Profile, is_readable

RULES: Final[Mapping[str, Text]] = {
    "V02": gettext_lazy("Number of options"),
    "V06": gettext_lazy("How questions end"),
    "V07": gettext_lazy("Negative questions"),
    "V08": gettext_lazy("One constraint in capitals"),
    "V09": gettext_lazy("Other words in capitals"),
    "V16": gettext_lazy("Absolute words in options"),
    "V17": gettext_lazy("Options that read the same"),
    "V24": gettext_lazy("References"),
    "V25": gettext_lazy("Options named by their letters"),
    "V26": gettext_lazy("Old names of services"),
}
"""What the rules are called, by their codes: those of `exams.kinds.profile.RULES`."""


def content_of(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored profile as the content of a draft."""
    profile = Profile.of(stored)
    return {
        "options": {kind: profile.options.get(kind, "") for kind in NAMES},
        "endings": {
            language: "\n".join(profile.endings.get(language, usual))
            for language, usual in _endings().items()
        },
        "negative": profile.negative,
        "blocking": [code for code in RULES if code in profile.blocking],
        "required": [part for part in PARTS if part in profile.required],
    }


def stored(content: Content) -> dict[str, Any]:
    """Return what the catalog stores of it: what is not as usual."""
    usual = _endings()
    lines = {name: tuple(text.split("\n")) if text else () for name, text in content["endings"].items()}
    changed = {
        "options": {kind: line for kind, line in content["options"].items() if line},
        "endings": {name: endings for name, endings in lines.items() if endings != usual[name]},
    }
    return Profile.of({**content, **changed}).stored()


def _lines(value: object, field: str) -> str:
    lines = (" ".join(line.split()) for line in schema.text(1000).clean(value, field).split("\n"))
    # An empty line between others allows any ending for its number of correct options, so it stays.
    return "\n".join(lines).rstrip("\n")


def _those_of(known: Collection[str]) -> schema.Shape:
    """Return the shape of a list of which a draft may know names that are no more: these are left out."""

    def clean(value: object, field: str) -> list[str]:
        named = schema.lines(50, 60).clean(value, field)
        return [one for one in known if one in named]

    return schema.Shape(clean)


def _endings() -> dict[str, tuple[str, ...]]:
    return {language: tuple(wording.endings.values()) for language, wording in WORDINGS.items()}


_USUAL: Final = content_of({})
_FIELDS: Final = schema.fields(
    options=schema.fields(**dict.fromkeys(NAMES, schema.line())),
    endings=schema.fields(**{name: schema.Shape(_lines, text) for name, text in _USUAL["endings"].items()}),
    negative=schema.flag(),
    blocking=_those_of(RULES),
    required=_those_of(PARTS),
)
# What a draft does not say of its questions is as usual.
SHAPE: Final = schema.Shape(
    lambda value, field: _FIELDS.clean({**_USUAL, **schema.mapping(value, field, _USUAL)}, field), {}
)


def remarks(profile: Content | None) -> Iterator[Remark]:
    """Yield what cannot be read of the profile of a draft."""
    options = profile["options"] if profile else {}
    for kind, line in options.items():
        if line and not is_readable(kind, line):
            sentence = _("Write it as “1 of 4” or “2 of 5, 3 of 6”: how many are correct, of how many.")
            yield Remark(f"profile.options.{kind}", "options-of-kind", sentence, blocks=True)
    if profile and not any(options.values()):
        sentence = _("Questions of one type at least are needed.")
        yield Remark(f"profile.options.{NAMES[0]}", "no-kind", sentence, blocks=True)
