"""What accounts store about a person: the declaration of each table."""

from collections.abc import Iterator
from typing import Final

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db.models import Min, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.access.models import Entitlement, EntitlementEnd, Redemption, VoucherBatch
from accounts.audit.models import AuditEntry
from accounts.base.personal_data import Expiry, Line, Table
from accounts.email_verification.models import PendingConfirmation, SignInCode
from accounts.jobs.models import Job
from accounts.outbox.models import Mail
from accounts.privacy.models import ErasureRequest
from accounts.privacy.services import sessions_of
from accounts.profile.models import Profile
from accounts.users.models import ApiToken, BrowserSession, User

BY_STAFF: Final = "an act of staff on what belongs to others; it is named among own acts"
SECRET: Final = "a secret"  # noqa: S105
INNER: Final = "says how the row is worked on, nothing about the person"
ACCESS: Final = _("When you had access and which vouchers you redeemed: our bookkeeping needs this.")


def _sessions(user: User, language: str) -> Iterator[Line]:
    for session, content in sessions_of([user.pk]):
        records = content.get("account_authentication_methods")
        methods = [
            # Not whatever else a session keeps.
            {"method": record.get("method"), "at": record.get("at")}
            for record in (records if isinstance(records, list) else [])
            if isinstance(record, dict)
        ]
        yield {"expires_at": session.expire_date, "signed_in": methods}


def _acts_on_account(user: User) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(subject_type=User._meta.label_lower, subject_id=str(user.pk))


def _entitlements(user: User) -> QuerySet[Entitlement]:
    return Entitlement.objects.filter(user=user).annotate(ended_early_at=Min("ends__ends_at"))


def _old_failures() -> QuerySet[AccessAttempt]:
    """Wrong passwords, with an IP address each: axes deletes old ones only when somebody signs in."""
    old: QuerySet[AccessAttempt] = AccessAttempt.objects.filter(
        attempt_time__lt=Now() - settings.AXES_COOLOFF_TIME
    )
    return old


TABLES: Final = (
    Table(
        AuditEntry,
        person="actor",
        kept=True,
        kept_because=_("What our staff did with your account: when and why. We must be able to explain it."),
    ),
    Table(
        User,
        "account",
        _("Your account."),
        "pk as number, email, date_joined as joined_at, last_login as last_sign_in_at, is_staff as staff",
        {
            SECRET: "password",
            "what it allows is known from roles": "is_superuser",
            "a closed account asks for no archive": "is_active",
        },
        person="pk",
    ),
    Table(
        Profile,
        "profile",
        _("What you prefer, and extra time."),
        (
            "ui_language, content_language, time_zone, single_keys as keyboard_shortcuts, access_reminders, "
            "study_reminders, accommodation as extra_time"
        ),
    ),
    Table(
        EmailAddress,
        "addresses",
        _("Your email addresses."),
        "email, verified as confirmed, primary",
    ),
    Table(
        PendingConfirmation,
        "pending_addresses",
        _("Addresses that wait for your confirmation."),
        "address as email, created_at as asked_at, expires_at",
        {
            SECRET: "password, code_number, address_number",
            INNER: "code_expires_at, tries, language, time_zone, next_path",
        },
        order=("created_at",),
        addresses=("address__iexact",),
        expires=Expiry(
            "unconfirmed addresses", lambda: PendingConfirmation.objects.filter(expires_at__lt=Now())
        ),
    ),
    Table(
        Authenticator,
        "two_step_sign_in",
        _("Your second steps for signing in, without their keys."),
        "type as kind, created_at, last_used_at",
        {SECRET: "data"},
    ),
    Table(
        Session,
        "sessions",
        _("Browsers you're signed in with: how and since when."),
        omitted={SECRET: "session_data", "one of the columns that are read": "expire_date"},
        read=_sessions,
        expires=Expiry("sessions", lambda: Session.objects.filter(expire_date__lt=Now())),
    ),
    Table(
        BrowserSession,
        "browsers",
        _("Which browsers those are."),
        "browser, system, first_seen_at, last_seen_at, confirmed_at, asked_at as asked_to_confirm_at",
        {SECRET: "session"},
    ),
    Table(
        ApiToken,
        "tokens",
        _("Your API tokens, without their keys."),
        "name, prefix as begins_with, created_at, last_used_at, expires_at, revoked_at",
        {SECRET: "digest", "of staff: which part of the API it opens": "scope"},
    ),
    Table(
        Entitlement,
        "entitlements",
        _("What you can open, from when until when."),
        "code as opens, starts_at, ends_at, ended_early_at, source, created_at",
        {"the number of a row that is exported itself": "source_id", "seen from the times": "replaces"},
        rows=_entitlements,
        kept=True,
        kept_because=ACCESS,
    ),
    Table(
        EntitlementEnd,
        "early_ends",
        _("What ended earlier than planned, and why."),
        "entitlement__code as opens, ends_at as ended_at, reason, created_at as recorded_at",
        {BY_STAFF: "actor"},
        person="entitlement__user",
        kept=True,
        kept_because=ACCESS,
    ),
    Table(
        Redemption,
        "redemptions",
        _("Vouchers you redeemed."),
        (
            "voucher__hint as voucher_ends_with, voucher__batch__version__product__slug as product, "
            "at as redeemed_at"
        ),
        {"counts the uses of a voucher by anybody": "number"},
        kept=True,
        kept_because=ACCESS,
    ),
    Table(
        Mail,
        "emails",
        _("Emails we sent you: which and when."),
        "kind, to_address as to, language, created_at as written_at, sent_at, given_up_at",
        {
            SECRET: "sealed",
            INNER: "dedupe_key, not_before, not_after, tries, claim, claimed_at, last_error",
        },
        person="person",
        addresses=("to_address__iexact",),
    ),
    Table(
        Job,
        "jobs",
        _("Files you asked us to create."),
        "kind, state, created_at as asked_at, finished_at, file__name as file",
        {
            INNER: "parameters, tries, claim, not_before, started_at, heartbeat_at, done, total, step, "
            "result, error"
        },
        person="owner",
        order=("created_at",),
    ),
    Table(
        AuditEntry,
        "acts_on_account",
        _("What was done to your account, and why."),
        "at, action, reason, before, after",
        rows=_acts_on_account,
    ),
    Table(
        AuditEntry,
        "own_acts",
        _("Acts of yours that are on record."),
        "at, action, subject_type as on",
        {"may be somebody else's number": "subject_id"},
        person="actor",
    ),
    Table(
        User.groups.through,
        "roles",
        _("Your roles on the staff."),
        "group__name as role",
        order=("group_id",),
    ),
    Table(
        User.user_permissions.through,
        "permissions",
        _("Single permissions of yours on the staff."),
        "permission__codename as permission, permission__content_type__app_label as of",
        order=("permission_id",),
    ),
    Table(
        ErasureRequest,
        omitted={"while it is there nobody can ask for an archive": "user"},
    ),
    Table(
        LogEntry,
        omitted={BY_STAFF: "user"},
        # The admin's log keeps how a thing was called when somebody changed it.
        addresses=("object_repr__icontains", "change_message__icontains"),
    ),
    Table(VoucherBatch, omitted={BY_STAFF: "created_by"}, kept=True),
    Table(
        SignInCode,
        addresses=("address__iexact",),
        expires=Expiry("sign-in codes", lambda: SignInCode.objects.filter(expires_at__lt=Now())),
    ),
    Table(AccessAttempt, expires=Expiry("failed sign-ins", _old_failures)),
)
