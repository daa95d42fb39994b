"""Packages of QTI 2: an archive, its manifest, and the items that it names with what is said of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import dirname, join, normpath
from typing import Final
from urllib.parse import unquote

from exams.content.exchange_formats import xml_tree
from exams.content.exchange_formats.archive import Archive
from exams.content.exchange_formats.building import Builder
from exams.content.exchange_formats.qti_item import read_item
from exams.content.exchange_formats.shape import Context, Parsed, refusal
from exams.content.exchange_formats.texts import Find, no_files
from exams.content.exchange_formats.xml_tree import Element
from exams.content.whole import WholeItem

MANIFEST: Final = "imsmanifest.xml"
ITEM: Final = ("imsqti_item_", "imsqti_apipitem_", "imsqti_apipitemroot_")
KNOWN: Final = ("imsqti_item_xmlv2", "imsqti_apipitem_xmlv2", "imsqti_apipitemroot_xmlv2")
QUIET: Final = ("imsqti_test", "imsqti_assessment", "webcontent", "associatedcontent", "controlfile", "css")
"""Resources beside items: tests, whose items have resources of their own, and files that items show."""
ARCHIVE: Final = b"PK"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a manifest says of an item."""

    source: str = ""
    labels: tuple[str, ...] = ()


def read_qti(data: bytes, file: str, context: Context) -> Parsed:
    """Read the items of a package, or a single item that is no package."""
    builder = Builder()
    if not data.startswith(ARCHIVE):
        item = _read(data, file, "", Metadata(), no_files, context, builder)
        return context.result([item] if item else [])
    archive = Archive(data, file, context.deadline)
    path = _manifest(archive, file)
    inside = context.within(f"{file}/{path}")
    root = xml_tree.parse(archive.read(path), inside.file, context.deadline)
    found: list[WholeItem] = []
    for resource in root.walk():
        if resource.name != "resource" or not _is_item(resource, inside):
            continue
        name = _inside(dirname(path), _base(root, resource) + _address(resource))
        if not name or name not in archive:
            inside.complain(resource.line, "", "resource", name=name or _address(resource))
            continue
        files = _finder(archive, dirname(name))
        said = _metadata(resource)
        one = _read(
            archive.read(name),
            f"{file}/{name}",
            resource.attributes.get("identifier", ""),
            said,
            files,
            context,
            builder,
        )
        found += [one] if one else []
    return context.result(found)


def _read(
    data: bytes, file: str, name: str, said: Metadata, find: Find, context: Context, builder: Builder
) -> WholeItem | None:
    context.deadline.check()
    inside = context.within(file)
    root = xml_tree.parse(data, file, context.deadline)
    question = read_item(root, name, said.source, list(said.labels), find, inside)
    return builder.item(question, inside) if question else None


def _manifest(archive: Archive, file: str) -> str:
    """Return the manifest's name: some systems pack a folder with everything in it."""
    names = [name for name in archive.names if name.split("/")[-1] == MANIFEST]
    if not names:
        raise refusal(file, 0, "manifest")
    return min(names, key=len)


def _is_item(resource: Element, context: Context) -> bool:
    kind = resource.attributes.get("type", "")
    if kind.startswith(KNOWN):
        return True
    if not kind.startswith(QUIET):
        name = resource.attributes.get("href") or resource.attributes.get("identifier", "")
        context.lose(resource.line, "", "skipped_resource", name=name, kind=kind)
    return False


def _address(resource: Element) -> str:
    """Return where a resource is: it may leave that to the first of its files."""
    file = resource.first("file")
    return resource.attributes.get("href") or (file.attributes.get("href", "?") if file else "?")


def _base(root: Element, resource: Element) -> str:
    """Return what addresses begin with: the manifest, its resources and each of them may say so."""
    resources = root.first("resources")
    return "".join(one.attributes.get("base", "") for one in (root, resources, resource) if one)


def _inside(folder: str, address: str) -> str:
    """Return the name of a file of the archive, or an empty text for what leads out of it."""
    path = normpath(join(folder, unquote(address.split("?")[0].split("#")[0])))
    return "" if path.startswith(("..", "/")) else path


def _finder(archive: Archive, folder: str) -> Find:
    def find(name: str) -> bytes | None:
        path = _inside(folder, name)
        return archive.read(path) if path in archive else None

    return find


def _metadata(resource: Element) -> Metadata:
    """Return what LOM says, in either of its bindings: id and keywords."""
    lom = next((one for one in resource.walk() if one.name == "lom"), None)
    general = lom.first("general") if lom else None
    if general is None:
        return Metadata()
    labels = tuple(filter(None, (" ".join(one.all_text.split()) for one in general.elements("keyword"))))
    return Metadata(next(_identifiers(general), ""), labels)


def _identifiers(general: Element) -> Iterator[str]:
    for one in general.elements("identifier", "catalogentry"):
        entry = one.first("entry")
        if text := " ".join((entry or one).all_text.split()):
            yield text
