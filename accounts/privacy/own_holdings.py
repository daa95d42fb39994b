"""What accounts itself holds about a person, for the archive."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Permission
from django.db.models import Min
from django.utils.translation import gettext_lazy as _

from accounts.access.models import Entitlement, EntitlementEnd, Redemption
from accounts.audit.models import AuditEntry
from accounts.email_verification.models import PendingConfirmation
from accounts.jobs.models import Job
from accounts.outbox.models import Mail
from accounts.privacy.holdings import Line, Part, holds, leaves_out, lines
from accounts.privacy.sessions_of import sessions_of
from accounts.profile.models import Profile
from accounts.users.models import ApiToken, BrowserSession, User

_BY_STAFF = "an act of staff on what belongs to others; it is named among own acts"


def _account(user: User, language: str) -> list[dict[str, Any]]:
    return lines(
        User.objects.filter(pk=user.pk),
        number="pk",
        email="email",
        joined_at="date_joined",
        last_sign_in_at="last_login",
        staff="is_staff",
    )


def _profile(user: User, language: str) -> list[dict[str, Any]]:
    return lines(
        Profile.objects.filter(user=user),
        ui_language="ui_language",
        content_language="content_language",
        time_zone="time_zone",
        keyboard_shortcuts="single_keys",
        extra_time="accommodation",
    )


def _addresses(user: User, language: str) -> list[dict[str, Any]]:
    rows = EmailAddress.objects.filter(user=user).order_by("pk")
    return lines(rows, email="email", confirmed="verified", primary="primary")


def _pending(user: User, language: str) -> list[dict[str, Any]]:
    rows = PendingConfirmation.objects.filter(user=user).order_by("created_at")
    return lines(rows, email="address", asked_at="created_at", expires_at="expires_at")


def _second_factors(user: User, language: str) -> list[dict[str, Any]]:
    rows = Authenticator.objects.filter(user=user).order_by("pk")
    return lines(rows, kind="type", created_at="created_at", last_used_at="last_used_at")


def _sessions(user: User, language: str) -> list[Line]:
    return [
        {"expires_at": session.expire_date, "signed_in": _methods(content)}
        for session, content in sessions_of([user.pk])
    ]


def _methods(content: dict[str, object]) -> list[dict[str, object]]:
    """Return how and when, without whatever else a session keeps."""
    records = content.get("account_authentication_methods")
    found = records if isinstance(records, list) else []
    return [{"method": one.get("method"), "at": one.get("at")} for one in found if isinstance(one, dict)]


def _tokens(user: User, language: str) -> list[dict[str, Any]]:
    return lines(
        ApiToken.objects.filter(user=user).order_by("pk"),
        name="name",
        begins_with="prefix",
        created_at="created_at",
        last_used_at="last_used_at",
        expires_at="expires_at",
        revoked_at="revoked_at",
    )


def _entitlements(user: User, language: str) -> list[dict[str, Any]]:
    return lines(
        Entitlement.objects.filter(user=user).order_by("pk"),
        opens="code",
        starts_at="starts_at",
        ends_at="ends_at",
        ended_early_at=Min("ends__ends_at"),
        source="source",
        created_at="created_at",
    )


def _early_ends(user: User, language: str) -> list[dict[str, Any]]:
    rows = EntitlementEnd.objects.filter(entitlement__user=user).order_by("pk")
    return lines(
        rows, opens="entitlement__code", ended_at="ends_at", reason="reason", recorded_at="created_at"
    )


def _redemptions(user: User, language: str) -> list[dict[str, Any]]:
    rows = Redemption.objects.filter(user=user).order_by("pk")
    return lines(
        rows,
        voucher_ends_with="voucher__hint",
        product="voucher__batch__version__product__slug",
        redeemed_at="at",
    )


def _mails(user: User, language: str) -> list[dict[str, Any]]:
    return lines(
        Mail.objects.filter(person=user).order_by("pk"),
        kind="kind",
        to="to_address",
        language="language",
        written_at="created_at",
        sent_at="sent_at",
        given_up_at="given_up_at",
    )


def _jobs(user: User, language: str) -> list[dict[str, Any]]:
    return lines(
        Job.objects.filter(owner=user).order_by("created_at"),
        kind="kind",
        state="state",
        asked_at="created_at",
        finished_at="finished_at",
        file="file__name",
    )


def _acts_about(user: User, language: str) -> list[dict[str, Any]]:
    rows = AuditEntry.objects.filter(subject_type=User._meta.label_lower, subject_id=str(user.pk))
    return lines(
        rows.order_by("pk"), at="at", action="action", reason="reason", before="before", after="after"
    )


def _acts_by(user: User, language: str) -> list[dict[str, Any]]:
    """What it was done to is left out where that is somebody else's."""
    rows = AuditEntry.objects.filter(actor=user).order_by("pk")
    return lines(rows, at="at", action="action", on="subject_type")


def _groups(user: User, language: str) -> list[dict[str, Any]]:
    return lines(user.groups.order_by("pk"), role="name")


def _permissions(user: User, language: str) -> list[dict[str, Any]]:
    rows = Permission.objects.filter(user=user).order_by("pk")
    return lines(rows, permission="codename", of="content_type__app_label")


def _browsers(user: User, language: str) -> list[dict[str, Any]]:
    rows = BrowserSession.objects.filter(user=user).order_by("pk")
    return lines(
        rows,
        browser="browser",
        system="system",
        first_seen_at="first_seen_at",
        last_seen_at="last_seen_at",
        confirmed_at="confirmed_at",
        asked_to_confirm_at="asked_at",
    )


def register() -> None:
    """Register every part of accounts, and what is left out."""
    for part in (
        Part("account", _("Your account."), _account),
        Part("profile", _("What you prefer, and extra time."), _profile, ("accounts_profile.user_id",)),
        Part("addresses", _("Your email addresses."), _addresses, ("account_emailaddress.user_id",)),
        Part(
            "pending_addresses",
            _("Addresses that wait for your confirmation."),
            _pending,
            ("accounts_pendingconfirmation.user_id",),
        ),
        Part(
            "two_step_sign_in",
            _("Your second steps for signing in, without their keys."),
            _second_factors,
            ("mfa_authenticator.user_id",),
        ),
        Part("sessions", _("Browsers you're signed in with: how and since when."), _sessions),
        Part("browsers", _("Which browsers those are."), _browsers, ("accounts_browsersession.user_id",)),
        Part("tokens", _("Your API tokens, without their keys."), _tokens, ("accounts_apitoken.user_id",)),
        Part(
            "entitlements",
            _("What you can open, from when until when."),
            _entitlements,
            ("accounts_entitlement.user_id",),
        ),
        Part("early_ends", _("What ended earlier than planned, and why."), _early_ends),
        Part("redemptions", _("Vouchers you redeemed."), _redemptions, ("accounts_redemption.user_id",)),
        Part("emails", _("Emails we sent you: which and when."), _mails, ("accounts_mail.person_id",)),
        Part("jobs", _("Files you asked us to create."), _jobs, ("accounts_job.owner_id",)),
        Part("acts_on_account", _("What was done to your account, and why."), _acts_about),
        Part(
            "own_acts",
            _("Acts of yours that are on record."),
            _acts_by,
            ("accounts_auditentry.actor_id",),
        ),
        Part("roles", _("Your roles on the staff."), _groups, ("accounts_user_groups.user_id",)),
        Part(
            "permissions",
            _("Single permissions of yours on the staff."),
            _permissions,
            ("accounts_user_user_permissions.user_id",),
        ),
    ):
        holds(part)
    leaves_out("accounts_erasurerequest.user_id", "while it is there nobody can ask for an archive")
    leaves_out("django_admin_log.user_id", _BY_STAFF)
    leaves_out("accounts_entitlementend.actor_id", _BY_STAFF)
    leaves_out("accounts_voucherbatch.created_by_id", _BY_STAFF)
