"""Reading what the database has of a certification, in the form in which plans compare it with the files."""

from collections.abc import Sequence

from exams.assembly.models import FormEdition, Paper
from exams.assembly.selectors import current_editions, draft_of, kept_versions, places_of, scored_domains
from exams.bank import rulings
from exams.bank.models import ItemText
from exams.bank.services import current_versions, item_tasks
from exams.catalogue import services
from exams.exchange.plan import StoredBank, StoredCatalogue, StoredForm, StoredItem
from exams.publication.models import PublishLog


def stored_catalogue(code: str) -> StoredCatalogue:
    """Return the rows of a certification and what refers to them. At most eight queries."""
    return StoredCatalogue(
        services.stored(code), item_tasks(code), scored_domains(code), services.is_edited_in_admin(code)
    )


def stored_bank(code: str) -> StoredBank:
    """Return the current versions and editions of a certification. Eight queries at most."""
    return StoredBank(stored_items(code), stored_forms(code))


def stored_items(code: str) -> dict[str, StoredItem]:
    """Return the current version of each item of a certification, by code. Five queries at most.

    Of an item that was withdrawn it is the version that exams keep.
    """
    versions = [
        version
        for rows in (current_versions(code), kept_versions(code))
        for version in rows.select_related("item__task", "log")
    ]
    texts: dict[int, dict[str, str]] = {version.pk: {} for version in versions}
    ours: dict[int, set[str]] = {version.pk: set() for version in versions}
    found = ItemText.objects.filter(version_id__in=texts).order_by("revision")
    for version_id, language, digest, source in found.values_list(
        "version_id", "language", "digest", "log__source"
    ):
        texts[version_id][language] = digest
        (ours[version_id].discard if source == PublishLog.Source.FILES else ours[version_id].add)(language)
    ruled = rulings.deciding(texts)
    return {
        version.item.code: StoredItem(
            version.pk,
            version.digest,
            version.item.task.code,
            tuple(version.item.coverage),
            texts[version.pk],
            is_ours=version.log.source != PublishLog.Source.FILES,
            own_texts=frozenset(ours[version.pk]),
            is_withdrawn=version.item.current_id is None,
            is_ruled=version.pk in ruled,
        )
        for version in versions
    }


def stored_forms(code: str) -> dict[int, StoredForm]:
    """Return the current editions of a certification by the number of their form. Three queries."""
    editions = list(current_editions(code).select_related("log"))
    shapes, stale = _shapes(editions)
    papers: dict[int, set[str]] = {edition.pk: set() for edition in editions}
    found = Paper.objects.filter(edition_id__in=papers)
    for edition_id, language in found.values_list("edition_id", "language"):
        papers[edition_id].add(language)
    return {
        edition.form.number: StoredForm(
            edition.digest,
            frozenset(papers[edition.pk]),
            is_ours=edition.log.source != PublishLog.Source.FILES,
            shape=shapes[edition.pk],
            is_stale=edition.pk in stale,
        )
        for edition in editions
    }


def _shapes(editions: Sequence[FormEdition]) -> tuple[dict[int, str], set[int]]:
    """Return the shape of each edition, and the editions of which an item has a newer version. One query."""
    places = places_of([edition.pk for edition in editions])
    shapes = {
        edition.pk: draft_of(edition, [place.placed for place in places[edition.pk]]).shape(
            [place.code for place in places[edition.pk]]
        )
        for edition in editions
    }
    return shapes, {key for key, found in places.items() if any(place.is_stale for place in found)}
