"""Addresses of the flashcards below /api/v1/."""

from django.urls import path

from flashcards.api import views

app_name = "flashcards_api"

urlpatterns = [
    path("certifications/<slug:code>/flashcards/", views.Deck.as_view(), name="deck"),
    path("certifications/<slug:code>/flashcards/due/", views.Due.as_view(), name="due"),
    path("certifications/<slug:code>/flashcards/settings/", views.StudySettings.as_view(), name="settings"),
    path(
        "certifications/<slug:code>/flashcards/statistics/",
        views.StudyStatistics.as_view(),
        name="statistics",
    ),
    path("certifications/<slug:code>/flashcards/anki/", views.Package.as_view(), name="anki"),
    path("certifications/<slug:code>/flashcards/own/", views.OwnCards.as_view(), name="own_cards"),
    path("certifications/<slug:code>/flashcards/own/csv/", views.OwnCardFile.as_view(), name="own_cards_csv"),
    path(
        "certifications/<slug:code>/flashcards/own/<int:card_id>/",
        views.OwnCard.as_view(),
        name="own_card",
    ),
    path("attempts/<uuid:attempt_id>/cards/", views.CardOfQuestion.as_view(), name="cards"),
    path("flashcards/<int:card_id>/reviews/", views.Reviews.as_view(), name="reviews"),
    path("flashcards/reviews/<int:review_id>/undo/", views.Undo.as_view(), name="undo"),
]
