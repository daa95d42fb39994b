"""GIFT, written as Moodle 4 exports it: HTML texts, id and tags in a comment above each question."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from exams.content.exchange_formats.building import weight_of
from exams.content.exchange_formats.gift_syntax import escape, in_comment
from exams.content.exchange_formats.labels import labels_of
from exams.content.exchange_formats.markdown_html import FIGURE
from exams.content.exchange_formats.markup import Markup, checked, kind_losses, left_out
from exams.content.exchange_formats.sections import question_html, solution_html
from exams.content.exchange_formats.shape import Loss, Picture, Written, written_loss
from exams.content.records import WholeItem
from exams.kinds.kinds import has_one_answer

HTML: Final = "[html]"


def write_gift(items: Iterable[WholeItem], pictures: Mapping[str, Picture]) -> Written:
    """Write a file of questions, each in its original language."""
    losses: list[Loss] = []
    whole_items = checked(items)
    text = "\n\n".join(_question(item, losses) for item in whole_items)
    losses.append(written_loss("", "written_shuffle", count=len(whole_items)))
    losses += kind_losses("gift", whole_items)
    return Written(f"{text}\n".encode(), tuple(losses))


def _question(item: WholeItem, losses: list[Loss]) -> str:
    record = item.record
    markup = Markup(item, FIGURE.__add__)
    asked = question_html(record.stem, record.ask, markup.block, markup.line)
    lines = [
        f"// {' '.join(_comment(item, losses))}",
        f"::{escape(record.id)}::{_text(asked)}{{",
    ]
    for option in record.options:
        letter = option.letter.lower()
        weight = weight_of(option, record)
        mark = "=" if weight == "100" and has_one_answer(item.traits.kind) else f"~%{weight}%"
        why = f"#{_text(markup.block(f'why_{letter}', option.why))}" if option.why else ""
        text = _text(markup.option(f"option_{letter}", option.text))
        lines.append(f"\t{'~' if weight == '0' else mark}{text}{why}")
    if solution := solution_html(record.explanation, record.references, markup.block):
        lines.append(f"\t####{_text(solution)}")
    losses += [*left_out(item), *markup.losses]
    return "\n".join([*lines, "}"])


def _text(html: str) -> str:
    return HTML + escape(html)


def _comment(item: WholeItem, losses: list[Loss]) -> Iterator[str]:
    yield f"[id:{in_comment(item.source or item.record.id)}]"
    for label in labels_of(item):
        # Moodle escapes the bracket by a backslash, and the backslash by nothing.
        if "\\" in label:
            losses.append(written_loss(item.record.id, "field", field=label))
        else:
            yield f"[tag:{in_comment(label)}]"
