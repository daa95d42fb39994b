"""Images of pixels that texts show: stored once by their content, told by their names, and never changed.

Nobody is asked who they are before an image is sent: its address is the SHA-256 of its content, which nobody
can guess, and stands only where its text may be read. So an image of a rationale is as secret as that text
(G5), and a paper, which holds no rationale, names no such image.
"""

from collections.abc import Collection, Iterable
from hashlib import sha256

from django.db.models import QuerySet
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy

from exams.bank.drafts import CannotPublish
from exams.bank.markdown import Raster
from exams.bank.models import ItemImage
from exams.content.exchange_formats.pictures import DIGITS, NAME
from exams.content.exchange_formats.shape import Picture


def store(pictures: Iterable[Picture]) -> None:
    """Keep images; those that are there already are left as they are.

    Raises CannotPublish where another image has the same name, which is no accident.
    """
    wanted = {sha256(one.data).hexdigest(): one for one in pictures}
    ItemImage.objects.bulk_create(
        [
            ItemImage(
                digest=digest,
                media_type=one.media_type,
                width=one.width,
                height=one.height,
                content=one.data,
            )
            for digest, one in wanted.items()
        ],
        ignore_conflicts=True,
    )
    kept = set(ItemImage.objects.filter(digest__in=wanted).values_list("digest", flat=True))
    for digest in wanted.keys() - kept:
        raise CannotPublish(
            gettext_lazy("Another image is called %(name)s."), name=ItemImage(digest=digest).name
        )


def rasters(names: Collection[str]) -> dict[str, Raster]:
    """Return where images are and how large, by their names; nothing of those that are not there.

    One statement, none without names.
    """
    if not names:
        return {}
    rows = _named(names).values_list("digest", "width", "height")
    return {ItemImage(digest=digest).name: Raster(digest, width, height) for digest, width, height in rows}


def pictures(names: Collection[str], most: int | None = None) -> tuple[Picture, ...]:
    """Return images with their content, by name; of `most` bytes those that come first. One statement."""
    if not names:
        return ()
    found, size = [], 0
    for row in _named(names).order_by("digest").iterator(chunk_size=1):
        size += len(row.content)
        if most is not None and size > most:
            break
        found.append(Picture(row.name, row.media_type, bytes(row.content), row.width, row.height))
    return tuple(found)


def content(digest: str) -> ItemImage | None:
    """Return an image by its SHA-256, or None. One statement."""
    return ItemImage.objects.filter(digest=digest).first()


def _named(names: Collection[str]) -> QuerySet[ItemImage]:
    starts = [name.removeprefix(NAME) for name in names]
    return ItemImage.objects.alias(start=Left("digest", DIGITS)).filter(start__in=starts)
