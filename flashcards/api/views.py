"""The deck, what is due, reviews, settings, own cards, files. A view is one call below it."""

from dataclasses import asdict
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import policy
from accounts.api import schema
from accounts.profile import selectors as profiles
from accounts.users.models import User
from accounts.web import limits
from exams.api.base import ABSENT, LANGUAGE, OPEN, WHO, ExamView, checked, language_of, person
from exams.attempts import drills
from flashcards.anki import export as anki
from flashcards.anki import package
from flashcards.api import serializers
from flashcards.services import own, own_csv, reviews
from flashcards.services import settings as services
from flashcards.services.own import OwnDraft, from_item
from flashcards.services.reviews import Reviewed
from flashcards.study import deck as decks
from flashcards.study.day import need_study_day, no_cards
from flashcards.study.session import faces, study_card
from flashcards.study.statistics import statistics

endpoint = partial(schema.endpoint, common=(*WHO, ABSENT))
MOST: Final = 50


class Deck(ExamView):
    """The deck of a certification."""

    permission_classes = (AllowAny,)

    @endpoint(
        "flashcards_deck",
        serializers.DeckCardSerializer(many=True),
        common=(*OPEN, ABSENT),
        parameters=[LANGUAGE],
    )
    def get(self, request: Request, code: str) -> Response:
        """List the flashcards of a certification.

        Answer 200 with every card; the text only of those that are open to you.
        """
        granted = policy.has_access(request.user, f"cert:{code}")
        cards = decks.deck(code, language_of(request), granted=granted)
        if not cards:
            raise no_cards()
        return Response(serializers.DeckCardSerializer(cards, many=True).data)


class Due(ExamView):
    """The work of the day."""

    @endpoint("flashcards_due", serializers.StudyQueueSerializer, parameters=[LANGUAGE])
    def get(self, request: Request, code: str) -> Response:
        """List the flashcards to study today.

        Answer 200 with counts and the next cards, by your settings.
        """
        user = person(request)
        granted = policy.has_access(user, f"cert:{code}")
        today = need_study_day(user, code, profiles.of(user).zone, granted=granted)
        work = today.queue
        chosen = (*work.due, *work.new, *work.waiting)[:MOST]
        texts = faces([one.card_id for one in chosen], language_of(request))
        body = {
            "due": len(work.due),
            "new": len(work.new),
            "waiting": len(work.waiting),
            "done": work.done,
            "retention": today.retention,
            "cards": [study_card(today, one, texts[one.card_id]) for one in chosen if one.card_id in texts],
        }
        return Response(serializers.StudyQueueSerializer(body).data)


class Reviews(ExamView):
    """Ratings of a card."""

    @endpoint(
        "flashcards_review",
        {201: serializers.ReviewedSerializer},
        (403, "no_access"),
        (409, "already_reviewed", "retired", "too_many"),
        (429, "too_many_reviews"),
        body=serializers.ReviewSerializer,
    )
    def post(self, request: Request, card_id: int) -> Response:
        """Rate a flashcard.

        Answer 201 with where you now are with the card.
        """
        asked, user = checked(serializers.ReviewSerializer, request), person(request)
        made = reviews.review(
            user,
            card_id,
            asked["rating"],
            zone=profiles.of(user).zone,
            expected=asked.get("number"),
            taken_ms=asked.get("taken_ms"),
        )
        return Response(_reviewed(made), status.HTTP_201_CREATED)


class Undo(ExamView):
    """Undoing a rating."""

    @endpoint("flashcards_undo", {201: serializers.ReviewedSerializer}, (409, "not_last", "too_many"))
    def post(self, request: Request, review_id: int) -> Response:
        """Undo the last rating of a flashcard.

        Answer 201 with where you were with the card before.
        """
        return Response(_reviewed(reviews.undo(person(request), review_id)), status.HTTP_201_CREATED)


def _reviewed(made: Reviewed) -> Any:  # noqa: ANN401
    memory = made.memory
    body = {
        "review": made.review_id,
        "card": made.card_id,
        "due": memory and memory.due,
        "reviews": memory.reps if memory else 0,
        "lapses": memory.lapses if memory else 0,
        "stability_days": memory and memory.stability,
        "memory_difficulty": memory and memory.difficulty,
    }
    return serializers.ReviewedSerializer(body).data


class StudySettings(ExamView):
    """How a certification is studied."""

    @endpoint("flashcards_settings", serializers.SettingsSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Show your study settings for the flashcards of a certification.

        Answer 200 with the settings; the defaults where you have set nothing.
        """
        _must_exist(code)
        return Response(serializers.SettingsSerializer(asdict(services.of(person(request), code))).data)

    @endpoint(
        "flashcards_settings_change",
        serializers.SettingsSerializer,
        (422, "exam_date_past", "exam_date_far", "exam_retired", "domain"),
        body=serializers.SettingsChangeSerializer,
    )
    def patch(self, request: Request, code: str) -> Response:
        """Change your study settings for the flashcards of a certification.

        Answer 200 with all settings; what was not named has stayed.
        """
        asked, user = checked(serializers.SettingsChangeSerializer, request), person(request)
        _must_exist(code)
        changed = services.update(user, code, profiles.of(user).zone, **asked)
        return Response(serializers.SettingsSerializer(asdict(changed)).data)


def _must_exist(code: str) -> None:
    if not decks.exists(code):
        raise no_cards()


TOO_MANY: Final = (429, "too_many_requests")
# Why a text cannot be stored: named as its field, or as what it shows.
TEXT: Final = (422, "front", "back", "tags", "domain", "figure")


class CsvRenderer(BaseRenderer):
    """Lets a caller ask for CSV; the view makes it."""

    media_type = "text/csv"
    format = "csv"


class PackageRenderer(BaseRenderer):
    """Lets a caller ask for an Anki package; the view makes it."""

    media_type = package.MEDIA_TYPE
    format = "apkg"


def _draft(asked: dict[str, Any]) -> OwnDraft:
    return OwnDraft(asked["front"], asked["back"], tuple(asked["tags"]), asked["domain"])


class OwnCards(ExamView):
    """One's own cards of a certification."""

    @endpoint("flashcards_own_list", serializers.OwnCardSerializer(many=True))
    def get(self, request: Request, code: str) -> Response:
        """List your own flashcards of a certification.

        Answer 200 with all of them, but for those on questions of an exam that you are taking.
        """
        user = person(request)
        drills.certification(code, user)
        return Response(serializers.OwnCardSerializer(own.listed(user, code), many=True).data)

    @endpoint(
        "flashcards_own_create",
        {201: serializers.OwnCardSerializer},
        (409, "exists", "too_many_cards"),
        TEXT,
        body=serializers.OwnCardChangeSerializer,
        parameters=[LANGUAGE],
    )
    def post(self, request: Request, code: str) -> Response:
        """Create a flashcard.

        Answer 201 with the card, in the language asked for.
        """
        asked, user = checked(serializers.OwnCardChangeSerializer, request), person(request)
        card_id = own.create(user, code, _draft(asked), language=language_of(request))
        card = own.get(user, code, card_id)
        return Response(serializers.OwnCardSerializer(card).data, status.HTTP_201_CREATED)


class OwnCard(ExamView):
    """One own card."""

    @endpoint("flashcards_own_retrieve", serializers.OwnCardSerializer)
    def get(self, request: Request, code: str, card_id: int) -> Response:
        """Show one of your own flashcards.

        Answer 200 with the card.
        """
        return Response(serializers.OwnCardSerializer(own.get(person(request), code, card_id)).data)

    @endpoint(
        "flashcards_own_change", serializers.OwnCardSerializer, TEXT, body=serializers.OwnCardChangeSerializer
    )
    def put(self, request: Request, code: str, card_id: int) -> Response:
        """Update one of your own flashcards.

        Answer 200 with the card as it is now; what was learned of it stays.
        """
        asked, user = checked(serializers.OwnCardChangeSerializer, request), person(request)
        own.update(user, code, card_id, _draft(asked))
        return Response(serializers.OwnCardSerializer(own.get(user, code, card_id)).data)

    @endpoint("flashcards_own_delete", None)
    def delete(self, request: Request, code: str, card_id: int) -> Response:
        """Delete one of your own flashcards.

        Answer 204; its reviews stay in your statistics.
        """
        own.archive(person(request), code, card_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class OwnCardFile(ExamView):
    """One's own cards as a CSV file."""

    renderer_classes = (JSONRenderer, CsvRenderer)

    @endpoint("flashcards_own_export", {(200, "text/csv"): OpenApiTypes.STR}, TOO_MANY)
    def get(self, request: Request, code: str) -> HttpResponse:
        """Get your own flashcards as CSV.

        Answer 200 with the file, in UTF-8.
        """
        user = person(request)
        limits.count_or_refuse(request, limits.EXPORT)
        return HttpResponse(own_csv.export(user, code), content_type="text/csv; charset=utf-8")

    @endpoint(
        "flashcards_own_import",
        serializers.ImportedSerializer,
        (409, "file"),
        (422, "file"),
        TOO_MANY,
        body=serializers.CardFileSerializer,
        parameters=[LANGUAGE],
    )
    def post(self, request: Request, code: str) -> Response:
        """Create and update flashcards from a CSV file.

        Answer 200 with counts; a file that is not sound is refused whole, with its `line`.
        """
        sent, user = checked(serializers.CardFileSerializer, request)["csv"], person(request)
        limits.count_or_refuse(request, limits.IMPORT)
        imported = own_csv.take(user, code, sent.encode(), language=language_of(request))
        return Response(serializers.ImportedSerializer(imported).data)


class Package(ExamView):
    """A deck for Anki."""

    permission_classes = (AllowAny,)
    renderer_classes = (JSONRenderer, PackageRenderer)

    @endpoint(
        "flashcards_anki",
        {(200, package.MEDIA_TYPE): OpenApiTypes.BINARY},
        TOO_MANY,
        common=(*OPEN, ABSENT),
        parameters=[LANGUAGE],
    )
    def get(self, request: Request, code: str) -> HttpResponse:
        """Get the flashcards as an Anki package.

        Answer 200 with the whole deck and your own cards, or with the preview without access.
        """
        user = request.user if isinstance(request.user, User) else None
        # Counted before the work, or a caller who is refused would cost as much.
        limits.count_or_refuse(request, limits.EXPORT)
        made = anki.export(user, code, language_of(request))
        return HttpResponse(made.content, content_type=package.MEDIA_TYPE)


class StudyStatistics(ExamView):
    """What one's study comes to."""

    @endpoint("flashcards_statistics", serializers.StatisticsSerializer, parameters=[LANGUAGE])
    def get(self, request: Request, code: str) -> Response:
        """Show forecast, retention and leeches.

        Answer 200 with numbers by day and week, of your time zone.
        """
        user = person(request)
        stats = statistics(user, code, language_of(request), profiles.of(user).zone)
        return Response(serializers.StatisticsSerializer(stats).data)


class CardOfQuestion(ExamView):
    """A card from a question."""

    @endpoint(
        "attempts_cards",
        dict.fromkeys((201, 200), serializers.MadeSerializer),
        (409, "not_finished", "held", "too_many_cards"),
        body=serializers.CardOfSerializer,
    )
    def post(self, request: Request, attempt_id: UUID) -> Response:
        """Create a flashcard from a question of an ended exam or practice.

        Answer 201 with the card, or 200 when you have it already.
        """
        position = checked(serializers.CardOfSerializer, request)["position"]
        made = from_item(person(request), attempt_id, position)
        code = status.HTTP_201_CREATED if made.is_new else status.HTTP_200_OK
        return Response(serializers.MadeSerializer(made).data, code)
