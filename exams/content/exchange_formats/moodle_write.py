"""Moodle's XML, written: multiple choice with feedback, tags, and images beside the texts that show them."""

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape

from exams.content.exchange_formats.building import weight_of
from exams.content.exchange_formats.drawings import Drawings
from exams.content.exchange_formats.labels import labels_of
from exams.content.exchange_formats.markup import Markup, checked, kind_losses
from exams.content.exchange_formats.sections import question_html, solution_html
from exams.content.exchange_formats.shape import Loss, Picture, Written, written_loss
from exams.content.exchange_formats.texts import PLUGIN_FILE
from exams.content.records import WholeItem
from exams.kinds.kinds import has_one_answer


def write_moodle(items: Iterable[WholeItem], pictures: Mapping[str, Picture]) -> Written:
    """Write a file of questions, each in its original language."""
    losses: list[Loss] = []
    whole_items = checked(items)
    questions = "".join(_Writer(item, pictures, losses).question() for item in whole_items)
    losses += kind_losses("moodle", whole_items)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n{questions}</quiz>\n'
    return Written(text.encode(), tuple(losses))


class _Writer:
    def __init__(self, item: WholeItem, pictures: Mapping[str, Picture], losses: list[Loss]) -> None:
        self._item = item
        self._losses = losses
        self._drawings = Drawings(item, pictures)
        self._markup = Markup(item, self._address)
        self._shown: list[str] = []

    def _address(self, name: str) -> str:
        path = self._drawings.path(name)
        if path is None:
            return f"figure:{name}"
        self._shown.append(name)
        return PLUGIN_FILE + path

    def question(self) -> str:
        record, markup = self._item.record, self._markup
        lines = [
            f"<name><text>{escape(record.id, quote=False)}</text></name>",
            self._holder(
                "questiontext", lambda: question_html(record.stem, record.ask, markup.block, markup.line)
            ),
            self._holder(
                "generalfeedback", lambda: solution_html(record.explanation, record.references, markup.block)
            ),
            "<defaultgrade>1</defaultgrade>",
            "<penalty>0</penalty>",
            "<hidden>0</hidden>",
            f"<idnumber>{escape(self._item.source or record.id, quote=False)}</idnumber>",
            f"<single>{'true' if has_one_answer(self._item.traits.kind) else 'false'}</single>",
            "<shuffleanswers>false</shuffleanswers>",
            "<answernumbering>ABCD</answernumbering>",
            *self._answers(),
            self._tags(),
        ]
        self._losses += [*self._left_out(), *markup.losses]
        body = "\n".join(f"    {line}" for line in lines)
        return f'  <question type="multichoice">\n{body}\n  </question>\n'

    def _answers(self) -> Iterator[str]:
        record, markup = self._item.record, self._markup
        for option in record.options:
            letter = option.letter.lower()
            why = self._holder("feedback", lambda: markup.block(f"why_{letter}", option.why))  # noqa: B023
            text = self._content(lambda: markup.option(f"option_{letter}", option.text))  # noqa: B023
            yield f'<answer fraction="{weight_of(option, record)}" format="html">{text}{why}</answer>'

    def _holder(self, name: str, html: Callable[[], str]) -> str:
        return f'<{name} format="html">{self._content(html)}</{name}>'

    def _content(self, html: Callable[[], str]) -> str:
        """Return a text and the files that it shows."""
        self._shown = []
        text = html()
        files = "".join(self._file(name) for name in dict.fromkeys(self._shown))
        # Moodle drops white space that stands alone between two escaped signs; in CDATA it keeps it.
        cdata = text.replace("]]>", "]]]]><![CDATA[>")
        return f"<text><![CDATA[{cdata}]]></text>{files}"

    def _file(self, name: str) -> str:
        folder, _, file = f"/{self._drawings.path(name)}".rpartition("/")
        data = b64encode(self._drawings.data(name)).decode()
        return f'<file name="{escape(file)}" path="{escape(folder)}/" encoding="base64">{data}</file>'

    def _tags(self) -> str:
        tags = (f"<tag><text>{escape(tag, quote=False)}</text></tag>" for tag in labels_of(self._item))
        return f"<tags>{''.join(tags)}</tags>"

    def _left_out(self) -> Iterator[Loss]:
        name = self._item.record.id
        for language in self._item.texts:
            yield written_loss(name, "translation", language=language)
        for missing in self._drawings.missing:
            yield written_loss(name, "figure", name=missing)
