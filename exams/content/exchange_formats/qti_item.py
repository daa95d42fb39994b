"""One item of QTI 2.0 to 2.2, read: a single choice interaction, its correct response and its feedback."""

import re
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Final

from exams.content.exchange_formats.building import FULL, Choice, Question
from exams.content.exchange_formats.detection import unread_version
from exams.content.exchange_formats.sections import read_solution
from exams.content.exchange_formats.shape import Context
from exams.content.exchange_formats.texts import Find, Texts
from exams.content.exchange_formats.xml_tree import Element, Node, names_of
from exams.content.markdown import has_blocks
from i18n import languages

CHOICE: Final = "choiceInteraction"
SPACES: Final = re.compile(r".*/(?:imsqti_v2p[012]|qtiv2p[012]/.*|apip.*/imsqti_v2p1.*)|")
COMPUTED: Final = frozenset({"templateDeclaration", "templateProcessing", "printedVariable", "templateBlock"})
FEEDBACK: Final = frozenset({"feedbackBlock", "feedbackInline", "rubricBlock", "infoControl"})
SOLUTIONS: Final = frozenset({"solution", "general", "general_fb", "generalfeedback", "explanation"})
NUMBER: Final = re.compile(r"-?\d{1,9}(?:\.\d{1,12})?")
# What a processing is made of that gives all for the correct response and nothing else, and shows feedback.
PLAIN_SCORING: Final = names_of(
    "responseProcessing responseCondition responseIf responseElse responseElseIf match variable correct"
    " setOutcomeValue baseValue isNull not and member multiple mapResponse sum"
)
MAPPED: Final = "map_response"
TEMPLATES: Final = ("match_correct", MAPPED)


def read_item(
    root: Element, name: str, source: str, labels: list[str], find: Find, context: Context
) -> Question | None:
    """Return an item as a question, or None where it is skipped or faulty, which the context knows."""
    title, identifier = root.attributes.get("title", "").strip(), root.attributes.get("identifier", "")
    label = source or identifier or name or title
    interaction = _interaction(root, label, context)
    if interaction is None:
        return None
    # An item may be in another language than its package; only ours are known here.
    language = root.attributes.get("lang", "").split("-")[0].lower()
    if language in languages.CODES:
        context.language = language
    texts = Texts(context, root.line, label, find)
    question = Question(root.line, title, source or identifier or name, labels=labels)
    reader = _Item(root, interaction, texts)
    question.stem, question.ask = reader.question()
    question.is_single = reader.is_single
    question.choices = reader.choices(question)
    solutions = [node for solution in reader.solutions() for node in solution.children]
    question.explanation, question.references = read_solution(solutions, texts)
    if interaction.attributes.get("shuffle") == "true":
        context.lose_setting(interaction.line, "shuffle")
    return question if question.choices else None


def _interaction(root: Element, label: str, context: Context) -> Element | None:
    """Return the one interaction of an item that is a choice."""
    line = root.line
    if root.name != "assessmentItem" or not SPACES.fullmatch(root.space):
        skip(context, line, label, label or root.name, root.space or root.name, root.name)
        return None
    body = root.first("itemBody") or Element("")
    if any(element.name in COMPUTED for element in root.walk()):
        context.lose(line, label, "skipped_calculated")
        return None
    interactions = [element for element in body.walk() if element.name.endswith("Interaction")]
    kinds = sorted({element.name for element in interactions} - {CHOICE})
    if kinds or not interactions:
        context.lose(line, label, "skipped_kind", kind=", ".join(kinds) or "itemBody")
        return None
    if len(interactions) > 1:
        context.lose(line, label, "skipped_interactions", count=len(interactions))
        return None
    response = _response(root, interactions[0])
    cardinality = _cardinality(response) if response else ""
    if response is None or cardinality not in ("single", "multiple"):
        if response is None:
            context.lose(interactions[0].line, label, "skipped_no_answer")
        else:
            context.lose(line, label, "skipped_kind", kind=f"{CHOICE} ({cardinality})")
        return None
    return interactions[0]


def skip(context: Context, line: int, label: str, name: str, *kinds: str) -> None:
    """Note that something of a package is no item that can be read; versions are called by their names."""
    if version := next(filter(None, map(unread_version, kinds)), ""):
        context.lose(line, label, "skipped_version", name=name, version=version)
    else:
        context.lose(line, label, "skipped_resource", name=name, kind=kinds[0])


def _cardinality(response: Element) -> str:
    """Return how many choices an answer has; where that is not said, the correct one tells."""
    values = [
        value for element in response.elements("correctResponse") for value in element.elements("value")
    ]
    return response.attributes.get("cardinality") or ("multiple" if len(values) > 1 else "single")


def _response(root: Element, interaction: Element) -> Element | None:
    name = interaction.attributes.get("responseIdentifier", "")
    declared = root.elements("responseDeclaration")
    return next((element for element in declared if element.attributes.get("identifier") == name), None)


class _Item:
    """Reads the parts of one item."""

    def __init__(self, root: Element, interaction: Element, texts: Texts) -> None:
        self._root = root
        self._interaction = interaction
        self._texts = texts
        self._response = _response(root, interaction) or Element("")
        self.is_single = _cardinality(self._response) == "single"
        self._ids = [
            element.attributes.get("identifier", "") for element in interaction.elements("simpleChoice")
        ]
        if root.attributes.get("adaptive") == "true":
            texts.lose("scoring")
        if any(True for _ in root.elements("stylesheet")):
            texts.lose("style")

    def question(self) -> tuple[str, str]:
        """Return setting and question: what stands around the interaction, and its prompt."""
        body = self._root.first("itemBody") or Element("")
        stem = self._texts.block(self._around(body.children))
        prompt = self._interaction.first("prompt")
        if prompt is None:
            return stem, ""
        nodes = list(self._around(prompt.children))
        ask = self._texts.line_of(nodes)
        if stem and ask and not has_blocks(ask):
            return stem, ask
        return "\n\n".join(text for text in (stem, self._texts.block(nodes)) if text), ""

    def _around(self, nodes: Iterable[Node]) -> Iterator[Node]:
        """Yield nodes without the interaction and without what is shown only after an answer."""
        return _without(nodes, lambda element: element is self._interaction or self._is_feedback(element))

    def _is_feedback(self, element: Element) -> bool:
        if element.name in FEEDBACK:
            self._texts.lose("feedback", field=element.attributes.get("identifier") or element.name)
        return element.name in FEEDBACK

    def choices(self, question: Question) -> list[Choice]:
        """Return the options with what they are worth."""
        weights = self._weights(question)
        if weights is None:
            return []
        choices = []
        for element in self._interaction.elements("simpleChoice"):
            name = element.attributes.get("identifier", "")
            feedback = [
                inner for inner in element.walk() if inner.name == "feedbackInline" and _tells(inner, name)
            ]
            whys = [self._texts.block(inner.children) for inner in [*feedback, *self._modal(name)]]
            own = _without(element.children, lambda inner: any(inner is one for one in feedback))  # noqa: B023
            text = self._texts.line_of(self._around(own))
            choices.append(Choice(text, weights.get(name, Fraction(0)), "\n\n".join(filter(None, whys))))
        return choices

    def _modal(self, name: str) -> list[Element]:
        return [element for element in self._root.elements("modalFeedback") if _tells(element, name)]

    def solutions(self) -> Iterator[Element]:
        """Yield feedback of the whole item; what belongs to no option and no solution is noted."""
        for element in self._root.elements("modalFeedback"):
            name = element.attributes.get("identifier", "")
            if name.lower() in SOLUTIONS:
                yield element
            elif name not in self._ids or not _tells(element, name):
                self._texts.lose("feedback", field=name)

    def _weights(self, question: Question) -> dict[str, Fraction] | None:
        keys = [
            value.text.strip()
            for element in self._response.elements("correctResponse")
            for value in element.elements("value")
        ]
        mapped = self._mapped()
        for name in keys:
            if name not in self._ids:
                self._complain("unknown_choice", name=name)
                return None
        if not keys and not any(value > 0 for value in mapped.values()):
            self._texts.context.lose(self._interaction.line, self._texts.item, "skipped_no_answer")
            return None
        scored_by_map = self._note_scoring() or not keys
        if not keys:
            whole = max(mapped.values()) if self.is_single else sum(v for v in mapped.values() if v > 0)
            return {name: value / whole * FULL for name, value in mapped.items()}
        self._note_partial(keys, mapped if scored_by_map else {}, question)
        question.is_strict = True
        return dict.fromkeys(keys, FULL)

    def _mapped(self) -> dict[str, Fraction]:
        mapped = {}
        for element in self._response.elements("mapping"):
            for entry in element.elements("mapEntry"):
                value = entry.attributes.get("mappedValue", "")
                if not NUMBER.fullmatch(value):
                    self._complain("weight", text=value)
                elif entry.attributes.get("mapKey", "").strip() in self._ids:
                    mapped[entry.attributes["mapKey"].strip()] = Fraction(value)
        return mapped

    def _note_scoring(self) -> bool:
        """Note rules of its own; tell whether each choice has its own score."""
        processing = self._root.first("responseProcessing")
        if processing is None:
            return False
        template = processing.attributes.get("template", "").removesuffix(".xml")
        names = {element.name for element in processing.walk()}
        if (template and not template.endswith(TEMPLATES)) or not names <= PLAIN_SCORING:
            self._texts.lose("scoring")
        return template.endswith(MAPPED) or "mapResponse" in names

    def _note_partial(self, keys: list[str], mapped: dict[str, Fraction], question: Question) -> None:
        given = {name: value for name, value in mapped.items() if value}
        if not given:
            return
        values = {given.get(name, Fraction(0)) for name in keys}
        others = [value for name, value in given.items() if name not in keys]
        if len(values) > 1 or any(value > 0 for value in others):
            shown = ", ".join(f"{name}: {float(value):g}" for name, value in given.items())
            self._texts.lose("partial_credit", weights=shown)
        elif self.is_single and others:
            self._texts.lose("negative_credit", weights=", ".join(f"{float(weight):g}" for weight in others))
        elif len(keys) > 1:
            self._texts.context.lose_setting(question.line, "all_or_nothing")

    def _complain(self, code: str, **values: str) -> None:
        self._texts.context.complain(self._interaction.line, self._texts.item, code, **values)


def _tells(element: Element, name: str) -> bool:
    """Tell whether feedback is shown to who selected a choice."""
    return (
        element.attributes.get("identifier") == name and element.attributes.get("showHide", "show") == "show"
    )


def _without(nodes: Iterable[Node], is_out: Callable[[Element], bool]) -> Iterator[Node]:
    for node in nodes:
        if isinstance(node, str):
            yield node
        elif not is_out(node):
            kept = list(_without(node.children, is_out))
            yield Element(node.name, node.attributes, kept, node.line, node.space)
