"""Serializers of drills. While a drill runs only closed positions have keys, in their reviews."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from accounts.api.serializers import StrictSerializer
from exams.api.attempt_serializers import WHOLE, AnswerSerializer, ItemSerializer, TextField
from exams.api.result_serializers import ReviewItemSerializer
from exams.attempts.drill_reads import Drill, DrillTaking
from exams.attempts.drills import DAYS_MAX, MINUTES, NUMBER, Closing, Options
from exams.attempts.models import CONFIDENCE, SEEN_MS_MAX, Feedback
from exams.attempts.pools import Filters, Pool
from exams.bank.models import ItemVersion


class PracticeExamSerializer(serializers.Serializer[Any]):
    """An exam as a source of drills. One that is not finished can be opened; it no longer counts as new."""

    form = serializers.IntegerField(source="form_id")
    number = serializers.IntegerField()
    finished = serializers.BooleanField()
    opened = serializers.BooleanField(help_text="Opened for practice.")
    taking = serializers.BooleanField(help_text="You're taking it now: drills use none of its questions.")


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

    def options(self) -> Options:
        """Return what was asked for."""
        asked = self.validated_data
        return Options(minutes=asked["minutes"], feedback=Feedback(asked["feedback"]))


class DrawSerializer(HowSerializer):
    """What a drill is drawn from. Only from exams that were finished or opened for practice."""

    certification = TextField(max_length=50)
    number = serializers.IntegerField(
        min_value=NUMBER[0], max_value=NUMBER[1], default=10, help_text="A small pool gives fewer."
    )
    pool = serializers.ChoiceField(
        Pool.values,
        default=Pool.ALL.value,
        help_text="`new`: never shown to you; the others by how it went last time.",
    )
    domain = serializers.IntegerField(min_value=1, max_value=WHOLE, required=False)
    task = TextField(max_length=20, required=False, help_text="Code of a task statement.")
    difficulty = serializers.ChoiceField(ItemVersion.Difficulty.values, required=False)
    days = serializers.IntegerField(
        min_value=0, max_value=DAYS_MAX, default=0, help_text="Leave out questions shown in these last days."
    )

    def options(self) -> Options:
        """Return what was asked for."""
        asked = self.validated_data
        filters = Filters(
            pool=Pool(asked["pool"]),
            domain=asked.get("domain"),
            task=asked.get("task"),
            difficulty=asked.get("difficulty"),
            days=asked["days"],
        )
        return Options(filters, asked["number"], asked["minutes"], Feedback(asked["feedback"]))


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


def taking(found: DrillTaking) -> dict[str, Any]:
    """Return what `DrillTakingSerializer` describes: only fields that are named leave (G5)."""
    drill: Mapping[str, Any] = DrillSerializer(found.drill).data
    return {
        **drill,
        "items": ItemSerializer(found.items, many=True).data,
        "answers": AnswerSerializer(
            [one for position, one in found.answers.items() if position not in found.held], many=True
        ).data,
        "reviews": [ReviewItemSerializer(one).data for one in found.reviews.values()],
        "held_positions": sorted(found.held),
    }
