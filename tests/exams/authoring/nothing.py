"""A certification of our own, made from nothing: a harbor's course for lamp keepers, ten questions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

CODE: Final = "lk-07"
FACTS: Final[Mapping[str, Any]] = {
    "vendor": "Harbor School of Osk",
    "level": "Keeper",
    "successor_code": "",
    "beta_on": "",
    "live_on": "",
    "retired_on": "",
    "planned_facts": [],
    "duration_minutes": 20,
    "items_total": 10,
    "items_scored": 10,
    "pass_mark": 70,
    "scale_min": 0,
    "scale_max": 100,
    "exam_fee_usd": 40,
    "validity_years": 0,
    "retake_wait_days": 2,
    "accommodation_minutes": 10,
}
TEXTS: Final = {
    "en": {
        "name": "Lamp Keeper",
        "summary": "Lamps, fog signals, and the log of a harbor light.",
        "description": "For those who keep the light of a harbor alone at night.",
    },
    "hu": {
        "name": "Lámpaőr",
        "summary": "Lámpák, ködjelek és egy kikötői fény naplója.",
        "description": "Azoknak, akik éjjel egyedül őrzik egy kikötő fényét.",
    },
}
NAMES: Final = (
    (60, {"en": "The lamp", "hu": "A lámpa"}, {"en": "Light and trim the lamp", "hu": "A lámpa gondozása"}),
    (40, {"en": "Signals", "hu": "Jelek"}, {"en": "Give fog signals", "hu": "Ködjelek adása"}),
)


def content() -> dict[str, Any]:
    """Return the whole certification as the content of its draft."""
    return {
        "facts": dict(FACTS),
        "texts": {language: dict(words) for language, words in TEXTS.items()},
        "domains": [
            {"number": number, "weight_percent": weight, "names": dict(names)}
            for number, (weight, names, _title) in enumerate(NAMES, 1)
        ],
        "tasks": [
            {
                "code": f"{number}.1",
                "domain": number,
                "texts": {language: {"title": title, "covers": ""} for language, title in titles.items()},
            }
            for number, (_weight, _names, titles) in enumerate(NAMES, 1)
        ],
    }


@dataclass(frozen=True, slots=True)
class Violation:
    """The words of a question: what happens, what is asked, four options with reasons, the first the key."""

    stem: str
    ask: str
    why: str
    options: tuple[tuple[str, str], ...]


def code_of(number: int) -> str:
    """Return the code of a question by its number."""
    return f"L1-Q{number:02d}"


_TOLD: Final = (
    ("trims a wick that smokes", "Trim it", "Raise it", "Soak it", "Turn it"),
    ("finds frost on the lens", "Warm it", "Scrape it", "Rinse it", "Cover it"),
    ("sees the flame sink", "Fill the oil", "Close the vent", "Wipe the glass", "Ring the bell"),
    ("hears the clockwork slow", "Wind it", "Oil it", "Stop it", "Weigh it"),
    ("smells burnt oil", "Open the vent", "Lower the wick", "Change shifts", "Call the pilot"),
    ("finds a crack in the glass", "Swap the pane", "Tape the pane", "Turn the lamp", "Dim the lamp"),
    ("sees fog roll in", "Sound the horn", "Light a flare", "Wait an hour", "Raise a flag"),
    ("hears a ship answer", "Log the time", "Sound twice", "Dim the light", "Hoist a cone"),
    ("loses air in the horn", "Start the pump", "Sound less", "Use the bell", "Close the valve"),
    ("sees the fog lift", "Stop the horn", "Sound longer", "Strike the bell", "Lower the flag"),
)
QUESTIONS: Final = tuple(
    Violation(
        stem=f"A keeper of the harbor light {told}, an hour after dark, with two ships close to the mole. "
        "The next keeper comes at dawn, and the light may not go out before. The book of the light lists "
        "one act for this case, to be done at once and noted after it.",
        ask="Which act meets what the book demands?",
        why=f"The book names one act for a keeper who {told}: {key.lower()}. It keeps light or signal as "
        "the ships expect it, needs one pair of hands, and leaves time to write it down. Every other act "
        "comes later or helps somebody else, and the ships at the mole would have to wait for it. So it is "
        "done first, then noted.",
        options=(
            (key, "It is the act of the book, and the light stays as the ships know it."),
            *((text, "It leaves the cause as it is, and the ships wait meanwhile.") for text in others),
        ),
    )
    for told, key, *others in _TOLD
)
