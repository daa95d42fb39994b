"""Own cards, their files and the statistics of one's study, as the API tells and takes them."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import StrictSerializer
from flashcards.services.csv_file import MOST_BYTES
from flashcards.services.own import BACK_MOST, FRONT_MOST, TAG_MOST, TAGS_MOST


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
