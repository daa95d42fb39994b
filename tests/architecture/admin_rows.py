"""A row of each model of the admin, and its addresses with the row that they are about."""

import datetime as dt
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models.functions import Now
from django.urls import reverse

from accounts.access import vouchers
from accounts.access.models import Entitlement, Product
from accounts.audit import services as audit
from accounts.jobs.models import Job
from accounts.jobs.models import State as JobState
from accounts.outbox import services as outbox
from accounts.outbox.models import Mail
from accounts.payments import services as payments
from accounts.payments import test_card as card
from accounts.payments.models import Purchase, RefundRequest
from accounts.profile.models import Profile
from accounts.users import tokens
from accounts.users.models import ApiToken
from exams.assembly.models import ExamForm, FormEdition, Paper
from exams.attempts.models import Attempt
from exams.authoring import certifications, imports, work_queue
from exams.authoring import services as authoring
from exams.bank.models import Item, ItemVersion
from exams.catalog.models import Certification, Domain, TaskStatement
from exams.cheatsheet.models import SheetEdition
from exams.content.records import WatchedNameRecord
from exams.corrections import services as corrections
from exams.corrections.proposals import Proposal
from exams.feedback.models import ProblemReport
from exams.freshness.selectors import seen as freshness_seen
from exams.publication.models import PendingAct
from flashcards.models import Card
from tests.architecture.cast import ADDRESSES, Cast
from tests.payments import orders

# What shows a group of models: one that the role has.
OF_EXAMS = frozenset({"authors", "reviewers", "translators", "admin"})


def rows_of(cast: Cast) -> dict[str, Any]:
    """Make a row of each model, in a state in which what can be done with it is offered."""
    anna = cast.people["with"]
    admin = cast.people["admin"]
    assert anna
    assert admin
    opened = orders.order(anna)
    card.pay(opened.session_id)
    payments.refresh(orders.checkout_of(opened))
    RefundRequest.objects.create(purchase=Purchase.objects.get())
    outbox.post("account/email/password_reset_key", anna.email, {}, person=anna)
    tokens.issue(anna)
    product = Product.objects.get(slug="mls-c01")
    batch, _codes = vouchers.create_batch(
        actor=None, version=product.versions.get(), count=1, uses=1, note="A fair"
    )
    version = ItemVersion.objects.earliest("pk")
    profile, _made = Profile.objects.get_or_create(user=anna)
    report = ProblemReport.objects.create(
        user=anna, attempt_id=cast.values["with"]["attempt_id"], version=version, position=1, reason="key"
    )
    kinds = (Certification, Domain, TaskStatement, ExamForm, FormEdition, Item, Paper)
    made = {
        **{f"exams_{kind._meta.model_name}": kind.objects.earliest("pk").pk for kind in kinds},
        "accounts_user": anna.pk,
        "auth_user": anna.pk,
        "accounts_entitlement": Entitlement.objects.filter(user=anna).latest("pk").pk,
        "accounts_voucherbatch": batch.pk,
        "accounts_product": product.pk,
        "accounts_purchase": Purchase.objects.get().pk,
        "accounts_mail": Mail.objects.latest("pk").pk,
        "accounts_auditentry": audit.record(actor=None, action="test", subject=anna).pk,
        "accounts_job": Job.objects.create(kind="export", state=JobState.FAILED, finished_at=Now()).pk,
        "accounts_profile": profile.pk,
        "mfa_authenticator": Authenticator.objects.create(user=anna, type="totp", data={}).pk,
        "axes_accessattempt": AccessAttempt.objects.create(username=anna.email, failures_since_start=1).pk,
        "accounts_apitoken": ApiToken.objects.latest("pk").pk,
        "account_emailaddress": EmailAddress.objects.get(user=anna).pk,
        "auth_group": Group.objects.earliest("pk").pk,
        "exams_draft": authoring.open_draft(
            kind="item",
            certification=version.item.certification,
            name=version.item.code,
            actor=admin,
        ).pk,
        "exams_importfile": imports.store(
            certification=version.item.certification,
            format_name="gift",
            name="questions.txt",
            data=b"What?{=One ~Two}",
            owner=admin,
        ).pk,
        "exams_itemversion": version.pk,
        "exams_sheetedition": SheetEdition.objects.earliest("pk").pk,
        "flashcards_card": Card.objects.filter(owner__isnull=True).earliest("pk").pk,
        "exams_itemcheck": work_queue.check(
            item_id=version.item_id,
            seen=freshness_seen([version.item_id])[version.item_id],
            page="https://docs.aws.amazon.com/s3/",
            note="",
            actor=admin,
        ).pk,
        "exams_watchedname": work_queue.watch(
            certification_id=version.item.certification_id,
            facts=WatchedNameRecord("Old", "New", dt.date(2025, 1, 1), "https://aws.amazon.com/"),
            actor=admin,
        ).pk,
        "exams_keyruling": corrections.rule(
            proposal=Proposal(version.pk, "credit", (), False, "unclear"),
            seen=None,
            actor=None,
            reason="unclear to most",
        ).pk,
        "exams_pendingact": PendingAct.objects.create(
            kind=certifications.LISTING,
            subject="certification:1",
            parameters={"certification": version.item.certification_id},
            reason="ready",
        ).pk,
        "exams_problemreport": report.pk,
        "exams_attempt": Attempt.objects.get(pk=cast.values["with"]["attempt_id"]).pk,
    }
    connection.check_constraints()
    return made


def address(name: str, rows: dict[str, Any], role: str = "") -> str:
    """Return an address with the row that it is about; a group of models is one that the role has."""
    short = name.removeprefix("admin:")
    row = next((row for key, row in rows.items() if short.startswith(f"{key}_")), 1)
    app = "exams" if role in OF_EXAMS else "accounts"
    values = {"object_id": row, "id": row, "person_id": row, "panel": "access", "app_label": app}
    values |= {"content_type_id": 1, "version_id": rows["exams_itemversion"], "job_id": rows["accounts_job"]}
    parts = ADDRESSES[name].pattern.regex.groupindex
    return reverse(name, kwargs={key: values[key] for key in parts})
