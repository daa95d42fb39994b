"""Flashcards: the deck, what is due, reviews and their undoing, settings. A view is one call below it."""

import zoneinfo
from dataclasses import asdict
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import policy
from accounts.api.schema import replies
from accounts.base.errors import Refused
from accounts.profile import selectors as profiles
from accounts.users.models import User
from exams.api.base import BODY, LANGUAGE, WHO, WRITES, ExamView, checked, language_of, person
from flashcards.api import serializers
from flashcards.scheduling.memory import Rating
from flashcards.scheduling.queue import Entry
from flashcards.services import reviews
from flashcards.services import settings as services
from flashcards.services.reviews import Reviewed
from flashcards.study import deck as decks
from flashcards.study.day import StudyDay, study_day
from flashcards.study.faces import faces
from flashcards.study.session import CardFace, intervals_of

ABSENT: Final = (404, "not_found")
# A wrong token is refused even where none is needed: its owner wants to know.
OPEN: Final = ((401, "invalid_token"), (403, "mfa_required"), (403, "device_unconfirmed"))
MOST: Final = 50


class Deck(ExamView):
    """The deck of a certification."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="flashcards_deck",
        summary="List the flashcards of a certification",
        parameters=[LANGUAGE],
        responses=replies({200: serializers.DeckCardSerializer(many=True)}, *OPEN, ABSENT),
    )
    def get(self, request: Request, code: str) -> Response:
        """Answer 200 with every card; the text only of those that are open to you."""
        granted = policy.has_access(request.user, f"cert:{code}")
        cards = decks.deck(code, language_of(request), granted=granted)
        if not cards:
            raise NotFound(_("There are no flashcards here yet."))
        return Response(serializers.DeckCardSerializer(cards, many=True).data)


class Due(ExamView):
    """The work of the day."""

    @extend_schema(
        operation_id="flashcards_due",
        summary="List the flashcards to study today",
        parameters=[LANGUAGE],
        responses=replies({200: serializers.DueSerializer}, *WHO, ABSENT),
    )
    def get(self, request: Request, code: str) -> Response:
        """Answer 200 with counts and the next cards, by your settings."""
        user = person(request)
        granted = policy.has_access(user, f"cert:{code}")
        today = study_day(user, code, _zone(user), granted=granted)
        if today is None:
            raise Refused("not_found", 404, _("There are no flashcards here yet."))
        work = today.queue
        chosen = (*work.due, *work.new, *work.waiting)[:MOST]
        texts = faces([one.card_id for one in chosen], language_of(request))
        body = {
            "due": len(work.due),
            "new": len(work.new),
            "waiting": len(work.waiting),
            "done": work.done,
            "retention": today.retention,
            "cards": [_due(today, one, texts[one.card_id]) for one in chosen if one.card_id in texts],
        }
        return Response(serializers.DueSerializer(body).data)


def _due(today: StudyDay, entry: Entry, face: CardFace) -> dict[str, Any]:
    waits = intervals_of(today, entry)
    return {
        "id": entry.card_id,
        "number": entry.memory.reps + 1 if entry.memory else 1,
        "new": entry.memory is None,
        "domain": entry.domain,
        "own": face.is_own,
        "topics": face.topics,
        "text": face,
        "intervals": {one.name.lower(): round(waits[one].total_seconds()) for one in Rating},
    }


class Reviews(ExamView):
    """Ratings of a card."""

    @extend_schema(
        operation_id="flashcards_review",
        summary="Rate a flashcard",
        request=serializers.ReviewSerializer,
        responses=replies(
            {201: serializers.ReviewedSerializer},
            *BODY,
            *WRITES,
            (403, "no_access"),
            ABSENT,
            (409, "already_reviewed"),
            (409, "retired"),
            (409, "too_many"),
            (429, "too_many_reviews"),
        ),
    )
    def post(self, request: Request, card_id: int) -> Response:
        """Answer 201 with where you now are with the card."""
        asked, user = checked(serializers.ReviewSerializer, request), person(request)
        made = reviews.review(
            user,
            card_id,
            asked["rating"],
            zone=_zone(user),
            expected=asked.get("number"),
            taken_ms=asked.get("taken_ms"),
        )
        return Response(_reviewed(made), status.HTTP_201_CREATED)


class Undo(ExamView):
    """Undoing a rating."""

    @extend_schema(
        operation_id="flashcards_undo",
        summary="Undo the last rating of a flashcard",
        request=None,
        responses=replies(
            {201: serializers.ReviewedSerializer}, *WRITES, ABSENT, (409, "not_last"), (409, "too_many")
        ),
    )
    def post(self, request: Request, review_id: int) -> Response:
        """Answer 201 with where you were with the card before."""
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

    @extend_schema(
        operation_id="flashcards_settings",
        summary="Show your study settings for the flashcards of a certification",
        responses=replies({200: serializers.SettingsSerializer}, *WHO, ABSENT),
    )
    def get(self, request: Request, code: str) -> Response:
        """Answer 200 with the settings; the defaults where you have set nothing."""
        _must_exist(code)
        return Response(serializers.SettingsSerializer(asdict(services.of(person(request), code))).data)

    @extend_schema(
        operation_id="flashcards_settings_change",
        summary="Change your study settings for the flashcards of a certification",
        request=serializers.SettingsChangeSerializer,
        responses=replies(
            {200: serializers.SettingsSerializer},
            *BODY,
            *WRITES,
            ABSENT,
            (422, "exam_date_past"),
            (422, "exam_date_far"),
            (422, "domain"),
        ),
    )
    def patch(self, request: Request, code: str) -> Response:
        """Answer 200 with all settings; what was not named has stayed."""
        asked, user = checked(serializers.SettingsChangeSerializer, request), person(request)
        _must_exist(code)
        changed = services.update(user, code, _zone(user), **asked)
        return Response(serializers.SettingsSerializer(asdict(changed)).data)


def _must_exist(code: str) -> None:
    if not decks.exists(code):
        raise Refused("not_found", 404, _("There are no flashcards here yet."))


def _zone(user: User) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(profiles.of(user).time_zone)
