"""The bank's own format: whole items with everything that the bank holds of them. Nothing is lost in it.

`items` is a list of items as the file of the sample has them, each with its language, its translations under
`translations` by language, tags, the id of another system under `source`, and drawings of figures. What is
empty is left out. Images that are no drawings are under `images`, in Base64.
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import yaml

from exams.content.exchange_formats import limits
from exams.content.exchange_formats.building import Builder
from exams.content.exchange_formats.markup import checked
from exams.content.exchange_formats.pictures import PictureRefused, read_picture
from exams.content.exchange_formats.shape import Context, Parsed, Picture, Written, item_texts, refusal
from exams.content.exchange_formats.texts import from_base64
from exams.content.formats.figure_svg import read_figure
from exams.content.formats.item_yaml import DRAFT, draft_item, item_row, item_text, text_row, unique
from exams.content.formats.tree import LOADER, Branch, Fields, dump, open_document
from exams.content.markdown import figure_names
from exams.content.records import FigureRecord, FormatError, ItemRecord, ItemTextRecord, WholeItem
from i18n import languages

MORE: Final = ("language", "source", "tags", "translations", "figures")
NODES: Final = 2 * limits.NODES
"""Keys count as values do, so that a file has twice as many as its content needs."""
LOOK: Final = 1_000


def read_bank_yaml(data: bytes, file: str, context: Context) -> Parsed:
    """Read whole items."""
    _check_events(data, context)
    root, problems = open_document(data, file)
    context.problems = problems
    top = root.fields(("items",), ("images",))
    if "images" in top:
        _read_images(top["images"], context)
    builder = Builder()
    items = []
    for branch in unique(top.rows("items"), "id", "item"):
        context.begin()
        item = _whole(branch)
        if not context.is_faulty and (whole := builder.checked(item, context)):
            items.append(whole)
    return context.result(items)


def _check_events(data: bytes, context: Context) -> None:
    """Refuse what makes little YAML much: parts that are named again and again, depth, and sheer number."""
    depth = count = 0
    try:
        for event in yaml.parse(data, Loader=LOADER):
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise refusal(context.file, line, "yaml_alias")
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            count += isinstance(event, yaml.NodeEvent)
            if depth > limits.DEPTH:
                raise refusal(context.file, line, "depth", most=limits.DEPTH)
            if count > NODES:
                raise refusal(context.file, line, "nodes", most=NODES)
            if count % LOOK == 0:
                context.deadline.check()
    except (yaml.YAMLError, UnicodeDecodeError):
        return  # whoever reads the document next says what is wrong with it


def _read_images(branch: Branch, context: Context) -> None:
    for row in branch.rows():
        context.deadline.check()
        fields = row.fields(("name", "data"))
        name, line = fields.text("name"), row.place.line
        try:
            picture = read_picture(from_base64(fields.text("data")) or b"", name)
        except PictureRefused:
            context.complain(line, "", "image_bad", name=name)
            continue
        # Names are made of the content, so that one name can never mean two images.
        if picture.name == name:
            context.pictures[name] = picture
        else:
            context.complain(line, "", "image_name", name=name)


def _whole(branch: Branch) -> WholeItem:
    item, fields = draft_item(branch, MORE)
    figures = _figures(fields)
    entries = fields["translations"].entries() if "translations" in fields else {}
    texts = {language: _text(entry, item.id or "?", figures) for language, entry in entries.items()}
    language = fields.text("language") if "language" in fields else languages.DEFAULT
    if language in texts:
        fields["translations"].complain(f"{language!r} is the original language of the item")
    return WholeItem(
        replace(item, figures=_drawn(item, figures)),
        language,
        texts,
        fields["tags"].texts() if "tags" in fields else (),
        fields.text("source") if "source" in fields else "",
    )


def _text(branch: Branch, item: str, figures: tuple[FigureRecord, ...]) -> ItemTextRecord:
    text = item_text(branch, DRAFT, item)
    own = branch.silent().fields((), open_ended=True)
    if "figures" in own:
        figures = _figures(branch.fields((), open_ended=True))
    return replace(text, figures=_drawn(text, figures))


def _figures(fields: Fields) -> tuple[FigureRecord, ...]:
    rows = fields.rows("figures") if "figures" in fields else []
    return tuple(figure for row in rows if (figure := _figure(row)))


def _figure(row: Branch) -> FigureRecord | None:
    """Return a drawing of the closed subset that our pages show; anything else in it is a fault."""
    fields = row.fields(("name", "svg"))
    try:
        return read_figure(fields.text("svg").encode(), f"{fields.text('name')}.svg")
    except FormatError as error:
        for problem in error.problems:
            fields["svg"].complain(problem.message)
        return None


def _drawn(item: ItemRecord | ItemTextRecord, figures: Sequence[FigureRecord]) -> tuple[FigureRecord, ...]:
    by_name = {figure.name: figure for figure in figures}
    return tuple(by_name[name] for name in figure_names(*item.texts) if name in by_name)


def write_bank_yaml(items: Iterable[WholeItem], pictures: Mapping[str, Picture]) -> Written:
    """Write whole items; reading them again gives equal ones."""
    whole_items = checked(items)
    shown = {name for item in whole_items for name in figure_names(*item_texts(item))}
    images = [
        {"name": name, "data": b64encode(picture.data).decode()}
        for name, picture in pictures.items()
        if name in shown
    ]
    document: dict[str, Any] = {"items": [_row(item) for item in whole_items]}
    return Written(dump({**document, **({"images": images} if images else {})}))


def _row(item: WholeItem) -> dict[str, Any]:
    row = _kept(item_row(item.record))
    row["language"] = item.language
    texts = {language: _text_row(text, item.record) for language, text in item.texts.items()}
    figures = [_figure_row(figure) for figure in item.record.figures]
    more = {"source": item.source, "tags": list(item.tags), "translations": texts, "figures": figures}
    return row | {key: value for key, value in more.items() if value}


def _text_row(text: ItemTextRecord, original: ItemRecord) -> dict[str, Any]:
    row = _kept(text_row(text))
    del row["id"]
    if text.figures != _drawn(text, original.figures):
        row["figures"] = [_figure_row(figure) for figure in text.figures]
    return row


def _figure_row(figure: FigureRecord) -> dict[str, str]:
    return {"name": figure.name, "svg": figure.svg}


def _kept(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row without what is empty: an empty text would be a fault, one that is left out is not."""
    return {key: value for key, value in row.items() if value not in ("", {}, [])}
