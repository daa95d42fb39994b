"""What the rules of writing say about a drafted question, each remark at its field and in any language.

The profile of the certification says what blocks: as a rule what the guide for writers forbids at all ("0",
"exact"). Lengths, and whatever it limits over a whole exam, are advice here. `exams.content.rules` measures;
this file only says it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.base.errors import Text
from exams.authoring import guides, near_duplicates
from exams.authoring.item_content import WORDS, item_record, written
from exams.authoring.kinds import Content, Remark
from exams.catalog.models import Certification
from exams.content import markdown
from exams.content.records import ItemRecord, SlotRecord
from exams.content.rules import explanations, options, stems, structure
from exams.content.rules.cues import CUES
from exams.content.rules.measured import MeasuredItem
from exams.content.rules.rule import ItemRule, Violation
from exams.content.rules.wording import WORDINGS, wording_of
from exams.kinds.profile import Profile

RULES: Final[tuple[ItemRule, ...]] = (
    structure.options_of_type,
    stems.stem_ending,
    stems.negative_question,
    stems.one_constraint,
    stems.other_capitals,
    options.option_phrases,
    options.same_options,
    explanations.rationale_length,
    explanations.why_correct_length,
    explanations.principle_length,
    explanations.exam_tip_length,
    explanations.references,
    explanations.option_letters,
    explanations.old_names,
    explanations.repeated_rationale,
    explanations.start_pages,
)
ENGLISH_RULES: Final[tuple[ItemRule, ...]] = (explanations.british_spelling,)
TRANSLATION_RULES: Final[tuple[ItemRule, ...]] = (
    stems.stem_ending,
    options.same_options,
    explanations.option_letters,
)
_WORDS: Final = gettext_lazy("%(count)s words; the guide asks for %(low)s to %(high)s.")
SENTENCES: Final[Mapping[str, Text]] = {
    "options-of-type": gettext_lazy("%(count)s options; a question of this type has %(wanted)s."),
    "rationale-length": _WORDS,
    "why-correct-length": _WORDS,
    "principle-length": _WORDS,
    "exam-tip-length": _WORDS,
    "stem-ending": gettext_lazy("The question has to end with “%(ending)s”."),
    "negative-question": gettext_lazy("“%(word)s” makes the question negative. Ask for what is right."),
    "one-constraint": gettext_lazy("Several words in capitals compete: %(listed)s. Keep one."),
    "other-capitals": gettext_lazy(
        "“%(word)s” is in capitals and is neither a constraint nor an abbreviation."
    ),
    "option-phrases": gettext_lazy("“%(word)s” gives an option away. Say it without an absolute word."),
    "same-options": gettext_lazy("Two options read the same."),
    "option-letters": gettext_lazy("“%(word)s” names an option by its letter. Name it by what it says."),
    "old-names": gettext_lazy("“%(name)s” is an old name: %(advice)s."),
    "longest-key": gettext_lazy(
        "The correct option is the longest (%(longest)s characters, the next has %(others)s)."
    ),
    "shortest-key": gettext_lazy(
        "The correct option is the shortest (%(shortest)s characters, the next has %(others)s)."
    ),
    "clang": gettext_lazy("Only the correct option repeats words of the question: %(listed)s."),
    "british-spelling": gettext_lazy("British spelling: %(listed)s. Write American English."),
    "repeated-rationale": gettext_lazy(
        "This repeats %(percent)s%% of the rationale of the correct option. Add what that leaves out."
    ),
    "start-pages": gettext_lazy("This is a start page. Name the page that decides the answer."),
}
UNUSED_KIND: Final = gettext_lazy("This certification has no questions of this type.")
UNUSED_CHOOSE: Final = gettext_lazy(
    "This certification has no questions of this type with %(choose)s correct options."
)
# Rules with several faults have a sentence for each.
FAULTS: Final[Mapping[tuple[str, str], Text]] = {
    ("references", "count"): gettext_lazy("%(low)s to %(high)s references, please."),
    ("references", "address"): gettext_lazy("The address has to begin with https://."),
    ("references", "host"): gettext_lazy("The page has to be on one of these sites: %(hosts)s."),
    ("references", "anchor"): gettext_lazy("Leave out the anchor (#…): it may move."),
    ("references", "title"): gettext_lazy("Give the page its title."),
    ("option-grammar", "article"): gettext_lazy(
        "“%(word)s” at the end of the question does not fit this option."
    ),
    ("option-grammar", "ing"): gettext_lazy("This option begins in another form than all others (-ing)."),
    ("option-grammar", "point"): gettext_lazy("This option ends otherwise than all others (period)."),
    ("option-grammar", "capital"): gettext_lazy("This option begins otherwise than all others (capital)."),
}


def by_markdown(content: Content) -> Iterator[Remark]:
    """Yield what is wrong with Markdown in any language: files refuse it, and an export has to load again."""
    for language, text in content["texts"].items():
        for field, faults in _markdown_faults(text):
            for sentence in faults:
                yield Remark(
                    f"texts.{language}.{field}", "markdown", sentence, blocks=True, language=language
                )


def _markdown_faults(text: Mapping[str, Any]) -> Iterator[tuple[str, Iterator[str]]]:
    for name in WORDS:
        yield name, (markdown.line_faults if name == "ask" else markdown.faults)(text[name])
    for number, option in enumerate(text["options"]):
        yield f"options.{number}.text", markdown.faults(option["text"], columns=markdown.NARROW)
        yield f"options.{number}.why", markdown.faults(option["why"])


def by_rules(certification: Certification, name: str, content: Content) -> Iterator[Remark]:
    """Yield what the rules find in each language that is written. Queries nothing."""
    original, profile = certification.original_language, Profile.of(certification.profile)
    # Without a number of options that would be right, no rule could find the number here to be wrong.
    if content["kind"] in profile.options and not profile.counts(content["kind"], content["choose"]):
        sentence = str(UNUSED_CHOOSE) % {"choose": content["choose"]}
        rule = structure.options_of_type
        yield Remark("options", rule.name, sentence, rule.code in profile.blocking)
    for language, text in content["texts"].items():
        if language in WORDINGS and (language == original or written(text)):
            yield from _of_language(certification, name, content, language, profile)


def _of_language(
    certification: Certification, name: str, content: Content, language: str, profile: Profile
) -> Iterator[Remark]:
    is_original = language == certification.original_language
    record = item_record(content, name, language)
    wording, guide = wording_of(language, profile), guides.of(certification.code)
    measured = MeasuredItem(record, _slot(record, profile), wording, guide, profile)
    rules = (*RULES, *CUES) if is_original else TRANSLATION_RULES
    for rule in (*rules, *(ENGLISH_RULES if language == "en" else ())):
        for violation in rule.faults(measured):
            if isinstance(violation, Violation) and _is_written(violation, content["texts"][language]):
                yield _remark(rule, violation, language, profile, content)


def _slot(record: ItemRecord, profile: Profile) -> SlotRecord | None:
    """Return the place that an item would fill by what it says of itself."""
    traits = record.traits
    if traits is None:
        return None
    count, allowed = len(record.options), profile.counts(traits.kind, traits.choose)
    return SlotRecord(
        id=record.id,
        number=0,
        domain=0,
        scored=True,
        options=count if count in allowed or not allowed else allowed[0],
        key_positions=record.keys,
        **asdict(traits),
    )


def _is_written(violation: Violation, text: Mapping[str, Any]) -> bool:
    """Tell whether there is a text at the field: of one that is missing another remark says so."""
    steps = violation.field.split(".")
    if violation.values.get("fault") == "keys":
        return False  # the number of keys is told with the number to choose
    if steps[0] == "options" and len(steps) == 3 and steps[2] in ("text", "why"):
        return bool(text["options"][int(steps[1])][steps[2]].strip())
    return bool(text[steps[0]].strip()) if steps[0] in text and isinstance(text[steps[0]], str) else True


def _remark(
    rule: ItemRule, violation: Violation, language: str, profile: Profile, content: Content
) -> Remark:
    steps = violation.field.split(".")
    is_structural = steps[0] == "references" or violation.field == "options"
    field = violation.field if is_structural else f"texts.{language}.{violation.field}"
    sentence = FAULTS.get((rule.name, str(violation.values.get("fault")))) or SENTENCES[rule.name]
    values = dict(violation.values)
    if rule.name == "options-of-type":
        values["wanted"] = ", ".join(map(str, profile.counts(content["kind"], content["choose"])))
    filled = str(sentence) % values
    return Remark(field, rule.name, filled, rule.code in profile.blocking, "" if is_structural else language)


def by_bank(certification: Certification, name: str, content: Content) -> Sequence[Remark]:
    """Return which questions of the bank are too near. One statement."""
    place = f"texts.{certification.original_language}"
    neighbors = near_duplicates.of(certification, name, content)
    return [
        Remark(f"{place}.{field}", rule, sentence, blocks=False, language=certification.original_language)
        for neighbor in neighbors
        for field, rule, sentence in _near(neighbor)
    ]


def _near(near: near_duplicates.Neighbor) -> Iterator[tuple[str, str, str]]:
    if near.alike >= near_duplicates.ALIKE:
        sentence = _("Reads like %(code)s (%(percent)s %% alike).")
        yield "stem", "similar-stems", sentence % {"code": near.code, "percent": round(near.alike * 100)}
    if near.key_in_stem:
        sentence = _("Gives away the correct answer of %(code)s: “%(words)s”.")
        yield "stem", "key-in-stem", sentence % {"code": near.code, "words": near.key_in_stem[:120]}
    if near.holds_key:
        sentence = _("The question %(code)s gives away a correct answer of this one: “%(words)s”.")
        yield "stem", "key-in-stem", sentence % {"code": near.code, "words": near.holds_key[:120]}
