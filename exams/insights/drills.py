"""Where questions of each domain are practiced: drills, as the dashboard offers them."""

from django.db.models import Exists, IntegerField, OuterRef, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.urls import reverse

from accounts.users.models import User
from exams.attempts.models import Attempt, Mode, PracticeOpening, State
from exams.catalogue.models import Domain
from exams.insights.dashboard_hooks import Drill


def by_domain(user: User, code: str) -> dict[int, Drill]:
    """Return drills by the number of their domain, with when the last one was begun. One statement."""
    taken = Attempt.objects.filter(user=user, state=State.SCORED)
    exams = taken.filter(form__certification=OuterRef("certification"), mode=Mode.EXAM)
    opened = PracticeOpening.objects.filter(user=user, form__certification=OuterRef("certification"))
    of_domain = Cast(KeyTextTransform("domain", "drawn__asked"), IntegerField())
    drills = taken.filter(drawn__certification=OuterRef("certification")).alias(domain=of_domain)
    newest = drills.filter(domain=OuterRef("number")).order_by("-started_at").values("started_at")
    # Who has finished no exam and opened none has nothing to draw from.
    domains = Domain.objects.filter(Exists(exams) | Exists(opened), certification__code=code, is_current=True)
    page = reverse("exams:practice", args=[code])
    rows = domains.order_by("number").values_list("number", Subquery(newest[:1]))
    return {number: Drill(f"{page}?domain={number}", done_at) for number, done_at in rows}
