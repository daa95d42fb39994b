"""Publishing a sheet: its blocks rendered and cleaned once. Nobody else writes these rows."""

import re
from html import escape, unescape
from typing import Final

from django.db import transaction
from django.db.models import Max

from exams.bank import markdown
from exams.catalog.models import Certification
from exams.cheatsheet.models import SheetBlock, SheetEdition
from exams.cheatsheet.records import SheetDraft
from exams.publication.models import PublishLog

SUBHEADING: Final = re.compile(r"^#{3,6} +(\S.*)$", re.MULTILINE)
TIP: Final = re.compile(r"<p>(?=(?:<(?:strong|em)>)*(?:Exam tip|Vizsgatipp)\b)", re.IGNORECASE)
TABLE: Final = re.compile(r"<table>.*?</table>", re.DOTALL)
HEAD: Final = re.compile(r"<th(?=[^>]* scope=\"col\")[^>]*>(.*?)</th>|<td[^>]*></td>", re.DOTALL)
ROW: Final = re.compile(r"<tr>.*?</tr>", re.DOTALL)
CELL: Final = re.compile(r"<td(?=[ >])")
TAG: Final = re.compile(r"<[^>]+>")


def render_block(source: str, language: str) -> str:
    """Return the HTML of a block. Raises CannotPublish where it shows a figure: a sheet has none."""
    setting = markdown.Setting({}, language=language, scrolls=False)
    first, *rest = SUBHEADING.split(source)
    parts = [markdown.render(first, setting)]
    for title, text in zip(rest[::2], rest[1::2], strict=True):
        parts += [f"<h4>{markdown.render_inline(title)}</h4>", markdown.render(text, setting)]
    # The labels stand in for heads on narrow screens, where a table has none.
    html = "\n".join(part for part in parts if part)
    return TABLE.sub(lambda table: _labeled(table[0]), TIP.sub('<p class="tip">', html))


def _labeled(table: str) -> str:
    """Name in each cell but the first of a row the column that it is in."""
    head, mark, body = table.partition("<tbody>")
    names = [escape(unescape(TAG.sub("", found[1] or "")), quote=True) for found in HEAD.finditer(head)]
    return head + mark + ROW.sub(lambda row: _row(row[0], names[1:]), body)


def _row(row: str, names: list[str]) -> str:
    left = iter(names)
    # The first cell is the head of its row, unless it is empty and therefore an ordinary one.
    first, mark, rest = row.partition("</th>" if "</th>" in row else "</td>")
    return first + mark + CELL.sub(lambda _: f'<td data-label="{next(left, "")}"', rest)


@transaction.atomic
def publish(certification: Certification, draft: SheetDraft, log: PublishLog) -> SheetEdition:
    """Store a sheet as the next edition in its language, rendered and cleaned once; it is current now.

    A draft without blocks takes the sheet down. Raises CannotPublish where a block shows a figure. Two at
    once collide loudly, by the number.
    """
    editions = SheetEdition.objects.filter(certification=certification, language=draft.language)
    # Two who publish at once get the same number; its unique key lets one of them through.
    last = editions.aggregate(last=Max("number"))["last"] or 0
    edition = SheetEdition.objects.create(
        certification=certification,
        language=draft.language,
        number=last + 1,
        digest=draft.digest(),
        log=log,
    )
    SheetBlock.objects.bulk_create(
        SheetBlock(
            edition=edition,
            position=position,
            section_number=block.section_number,
            section_title=block.section_title,
            number=block.number,
            title=block.title,
            source=block.source,
            html=render_block(block.source, draft.language),
            covers=list(block.covers),
        )
        for position, block in enumerate(draft.blocks, start=1)
    )
    return edition
