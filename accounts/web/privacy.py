"""Everything about me: a copy of it, its deletion, and the way back."""

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.base import personal_data
from accounts.base.errors import Refused
from accounts.jobs import services as jobs
from accounts.jobs.models import State
from accounts.privacy import archive, erasure
from accounts.users.requests import SignedInRequest, is_part, signed_in
from accounts.web.rendering import no_store


@require_safe
@signed_in
def privacy(request: SignedInRequest) -> HttpResponse:
    """Offer a copy of everything, show how far the newest one is, and lead to the deletion."""
    job = archive.newest(request.user)
    context = {
        "job": job,
        "is_ready": job is not None and job.state == State.DONE,
        "is_failed": job is not None and job.state == State.FAILED,
        "is_making": job is not None and job.state in (State.WAITING, State.RUNNING),
        "most": archive.MOST_A_DAY,
        "file_days": jobs.FILE_DAYS.days,
        "erasure_days": settings.ERASURE_DAYS,
    }
    part = "#making" if is_part(request) else ""
    return render(request, f"accounts/privacy.html{part}", context)


@require_POST
@signed_in
@reauthentication_required  # type: ignore[untyped-decorator]
def export(request: SignedInRequest) -> HttpResponse:
    """Have the archive made. A refusal is said on the page."""
    try:
        archive.request_archive(request.user, get_language() or "")
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("accounts:privacy")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@reauthentication_required  # type: ignore[untyped-decorator]
def delete(request: SignedInRequest) -> HttpResponse:
    """Say what is deleted and what stays; close the account once the address has been typed."""
    error = ""
    if request.method == "POST":
        try:
            erasure.request_erasure(request.user, request.POST.get("address", ""), get_language() or "")
        except Refused as refused:
            error = str(refused)
        else:
            logout(request)
            return redirect("accounts:closed")
    context = {
        "error": error,
        "typed": request.POST.get("address", ""),
        "before": erasure.before_closing(request.user),
        "staying": personal_data.kept(),
        "erasure_days": settings.ERASURE_DAYS,
    }
    return render(request, "accounts/delete.html", context, status=422 if error else 200)


@require_safe
def closed(request: HttpRequest) -> HttpResponse:
    """Say that the account is closed and how to come back. The same for everybody: it knows nobody."""
    return render(request, "accounts/closed.html", {"erasure_days": settings.ERASURE_DAYS})


@require_http_methods(["GET", "HEAD", "POST"])
def restore(request: HttpRequest, key: str) -> HttpResponse:
    """Show the way back; only pressing the button takes it, since mail scanners open links."""
    try:
        if request.method == "POST":
            erasure.restore(key)
            messages.success(request, _("Your account is open again. Sign in to continue."))
            return redirect("account_login")
        erasure_request = erasure.find(key)
    except Refused as refused:
        return render(request, "accounts/restore.html", {"refused": refused}, status=refused.status)
    context = {"address": erasure_request.user.email, "key": key}
    return no_store(render(request, "accounts/restore.html", context))
