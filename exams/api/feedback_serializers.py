"""Serializers of notes, bookmarks and reports, and of what a review adds to a question."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from accounts.api.serializers import StrictSerializer
from exams.api.attempt_serializers import TextField
from exams.api.result_serializers import ReviewItemSerializer
from exams.feedback.changes import Part
from exams.feedback.models import NOTE_MAX, REPORT_MAX, Reason, ReportState


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
    form_number = serializers.IntegerField()
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
