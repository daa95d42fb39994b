"""Addresses of a running exam, below `/attempts/<uuid>/`. Joined to the namespace `exams`."""

from django.urls import path

from exams.web import taking

urlpatterns = [
    path("attempts/<uuid:attempt_id>/", taking.taking, name="taking"),
    path("attempts/<uuid:attempt_id>/paper/<slug:language>/", taking.paper, name="paper"),
    path("attempts/<uuid:attempt_id>/questions/<int:position>/", taking.question, name="question"),
    path("attempts/<uuid:attempt_id>/submit/", taking.submit, name="submit"),
    path("attempts/<uuid:attempt_id>/cancel/", taking.cancel, name="cancel"),
]
