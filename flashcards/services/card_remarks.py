"""Remarks on a drafted card: what keeps it from its deck blocks, the form that the guide wants is advice."""

from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _

from exams.authoring.kinds import Content, Remark
from exams.catalog.models import Certification, TaskStatement
from exams.content import markdown
from exams.content.rules.measures import WORD, count_words, plain, sentences
from flashcards.content import rules
from flashcards.services import cards

ENGLISH: Final = "en"


def of(certification: Certification, name: str, content: Content) -> Iterator[Remark]:
    """Yield the remarks on a card, in the order of its fields. Two statements."""
    tasks = TaskStatement.objects.filter(domain__certification=certification, code=content["task"])
    if not tasks.filter(domain__number=content["domain"]).exists():
        yield _blocking("task", "known-task", _("Choose a task statement of the domain."), "")
    if not content["covers"]:
        message = _("Name what it teaches, so that questions can lead to it.")
        yield Remark("covers", "card-coverage", message, blocks=False)
    original = certification.original_language
    if original not in content["texts"]:
        yield _blocking(f"texts.{original}", "original-text", _("The original text is missing."), original)
    for language, text in content["texts"].items():
        if language == original or any(text.values()):
            yield from _of_text(f"texts.{language}", text, language)
    if same := _same_front(certification, name, content):
        message = _("The card %(code)s has the same front.") % {"code": same}
        yield Remark(f"texts.{original}.front", "same-fronts", message, blocks=False, language=original)


def _of_text(place: str, text: Content, language: str) -> Iterator[Remark]:
    for word in ("front", "back"):
        field = f"{place}.{word}"
        if not text[word]:
            yield _blocking(field, "missing-text", _("This text is missing."), language)
        for message in markdown.faults(text[word]):
            yield _blocking(field, "markdown", message, language)
        if markdown.figure_names(text[word]):
            yield _blocking(field, "no-figures", _("A card shows no figures."), language)
    for word, rule, sentence in (*_front(text["front"], language), *_back(text)):
        yield Remark(f"{place}.{word}", rule, sentence, blocks=False, language=language)


def _front(front: str, language: str) -> Iterator[tuple[str, str, str]]:
    """Yield where a front is no short question that asks for more than yes or no."""
    if not front:
        return
    count = count_words(front)
    if not rules.FRONT_MIN <= count <= rules.FRONT_MAX:
        values = {"count": count, "low": rules.FRONT_MIN, "high": rules.FRONT_MAX}
        yield "front", "front-length", _("%(count)s words; the guide asks for %(low)s to %(high)s.") % values
    if not front.endswith(rules.MARKS):
        yield "front", "front-form", _("A front ends with a question mark.")
    words = WORD.findall(front.lower()) if language == ENGLISH else []
    if words and words[0] in rules.YES_OR_NO:
        yield "front", "question-word", _("This asks for yes or no. Ask what, which, how, or when.")
    elif words and not rules.ASKING.intersection(words):
        yield "front", "question-word", _("Ask with a question word: what, which, how, when.")


def _back(text: Content) -> Iterator[tuple[str, str, str]]:
    long = _("%(count)s words; at most %(most)s, please.")
    if (count := count_words(f"{text['back']} {text['trap']}")) > rules.BACK_MAX:
        message = _("Back and trap have %(count)s words together; at most %(most)s, please.")
        yield "back", "back-length", message % {"count": count, "most": rules.BACK_MAX}
    if text["back"] and (count := sentences(text["back"])) > rules.SENTENCES_MAX:
        message = _("%(count)s sentences; at most %(most)s, please.")
        yield "back", "back-sentences", message % {"count": count, "most": rules.SENTENCES_MAX}
    if (count := count_words(text["trap"])) > rules.TRAP_MAX:
        yield "trap", "trap-length", long % {"count": count, "most": rules.TRAP_MAX}


def _same_front(certification: Certification, name: str, content: Content) -> str:
    """Return the code of another card of the deck that asks the same, "" for none."""
    text = content["texts"].get(certification.original_language)
    front = plain(text["front"]) if text else ""
    if not front.strip():
        return ""
    fronts = cards.current_texts(certification.original_language).filter(
        card__in=cards.of_deck(certification.code).filter(retired_at=None).exclude(code=name)
    )
    rows = fronts.values_list("card__code", "front")
    return next((code for code, other in rows if plain(other) == front), "")


def _blocking(field: str, rule: str, sentence: str, language: str) -> Remark:
    return Remark(field, rule, sentence, blocks=True, language=language)
