"""Remarks on a drafted cheat sheet: what no page can show blocks, lengths and form are advice."""

from collections import Counter
from collections.abc import Iterator

from django.utils.translation import gettext as _

from exams.authoring.kinds import Content, Remark
from exams.cheatsheet import rules
from exams.cheatsheet.markdown_tree import is_too_deep
from exams.cheatsheet.records import BlockRecord
from exams.cheatsheet.section_md import read_block
from exams.content import markdown
from exams.content.rules.measures import count_words


def of(content: Content, language: str) -> Iterator[Remark]:
    """Yield the remarks on a sheet in a language, in the order of its fields."""
    titles = Counter(section["title"] for section in content["sections"])
    for number, section in enumerate(content["sections"]):
        field = f"sections.{number}"
        if not section["title"]:
            yield _blocking(f"{field}.title", "missing-title", _("This title is missing."), language)
        elif titles[section["title"]] > 1:
            yield _blocking(f"{field}.title", "same-titles", _("Two sections have this title."), language)
        if not section["blocks"]:
            yield _blocking(f"{field}.blocks", "empty-section", _("This section has no blocks."), language)
        for place, block in enumerate(section["blocks"]):
            yield from _of_block(f"{field}.blocks.{place}", block, language)
            yield from _advice(f"{field}.blocks.{place}.source", block, language, is_first=place == 0)


def _of_block(field: str, block: Content, language: str) -> Iterator[Remark]:
    if not block["title"]:
        yield _blocking(f"{field}.title", "missing-title", _("This title is missing."), language)
    source = block["source"]
    if not source:
        yield _blocking(f"{field}.source", "missing-text", _("This text is missing."), language)
    for said in markdown.faults(source, rows=rules.TABLE_ROWS):
        yield _blocking(f"{field}.source", "markdown", said, language)
    if markdown.figure_names(source):
        yield _blocking(f"{field}.source", "no-figures", _("A cheat sheet shows no figures."), language)
    if is_too_deep(source):
        yield _blocking(f"{field}.source", "too-deep", _("Lists are nested too deep."), language)
    if any(one.startswith(("# ", "## ")) for one in source.split("\n")):
        yield _blocking(
            f"{field}.source", "headings", _("Begin subheadings with ###; larger ones part blocks."), language
        )


def _advice(field: str, block: Content, language: str, *, is_first: bool) -> Iterator[Remark]:
    """Yield where a block leaves the form that the guide for writers gives it."""
    if not block["source"]:
        return
    record = read_block(block["source"])
    said = [*_lengths(record), *_form(record), *(_introduction(record) if is_first else ())]
    for rule, sentence in said:
        yield Remark(field, rule, sentence, blocks=False, language=language)


def _lengths(record: BlockRecord) -> Iterator[tuple[str, str]]:
    sentence = _("“%(words)s …” has %(count)s words; at most %(most)s, please.")
    passages = (
        ("cell-length", rules.CELL_MAX, record.cells),
        ("entry-length", rules.BULLET_MAX, tuple(rules.entries(record))),
    )
    for rule, most, found in passages:
        for one in found:
            if (count := count_words(one.text)) > most:
                yield rule, sentence % {"words": _begins(one.text), "count": count, "most": most}


def _form(record: BlockRecord) -> Iterator[tuple[str, str]]:
    for one in rules.entries(record):
        if not rules.is_led(one.text):
            said = _("Lead the entry “%(words)s …” with its term in bold.")
            yield "leading-term", said % {"words": _begins(one.text)}
    if any(len(tips) > rules.TIPS_MAX for tips in record.tips):
        yield "exam-tips", _("At most one exam tip, please; a subheading begins another group.")


def _introduction(record: BlockRecord) -> Iterator[tuple[str, str]]:
    count = sum(count_words(one.text) for one in record.paragraphs)
    low, high = rules.INTRO_MIN, rules.INTRO_MAX
    if not low <= count <= high:
        said = _("A section begins with %(low)s to %(high)s words of introduction; here are %(count)s.")
        yield "introduction-length", said % {"low": low, "high": high, "count": count}


def _begins(text: str) -> str:
    return " ".join(text.split()[:4])


def _blocking(field: str, rule: str, sentence: str, language: str) -> Remark:
    return Remark(field, rule, sentence, blocks=True, language=language)
