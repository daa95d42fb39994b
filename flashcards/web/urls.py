"""Addresses of the flashcards, below the page of their certification."""

from django.urls import path

from flashcards.web import deck, own, settings, study

app_name = "flashcards"

urlpatterns = [
    path("<slug:code>/flashcards/", deck.deck, name="deck"),
    path("<slug:code>/flashcards/study/", study.study, name="study"),
    path("<slug:code>/flashcards/settings/", settings.settings, name="settings"),
    path("<slug:code>/flashcards/own/", own.own, name="own"),
    path("<slug:code>/flashcards/own/from-question/", own.from_question, name="from_question"),
    path("<slug:code>/flashcards/own/<int:card_id>/", own.card, name="card"),
]
