"""Packages of QTI 2: an archive, its manifest, and the items that it names with what is said of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import dirname, join, normpath
from typing import Final
from urllib.parse import unquote

from exams.content.exchange_formats import xml_tree
from exams.content.exchange_formats.archive import Archive
from exams.content.exchange_formats.building import Builder
from exams.content.exchange_formats.qti_item import read_item, skip
from exams.content.exchange_formats.shape import Context, Parsed, refusal
from exams.content.exchange_formats.texts import Find, no_files
from exams.content.exchange_formats.xml_tree import Element
from exams.content.records import FormatError, WholeItem

MANIFEST: Final = "imsmanifest.xml"
ITEM: Final = ("imsqti_item_", "imsqti_apipitem_", "imsqti_apipitemroot_")
KNOWN: Final = ("imsqti_item_xmlv2", "imsqti_apipitem_xmlv2", "imsqti_apipitemroot_xmlv2")
TEST: Final = "imsqti_test_xmlv2"
QUIET: Final = ("imsqti_test", "imsqti_assessment", "webcontent", "associatedcontent", "controlfile", "css")
"""Resources beside items: tests, and files that items show."""
ARCHIVE: Final = b"PK"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a manifest says of an item."""

    source: str = ""
    labels: tuple[str, ...] = ()


def read_qti(data: bytes, file: str, context: Context) -> Parsed:
    """Read the items of a package, or a single item that is no package."""
    reader = _Reader(file, context)
    if data.startswith(ARCHIVE):
        reader.package(Archive(data, file, context.deadline))
    else:
        reader.item(data, file, "", Metadata(), no_files)
    return context.result(reader.items)


class _Reader:
    """Reads the items of one file, each once."""

    def __init__(self, file: str, context: Context) -> None:
        self.items: list[WholeItem] = []
        self._file = file
        self._context = context
        self._builder = Builder()
        self._sources: set[str] = set()
        self._read: set[str] = set()

    def package(self, archive: Archive) -> None:
        """Read the items that the manifest names, then those that only a test names."""
        path = _manifest(archive, self._file)
        inside = self._context.within(f"{self._file}/{path}")
        root = xml_tree.parse(archive.read(path), inside.file, inside.deadline)
        tests: list[str] = []
        for resource in (element for element in root.walk() if element.name == "resource"):
            name = _inside(dirname(path), _base(root, resource) + _address(resource))
            if _is_item(resource, inside):
                if name in archive:
                    key = resource.attributes.get("identifier", "")
                    self._packed(archive, name, key, _metadata(resource))
                else:
                    inside.complain(resource.line, "", "resource", name=name or _address(resource))
            elif resource.attributes.get("type", "").startswith(TEST) and name in archive:
                tests.append(name)
        for name in tests:
            self._test(archive, name)

    def _test(self, archive: Archive, name: str) -> None:
        inside = self._context.within(f"{self._file}/{name}")
        root = _tree(archive.read(name), inside)
        for element in (
            (element for element in root.walk() if element.name == "assessmentItemRef") if root else ()
        ):
            key, address = element.attributes.get("identifier", ""), element.attributes.get("href", "")
            path = _inside(dirname(name), address)
            if path not in archive:
                inside.lose(element.line, key, "skipped_missing", name=address)
            elif path not in self._read:
                self._packed(archive, path, key, Metadata())

    def _packed(self, archive: Archive, name: str, key: str, metadata: Metadata) -> None:
        self._read.add(name)
        self.item(archive.read(name), f"{self._file}/{name}", key, metadata, _finder(archive, dirname(name)))

    def item(self, data: bytes, file: str, key: str, metadata: Metadata, find: Find) -> None:
        """Read an item; `key` is how the package calls it, for where its own identifier is another's too."""
        inside = self._context.within(file)
        inside.begin()
        root = _tree(data, inside)
        question = (
            read_item(root, key, metadata.source, list(metadata.labels), find, inside) if root else None
        )
        if question is None:
            return
        # Some systems give all items one identifier; then the name within the package tells them apart.
        if question.source in self._sources and key:
            question.source = key
        self._sources.add(question.source)
        if item := self._builder.item(question, inside):
            self.items.append(item)


def _tree(data: bytes, context: Context) -> Element | None:
    """Return a file of a package; what is wrong with it is wrong with no other."""
    try:
        return xml_tree.parse(data, context.file, context.deadline)
    except FormatError as error:
        context.problems += error.problems
        return None


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
        name = resource.attributes.get("href") or resource.attributes.get("identifier", "") or kind
        skip(context, resource.line, "", name, kind)
    return False


def _address(resource: Element) -> str:
    """Return where a resource is: it may leave that to the first of its files."""
    file = resource.first("file")
    return resource.attributes.get("href") or (file.attributes.get("href", "?") if file else "?")


def _base(root: Element, resource: Element) -> str:
    """Return what addresses begin with: the manifest, its resources and each of them may say so."""
    resources = root.first("resources")
    return "".join(element.attributes.get("base", "") for element in (root, resources, resource) if element)


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
    lom = next((element for element in resource.walk() if element.name == "lom"), None)
    general = lom.first("general") if lom else None
    if general is None:
        return Metadata()
    labels = tuple(
        filter(None, (" ".join(element.all_text.split()) for element in general.elements("keyword")))
    )
    return Metadata(next(_identifiers(general), ""), labels)


def _identifiers(general: Element) -> Iterator[str]:
    for element in general.elements("identifier", "catalogentry"):
        entry = element.first("entry")
        if text := " ".join((entry or element).all_text.split()):
            yield text
