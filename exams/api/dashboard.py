"""The dashboard for programs: the chance, the next step, the plan; and the exam date, which may be set."""

from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import schema
from accounts.api.serializers import StrictSerializer
from accounts.profile import selectors as profiles
from accounts.users.models import User
from exams.api.base import ABSENT, LANGUAGE, WHO, ExamView, checked, language_of, person
from exams.insights import dashboard as insights
from exams.insights import exam_dates
from exams.insights.next_step import Act, Reason
from exams.insights.plan import Kind
from exams.scoring.prediction import Readiness

endpoint = partial(schema.endpoint, common=(*WHO, ABSENT))


class PredictionSerializer(serializers.Serializer[Any]):
    """The chance to pass a new exam, 0 to 1, with its 80% interval; scores of 8 in 10 new exams.

    It is an estimate from the first answer to each scored question. While `readiness` is `range`, there is
    too little evidence for a single number: show `low` and `high`.
    """

    readiness = serializers.ChoiceField([readiness.value for readiness in Readiness])
    answers = serializers.IntegerField()
    chance = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    score = serializers.IntegerField()
    score_low = serializers.IntegerField()
    score_high = serializers.IntegerField()


class StandingSerializer(serializers.Serializer[Any]):
    """A domain: the estimated share of all its questions with its 80% interval, and the points it costs."""

    number = serializers.IntegerField(source="domain.number")
    name = serializers.CharField(source="domain.name")
    weight = serializers.IntegerField(source="domain.weight_percent")
    answered = serializers.IntegerField()
    share = serializers.FloatField(source="estimate.share")
    low = serializers.FloatField(source="estimate.low")
    high = serializers.FloatField(source="estimate.high")
    cost = serializers.IntegerField()
    weak = serializers.BooleanField()


class StepSerializer(serializers.Serializer[Any]):
    """The one next step, and why."""

    act = serializers.ChoiceField([act.value for act in Act])
    reason = serializers.ChoiceField([reason.value for reason in Reason])


class PlannedTaskSerializer(serializers.Serializer[Any]):
    """A thing to do: `number` is that of the exam or the domain, 0 where there is none."""

    kind = serializers.ChoiceField([kind.value for kind in Kind])
    number = serializers.IntegerField()


class DaySerializer(serializers.Serializer[Any]):
    """A day of the plan."""

    day = serializers.DateField()
    tasks = PlannedTaskSerializer(many=True)


class PlanSerializer(serializers.Serializer[Any]):
    """The days until the exam on which there is something to do, and what there is no day for."""

    days = DaySerializer(many=True)
    left_out = PlannedTaskSerializer(many=True)


class DashboardSerializer(serializers.Serializer[insights.Dashboard]):
    """How a person stands with a certification. `new_exam` is the number of an exam that is new to them.

    `answers` are the first answers to scored questions. With fewer than 20 there is no estimate: `prediction`
    is null, `no_prediction` says why, and `domains` is empty.
    """

    answers = serializers.IntegerField()
    prediction = PredictionSerializer(allow_null=True)
    no_prediction = serializers.ChoiceField(
        [missing.value for missing in insights.Missing], source="missing", allow_null=True
    )
    domains = StandingSerializer(source="standings", many=True)
    next_step = StepSerializer(source="step")
    new_exam = serializers.IntegerField(source="new_exam.number", default=None, allow_null=True)
    running = serializers.ListField(child=serializers.UUIDField(), source="running_ids")
    exam_date = serializers.DateField(source="exam_day", allow_null=True)
    days_left = serializers.IntegerField(allow_null=True)
    plan = PlanSerializer(allow_null=True)


class ExamDateSerializer(StrictSerializer):
    """The day of the real exam, today or later in the person's time zone; null forgets it."""

    day = serializers.DateField(allow_null=True)


def _here(user: User, language: str = "") -> insights.Here:
    return insights.Here(profiles.of(user).zone, language)


class Dashboard(ExamView):
    """One's own overview of a certification."""

    @endpoint("certifications_dashboard", DashboardSerializer, parameters=[LANGUAGE])
    def get(self, request: Request, code: str) -> Response:
        """Show your chance of passing, the next step and the plan until the exam.

        Answer 200 with the overview; 404 for a certification that does not exist.
        """
        user = person(request)
        dashboard = insights.Dashboard(user, code, _here(user, language_of(request)))
        if dashboard.facts is None:
            raise NotFound(_("Certification not found."))
        return Response(DashboardSerializer(dashboard).data)


class ExamDate(ExamView):
    """One's own exam date of a certification."""

    @endpoint(
        "certifications_exam_date",
        ExamDateSerializer,
        *WHO,
        schema.CSRF,
        *schema.BODY,
        ABSENT,
        (422, "exam_date_past", "exam_date_far", "exam_retired"),
        common=None,
        body=ExamDateSerializer,
    )
    def put(self, request: Request, code: str) -> Response:
        """Set or remove your exam date.

        Answer 200 with what is stored now.
        """
        user, body = person(request), checked(ExamDateSerializer, request)
        exam_dates.set_to(user, code, body["day"], _here(user).today)
        return Response(ExamDateSerializer(body).data)
