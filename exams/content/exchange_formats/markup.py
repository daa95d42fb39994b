"""The texts of one item as HTML for other systems, and which of them would come back written differently."""

from collections import Counter
from collections.abc import Callable, Iterable

from exams.content.exchange_formats import html_tree
from exams.content.exchange_formats.building import item_faults
from exams.content.exchange_formats.html_markdown import Quiet, line_markdown, to_markdown
from exams.content.exchange_formats.html_parts import Notes
from exams.content.exchange_formats.markdown_html import Address, block_html, line_html, option_html
from exams.content.exchange_formats.shape import Loss, written_loss
from exams.content.exchange_formats.xml_tree import Node
from exams.content.markdown import figure_names
from exams.content.records import FormatError, Problem, WholeItem
from exams.kinds.kinds import KINDS

type Back = Callable[[Iterable[Node], Notes], str]


class Markup:
    """Writes the texts of an item; `losses` gathers what will be different when they are read again."""

    def __init__(self, item: WholeItem, address: Address) -> None:
        self.losses: list[Loss] = []
        self._item = item.record.id
        self._address = address

    def block(self, field: str, text: str) -> str:
        """Return a text of paragraphs and more."""
        return self._written(field, text, block_html, lambda nodes, notes: to_markdown(nodes, notes, text))

    def line(self, field: str, text: str) -> str:
        """Return a text that is one line."""
        html = line_html(text)
        self._check(field, text, html, line_markdown)
        return html

    def option(self, field: str, text: str) -> str:
        """Return the text of an option."""
        return self._written(field, text, option_html, line_markdown)

    def _written(self, field: str, text: str, write: Callable[[str, Address], str], back: Back) -> str:
        """Return HTML that was read back; it is written once more only where it shows figures."""
        figures: list[str] = []

        def named(name: str) -> str:
            figures.append(name)
            return f"figure:{name}"

        html = write(text, named)
        self._check(field, text, html, back)
        # Asking for the address of a figure notes that its file goes along, so it is asked for once.
        return write(text, self._address) if figures else html

    def _check(self, field: str, text: str, html: str, back: Back) -> None:
        notes = Quiet()
        if back(html_tree.parse(html, "", 0).children, notes) != text:
            code = "formatting" if notes.has_lost else "markup"
            self.losses.append(written_loss(self._item, code, field=field))


def checked(items: Iterable[WholeItem]) -> tuple[WholeItem, ...]:
    """Return items that can be written. Raises FormatError with what is wrong with others."""
    whole = tuple(items)
    problems: list[Problem] = [fault for item in whole for fault in item_faults(item)]
    if problems:
        raise FormatError(tuple(problems))
    return whole


def kind_losses(name: str, items: Iterable[WholeItem]) -> list[Loss]:
    """Return what a format does not keep of the kinds of its items."""
    codes = Counter(KINDS[item.traits.kind].losses.get(name, "") for item in items)
    return [written_loss("", code, count=count) for code, count in codes.items() if code]


def left_out(item: WholeItem) -> list[Loss]:
    """Return what a format of one language and without drawings leaves out."""
    name = item.record.id
    losses = [written_loss(name, "translation", language=language) for language in item.texts]
    return losses + [written_loss(name, "figure", name=one) for one in figure_names(*item.record.texts)]
