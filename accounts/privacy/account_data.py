"""What accounts store about a person: the declaration of each table."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db.models import Min, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.access.models import Entitlement, EntitlementEnd, Redemption, VoucherBatch
from accounts.audit.models import AuditEntry
from accounts.base.personal_data import Expiry, Line, Table
from accounts.confirmation.models import PendingConfirmation, SignInCode
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


def _failure_expires() -> str:
    """Wrong passwords, with an IP address each: axes deletes old ones only when somebody signs in."""
    cooloff: timedelta = settings.AXES_COOLOFF_TIME
    return f"attempt_time + interval '{int(cooloff.total_seconds())} seconds'"


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
        {
            "number": "pk",
            "email": "email",
            "joined_at": "date_joined",
            "last_sign_in_at": "last_login",
            "staff": "is_staff",
        },
        {
            "password": SECRET,
            "is_superuser": "what it allows is known from roles",
            "is_active": "a closed account asks for no archive",
        },
        person="pk",
    ),
    Table(
        Profile,
        "profile",
        _("What you prefer, and extra time."),
        {
            "ui_language": "ui_language",
            "content_language": "content_language",
            "time_zone": "time_zone",
            "keyboard_shortcuts": "single_keys",
            "extra_time": "accommodation",
        },
        {"access_reminders": "a switch on the page of preferences"},
    ),
    Table(
        EmailAddress,
        "addresses",
        _("Your email addresses."),
        {"email": "email", "confirmed": "verified", "primary": "primary"},
    ),
    Table(
        PendingConfirmation,
        "pending_addresses",
        _("Addresses that wait for your confirmation."),
        {"email": "address", "asked_at": "created_at", "expires_at": "expires_at"},
        {
            **dict.fromkeys(("password", "code_number", "address_number"), SECRET),
            **dict.fromkeys(("code_expires_at", "tries", "language", "time_zone", "next_path"), INNER),
        },
        order=("created_at",),
        addresses=("address__iexact",),
        expires=Expiry("unconfirmed addresses", lambda: "expires_at"),
    ),
    Table(
        Authenticator,
        "two_step_sign_in",
        _("Your second steps for signing in, without their keys."),
        {"kind": "type", "created_at": "created_at", "last_used_at": "last_used_at"},
        {"data": SECRET},
    ),
    Table(
        Session,
        "sessions",
        _("Browsers you're signed in with: how and since when."),
        omitted={"expire_date": "a column of what is read", "session_data": SECRET},
        read=_sessions,
        expires=Expiry("sessions", lambda: "expire_date"),
    ),
    Table(
        BrowserSession,
        "browsers",
        _("Which browsers those are."),
        {
            "browser": "browser",
            "system": "system",
            "first_seen_at": "first_seen_at",
            "last_seen_at": "last_seen_at",
            "confirmed_at": "confirmed_at",
            "asked_to_confirm_at": "asked_at",
        },
        {"session": SECRET},
    ),
    Table(
        ApiToken,
        "tokens",
        _("Your API tokens, without their keys."),
        {
            "name": "name",
            "begins_with": "prefix",
            "created_at": "created_at",
            "last_used_at": "last_used_at",
            "expires_at": "expires_at",
            "revoked_at": "revoked_at",
        },
        {"digest": SECRET, "scope": "of staff: which part of the API it opens"},
    ),
    Table(
        Entitlement,
        "entitlements",
        _("What you can open, from when until when."),
        {
            "opens": "code",
            "starts_at": "starts_at",
            "ends_at": "ends_at",
            "ended_early_at": Min("ends__ends_at"),
            "source": "source",
            "created_at": "created_at",
        },
        {"source_id": "a number of a row that is exported itself", "replaces": "seen from the times"},
        kept=True,
        kept_because=ACCESS,
    ),
    Table(
        EntitlementEnd,
        "early_ends",
        _("What ended earlier than planned, and why."),
        {
            "opens": "entitlement__code",
            "ended_at": "ends_at",
            "reason": "reason",
            "recorded_at": "created_at",
        },
        {"actor": BY_STAFF},
        person="entitlement__user",
        kept=True,
        kept_because=ACCESS,
    ),
    Table(
        Redemption,
        "redemptions",
        _("Vouchers you redeemed."),
        {
            "voucher_ends_with": "voucher__hint",
            "product": "voucher__batch__version__product__slug",
            "redeemed_at": "at",
        },
        {"number": "counts the uses of a voucher by anybody"},
        kept=True,
        kept_because=ACCESS,
    ),
    Table(
        Mail,
        "emails",
        _("Emails we sent you: which and when."),
        {
            "kind": "kind",
            "to": "to_address",
            "language": "language",
            "written_at": "created_at",
            "sent_at": "sent_at",
            "given_up_at": "given_up_at",
        },
        {
            "sealed": SECRET,
            **dict.fromkeys(
                ("dedupe_key", "not_before", "not_after", "tries", "claimed_at", "last_error"), INNER
            ),
        },
        person="person",
        addresses=("to_address__iexact",),
    ),
    Table(
        Job,
        "jobs",
        _("Files you asked us to create."),
        {
            "kind": "kind",
            "state": "state",
            "asked_at": "created_at",
            "finished_at": "finished_at",
            "file": "file__name",
        },
        dict.fromkeys(
            (
                *("parameters", "tries", "claim", "not_before", "started_at", "heartbeat_at"),
                *("done", "total", "step", "result", "error"),
            ),
            INNER,
        ),
        person="owner",
        order=("created_at",),
    ),
    Table(
        AuditEntry,
        "acts_on_account",
        _("What was done to your account, and why."),
        {"at": "at", "action": "action", "reason": "reason", "before": "before", "after": "after"},
        rows=_acts_on_account,
    ),
    Table(
        AuditEntry,
        "own_acts",
        _("Acts of yours that are on record."),
        {"at": "at", "action": "action", "on": "subject_type"},
        {"subject_id": "may be somebody else's number"},
        person="actor",
    ),
    Table(
        User.groups.through,
        "roles",
        _("Your roles on the staff."),
        {"role": "group__name"},
        order=("group_id",),
    ),
    Table(
        User.user_permissions.through,
        "permissions",
        _("Single permissions of yours on the staff."),
        {"permission": "permission__codename", "of": "permission__content_type__app_label"},
        order=("permission_id",),
    ),
    Table(
        ErasureRequest,
        omitted={"user": "while it is there nobody can ask for an archive"},
    ),
    Table(
        LogEntry,
        omitted={"user": BY_STAFF},
        # The admin's log keeps how a thing was called when somebody changed it.
        addresses=("object_repr__icontains", "change_message__icontains"),
    ),
    Table(VoucherBatch, omitted={"created_by": BY_STAFF}, kept=True),
    Table(
        SignInCode,
        addresses=("address__iexact",),
        expires=Expiry("sign-in codes", lambda: "expires_at"),
    ),
    Table(AccessAttempt, expires=Expiry("failed sign-ins", _failure_expires)),
)
