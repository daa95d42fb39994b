"""Addresses of the flashcards, below the page of their certification."""

from django.urls import path

from flashcards.web import deck, settings, study

app_name = "flashcards"

urlpatterns = [
    path("<slug:code>/flashcards/", deck.deck, name="deck"),
    path("<slug:code>/flashcards/study/", study.study, name="study"),
    path("<slug:code>/flashcards/settings/", settings.settings, name="settings"),
]
