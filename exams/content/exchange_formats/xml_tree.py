"""XML as a tree of elements that know their lines. Nothing is declared, resolved, included or fetched."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler, feature_namespaces
from xml.sax.xmlreader import AttributesNSImpl, Locator

from defusedxml.common import DTDForbidden, EntitiesForbidden, ExternalReferenceForbidden
from defusedxml.expatreader import DefusedExpatParser

from exams.content.exchange_formats import limits
from exams.content.exchange_formats.limits import Deadline
from exams.content.exchange_formats.shape import refusal
from exams.content.records import FormatError

XINCLUDE: Final = "http://www.w3.org/2001/XInclude"
CHUNK: Final = 64 * 1024
EXPAT_SAYS: Final = re.compile(r"^<[^>]*>:\d+:\d+: ")


class _Parser(DefusedExpatParser):
    """Takes a document type that is a name and nothing else: it declares nothing and refers to nothing."""

    def defused_start_doctype_decl(
        self, name: str, sysid: str | None, pubid: str | None, has_internal_subset: bool
    ) -> None:
        if sysid is not None or pubid is not None or has_internal_subset:
            super().defused_start_doctype_decl(name, sysid, pubid, has_internal_subset)


type Node = "Element | str"


def names_of(words: str) -> frozenset[str]:
    """Return the names that a text lists."""
    return frozenset(words.split())


@dataclass(slots=True)
class Element:
    """An element with its local name, attributes by local name, children in order, namespace and line."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)
    line: int = 0
    space: str = ""

    def elements(self, *names: str) -> Iterator["Element"]:
        """Yield the children of these names, or all that are elements."""
        for child in self.children:
            if isinstance(child, Element) and (not names or child.name in names):
                yield child

    def first(self, *path: str) -> "Element | None":
        """Return the first element at a path of names below this one."""
        element: Element | None = self
        for name in path:
            element = next(element.elements(name), None) if element else None
        return element

    def walk(self) -> Iterator["Element"]:
        """Yield this element and all below it, in the order of the file."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(list(node.elements())))

    @property
    def text(self) -> str:
        """Return its own words, without those of the elements in it."""
        return "".join(child for child in self.children if isinstance(child, str))

    def strings(self) -> Iterator[str]:
        """Yield its words and those of all elements in it, piece by piece; a break of HTML is a new line."""
        waiting: list[Node] = [self]
        while waiting:
            node = waiting.pop()
            if isinstance(node, str):
                yield node
            else:
                waiting.extend(reversed(node.children or (["\n"] if node.name == "br" else [])))

    @property
    def all_text(self) -> str:
        """Return its words and those of all elements in it."""
        return "".join(self.strings())

    def text_at(self, *path: str) -> str:
        """Return the words at a path, without white space at their ends; empty where nothing is there."""
        element = self.first(*path)
        return element.text.strip() if element else ""


class _Counter(ContentHandler):
    """Counts depth and nodes, and stops at what may not be there."""

    def __init__(self, file: str, nodes: int, most: int) -> None:
        super().__init__()
        self.line = 1
        self.left = nodes
        self._file = file
        self._most = most
        self._depth = 0
        self._locator: Locator | None = None

    def setDocumentLocator(self, locator: Locator) -> None:
        self._locator = locator

    def startElementNS(
        self, name: tuple[str | None, str], qname: str | None, attrs: AttributesNSImpl
    ) -> None:
        self.line = (self._locator.getLineNumber() if self._locator else None) or 1
        self._depth += 1
        self.left -= 1 + len(attrs)
        if self._depth > limits.DEPTH:
            raise refusal(self._file, self.line, "depth", most=limits.DEPTH)
        if self.left < 0:
            raise refusal(self._file, self.line, "nodes", most=self._most)
        if name[0] == XINCLUDE:
            raise refusal(self._file, self.line, "xinclude")

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:
        self._depth -= 1


class _Builder(_Counter):
    """Builds the tree."""

    def __init__(self, file: str, nodes: int) -> None:
        super().__init__(file, nodes, nodes)
        self.root = Element("")
        self._open = [self.root]

    def startElementNS(
        self, name: tuple[str | None, str], qname: str | None, attrs: AttributesNSImpl
    ) -> None:
        super().startElementNS(name, qname, attrs)
        attributes = {str(key[1]): str(value) for key, value in attrs.items()}
        element = Element(name[1], attributes, [], self.line, name[0] or "")
        self._open[-1].children.append(element)
        self._open.append(element)

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:
        super().endElementNS(name, qname)
        self._open.pop()

    def characters(self, content: str) -> None:
        children = self._open[-1].children
        # expat hands over a text in pieces, at each line and each entity.
        if children and isinstance(children[-1], str):
            children[-1] += content
        else:
            children.append(content)


def parse(data: bytes, file: str, deadline: Deadline, nodes: int = limits.NODES) -> Element:
    """Return the root of a document. Raises FormatError with the place of what is wrong or not allowed."""
    builder = _Builder(file, nodes)
    _feed(data, file, deadline, builder)
    return next(builder.root.elements())


def count(data: bytes, file: str, deadline: Deadline, nodes: int, most: int) -> int:
    """Read a document for its limits; return what is left of `nodes`, `most` at first."""
    counter = _Counter(file, nodes, most)
    _feed(data, file, deadline, counter)
    return counter.left


def _feed(data: bytes, file: str, deadline: Deadline, handler: _Counter) -> None:
    if not data:
        raise refusal(file, 0, "empty")
    parser = _Parser(forbid_dtd=True)
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(handler)
    handler.setDocumentLocator(parser)
    try:
        # In pieces, so that the deadline is asked while a long document is read.
        for start in range(0, len(data), CHUNK):
            deadline.check()
            parser.feed(data[start : start + CHUNK])
        parser.close()
    except DTDForbidden:
        raise refusal(file, handler.line, "dtd") from None
    except EntitiesForbidden:
        raise refusal(file, handler.line, "entity") from None
    except ExternalReferenceForbidden:
        raise refusal(file, handler.line, "external") from None
    except SAXParseException as error:
        raise _not_xml(file, error) from None
    except (LookupError, ValueError):
        raise refusal(file, 1, "encoding") from None


def _not_xml(file: str, error: SAXParseException) -> FormatError:
    reason = EXPAT_SAYS.sub("", str(error))
    return refusal(file, error.getLineNumber() or 1, "xml", reason=reason)
