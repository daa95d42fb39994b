"""Pages of the profile, and two small switches: language and appearance."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import translate_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts.profile import selectors, services
from accounts.users.models import User
from accounts.users.requests import SignedInRequest, signed_in
from accounts.web.forms import ProfileForm
from i18n import languages
from i18n.context import CHOICE_SECONDS, THEME_COOKIE, THEMES


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: SignedInRequest) -> HttpResponse:
    """Show and change preferences."""
    person = request.user
    form = ProfileForm(request.POST or None, instance=selectors.of(person))
    if request.method == "POST" and form.is_valid():
        stored = services.update(person, **form.cleaned_data)
        with override(stored.ui_language):
            messages.success(request, _("Saved."))
            return redirect("accounts:profile")
    status = 422 if form.is_bound else 200
    return render(request, "accounts/profile.html", {"form": form}, status=status)


def _back(request: HttpRequest) -> str:
    """Return the page to go back to: ours, or the home page."""
    target = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(target, allowed_hosts=None, require_https=request.is_secure())
    return (
        target
        if ours and target.startswith("/")
        else translate_url(settings.LOGIN_REDIRECT_URL, get_language() or "")
    )


def _remember(request: HttpRequest, response: HttpResponse, name: str, value: str) -> None:
    """Keep a choice in a cookie."""
    response.set_cookie(name, value, max_age=CHOICE_SECONDS, samesite="Lax", secure=request.is_secure())


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Show the same page in another language, and remember it for somebody who is signed in."""
    code = request.POST.get("language", "")
    if code not in languages.CODES:
        return HttpResponseRedirect(_back(request))
    if isinstance(request.user, User):
        services.update(request.user, ui_language=code)
    response = HttpResponseRedirect(translate_url(_back(request), code))
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
