"""Addresses of the flashcards, below the page of their certification."""

from django.urls import path

from flashcards.web import deck, own, settings, statistics, study

app_name = "flashcards"

urlpatterns = [
    path("<slug:code>/flashcards/", deck.deck, name="deck"),
    path("<slug:code>/flashcards/study/", study.study, name="study"),
    path("<slug:code>/flashcards/<int:card_id>/suspend/", study.suspend, name="suspend"),
    path("<slug:code>/flashcards/<int:card_id>/resume/", study.unsuspend, name="unsuspend"),
    path("<slug:code>/flashcards/settings/", settings.settings, name="settings"),
    path("<slug:code>/flashcards/statistics/", statistics.statistics, name="statistics"),
    path("<slug:code>/flashcards/anki.apkg", own.package_out, name="anki"),
    path("<slug:code>/flashcards/own/", own.listed, name="own_cards"),
    path("<slug:code>/flashcards/own/new/", own.create, name="own_card_new"),
    path("<slug:code>/flashcards/own/import/", own.csv_in, name="own_cards_import"),
    path("<slug:code>/flashcards/own/cards.csv", own.csv_out, name="own_cards_csv"),
    path("<slug:code>/flashcards/own/<int:card_id>/", own.change, name="own_card_edit"),
    path("<slug:code>/flashcards/own/<int:card_id>/delete/", own.delete, name="own_card_delete"),
    path("<slug:code>/flashcards/own/from-question/", own.from_question, name="own_card_from_question"),
]
