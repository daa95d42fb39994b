"""How one HTML text of another system holds several of ours: setting and question, and the explanation.

Classes name the parts, so that what was edited elsewhere is found again. Without them, a text of a question
is its setting, and a solution says why the answer is correct.
"""

from collections.abc import Callable, Iterator
from html import escape
from typing import Final

from exams.content.exchange_formats.html_parts import is_link
from exams.content.exchange_formats.texts import Texts
from exams.content.exchange_formats.xml_tree import Element, Node
from exams.content.formats.item_yaml import EXPLANATION_KEYS
from exams.content.records import Explanation, Reference

CLASS: Final = "passline-"
ASK: Final = f"{CLASS}ask"
REFERENCES: Final = f"{CLASS}references"

type Show = Callable[[str, str], str]
"""Returns the HTML of a text, given the name of its field."""


def question_html(stem: str, ask: str, block: Show, line: Show) -> str:
    """Return setting and question as one text."""
    return block("stem", stem) + (f'<p class="{ASK}">{line("ask", ask)}</p>' if ask else "")


def read_question(nodes: list[Node], texts: Texts) -> tuple[str, str]:
    """Return setting and question."""
    asks = [one for one in nodes if isinstance(one, Element) and _is(one, ASK)]
    if not asks:
        return texts.block(nodes), ""
    return texts.block(one for one in nodes if one not in asks), texts.line_of([asks[0]])


def solution_html(explanation: Explanation, references: tuple[Reference, ...], block: Show) -> str:
    """Return an explanation with its references as one text."""
    parts = [
        f'<div class="{CLASS}{name}">{block(name, text)}</div>'
        for name in EXPLANATION_KEYS
        if (text := getattr(explanation, name))
    ]
    if references:
        rows = (f'<li><a href="{escape(one.url)}">{escape(one.title)}</a></li>' for one in references)
        parts.append(f'<ul class="{REFERENCES}">{"".join(rows)}</ul>')
    return "".join(parts)


def read_solution(nodes: list[Node], texts: Texts) -> tuple[Explanation, tuple[Reference, ...]]:
    """Return explanation and references; what has no class belongs to why the answer is correct."""
    parts = dict.fromkeys(EXPLANATION_KEYS, "")
    rest: list[Node] = []
    references: list[Reference] = []
    for node in nodes:
        name = _section(node)
        if isinstance(node, Element) and name == REFERENCES:
            references += _references(node, texts)
        elif isinstance(node, Element) and name and not parts[name]:
            parts[name] = texts.block(node.children)
        else:
            rest.append(node)
    if more := texts.block(rest):
        parts["why_correct"] = "\n\n".join(text for text in (parts["why_correct"], more) if text)
    return Explanation(**parts), tuple(references)


def _is(node: Element, name: str) -> bool:
    return name in node.attributes.get("class", "").split()


def _section(node: Node) -> str:
    if isinstance(node, str):
        return ""
    if _is(node, REFERENCES):
        return REFERENCES
    return next((name for name in EXPLANATION_KEYS if _is(node, CLASS + name)), "")


def _references(node: Element, texts: Texts) -> Iterator[Reference]:
    for link in node.walk():
        if link.name != "a":
            continue
        title, address = " ".join(link.all_text.split()), link.attributes.get("href", "")
        if is_link(address):
            yield Reference(title or address, address)
        else:
            texts.lose("link", address=address)
