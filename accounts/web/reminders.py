"""The page behind the link of a reminder: it turns them off, once its button is pressed."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.access import reminders
from accounts.profile import selectors


# A mail program that presses the button for its reader has no cookie; the signed link says who it is.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def turn_off(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the link does; do it by POST only, since programs that read mails open every link in them."""
    reader = reminders.reader_of(token)
    if reader is None:
        raise Http404
    if request.method == "POST":
        reminders.turn_off(reader)
    is_on = selectors.of(reader).access_reminders
    return render(request, "accounts/reminders.html", {"token": token, "is_on": is_on})
