"""Pages of the account, the email addresses and the reminders; the file of a job; language and appearance."""

from typing import Any, cast
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.account.views import EmailView, PasswordResetFromKeyView, PasswordResetView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import paths
from accounts.access import selectors as access
from accounts.base.errors import Refused
from accounts.jobs import registry
from accounts.jobs import services as jobs
from accounts.profile import reminders, selectors, services
from accounts.profile.models import Profile
from accounts.users import sessions as user_sessions
from accounts.users import tokens
from accounts.users.models import User
from accounts.users.requests import SignedInRequest, lacks_second_factor, or_404, signed_in
from accounts.web import email_verification, navigation
from accounts.web.adapter import remember_device
from accounts.web.forms import ProfileForm
from accounts.web.rendering import attachment
from i18n import languages
from i18n.addresses import in_language
from i18n.context import CHOICE_SECONDS, THEME_COOKIE, THEMES


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: SignedInRequest) -> HttpResponse:
    """Show the account: how each part of it stands, and the form of preferences, part by part."""
    person = request.user
    own, is_sent = selectors.of(person), request.method == "POST"
    parts = {
        part: ProfileForm(request.POST if is_sent else None, instance=own, part=part)
        for part in ProfileForm.PARTS
    }
    if is_sent and all(form.is_valid() for form in parts.values()):
        changes = {name: value for form in parts.values() for name, value in form.cleaned_data.items()}
        stored = services.update(person, **changes)
        # The page that follows is in the language that was chosen just now.
        with override(stored.ui_language):
            messages.success(request, _("Saved."))
            response = redirect("accounts:profile")
        # The choice of this browser counts more than the account: it must not lead back.
        _remember(request, response, settings.LANGUAGE_COOKIE_NAME, stored.ui_language)
        return response
    addresses = EmailAddress.objects.filter(user=person)
    kinds = list(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    context = {
        "parts": [(part, name, parts[part]) for part, name in ProfileForm.PARTS.items()],
        "addresses": sorted(addresses, key=lambda address: not address.primary),
        "passkeys": kinds.count(Authenticator.Type.WEBAUTHN),
        "has_app": Authenticator.Type.TOTP in kinds,
        "devices": user_sessions.alive(person).count(),
        "tokens": tokens.valid_tokens(person).count(),
        "open_now": _open_now(person, own),
        "erasure_days": settings.ERASURE_DAYS,
        "pricing_path": paths.here(paths.PRICING),
    }
    return render(request, "accounts/profile.html", context, status=422 if is_sent else 200)


def _open_now(person: User, own: Profile) -> list[dict[str, str | bool]]:
    """Return what is open to somebody, with its end by the clock of their zone."""
    zone = own.zone
    return [
        {
            "title": opening.title,
            "until": date_format(opening.until.astimezone(zone)),
            "renews": opening.renews,
        }
        for opening in access.open_now(person)
    ]


class SecondStepView(AuthenticateView):  # type: ignore[misc]
    """The second step of signing in, for its page and for the dialog of an exam page, which wants JSON."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form."""
        return self._answer(super().get(request))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take a code or a passkey."""
        return self._answer(super().post(request))

    def _answer(self, response: HttpResponse) -> HttpResponse:
        adapter = get_adapter()
        if not adapter.is_ajax(self.request):
            return response
        form, leads_to = self.form or self.auth_form, response.get("Location")
        answer: HttpResponse = adapter.ajax_response(self.request, response, redirect_to=leads_to, form=form)
        return answer


class EmailAddressesView(EmailView):  # type: ignore[misc]
    """The addresses of a person, each with the acts that make sense for it."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401
        """Add an address, send its mail again, make it primary, or remove it; refuse an act without sense."""
        if "action_add" in request.POST:
            return cast(HttpResponse, super().post(request, *args, **kwargs))
        address = EmailAddress.objects.filter(
            user_id=request.user.pk, email__iexact=request.POST.get("email", "")
        ).first()
        if address is None or _makes_no_sense(request, address):
            messages.info(request, _("Nothing was changed."))
            return redirect("account_email")
        if "action_send" in request.POST:
            return _send_again(request, address)
        return cast(HttpResponse, super().post(request, *args, **kwargs))

    def get_success_url(self) -> str:
        """Lead to where the code is typed when a mail was sent."""
        name = "account_email_verification_sent" if self._did_send_verification_email else "account_email"
        return reverse(name)


class ForgotPasswordView(PasswordResetView):  # type: ignore[misc]
    """Asks for the link to set a new password."""

    def get_success_url(self) -> str:
        """Say first that a link was sent: only after the new password the way goes on."""
        return _leading_on(self.request, "account_reset_password_done")


class NewPasswordView(PasswordResetFromKeyView):  # type: ignore[misc]
    """Sets a new password after the link.

    The link proves the mailbox, so the browser is known from then on: else others who try wrong passwords
    could keep the owner from signing in with the new one.
    """

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Set it, and make this browser known to the account; of two that use the link at once, for one."""
        try:
            response: HttpResponse = super().form_valid(form)
        except forms.ValidationError as spent:
            form.add_error(None, spent)
            return cast(
                HttpResponse, self.render_to_response(self.get_context_data(form=form, token_fail=True))
            )
        addresses = EmailAddress.objects.filter(user_id=self.reset_user.pk, verified=True)
        emails = addresses.values_list("email", flat=True)
        remember_device(self.request, response, self.reset_user.email, *emails)
        return response


def _leading_on(request: HttpRequest, name: str) -> str:
    return navigation.leading_on(reverse(name), navigation.next_path_of(request))


def _makes_no_sense(request: HttpRequest, address: EmailAddress) -> bool:
    """Say whether the address is already what the act would make of it, or may not become it."""
    if "action_send" in request.POST:
        return bool(address.verified)
    if "action_primary" in request.POST:
        return bool(address.primary or not address.verified)
    return bool("action_remove" not in request.POST or address.primary)


def _send_again(request: HttpRequest, address: EmailAddress) -> HttpResponse:
    """Send the mail of an unconfirmed address again; its code can be typed whether or not one may be sent."""
    pending = email_verification.start_address(request, address.user, address.email)
    if not email_verification.post_mail(request, pending):
        messages.warning(request, email_verification.TOO_SOON)
    return redirect("account_email_verification_sent")


def _back(request: HttpRequest) -> str:
    """Return the page to go back to: ours, or the home page."""
    target = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(target, allowed_hosts=None, require_https=request.is_secure())
    return target if ours and target.startswith("/") else in_language("/", get_language() or "")


def _remember(request: HttpRequest, response: HttpResponse, name: str, value: str) -> None:
    """Keep a choice in a cookie."""
    response.set_cookie(name, value, max_age=CHOICE_SECONDS, samesite="Lax", secure=request.is_secure())


# Nothing is lost when another site has a form sent here: its request carries no session.
@csrf_exempt
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Show the same page in another language, and remember it for somebody who is signed in."""
    code = request.POST.get("language", "")
    if code not in languages.CODES:
        return HttpResponseRedirect(_back(request))
    if isinstance(request.user, User):
        services.update(request.user, ui_language=code)
    response = HttpResponseRedirect(in_language(_back(request), code))
    _remember(request, response, settings.LANGUAGE_COOKIE_NAME, code)
    return response


@csrf_exempt
@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Remember the theme in a cookie; the server writes it on the page, so that nothing flashes.

    Without a token, which would cost every page a cookie: all that another site could do is change the theme.
    """
    response = HttpResponseRedirect(_back(request))
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        _remember(request, response, THEME_COOKIE, theme)
    else:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
    return response


@login_required
@require_safe
def job_file(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Send the file, to be saved and not shown. A file of somebody else is as absent as none.

    What is made for staff goes to a session alone that the admin would let in.
    """
    person = request.user
    assert isinstance(person, User)  # noqa: S101
    try:
        file = jobs.file_of(job_id=job_id, owner=person)
    except Refused as refusal:
        raise Http404(str(refusal)) from None
    if registry.permission_of(file.job.kind) and lacks_second_factor(request):
        raise Http404
    return attachment(file.content, file.media_type, file.name)


# A mail program that presses the button for its reader has no cookie; the signed link says who it is.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def turn_off_reminders(request: HttpRequest, token: str, reminder: str) -> HttpResponse:
    """Show what the link does; do it by POST only, since programs that read mails open every link in them."""
    reader = or_404(reminders.reader_of(token, reminder))
    if request.method == "POST":
        reminders.turn_off(reader, reminder)
    context = {"is_on": getattr(selectors.of(reader), reminder), "is_study": reminder == reminders.STUDY}
    return render(request, "accounts/reminders.html", context)
