"""The free sample: a question, its answer with every reason at once, the next. The address has the answers.

`?a=B.AC` says what was answered so far, a part for each question in order (`-`: shown without an answer).
`c=A` (repeated where several are chosen) is the answer to the question after those, as its form sends it,
and shows that question with its key; `q=2` with it, or one of the questions answered before. What is
nonsense is left out, so every address shows something. Nothing is stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from accounts.users.requests import or_404
from accounts.web.rendering import kept_for_visitors
from exams.assembly import sample as samples
from exams.assembly.sample import Sample, SampleQuestion, Size
from exams.assembly.solutions import SolvedText
from exams.attempts.drills import CHECK_MINUTES
from exams.catalog.selectors import PREFIX
from exams.content.records import SAMPLE_CHECK
from exams.kinds.kinds import KINDS, Kind
from exams.presentation import charts, formatting, item_review
from exams.scoring.error_band import error_band
from exams.web import offers, progress, question_notes

SHOWN: Final = "-"
PARTED: Final = "."
LONGEST: Final = 200
VISITOR_SECONDS: Final = 600


@dataclass(frozen=True, slots=True)
class State:
    """Where a reader is: the answers so far (letters in order), the position shown, and whether with its key.

    A position behind the last question is the end.
    """

    answers: tuple[str, ...]
    position: int
    is_answered: bool
    is_incomplete: bool


@require_safe
@gzip_page
def sample(request: HttpRequest, code: str) -> HttpResponse:
    """Show a question of the sample, or its explanation, or the end, as the address says."""
    sample = or_404(samples.get(code, get_language() or ""))
    state = state_of(request, sample)
    at_end = state.position > len(sample.questions)
    context = _end(request, sample, state.answers) if at_end else _position(sample, state)
    context |= {
        "code": code,
        "label": code.upper(),
        "vendor": sample.vendor,
        "total": len(sample.questions),
        "exam": sample.first_exam,
        "foreign": formatting.only_elsewhere(sample.languages, get_language() or ""),
    }
    response = render(request, "exams/sample_end.html" if at_end else "exams/sample.html", context)
    return kept_for_visitors(request, response, VISITOR_SECONDS)


def check_of(size: Size) -> dict[str, int] | None:
    """Return what is said of the check of a sample; None where it is too short for one."""
    if not size.has_check:
        return None
    return {"total": SAMPLE_CHECK, "minutes": CHECK_MINUTES, "shared": size.shared}


def state_of(request: HttpRequest, sample: Sample) -> State:
    """Read the address. What cannot be an answer ends the list of answers."""
    questions = sample.questions
    answers = _answers(request.GET.get("a", "")[:LONGEST], questions)
    asked = request.GET.get("q", "")
    sent = request.GET.getlist("c")[:LONGEST]
    if sent and len(answers) < len(questions):
        taken = answer_of("".join(letter[:1] for letter in sent), questions[len(answers)])
        if taken is None:
            return State(answers, len(answers) + 1, is_answered=False, is_incomplete=True)
        answers = (*answers, taken)
        return State(answers, len(answers), is_answered=True, is_incomplete=False)
    if asked in {str(number) for number in range(1, len(answers) + 1)}:
        return State(answers, int(asked), is_answered=True, is_incomplete=False)
    # The form names its question: it was sent without a choice.
    is_sent = asked == str(len(answers) + 1)
    return State(answers, len(answers) + 1, is_answered=False, is_incomplete=is_sent)


def _answers(given: str, questions: Sequence[SampleQuestion]) -> tuple[str, ...]:
    answers: list[str] = []
    for part, question in zip(given.split(PARTED), questions, strict=False):
        answer = answer_of(part, question)
        if answer is None:
            break
        answers.append(answer)
    return tuple(answers)


def answer_of(letters: str, question: SampleQuestion) -> str | None:
    """Return an answer with its letters in order, or None where it is none: unknown, too few, too many."""
    if letters == SHOWN:
        return SHOWN
    chosen = set(letters.upper())
    text = question.text
    if (
        not Kind.is_complete(chosen, text.choose)
        or len(letters) != len(chosen)
        or not chosen <= set(text.letters)
    ):
        return None
    return "".join(sorted(chosen))


def address(code: str, answers: Sequence[str] = (), position: int | None = None) -> str:
    """Return the address with these answers: of the next question, or of one answered before."""
    query = {"a": PARTED.join(answers)} if answers else {}
    if position is not None:
        query["q"] = str(position)
    path = reverse("exams:sample", args=[code])
    return f"{path}?{urlencode(query)}" if query else path


def question_context(sample: Sample, answers: Sequence[str]) -> dict[str, Any]:
    """Return what the form of the question after these answers needs: no key, and no reason."""
    question = sample.questions[len(answers)]
    text = question.text
    return {
        "action": address(sample.code),
        "position": question.position,
        "given": PARTED.join(answers),
        "show": address(sample.code, (*answers, SHOWN), question.position),
        "kind": KINDS[text.kind],
        "choose": text.choose,
        "stem": text.stem_html,
        "ask": text.ask_html,
        "language": text.language,
        "options": [{"letter": option.letter, "html": option.text_html} for option in text.options],
        "total": len(sample.questions),
        "difficulty": text.difficulty,
        "foreign": formatting.only_elsewhere(sample.languages, get_language() or ""),
    }


def demo_context(sample: Sample) -> dict[str, Any] | None:
    """Return the first question with one answer, with its reasons: anybody may read them. None for none."""
    language = get_language() or ""
    found = next((one for one in sample.questions if KINDS[one.text.kind].one_answer), None)
    foreign = formatting.only_elsewhere(sample.languages, language)
    return {"question": found, "text": found.text, "foreign": foreign} if found else None


def _position(sample: Sample, state: State) -> dict[str, Any]:
    question = sample.questions[state.position - 1]
    answers = state.answers
    context = {
        "position": state.position,
        "question": question,
        "difficulty": question.text.difficulty,
        "previous": address(sample.code, answers, state.position - 1) if state.position > 1 else "",
        "is_incomplete": state.is_incomplete,
    }
    if not state.is_answered:
        return {**context, "form": question_context(sample, answers), "answered": None}
    given = answers[state.position - 1]
    is_last_answered = state.position == len(answers)
    return {
        **context,
        "form": None,
        "answered": {
            "given": "" if given == SHOWN else given,
            "is_correct": given == question.text.keys,
            "html": _explained(question.text, given),
        },
        "next": address(sample.code, answers, None if is_last_answered else state.position + 1),
        "is_end_next": is_last_answered and len(answers) == len(sample.questions),
    }


def _explained(text: SolvedText, given: str) -> SafeString:
    return question_notes.moved_names(text.version_id) + item_review.html(text, get_language() or "", given)


def _end(request: HttpRequest, sample: Sample, answers: Sequence[str]) -> dict[str, Any]:
    """Return what so few questions can say: how many were correct, and how wide the band of that is.

    Also what comes next, which must not be an exam that turns out to be locked.
    """
    verdicts = [
        {
            "position": question.position,
            "task": question.task_code,
            "domain": question.domain_number,
            "is_correct": given == question.text.keys,
            "is_answered": given != SHOWN,
            "is_read": given == SHOWN,
            "opening": formatting.opening(question.text.stem_html or question.text.ask_html, 80),
            "language": question.text.language,
            "url": address(sample.code, answers, question.position),
        }
        for question, given in zip(sample.questions, answers, strict=True)
    ]
    correct, total = sum(bool(verdict["is_correct"]) for verdict in verdicts), len(verdicts)
    scale = sample.scale
    # An answer that was only read is no incorrect one, and what is mostly read says nothing of its reader.
    answered = sum(bool(verdict["is_answered"]) for verdict in verdicts)
    band = error_band(answered, Fraction(correct, answered), scale) if 0 < total <= 2 * answered else None
    return {
        "verdicts": verdicts,
        "correct": correct,
        "answered": answered,
        "read": total - answered,
        "scale": scale,
        "band": band,
        "band_chart": band and charts.scale(scale, None, (band.low, band.high)),
        "crosses": band and band.low < scale.pass_mark <= band.high,
        "above": band and band.low >= scale.pass_mark,
        "again": address(sample.code),
        "check": check_of(sample.size),
        **_full_exam(request, sample),
    }


def _full_exam(request: HttpRequest, sample: Sample) -> dict[str, object]:
    """Return whether a full exam has to be paid for by who asks, its price, and their check.

    Two statements, of a person one more.
    """
    standing = offers.standing(request, f"{PREFIX}{sample.code}")
    return {
        "access": standing.access,
        "locked": standing.locked,
        "price": offers.price_now(standing.offers),
        "own_check": progress.own_check(request.user, sample.code),
    }
