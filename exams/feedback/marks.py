"""Notes and bookmarks: one of each for a person and an item. Every write may be repeated."""

from uuid import UUID

from django.db.models.functions import Now

from accounts.users.models import User
from exams.feedback import checks
from exams.feedback.models import NOTE_MAX, Bookmark, Note


def write_note(*, user: User, attempt_id: UUID, position: int, text: str) -> str:
    """Store a note on the item at a position and return its text; an empty text deletes it.

    Raises Refused: as `checks.target`, and too_long, invalid_text.
    """
    target = checks.target(user, attempt_id, position)
    note = checks.plain(text, NOTE_MAX)
    if not note:
        Note.objects.filter(user_id=user.pk, item_id=target.item_id).delete()
        return note
    Note.objects.bulk_create(
        [Note(user=user, item_id=target.item_id, text=note, updated_at=Now())],
        update_conflicts=True,
        unique_fields=["user", "item"],
        update_fields=["text", "updated_at"],
    )
    return note


def set_bookmark(*, user: User, attempt_id: UUID, position: int, bookmarked: bool) -> None:
    """Set or remove the bookmark on the item at a position. Raises Refused as `checks.target`."""
    target = checks.target(user, attempt_id, position)
    if bookmarked:
        Bookmark.objects.bulk_create(
            [Bookmark(user=user, item_id=target.item_id, created_at=Now())], ignore_conflicts=True
        )
    else:
        Bookmark.objects.filter(user_id=user.pk, item_id=target.item_id).delete()
