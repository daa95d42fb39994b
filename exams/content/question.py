"""Where the question of a stem begins: one definition for what is shown and for what is measured."""

import re
from dataclasses import dataclass
from typing import Final

# How many to select is said behind the question, in whatever language: (Select TWO.), (Válassz KETTŐT.)
NOTE: Final = re.compile(r"\s*\([^()]*\)\s*$")
QUOTES: Final = "\"'“„«(`"
SENTENCE_END: Final = re.compile(r"[.!?][\"'”»)]*\s+(?=[\"'“„«(`]*[^\W_])")
# A point behind these ends no sentence, even where a name or a figure follows. English, then Hungarian.
# Whole words only: "will." ends with "ill." and does end a sentence.
SHORT_FORM: Final = re.compile(r"(?<!\w)(?:e\.g|i\.e|vs|etc|approx|No|pl|ill|kb|stb)\.[\"'”»)]*$")


@dataclass(frozen=True, slots=True)
class SplitStem:
    """A stem in parts, as they follow each other: the setting, the question, the note behind it."""

    setting: str
    ask: str
    note: str


def split_question(stem: str) -> SplitStem:
    """Split a stem into its setting, its last sentence and a note such as (Select TWO.).

    The question of a stem of one sentence is the whole stem; the setting is then empty.
    """
    whole = whole_question(stem)
    starts = sentence_starts(whole.ask)
    start = starts[-1] if starts else 0
    return SplitStem(whole.ask[:start].rstrip(), whole.ask[start:], whole.note)


def whole_question(ask: str) -> SplitStem:
    """Return a question of its own, which may have several sentences, and the note behind it."""
    text = ask.strip()
    match = NOTE.search(text)
    body, note = (text[: match.start()], match.group().strip()) if match else (text, "")
    return SplitStem("", body, note)


def sentence_starts(text: str) -> list[int]:
    """Return where sentences after the first begin: behind an end that is no short form, with a capital.

    Capitals are those of any language; a figure or inline code may begin a sentence too.
    """
    starts = []
    for end in SENTENCE_END.finditer(text):
        follower = text[end.end() :].lstrip(QUOTES)[:1]
        begins = follower.isupper() or follower.isdigit() or text[end.end()] == "`"
        if begins and not SHORT_FORM.search(text[: end.end()].rstrip()):
            starts.append(end.end())
    return starts
