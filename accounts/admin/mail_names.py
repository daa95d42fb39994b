"""What the list of mails calls those that accounts, access and payments send."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.base import hooks
from accounts.base.errors import Text

NAMES: Final[dict[str, Text]] = {
    "account/email/account_already_exists": _("Sign-up: account exists"),
    "account/email/email_changed": _("Email address changed"),
    "account/email/email_confirm": _("Email address confirmed"),
    "account/email/email_confirmation": _("Confirm email address"),
    "account/email/email_confirmation_signup": _("Confirm sign-up"),
    "account/email/email_deleted": _("Email address removed"),
    "account/email/login_code": _("Sign-in code"),
    "account/email/login_code_unknown": _("Sign-in code: no account"),
    "account/email/password_changed": _("Password changed"),
    "account/email/password_reset": _("Password reset"),
    "account/email/password_reset_key": _("Reset password"),
    "account/email/password_set": _("Password set"),
    "account/email/unknown_account": _("Password reset: no account"),
    "accounts/email/access_ended": _("Access has ended"),
    "accounts/email/access_ending": _("Access ends soon"),
    "accounts/email/account_closed": _("Account deletion"),
    "accounts/email/archive_ready": _("Data archive ready"),
    "accounts/email/extra_time_set": _("Extra time set"),
    "accounts/email/second_factor_removed": _("Two-step sign-in removed"),
    "mfa/email/recovery_codes_generated": _("Recovery codes generated"),
    "mfa/email/totp_activated": _("Authenticator app set up"),
    "mfa/email/totp_deactivated": _("Authenticator app removed"),
    "mfa/email/webauthn_added": _("Passkey added"),
    "mfa/email/webauthn_removed": _("Passkey removed"),
    "payments/email/receipt": _("Receipt"),
    "payments/email/refund_asked": _("Refund requested"),
    "payments/email/refund_declined": _("Refund declined"),
    "payments/email/refunded": _("Refund"),
}


def name_of(kind: str) -> Text:
    """Return the name of a kind, or the kind itself where nobody named it."""
    name: Text = hooks.by_key("mail_names").get(kind, kind)
    return name
