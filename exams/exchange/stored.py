"""Reading what the database has of a certification, in the form in which plans compare it with the files."""

from exams.assembly.models import Paper
from exams.assembly.selectors import current_editions, scored_domains
from exams.bank.models import ItemText
from exams.bank.selectors import current_versions, item_tasks
from exams.catalogue import services
from exams.exchange.plan import StoredBank, StoredCatalogue, StoredForm, StoredItem


def stored_catalogue(code: str) -> StoredCatalogue:
    """Return the rows of a certification and what refers to them. At most eight queries."""
    return StoredCatalogue(services.stored(code), item_tasks(code), scored_domains(code))


def stored_bank(code: str) -> StoredBank:
    """Return the current versions and editions of a certification. Four queries."""
    return StoredBank(stored_items(code), stored_forms(code))


def stored_items(code: str) -> dict[str, StoredItem]:
    """Return the current version of each item of a certification, by code. Two queries."""
    versions = list(current_versions(code).select_related("item__task"))
    texts: dict[int, dict[str, str]] = {version.pk: {} for version in versions}
    found = ItemText.objects.filter(version_id__in=texts).order_by("revision")
    for version_id, language, digest in found.values_list("version_id", "language", "digest"):
        texts[version_id][language] = digest
    return {
        version.item.code: StoredItem(
            version.pk,
            version.digest,
            version.item.task.code,
            tuple(version.item.coverage),
            texts[version.pk],
        )
        for version in versions
    }


def stored_forms(code: str) -> dict[int, StoredForm]:
    """Return the current editions of a certification by the number of their form. Two queries."""
    editions = list(current_editions(code))
    papers: dict[int, set[str]] = {edition.pk: set() for edition in editions}
    found = Paper.objects.filter(edition_id__in=papers)
    for edition_id, language in found.values_list("edition_id", "language"):
        papers[edition_id].add(language)
    return {
        edition.form.number: StoredForm(edition.digest, frozenset(papers[edition.pk])) for edition in editions
    }
