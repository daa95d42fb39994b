"""Cards, reviews, settings, own cards and figures as the API tells and takes them."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import StrictSerializer
from flashcards.scheduling.memory import Rating
from flashcards.services.csv_file import MOST_BYTES
from flashcards.services.own import BACK_MOST, FRONT_MOST, TAG_MOST, TAGS_MOST
from flashcards.services.settings import NEW_MOST, RETENTION_LEAST, RETENTION_MOST


class CardTextSerializer(serializers.Serializer[Any]):
    """What a card says, as HTML. `trap` may be empty."""

    language = serializers.CharField()
    front = serializers.CharField()
    back = serializers.CharField()
    trap = serializers.CharField(allow_blank=True)


class DeckCardSerializer(serializers.Serializer[Any]):
    """A card of a deck; `text` is null where the card is locked for you."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    domain = serializers.IntegerField()
    topics = serializers.ListField(child=serializers.CharField())
    preview = serializers.BooleanField(source="is_preview")
    locked = serializers.SerializerMethodField()
    text = CardTextSerializer(source="face", allow_null=True)

    def get_locked(self, card: Any) -> bool:  # noqa: ANN401
        """Say whether the text is kept back."""
        return card.face is None


class IntervalsSerializer(serializers.Serializer[Any]):
    """Seconds until the card comes back, for each rating."""

    again = serializers.IntegerField()
    hard = serializers.IntegerField()
    good = serializers.IntegerField()
    easy = serializers.IntegerField()

    def to_representation(self, intervals: Any) -> dict[str, int]:  # noqa: ANN401
        """Return whole seconds by the names of the ratings."""
        return {rating.name.lower(): round(wait.total_seconds()) for rating, wait in intervals.items()}


class DueCardSerializer(serializers.Serializer[Any]):
    """A card to rate now. `number` is that of its next review: send it back with the rating."""

    id = serializers.IntegerField(source="card_id")
    number = serializers.IntegerField()
    new = serializers.BooleanField(source="is_new")
    domain = serializers.IntegerField(allow_null=True)
    own = serializers.BooleanField(source="face.is_own")
    topics = serializers.ListField(child=serializers.CharField(), source="face.topics")
    text = CardTextSerializer(source="face")
    intervals = IntervalsSerializer()


class StudyQueueSerializer(serializers.Serializer[Any]):
    """The work of the day: counts, and the next cards in order, at most 50. `waiting`: due later today."""

    due = serializers.IntegerField()
    new = serializers.IntegerField()
    waiting = serializers.IntegerField()
    done = serializers.IntegerField()
    retention = serializers.FloatField(help_text="The chance of recall aimed for today.")
    cards = DueCardSerializer(many=True)


class ReviewSerializer(StrictSerializer):
    """A rating: 1 again, 2 hard, 3 good, 4 easy. With `number` a card that was rated elsewhere is refused."""

    rating = serializers.IntegerField(min_value=min(Rating), max_value=max(Rating))
    number = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    taken_ms = serializers.IntegerField(min_value=0, max_value=600_000, required=False)


class ReviewedSerializer(serializers.Serializer[Any]):
    """What a review or an undo has made. The fields after `card` are null when the card is new again."""

    review = serializers.IntegerField()
    card = serializers.IntegerField()
    due = serializers.DateTimeField(allow_null=True)
    reviews = serializers.IntegerField()
    lapses = serializers.IntegerField()
    stability_days = serializers.FloatField(allow_null=True)
    memory_difficulty = serializers.FloatField(allow_null=True, help_text="From 1 to 10.")


class SettingsSerializer(serializers.Serializer[Any]):
    """How you study a certification. `retention` is the share of cards to remember."""

    new_per_day = serializers.IntegerField()
    retention = serializers.FloatField()
    exam_on = serializers.DateField(allow_null=True)
    domain = serializers.IntegerField(allow_null=True)


class SettingsChangeSerializer(StrictSerializer):
    """The settings to change; what is not named stays."""

    new_per_day = serializers.IntegerField(min_value=0, max_value=NEW_MOST, required=False)
    retention = serializers.FloatField(min_value=RETENTION_LEAST, max_value=RETENTION_MOST, required=False)
    exam_on = serializers.DateField(allow_null=True, required=False)
    domain = serializers.IntegerField(min_value=1, max_value=32767, allow_null=True, required=False)


class OwnCardSerializer(serializers.Serializer[Any]):
    """An own card: front and back as written in Markdown, and as HTML."""

    id = serializers.IntegerField()
    language = serializers.CharField()
    front = serializers.CharField(source="draft.front")
    back = serializers.CharField(source="draft.back")
    front_html = serializers.CharField()
    back_html = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField(), source="draft.tags")
    domain = serializers.IntegerField(source="draft.domain", allow_null=True)
    from_question = serializers.BooleanField(source="from_item")


class OwnCardChangeSerializer(StrictSerializer):
    """What an own card says. `domain` is the number of one, or null."""

    front = serializers.CharField(max_length=FRONT_MOST)
    back = serializers.CharField(max_length=BACK_MOST)
    tags = serializers.ListField(
        child=serializers.CharField(max_length=TAG_MOST), max_length=TAGS_MOST, required=False, default=list
    )
    domain = serializers.IntegerField(
        min_value=1, max_value=32767, allow_null=True, required=False, default=None
    )


class CardFileSerializer(StrictSerializer):
    """Cards as text: a CSV file, a list with tabs or semicolons, or notes of Anki in plain text."""

    csv = serializers.CharField(max_length=MOST_BYTES, trim_whitespace=False)


class ImportedSerializer(serializers.Serializer[Any]):
    """How many cards of a file were new, changed, and as they were."""

    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField(source="same")


class CardOfSerializer(StrictSerializer):
    """The position of a question in an exam."""

    position = serializers.IntegerField(min_value=1, max_value=500)


class MadeSerializer(serializers.Serializer[Any]):
    """The card that was made from a question."""

    card = serializers.IntegerField(source="card_id")
    new = serializers.BooleanField(source="is_new")


class WeekSerializer(serializers.Serializer[Any]):
    """How many cards were asked at least a day after the review before, and how many were remembered."""

    monday = serializers.DateField()
    asked = serializers.IntegerField()
    remembered = serializers.IntegerField(source="recalled")


class ReadingSerializer(serializers.Serializer[Any]):
    """Where something that a card asks is taught."""

    title = serializers.CharField(source="text")
    path = serializers.CharField(source="address")


class LeechSerializer(serializers.Serializer[Any]):
    """A card that was forgotten eight times or more."""

    card = serializers.IntegerField(source="card_id")
    lapses = serializers.IntegerField()
    readings = ReadingSerializer(many=True, source="links")


class StatisticsSerializer(serializers.Serializer[Any]):
    """What is coming, how much was remembered, and which cards won't stay.

    `forecast` counts the cards of each of 30 days from today on; `weeks` are those of the last twelve in
    which a card was asked again; `leeches` are the ten worst.
    """

    begun = serializers.IntegerField()
    learned = serializers.IntegerField()
    forecast = serializers.ListField(child=serializers.IntegerField())
    weeks = WeekSerializer(many=True)
    leeches = LeechSerializer(many=True)
