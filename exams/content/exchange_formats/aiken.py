"""Aiken, read: a question on one or more lines, options behind letters, and the letter of the answer."""

import re
from collections.abc import Iterator
from fractions import Fraction
from io import StringIO
from typing import Final

from exams.content.exchange_formats import limits
from exams.content.exchange_formats.building import FULL, Builder, Choice, Question
from exams.content.exchange_formats.html_markdown import plain_markdown
from exams.content.exchange_formats.shape import Context, Parsed, refusal, text_of

OPTION: Final = re.compile(r"([A-Za-z])[.)]\s*(.*)")
ANSWER: Final = re.compile(r"ANSWER\s*:\s*(.*)", re.IGNORECASE)


def read_aiken(data: bytes, file: str, context: Context) -> Parsed:
    """Read the questions of a file."""
    text = text_of(data, file)
    builder = Builder()
    items = (builder.item(question, context) for question in _questions(text, context))
    return context.result([item for item in items if item])


def _questions(text: str, context: Context) -> Iterator[Question]:
    stem: list[str] = []
    question, size = Question(0), 0
    # Line by line and not by split(): a file of 20 MB of new lines would be a list of 20 million texts.
    for number, line in enumerate(StringIO(text), start=1):
        context.deadline.check()
        words = line.strip()
        if not words:
            continue
        answer, option = ANSWER.fullmatch(words), OPTION.fullmatch(words)
        follows = option if option and stem and _place(option[1]) == len(question.choices) else None
        # Options without an answer end where another question begins, so the next one is still read.
        if question.choices and not answer and not follows:
            _refuse(question, stem, context)
            question, stem = Question(0), []
        if not question.line:
            context.begin()
            question.line, size = number, 0
        size += len(line)
        if size > limits.TEXT:
            raise refusal(context.file, question.line, "too_long", field="Aiken", most=limits.TEXT)
        if answer and question.choices:
            _finish(question, stem, answer[1].upper(), number, context)
            yield question
            question, stem = Question(0), []
        elif answer and len(answer[1]) == 1:
            # "Answer: maybe" may be words of a question; one letter alone is an answer without options.
            _refuse(question, [*stem, words], context)
            question, stem = Question(0), []
        elif follows:
            question.choices.append(Choice(plain_markdown(follows[2]), Fraction(0)))
        else:
            stem.append(words)
    if stem:
        _refuse(question, stem, context)


def _place(letter: str) -> int:
    """Return the place of an option by its letter; one out of turn is a line that begins like an option."""
    return ord(letter.upper()) - ord("A")


def _refuse(question: Question, stem: list[str], context: Context) -> None:
    """Complain about a question without options or without an answer, where it begins."""
    if question.choices:
        context.complain(question.line, "", "no_answer_line")
    else:
        context.complain(question.line, "", "aiken", text=stem[-1])


def _finish(question: Question, stem: list[str], key: str, line: int, context: Context) -> None:
    question.stem = plain_markdown("\n".join(stem))
    if len(key) == 1 and 0 <= _place(key) < len(question.choices):
        question.choices[_place(key)].weight = FULL
    else:
        context.complain(line, "", "key_letter", value=key)
