"""Serializers of running exams and drills: an allow-list without keys, reasons, difficulty, marks of scoring.

Of a drill that runs only closed positions have keys, in their reviews.
"""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from accounts.api.serializers import StrictSerializer
from exams.api.base import TextField
from exams.api.result_serializers import ReviewItemSerializer
from exams.assembly.papers import CompiledPaper
from exams.attempts import lifecycle
from exams.attempts.answers import BATCH, SEQ_MAX
from exams.attempts.drills import DAYS_MAX, MINUTES, NUMBER, Closing, DrillSettings
from exams.attempts.models import CONFIDENCE, SEEN_MS_MAX, EndReason, Feedback, Mode
from exams.attempts.pools import Filters, Pool
from exams.attempts.results import ReviewItem
from exams.attempts.score_codec import StoredEstimate
from exams.attempts.selectors import Drill, Taking
from exams.bank.models import ItemVersion

WHOLE = 2**31 - 1


class StartSerializer(StrictSerializer):
    """What is to be sat."""

    form = serializers.IntegerField(min_value=1, max_value=WHOLE, help_text="`id` of the form.")
    mode = serializers.ChoiceField([Mode.EXAM.value], default=Mode.EXAM.value)
    language = TextField(
        max_length=12, required=False, help_text="Of the questions; what is missing comes in the original."
    )


class LeaseSerializer(StrictSerializer):
    """The right to write, as `lease/` gave it."""

    lease = TextField(max_length=200)
    seen_ms = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=SEEN_MS_MAX, allow_null=True),
        required=False,
        # As many positions as the log allows, whatever the paper has: the act compares with that.
        max_length=500,
        help_text="Milliseconds that each question was looked at, by position from 1; null if unknown.",
    )


class ChangeSerializer(StrictSerializer):
    """One change of one answer. `seq` counts up within a lease; sent again it is harmless."""

    seq = serializers.IntegerField(min_value=1, max_value=SEQ_MAX)
    position = serializers.IntegerField()
    selected = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=WHOLE), help_text="Option ids; [] clears."
    )
    flagged = serializers.BooleanField()
    confidence = serializers.IntegerField(
        min_value=CONFIDENCE[0],
        max_value=CONFIDENCE[1],
        required=False,
        help_text="1 guess, 2 unsure, 3 sure. It belongs to the first save under a seq.",
    )
    seen_ms = serializers.IntegerField(
        min_value=0,
        max_value=SEEN_MS_MAX,
        required=False,
        help_text="How long the question had been looked at by then, in milliseconds.",
    )


class SaveSerializer(StrictSerializer):
    """Changes to append, at most 64 KB."""

    lease = serializers.CharField()
    changes = serializers.ListField(child=ChangeSerializer(), min_length=1, max_length=BATCH)


class SavedSerializer(serializers.Serializer[Any]):
    """What was acknowledged: exactly the changes of the request."""

    saved_seq = serializers.IntegerField()
    deadline_at = serializers.DateTimeField(allow_null=True, help_text="null without a time limit")
    server_now = serializers.DateTimeField()


class OptionSerializer(serializers.Serializer[Any]):
    """An option. `text` is clean HTML."""

    id = serializers.IntegerField()
    text = serializers.CharField()

    def to_representation(self, option: tuple[int, str]) -> dict[str, Any]:
        """Return an option of a paper, a pair of id and text, as an object."""
        option_id, text = option
        return {"id": option_id, "text": text}


class ItemSerializer(serializers.Serializer[Any]):
    """A question as it is seen while taking. `stem` and `ask`, the question itself, are clean HTML.

    A stem or an option may hold tables, code, and figures: inline SVG, or images at an address of this site.
    """

    position = serializers.IntegerField()
    kind = serializers.CharField()
    choose = serializers.IntegerField()
    language = serializers.CharField()
    stem = serializers.CharField(allow_blank=True)
    ask = serializers.CharField()
    options = OptionSerializer(many=True, help_text="In the order of the paper.")


class AnswerSerializer(serializers.Serializer[Any]):
    """The answer that counts at a position, with the lease number and seq that stored it."""

    position = serializers.IntegerField()
    selected = serializers.ListField(child=serializers.IntegerField())
    flagged = serializers.BooleanField()
    lease_no = serializers.IntegerField()
    seq = serializers.IntegerField()
    confidence = serializers.IntegerField(allow_null=True, help_text="1 guess, 2 unsure, 3 sure")


class HeadSerializer(serializers.Serializer[Any]):
    """The facts of an attempt. `state`: running, submitted, expired, scored or voided."""

    id = serializers.UUIDField(source="attempt_id")
    certification = serializers.CharField(source="certification_code")
    form = serializers.IntegerField(source="form_id")
    form_number = serializers.IntegerField()
    state = serializers.CharField(source="effective_state.label")
    started_at = serializers.DateTimeField()
    deadline_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField(help_text="Answers on their way are accepted until then.")
    ended_at = serializers.DateTimeField(allow_null=True)
    server_now = serializers.DateTimeField()
    minutes_allowed = serializers.IntegerField()
    seen_before = serializers.BooleanField()


class AttemptRowSerializer(HeadSerializer):
    """An attempt in the list; score and verdict are null until it is scored, and where it doesn't count."""

    answered = serializers.IntegerField()
    items = serializers.IntegerField()
    scaled_score = serializers.IntegerField(allow_null=True)
    passed = serializers.BooleanField(allow_null=True)


class AttemptSerializer(HeadSerializer):
    """An attempt with its paper and the answers so far."""

    language = serializers.CharField()
    items = ItemSerializer(many=True)
    answers = AnswerSerializer(many=True)


class StartedSerializer(AttemptSerializer):
    """A running attempt. `lease` is null when it ran already: POST `lease/` takes it over."""

    lease = serializers.CharField(allow_null=True)


class TakenSerializer(serializers.Serializer[Any]):
    """The new lease, where to count on, and what is stored."""

    lease = serializers.CharField()
    lease_no = serializers.IntegerField()
    next_seq = serializers.IntegerField()
    deadline_at = serializers.DateTimeField(allow_null=True, help_text="null without a time limit")
    server_now = serializers.DateTimeField()
    answers = AnswerSerializer(many=True)
    seen_ms = serializers.DictField(
        child=serializers.IntegerField(), help_text="The longest time by position, to count on from."
    )


def taken(lease: lifecycle.Taken) -> dict[str, Any]:
    """Return what `TakenSerializer` describes, at a twentieth of its cost: every page load takes a lease."""
    return {
        "lease": lease.lease,
        "lease_no": lease.lease_no,
        "next_seq": lease.next_seq,
        "deadline_at": lease.deadline_at,
        "server_now": lease.server_now,
        "answers": [
            {
                "position": answer.position,
                "selected": answer.selected,
                "flagged": answer.flagged,
                "lease_no": answer.lease_no,
                "seq": answer.seq,
                "confidence": answer.confidence,
            }
            for answer in lease.answers
        ],
        "seen_ms": lease.seen_ms,
    }


class ClockSerializer(serializers.Serializer[Any]):
    """How an attempt stands: who holds another lease number than `lease_no` writes no more."""

    state = serializers.CharField(source="state.label")
    end_reason = serializers.CharField(
        allow_blank=True, help_text=f"One of {', '.join(EndReason.values)}; empty while it runs."
    )
    lease_no = serializers.IntegerField()
    deadline_at = serializers.DateTimeField(allow_null=True, help_text="null without a time limit")
    server_now = serializers.DateTimeField()


class ReceiptSerializer(serializers.Serializer[Any]):
    """How an attempt ended. `receipt`: SHA-256 of [[position, sorted option ids], ...] as JSON."""

    state = serializers.CharField()
    receipt = serializers.CharField(allow_blank=True)
    ended_at = serializers.DateTimeField()


def receipt(end: lifecycle.Receipt) -> dict[str, Any]:
    """Return what `ReceiptSerializer` describes."""
    return {"state": end.state, "receipt": end.receipt, "ended_at": end.ended_at}


class CancelledSerializer(serializers.Serializer[Any]):
    """A start that was undone."""

    state = serializers.CharField()


class PracticeExamSerializer(serializers.Serializer[Any]):
    """An exam as a source of drills. One that is not finished can be opened; it no longer counts as new."""

    form = serializers.IntegerField(source="form_id")
    number = serializers.IntegerField()
    finished = serializers.BooleanField()
    opened = serializers.BooleanField(help_text="Opened for practice.")
    taking = serializers.BooleanField(help_text="You're taking it now: drills use none of its questions.")


def _all_of(asked: Mapping[str, Any], one: str, several: str = "") -> tuple[Any, ...]:
    """Return what was asked for by the name for one and by that for several, without what is missing."""
    return tuple(value for value in (asked.get(one), *asked.get(several, ())) if value is not None)


class HowSerializer(StrictSerializer):
    """How a drill is taken."""

    minutes = serializers.IntegerField(
        min_value=0, max_value=MINUTES[1], default=0, help_text="Time limit; 0 for none."
    )
    feedback = serializers.ChoiceField(
        Feedback.values,
        default=Feedback.AT_END.value,
        help_text="`at_once`: each answer is checked as given.",
    )
    language = TextField(max_length=12, required=False, help_text="Of the questions.")

    def drill_settings(self) -> DrillSettings:
        """Return what was asked for."""
        asked = self.validated_data
        return DrillSettings(minutes=asked["minutes"], feedback=Feedback(asked["feedback"]))


class DrawSerializer(HowSerializer):
    """What a drill is drawn from: only exams finished or opened for practice, and a finished check."""

    certification = TextField(max_length=50)
    number = serializers.IntegerField(
        min_value=NUMBER[0], max_value=NUMBER[1], default=10, help_text="A small pool gives fewer."
    )
    pool = serializers.ChoiceField(
        Pool.values,
        default=Pool.ALL.value,
        help_text="`new`: never shown to you; `to_learn`: not answered correctly yet; `sure`: incorrect, "
        "though you were sure; the others by how it went last time.",
    )
    domain = serializers.IntegerField(min_value=1, max_value=WHOLE, required=False)
    domains = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=WHOLE),
        default=list,
        max_length=50,
        help_text="Several at once. A task statement narrows the domain that it is part of.",
    )
    task = TextField(max_length=20, required=False, help_text="Code of a task statement.")
    tasks = serializers.ListField(child=TextField(max_length=20), default=list, max_length=100)
    difficulty = serializers.ChoiceField(ItemVersion.Difficulty.values, required=False)
    days = serializers.IntegerField(
        min_value=0, max_value=DAYS_MAX, default=0, help_text="Leave out questions shown in these last days."
    )

    def drill_settings(self) -> DrillSettings:
        """Return what was asked for."""
        asked = self.validated_data
        filters = Filters(
            pool=Pool(asked["pool"]),
            domains=_all_of(asked, "domain", "domains"),
            tasks=_all_of(asked, "task", "tasks"),
            difficulties=_all_of(asked, "difficulty"),
            days=asked["days"],
        )
        return DrillSettings(filters, asked["number"], asked["minutes"], Feedback(asked["feedback"]))


class AgainSerializer(HowSerializer):
    """Questions of an attempt that ended, to be practiced again: of these positions, or of all."""

    positions = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=500), required=False, max_length=500
    )


class ClosingSerializer(StrictSerializer):
    """An answer to one question of a drill with feedback at once: it can't be changed afterward."""

    position = serializers.IntegerField(min_value=1, max_value=500)
    selected = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=WHOLE),
        required=False,
        max_length=20,
        help_text="Option ids, as many as `choose` says.",
    )
    show = serializers.BooleanField(default=False, help_text="Show the answer: it counts as incorrect.")
    flagged = serializers.BooleanField(default=False)
    confidence = serializers.IntegerField(
        min_value=CONFIDENCE[0],
        max_value=CONFIDENCE[1],
        required=False,
        help_text="1 guess, 2 unsure, 3 sure",
    )
    seen_ms = serializers.IntegerField(min_value=0, max_value=SEEN_MS_MAX, required=False)

    def closing(self) -> Closing:
        """Return the answer."""
        asked = self.validated_data
        return Closing(
            position=asked["position"],
            selected=tuple(asked.get("selected", ())),
            show=asked["show"],
            flagged=asked["flagged"],
            confidence=asked.get("confidence"),
            seen_ms=asked.get("seen_ms"),
        )


class HideSerializer(StrictSerializer):
    """Whether a drill is left out of the list."""

    hidden = serializers.BooleanField(default=True)


class EstimateSerializer(serializers.Serializer[StoredEstimate]):
    """Where a self-check puts its person: a score, its 80% error band, and the scale with the pass mark."""

    scaled_score = serializers.IntegerField(source="scaled")
    band_low = serializers.IntegerField()
    band_high = serializers.IntegerField()
    scale_min = serializers.IntegerField(source="low")
    scale_max = serializers.IntegerField(source="high")
    pass_mark = serializers.IntegerField()


class DrillSerializer(serializers.Serializer[Drill]):
    """The facts of a drill. `state`: running, submitted, expired, scored or voided."""

    id = serializers.UUIDField(source="head.attempt_id")
    certification = serializers.CharField(source="head.certification_code")
    state = serializers.CharField(source="head.effective_state.label")
    feedback = serializers.CharField(source="head.feedback")
    language = serializers.CharField(source="head.language")
    started_at = serializers.DateTimeField(source="head.started_at")
    deadline_at = serializers.DateTimeField(source="head.deadline_at", allow_null=True)
    ended_at = serializers.DateTimeField(source="head.ended_at", allow_null=True)
    server_now = serializers.DateTimeField(source="head.server_now")
    hidden = serializers.BooleanField(source="head.hidden")
    held = serializers.BooleanField(
        source="head.held", help_text="An exam you're taking includes some of its questions: they are closed."
    )
    questions = serializers.IntegerField(source="head.total_items")
    done = serializers.IntegerField(help_text="Answered, or closed with feedback at once.")
    raw = serializers.IntegerField(allow_null=True, help_text="Answered correctly; null before the end.")
    share = serializers.FloatField(allow_null=True, help_text="0 to 1 of all questions.")
    check = serializers.BooleanField(source="head.is_check", help_text="A self-check.")
    estimate = EstimateSerializer(
        allow_null=True, help_text="Of the first self-check alone, once every question was answered."
    )


class DrillTakingSerializer(DrillSerializer):
    """A drill with its questions, the answers so far and the reviews of closed positions."""

    items = ItemSerializer(many=True)
    answers = AnswerSerializer(many=True)
    reviews = ReviewItemSerializer(many=True)
    held_positions = serializers.ListField(child=serializers.IntegerField())


class DrillStartedSerializer(DrillTakingSerializer):
    """A drill that was started. With feedback at the end `lease` saves answers, as in an exam."""

    lease = serializers.CharField(allow_null=True)


class DrillReviewSerializer(serializers.Serializer[Any]):
    """Every question of a drill that ended."""

    id = serializers.UUIDField()
    items = ReviewItemSerializer(many=True)


def taking(
    attempt: Taking,
    *,
    paper: CompiledPaper | None = None,
    reviews: Mapping[int, ReviewItem] | None = None,
) -> dict[str, Any]:
    """Return what is told of an exam or a drill while it runs: only fields that are named leave (G5).

    `paper` is the same exam in another language, `reviews` are those of closed positions of a drill.
    """
    stored = [answer for position, answer in attempt.answers.items() if position not in attempt.held]
    questions = {
        "items": ItemSerializer(paper.items if paper else attempt.items, many=True).data,
        "answers": AnswerSerializer(stored, many=True).data,
    }
    if attempt.drill is None:
        head: Mapping[str, Any] = HeadSerializer(attempt.head).data
        return {**head, "language": (paper or attempt.paper).language, **questions}
    drill: Mapping[str, Any] = DrillSerializer(attempt.drill).data
    return {
        **drill,
        **questions,
        "reviews": [ReviewItemSerializer(one).data for one in (reviews or {}).values()],
        "held_positions": sorted(attempt.held),
    }
