"""Serializers of a scored attempt: everything that was secret before, and what a review adds to a question.

Never used for a running one.
"""

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from accounts.api.serializers import StrictSerializer
from exams.api.base import TextField
from exams.attempts.results import Result, ReviewItem
from exams.feedback.models import NOTE_MAX, REPORT_MAX, Reason, ReportState
from exams.feedback.selectors import Part


class DomainResultSerializer(serializers.Serializer[Any]):
    """Right answers among the scored items of a domain; the weight is in percent."""

    number = serializers.IntegerField()
    name = serializers.CharField()
    weight = serializers.IntegerField(source="weight_percent")
    correct = serializers.IntegerField()
    scored = serializers.IntegerField()


class BandSerializer(serializers.Serializer[Any]):
    """On another form like this, 8 of 10 times between low and high."""

    low = serializers.IntegerField(source="band_low")
    high = serializers.IntegerField(source="band_high")


class NoveltySerializer(serializers.Serializer[Any]):
    """How much was new to the person, and how they did on the scored questions among that."""

    items = serializers.IntegerField(source="total")
    new = serializers.IntegerField()
    scored = serializers.IntegerField(help_text="Scored questions that were new.")
    correct = serializers.IntegerField(help_text="Of these.")
    scaled_score = serializers.IntegerField(
        source="scaled", allow_null=True, help_text="On these alone; null for all, or for fewer than 20."
    )


class MilestoneSerializer(serializers.Serializer[Any]):
    """When so many questions had been answered, in seconds since the start."""

    answered = serializers.IntegerField()
    seconds = serializers.IntegerField()


class ConfidenceSerializer(serializers.Serializer[Any]):
    """How many answers were given with a confidence (1 guess, 2 unsure, 3 sure), and how many are correct."""

    level = serializers.IntegerField()
    answered = serializers.IntegerField()
    correct = serializers.IntegerField()


class ToldQuestionSerializer(serializers.Serializer[Any]):
    """What the log tells of one question; `answer_changed` is null for an answer that was not."""

    position = serializers.IntegerField()
    answered = serializers.BooleanField()
    correct = serializers.BooleanField()
    confidence = serializers.IntegerField(allow_null=True, help_text="1 guess, 2 unsure, 3 sure")
    seen_ms = serializers.IntegerField(allow_null=True, help_text="How long it was looked at.")
    answer_changed = serializers.CharField(
        source="changed", allow_null=True, help_text="to_correct, to_incorrect or still_incorrect"
    )


class AnalysisSerializer(serializers.Serializer[Any]):
    """What the answers tell beside the score. `novelty` is null for attempts that did not note it."""

    novelty = NoveltySerializer(allow_null=True)
    even_seconds = serializers.IntegerField(help_text="The time for a question at an even pace.")
    milestones = MilestoneSerializer(many=True)
    confidence = ConfidenceSerializer(many=True)
    questions = ToldQuestionSerializer(many=True)


class ResultSerializer(serializers.Serializer[Result]):
    """The score. It is our estimate: the vendor equates forms and does not publish the mapping."""

    id = serializers.UUIDField(source="head.attempt_id")
    certification = serializers.CharField(source="head.certification_code")
    form = serializers.IntegerField(source="head.form_id")
    state = serializers.CharField(source="head.effective_state.label")
    started_at = serializers.DateTimeField(source="head.started_at")
    ended_at = serializers.DateTimeField(source="head.ended_at")
    seconds_used = serializers.IntegerField(source="head.seconds_used")
    seen_before = serializers.BooleanField(source="head.seen_before")
    receipt = serializers.CharField(source="head.receipt", allow_blank=True)
    scaled_score = serializers.IntegerField(source="score.scaled")
    passed = serializers.BooleanField(source="score.passed")
    pass_mark = serializers.IntegerField(source="scale.pass_mark")
    scale_min = serializers.IntegerField(source="scale.low")
    scale_max = serializers.IntegerField(source="scale.high")
    counts = serializers.BooleanField(
        help_text="False: fewer than half of the questions were answered. Band and chance are null then."
    )
    band = BandSerializer(source="estimates", allow_null=True)
    pass_chance = serializers.FloatField(
        source="prediction.chance",
        default=None,
        allow_null=True,
        help_text="0 to 1, on another form, by this one alone. Null with too few answers.",
    )
    pass_chance_low = serializers.FloatField(
        source="prediction.low",
        default=None,
        allow_null=True,
        help_text="The lower end of the 80% interval of the chance.",
    )
    pass_chance_high = serializers.FloatField(
        source="prediction.high",
        default=None,
        allow_null=True,
        help_text="The upper end of the 80% interval of the chance.",
    )
    correct = serializers.IntegerField(source="score.raw", help_text="Of the scored items.")
    scored_items = serializers.IntegerField(source="score.scored_items")
    items = serializers.IntegerField(source="scale.total_items")
    answered = serializers.IntegerField()
    revision = serializers.IntegerField(source="score.revision", help_text="2 and more: scored again.")
    reason = serializers.CharField(source="score.reason", allow_blank=True)
    domains = DomainResultSerializer(source="score.domains", many=True)
    analysis = serializers.SerializerMethodField()

    @extend_schema_field(
        AnalysisSerializer(allow_null=True, help_text="null while an exam you take includes these questions.")
    )
    def get_analysis(self, _found: Result) -> dict[str, Any] | None:
        """Return what the context holds as `analysis`, which needs more than the result."""
        analysis = self.context["analysis"]
        return AnalysisSerializer(analysis).data if analysis else None


class ReviewOptionSerializer(serializers.Serializer[Any]):
    """An option with its reasons. Texts are clean HTML."""

    letter = serializers.CharField(source="solved.letter")
    text = serializers.CharField(source="solved.text_html")
    rationale = serializers.CharField(source="solved.rationale_html", allow_blank=True)
    is_key = serializers.BooleanField(source="solved.is_key")
    chosen = serializers.BooleanField()


class ReferenceSerializer(serializers.Serializer[Any]):
    """Where to read on."""

    title = serializers.CharField()
    url = serializers.CharField()

    def to_representation(self, reference: tuple[str, str]) -> dict[str, str]:
        """Return a pair of title and address as an object."""
        title, url = reference
        return {"title": title, "url": url}


class ReviewItemSerializer(serializers.Serializer[ReviewItem]):
    """A question after the end, with key, own answer and explanation. Texts are clean HTML."""

    position = serializers.IntegerField(source="solution.position")
    domain = serializers.IntegerField(source="solution.domain_number")
    domain_name = serializers.CharField()
    task = serializers.CharField(source="task_code")
    difficulty = serializers.CharField(source="solution.text.difficulty")
    is_scored = serializers.BooleanField(source="solution.is_scored")
    correct = serializers.BooleanField()
    answered = serializers.BooleanField()
    incomplete = serializers.BooleanField()
    flagged = serializers.BooleanField()
    kind = serializers.CharField(source="solution.text.kind")
    choose = serializers.IntegerField(source="solution.text.choose")
    language = serializers.CharField(source="solution.text.language")
    stem = serializers.CharField(source="solution.text.stem_html", allow_blank=True)
    ask = serializers.CharField(source="solution.text.ask_html")
    options = ReviewOptionSerializer(many=True)
    why = serializers.CharField(source="solution.text.why_html")
    principle = serializers.CharField(source="solution.text.principle_html", allow_blank=True)
    tip = serializers.CharField(source="solution.text.tip_html", allow_blank=True)
    references = ReferenceSerializer(source="solution.text.references", many=True)
    confidence = serializers.IntegerField(allow_null=True, help_text="1 guess, 2 unsure, 3 sure")
    seen_ms = serializers.IntegerField(allow_null=True, help_text="How long it was looked at.")
    slow = serializers.BooleanField(
        help_text="More than twice your median time in this attempt and 10 seconds, or more than 3 minutes."
    )
    answer_changed = serializers.CharField(
        source="changed", allow_null=True, help_text="to_correct, to_incorrect or still_incorrect"
    )


class NoteSerializer(StrictSerializer):
    """A note as plain text."""

    text = TextField(max_length=NOTE_MAX)


class ReportingSerializer(StrictSerializer):
    """A problem with a question. `text` may be empty, but not with the reason `other`."""

    reason = serializers.ChoiceField(Reason.values)
    text = TextField(max_length=REPORT_MAX, allow_blank=True, default="")


class ReportedSerializer(serializers.Serializer[Any]):
    """A report that was stored, or that waited already."""

    id = serializers.IntegerField()


class MarkedSerializer(serializers.Serializer[Any]):
    """Where the question of a note or a bookmark was last met."""

    attempt = serializers.UUIDField(source="attempt_id")
    position = serializers.IntegerField()
    certification = serializers.CharField(source="certification_code")
    form_number = serializers.IntegerField()


class BookmarkRowSerializer(MarkedSerializer):
    """A bookmark."""

    created_at = serializers.DateTimeField(source="at")


class NoteRowSerializer(MarkedSerializer):
    """A note."""

    text = serializers.CharField()
    updated_at = serializers.DateTimeField(source="at")


class ReportSerializer(serializers.Serializer[Any]):
    """A report and our answer, which is empty while there is none."""

    id = serializers.IntegerField()
    attempt = serializers.UUIDField(source="attempt_id")
    position = serializers.IntegerField()
    reason = serializers.ChoiceField(Reason.values)
    text = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(ReportState.values)
    answer = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)


class ReportRowSerializer(serializers.Serializer[Any]):
    """A report in the list. While its question is in an exam that you are taking, its texts are empty."""

    report = ReportSerializer()
    certification = serializers.CharField(source="certification_code")
    form_number = serializers.IntegerField(allow_null=True, help_text="null for a question of a drill")
    held = serializers.BooleanField()


class ChangedOptionSerializer(serializers.Serializer[Any]):
    """An option as it reads now. Texts are clean HTML."""

    letter = serializers.CharField()
    text = serializers.CharField(source="text_html")
    rationale = serializers.CharField(source="rationale_html", allow_blank=True)
    is_key = serializers.BooleanField()


class ChangedSerializer(serializers.Serializer[Any]):
    """The question as it reads now, and what of it differs from what was answered. Texts are clean HTML."""

    parts = serializers.ListField(child=serializers.ChoiceField(Part.values))
    language = serializers.CharField(source="text.language")
    stem = serializers.CharField(source="text.stem_html", allow_blank=True)
    ask = serializers.CharField(source="text.ask_html")
    why = serializers.CharField(source="text.why_html")
    options = ChangedOptionSerializer(source="text.options", many=True)


class ShareSerializer(serializers.Serializer[Any]):
    """How many chose an option."""

    letter = serializers.CharField()
    chosen = serializers.IntegerField()


class OthersSerializer(serializers.Serializer[Any]):
    """How people answered on their first try: `answers` is their number, at least 30."""

    answers = serializers.IntegerField()
    options = ShareSerializer(many=True)


class LearnSerializer(serializers.Serializer[Any]):
    """Where what the question tests is taught."""

    kind = serializers.CharField()
    text = serializers.CharField()
    address = serializers.CharField()


class AddedSerializer(serializers.Serializer[Any]):
    """What a review adds to a question."""

    note = serializers.CharField(source="own.note", allow_blank=True)
    bookmarked = serializers.BooleanField(source="own.bookmarked")
    reports = ReportSerializer(source="own.reports", many=True)
    changed = ChangedSerializer(allow_null=True)
    others = OthersSerializer(allow_null=True)
    learn = LearnSerializer(many=True)


@extend_schema_serializer(component_name="TaughtItem")
class TaughtItemSerializer(ReviewItemSerializer, AddedSerializer):
    """A question after the end, with what it teaches."""

    def to_representation(self, taught: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return the fields of the question, then what was added."""
        return {**ReviewItemSerializer(taught.item).data, **AddedSerializer(taught).data}


@extend_schema_serializer(component_name="Review")
class TaughtReviewSerializer(serializers.Serializer[Any]):
    """Every item of a scored attempt."""

    id = serializers.UUIDField(source="review.result.head.attempt_id")
    items = TaughtItemSerializer(many=True)
