"""A person who has left a row in every table that a candidate writes to, and what can be found of them."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models.functions import Now

from accounts.access import entitlements
from accounts.access.models import (
    Entitlement,
    EntitlementEnd,
    Product,
    ProductVersion,
    Redemption,
    Voucher,
    VoucherBatch,
)
from accounts.audit import services as audit
from accounts.email_verification import services as confirmation
from accounts.outbox import services as outbox
from accounts.profile import services as profiles
from accounts.roles import registry
from accounts.roles import services as roles
from accounts.users import tokens
from accounts.users.models import User
from exams.assembly.models import ExamForm
from exams.attempts import drills
from exams.attempts.models import Feedback, RefusedAnswer
from exams.authoring import services as drafts
from exams.authoring.models import Draft
from exams.catalog.models import Certification
from exams.cheatsheet import openings
from exams.feedback import services
from exams.insights import exam_dates
from exams.reports import files
from flashcards.services import own, settings
from flashcards.services import reviews as cards
from flashcards.services.own import OwnDraft
from tests.exams.attempts.practice import close, draw, finish_exam
from tests.factories import Form, make_form

UTC = ZoneInfo("UTC")
# What only its owner may have written: found nowhere once they are gone.
SECRET = "Zq7 words of my own"


def learn(user: User, form: Form, secret: str = SECRET) -> None:
    """Leave rows in exams and flashcards."""
    exam = finish_exam(user, form)
    RefusedAnswer.objects.create(
        attempt_id=exam,
        lease_no=1,
        seq=99,
        position=1,
        selected=[],
        flagged=False,
        received_at=Now(),
        reason="late",
    )
    if not ExamForm.objects.filter(certification=form.form.certification, number=2).exists():
        make_form(form.form.certification, number=2)
    drills.open_for_practice(user=user, certification=form.form.certification, number=2)
    close(user, draw(user, form).attempt_id, 1, show=True)
    draw(user, form, feedback=Feedback.AT_END)
    services.write_note(user=user, attempt_id=exam, position=1, text=secret)
    services.set_bookmark(user=user, attempt_id=exam, position=1, bookmarked=True)
    services.report(user=user, attempt_id=exam, position=1, reason="typo", text=secret)
    openings.note(user, "mls-c01")
    today = entitlements.now().date()
    Certification.objects.update(retired_on=None)
    exam_dates.set_to(user, "mls-c01", today, today)
    settings.update(user, "mls-c01", UTC, new_per_day=5)
    card = own.create(user, "mls-c01", OwnDraft(secret, secret), language="en")
    cards.review(user, card, 3, zone=UTC)
    cards.undo(user, cards.review(user, card, 3, zone=UTC).review_id)
    cards.suspend(user, "mls-c01", card)
    report = files.of(user, exam, "en")
    assert report
    files.ensure(user, report)


def write(user: User, form: Form, secret: str = SECRET) -> None:
    """Leave rows as an author does: a draft that they saved, and what they said about it."""
    roles.give(user, registry.AUTHORS)
    author = User.objects.get(pk=user.pk)
    name = f"E9-Q{Draft.objects.count() + 1:02d}"
    draft = drafts.open_draft(kind="item", certification=form.form.certification, name=name, actor=author)
    content = {**draft.content, "choose": 2}
    drafts.save(draft_id=draft.pk, revision=draft.revision, content=content, actor=author)
    drafts.comment(draft_id=draft.pk, actor=author, text=secret)


def have_account(user: User) -> None:
    """Leave rows in accounts: preferences, a token, an address, a mail, a voucher, an act on record."""
    profiles.update(user, time_zone="Europe/Budapest")
    tokens.issue(user)
    confirmation.begin_address(user, f"second.{user.email}", language="en")
    outbox.post("account/email/password_changed", user.email, {}, person=user)
    # One that nobody's key leads to: to the address alone.
    outbox.post("account/email/unknown_account", user.email, {})
    redeem(user)
    audit.record(actor=user, action="tried", subject=user, reason="a test")


def redeem(user: User) -> None:
    """Give the person an entitlement by voucher that support ends."""
    product, _ = Product.objects.get_or_create(slug="a-product", kind="certification")
    version, _ = ProductVersion.objects.get_or_create(
        product=product, number=1, defaults={"codes": ["cert:other"], "months": 3}
    )
    batch = VoucherBatch.objects.create(version=version, uses=1)
    voucher = Voucher.objects.create(batch=batch, code_sha256=f"{user.pk:032d}".encode(), hint="WXYZ")
    redemption = Redemption.objects.create(voucher=voucher, user=user, number=1)
    given = Entitlement.objects.create(
        user=user,
        code="cert:other",
        starts_at=Now(),
        ends_at=Now() + timedelta(days=90),
        source="voucher",
        source_id=f"{redemption.pk}",
    )
    EntitlementEnd.objects.create(entitlement=given, ends_at=Now(), reason="a test")


def dump() -> dict[str, list[str]]:
    """Return every row of every table of the database as text, by table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        names = [name for (name,) in cursor.fetchall()]
        found = {}
        for name in names:
            cursor.execute(f'SELECT t::text FROM "{name}" t ORDER BY 1')
            found[name] = [row for (row,) in cursor.fetchall()]
    return found


def with_words(words: str) -> list[str]:
    """Return the tables that have these words in any column, in upper or lower case."""
    return [name for name, rows in dump().items() if any(words.lower() in row.lower() for row in rows)]
