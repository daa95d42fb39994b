"""Moodle's XML, read: multiple choice, and true or false. Other kinds of questions are skipped."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from exams.content.exchange_formats import xml_tree
from exams.content.exchange_formats.building import Builder, Choice, Question, truth_choices
from exams.content.exchange_formats.gift_syntax import category_tag
from exams.content.exchange_formats.sections import read_question, read_solution
from exams.content.exchange_formats.shape import Context, Parsed, refusal
from exams.content.exchange_formats.texts import Texts, from_base64
from exams.content.exchange_formats.xml_tree import Element, Node
from exams.content.records import WholeItem

KINDS: Final = {"html": "html", "moodle_auto_format": "moodle", "plain_text": "plain", "markdown": "markdown"}
CHOICE: Final = ("multichoice", "multichoiceset")
YES: Final = frozenset({"true", "1"})
NUMBER: Final = re.compile(r"-?\d{1,9}(?:\.\d{1,12})?")
USUAL_PENALTIES: Final = (Fraction(1, 3), Fraction(1, 10), Fraction(1))
NEAR: Final = Fraction(1, 200)
OVERALL: Final = ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback")
USUAL_FEEDBACK: Final = frozenset(
    [
        "Your answer is correct.",
        "Your answer is partially correct.",
        "Your answer is incorrect.",
        "That's right",
        "Válasza helyes.",
        "Válasza részben helyes.",
        "Válasza helytelen.",
    ]
)


@dataclass(slots=True)
class _Files:
    """The files beside one text, and which of them the text shows."""

    by_name: dict[str, Element]
    shown: set[str] = field(default_factory=set)

    def find(self, name: str) -> bytes | None:
        file = self.by_name.get(name)
        if file is None:
            return None
        self.shown.add(name)
        return from_base64(file.text) or b""


def read_moodle(data: bytes, file: str, context: Context) -> Parsed:
    """Read the questions of a file."""
    root = xml_tree.parse(data, file, context.deadline)
    if root.name != "quiz":
        raise refusal(file, root.line, "root", name=root.name, expected="quiz")
    builder, category = Builder(), ""
    items: list[WholeItem] = []
    for element in root.elements("question"):
        context.begin()
        if element.attributes.get("type") == "category":
            category = category_tag(element.text_at("category", "text"))
            if category and element.text_at("info", "text"):
                context.lose(element.line, "", "description", name=category)
        elif (question := _question(element, category, context)) and (
            item := builder.item(question, context)
        ):
            items.append(item)
    return context.result(items)


def _question(element: Element, category: str, context: Context) -> Question | None:
    name, source = element.text_at("name", "text"), element.text_at("idnumber")
    kind = element.attributes.get("type", "")
    label = source or name
    if kind not in (*CHOICE, "truefalse"):
        context.lose(element.line, label, "skipped_kind", kind=kind)
        return None
    reader = _Reader(element, Texts(context, element.line, label))
    tags = [
        tag.text_at("text") for tags in element.elements("tags", "coursetags") for tag in tags.elements("tag")
    ]
    question = Question(element.line, name, source, labels=[*filter(None, [*tags, category])])
    question.stem, question.ask = reader.question()
    question.explanation, question.references = read_solution(*reader.nodes(element.first("generalfeedback")))
    if kind == "truefalse":
        question.choices = reader.truth()
    else:
        question.is_strict = kind == "multichoiceset"
        single = element.text_at("single") if element.first("single") else "true"
        question.is_single = single in YES and not question.is_strict
        question.choices = list(reader.choices())
    reader.note_rest(is_truth=kind == "truefalse")
    return question


class _Reader:
    """Reads the parts of one question."""

    def __init__(self, element: Element, texts: Texts) -> None:
        self._one = element
        self._texts = texts
        self._files: list[_Files] = []
        # Texts that do not say their format have that of the question.
        first = element.first("questiontext")
        self._kind = KINDS.get(first.attributes.get("format", "html") if first else "html", "html")

    def nodes(self, holder: Element | None) -> tuple[list[Node], Texts]:
        """Return a text as HTML, and who reads it: it knows the files beside the text."""
        texts = self._beside(holder)
        text = holder.first("text") if holder else None
        if text is None:
            return [], texts
        if any(text.elements()):
            return text.children, texts
        return texts.nodes_of(text.text.strip(), self._of(holder)), texts

    def text(self, holder: Element | None, *, is_line: bool = False) -> str:
        """Return a text as Markdown."""
        kind = self._of(holder)
        text = holder.first("text") if holder else None
        if text and not any(text.elements()) and kind in ("plain", "markdown", "moodle"):
            return self._beside(holder).of_kind(text.text.strip(), kind, is_line=is_line)
        nodes, texts = self.nodes(holder)
        return texts.line_of(nodes) if is_line else texts.block(nodes)

    def _of(self, holder: Element | None) -> str:
        format_name = holder.attributes.get("format", "") if holder else ""
        return KINDS.get(format_name, "html") if format_name else self._kind

    def _beside(self, holder: Element | None) -> Texts:
        """Return who reads a text: it knows the files beside it."""
        files = _Files({})
        for element in holder.elements("file") if holder else ():
            path = element.attributes.get("path", "/") + element.attributes.get("name", "")
            files.by_name[path.lstrip("/")] = element
        self._files.append(files)
        texts = self._texts
        return Texts(texts.context, texts.line, texts.item, files.find)

    def question(self) -> tuple[str, str]:
        stem, ask = self._question()
        return "\n\n".join(filter(None, (stem, self._old_image()))), ask

    def _old_image(self) -> str:
        """Return the picture that Moodle 1 kept beside the text of a question."""
        data, name = self._one.text_at("image_base64"), self._one.text_at("image")
        figure = self._texts.picture(name, from_base64(data)) if data else ""
        return f"![]({figure})" if figure else ""

    def _question(self) -> tuple[str, str]:
        holder = self._one.first("questiontext")
        if self._of(holder) != "html":
            return self.text(holder), ""
        nodes, texts = self.nodes(holder)
        return read_question(nodes, texts)

    def choices(self) -> Iterator[Choice]:
        for element in self._one.elements("answer"):
            yield Choice(
                self.text(element, is_line=True), self._weight(element), self.text(element.first("feedback"))
            )

    def truth(self) -> list[Choice]:
        answers = {answer.text_at("text").lower(): answer for answer in self._one.elements("answer")}
        feedback = {word: self.text(answer.first("feedback")) for word, answer in answers.items()}
        keys = [word for word, answer in answers.items() if self._weight(answer) > 0]
        self._texts.lose("true_false")
        if keys not in (["true"], ["false"]):
            return []
        other = "false" if keys == ["true"] else "true"
        return truth_choices(
            self._texts.language,
            is_true=keys == ["true"],
            right=feedback.get(keys[0], ""),
            wrong=feedback.get(other, ""),
        )

    def _weight(self, element: Element) -> Fraction:
        text = element.attributes.get("fraction", "0").strip()
        if NUMBER.fullmatch(text):
            return Fraction(text)
        self._texts.context.complain(element.line, self._texts.item, "weight", text=text)
        return Fraction(0)

    def note_rest(self, *, is_truth: bool) -> None:
        """Note what no item of ours has."""
        element, texts = self._one, self._texts
        penalty, grade = element.text_at("penalty"), element.text_at("defaultgrade")
        if NUMBER.fullmatch(penalty) and (value := Fraction(penalty)):
            if any(abs(value - usual) < NEAR for usual in USUAL_PENALTIES):
                texts.context.lose_setting(element.line, "default_penalty")
            else:
                texts.lose("penalty", value=penalty)
        if NUMBER.fullmatch(grade) and Fraction(grade) != 1:
            texts.lose("grade", value=f"{float(grade):g}")
        if hints := sum(1 for _ in element.elements("hint")):
            texts.lose("hint", count=hints)
        if element.text_at("shuffleanswers") in YES and not is_truth:
            texts.context.lose_setting(element.line, "shuffle")
        self._note_texts()

    def _note_texts(self) -> None:
        element, texts = self._one, self._texts
        for files in self._files:
            for name in files.by_name:
                if name not in files.shown:
                    texts.lose("attachment", name=name)
        for name in OVERALL:
            holder = element.first(name)
            words = " ".join(texts.tree(holder.text_at("text")).all_text.split()) if holder else ""
            if words and words not in USUAL_FEEDBACK:
                texts.lose("feedback", field=name)
