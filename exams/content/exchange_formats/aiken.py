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
ANSWER: Final = re.compile(r"ANSWER\s*:\s*([A-Za-z])\s*", re.IGNORECASE)


def read_aiken(data: bytes, file: str, context: Context) -> Parsed:
    """Read the questions of a file."""
    text = text_of(data, file)
    builder = Builder()
    items = (builder.item(question, context) for question in _questions(text, context))
    return context.result([item for item in items if item])


def _questions(text: str, context: Context) -> Iterator[Question]:
    stem: list[str] = []
    letters: list[str] = []
    question, size = Question(0), 0
    for number, line in enumerate(StringIO(text), start=1):
        context.deadline.check()
        words = line.strip()
        if not words:
            continue
        if not question.line:
            context.begin()
            question.line, size = number, 0
        size += len(line)
        if size > limits.TEXT:
            raise refusal(context.file, question.line, "too_long", field="Aiken", most=limits.TEXT)
        if (answer := ANSWER.fullmatch(words)) and letters:
            _finish(question, stem, letters, answer[1].upper(), number, context)
            yield question
            question, stem, letters = Question(0), [], []
        elif (option := OPTION.fullmatch(words)) and stem and _follows(option[1], letters):
            letters.append(option[1].upper())
            question.choices.append(Choice(plain_markdown(option[2]), Fraction(0)))
        elif letters or answer:
            context.complain(number, "", "aiken", text=words)
            question, stem, letters = Question(0), [], []
        else:
            stem.append(words)
    if stem or letters:
        context.complain(question.line, "", "aiken", text=stem[0] if stem else "")


def _follows(letter: str, letters: list[str]) -> bool:
    """Tell whether a letter is the next one: a question may have a line that begins like an option."""
    return ord(letter.upper()) - ord("A") == len(letters)


def _finish(
    question: Question, stem: list[str], letters: list[str], key: str, line: int, context: Context
) -> None:
    question.stem = plain_markdown("\n".join(stem))
    if key in letters:
        question.choices[letters.index(key)].weight = FULL
    else:
        context.complain(line, "", "key_letter", value=key)
