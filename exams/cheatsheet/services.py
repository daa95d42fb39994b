"""Publishing a sheet. Nobody else writes these rows."""

from django.db import transaction
from django.db.models import Max

from exams.catalogue.models import Certification
from exams.cheatsheet.drafts import SheetDraft
from exams.cheatsheet.models import SheetBlock, SheetEdition
from exams.cheatsheet.rendering import render_block
from exams.publication.models import PublishLog


@transaction.atomic
def publish(certification: Certification, draft: SheetDraft, log: PublishLog) -> SheetEdition:
    """Store a sheet as the next edition in its language, rendered and cleaned once; it is current now.

    A draft without blocks takes the sheet down. Raises CannotPublish where a block shows a figure. Two at
    once collide loudly, by the number.
    """
    editions = SheetEdition.objects.filter(certification=certification, language=draft.language)
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
