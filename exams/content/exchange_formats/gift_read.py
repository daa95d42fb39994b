"""GIFT, read as Moodle reads it, and where harmless more leniently. Other kinds of questions are skipped."""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from exams.content.exchange_formats import limits
from exams.content.exchange_formats.building import FULL, Builder, Choice, Question, truth_choices
from exams.content.exchange_formats.gift_syntax import SIGNS, Block, blocks, show
from exams.content.exchange_formats.sections import read_question, read_solution
from exams.content.exchange_formats.shape import Context, Parsed, refusal, text_of
from exams.content.exchange_formats.texts import Texts
from exams.content.exchange_formats.xml_tree import Node
from exams.content.records import Explanation, WholeItem

HIDDEN: Final = re.compile(f"[{''.join(SIGNS.values())}]")
NAME: Final = re.compile(r"::(.*?)::", re.DOTALL)
KIND: Final = re.compile(r"\s*\[(html|moodle|plain|markdown)\]")
WEIGHT: Final = re.compile(r"\s*%(-?\d{1,3}(?:\.\d{1,9})?)%")
CLOZE: Final = re.compile(r"\d*:[A-Z_]+:")
MARK: Final = re.compile(r"[~=]")
SOLUTION: Final = "####"
BLANK: Final = "_____"
TRUE: Final = frozenset({"T", "TRUE"})
FALSE: Final = frozenset({"F", "FALSE"})
DEFAULT: Final = "moodle"


def read_gift(data: bytes, file: str, context: Context) -> Parsed:
    """Read the questions of a file."""
    text = text_of(data, file)
    # These stand for escaped signs while the file is read; in the file itself they would be taken for such.
    if match := HIDDEN.search(text):
        line = text[: match.start()].count("\n") + 1
        raise refusal(file, line, "control", field="GIFT", sign=f"{ord(match[0]):04X}")
    builder = Builder()
    items: list[WholeItem] = []
    for count, block in enumerate(blocks(text), start=1):
        if count > limits.QUESTIONS:
            raise refusal(file, block.line, "questions", most=limits.QUESTIONS)
        items += [
            item for question in _questions(block, context) if (item := builder.item(question, context))
        ]
    return context.result(items)


def _questions(block: Block, context: Context) -> Iterator[Question]:
    context.begin()
    text, name = block.text, ""
    if match := NAME.match(text):
        name, text = show(match[1]).strip(), text[match.end() :].strip()
    label = block.source or name
    begin, end = text.find("{"), text.find("}")
    if begin < 0 and end < 0:
        context.lose(block.line, label, "skipped_kind", kind="description")
    elif begin < 0 or end < begin:
        context.complain(block.line, label, "brace")
    elif "{" in text[end:]:
        count = text.count("{")
        context.lose(block.line, label, "skipped_interactions", count=count)
    else:
        rest = text[end + 1 :]
        # A missing word: where the answers stand within the sentence, there is the gap.
        asked = text[:begin] + (BLANK + rest if rest.strip() else "")
        question = Question(
            block.line, name, block.source, labels=[*block.tags, *filter(None, [block.category])]
        )
        if _fill(question, asked, text[begin + 1 : end].strip(), Texts(context, block.line, label)):
            yield question


def _split_kind(text: str, default: str) -> tuple[str, str]:
    match = KIND.match(text)
    return (text[match.end() :], match[1]) if match else (text, default)


def _fill(question: Question, asked: str, answers: str, texts: Texts) -> bool:
    """Fill in a question; tell whether it is one that can be carried."""
    answers, _, solution = answers.rpartition(SOLUTION) if SOLUTION in answers else (answers, "", "")
    answers = answers.strip()
    words, kind = _split_kind(asked, DEFAULT)
    truth = answers.split("#")[0].strip().upper()
    if truth in TRUE | FALSE:
        parts = [*answers.split("#", 2), "", ""]
        wrong, right = (_text(part, kind, texts) for part in parts[1:3])
        question.choices = truth_choices(texts.language, is_true=truth in TRUE, right=right, wrong=wrong)
        texts.lose("true_false")
    elif skipped := _other_kind(answers):
        texts.lose("skipped_kind", kind=skipped)
        return False
    else:
        # Counted before any is read: thousands of options would each be a text to convert.
        count = len(MARK.findall(answers))
        if count > limits.OPTIONS:
            texts.lose("skipped_options", count=count, most=limits.OPTIONS)
            return False
        question.is_single = "=" in answers
        before = MARK.split(answers, maxsplit=1)[0].strip()
        if before:
            texts.context.complain(question.line, texts.item, "answers", text=show(before))
            return False
        question.choices = list(_choices(answers, kind, texts))
    if kind == "html":
        question.stem, question.ask = read_question(_nodes(words, kind, texts), texts)
    else:
        question.stem = texts.of_kind(show(words), kind)
    if solution.strip():
        explained, kind = _split_kind(solution, kind)
        if kind == "html":
            question.explanation, question.references = read_solution(_nodes(explained, kind, texts), texts)
        else:
            question.explanation = Explanation(texts.of_kind(show(explained), kind), "", "")
    return True


def _other_kind(answers: str) -> str:
    """Return the kind of a question that is no choice, by the signs between its braces."""
    if not answers:
        return "essay"
    if answers.startswith("#"):
        return "numerical"
    if CLOZE.match(answers):
        return "cloze"
    if "~" in answers:
        return ""
    if "=" in answers and "->" in answers:
        return "matching"
    return "shortanswer"


def _choices(answers: str, kind: str, texts: Texts) -> Iterator[Choice]:
    marks = list(MARK.finditer(answers))
    ends = [mark.start() for mark in marks[1:]] + [len(answers)]
    for mark, end in zip(marks, ends, strict=True):
        text = answers[mark.end() : end]
        weight = FULL if mark[0] == "=" else Fraction(0)
        if match := WEIGHT.match(text):
            weight, text = Fraction(match[1]), text[match.end() :]
        option, _, feedback = text.partition("#")
        yield Choice(_text(option, kind, texts, is_line=True), weight, _text(feedback, kind, texts))


def _text(text: str, default: str, texts: Texts, *, is_line: bool = False) -> str:
    words, kind = _split_kind(text, default)
    return texts.of_kind(show(words.strip()), kind, is_line=is_line)


def _nodes(words: str, kind: str, texts: Texts) -> list[Node]:
    return texts.nodes_of(show(words), kind)
