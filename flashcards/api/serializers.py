"""Cards, reviews and settings as the API tells and takes them."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import StrictSerializer
from flashcards.scheduling.memory import Rating
from flashcards.services.settings import NEW_MOST, RETENTION_LEAST, RETENTION_MOST


class FaceSerializer(serializers.Serializer[Any]):
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
    text = FaceSerializer(source="face", allow_null=True)

    def get_locked(self, card: Any) -> bool:  # noqa: ANN401
        """Say whether the text is kept back."""
        return card.face is None


class IntervalsSerializer(serializers.Serializer[Any]):
    """Seconds until the card comes back, for each rating."""

    again = serializers.IntegerField()
    hard = serializers.IntegerField()
    good = serializers.IntegerField()
    easy = serializers.IntegerField()


class DueCardSerializer(serializers.Serializer[Any]):
    """A card to rate now. `number` is that of its next review: send it back with the rating."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    new = serializers.BooleanField()
    domain = serializers.IntegerField(allow_null=True)
    own = serializers.BooleanField()
    topics = serializers.ListField(child=serializers.CharField())
    text = FaceSerializer()
    intervals = IntervalsSerializer()


class DueSerializer(serializers.Serializer[Any]):
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
