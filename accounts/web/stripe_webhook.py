"""Where Stripe tells of payments. No session and no CSRF token: its signature says who it is."""

import logging
from typing import Final

from django.conf import settings
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.payments.gateways import Forged, GatewayDown

# The largest events, of invoices with many lines, are a tenth of it.
LONGEST: Final = 256 * 1024
RETRY_SECONDS: Final = 5

logger = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """Take an event: 200 once it is applied, 400 for what is not Stripe's, 503 to have it sent again."""
    if not settings.STRIPE_SECRET_KEY or not settings.STRIPE_WEBHOOK_SECRET:
        raise Http404
    if len(request.body) > LONGEST:
        return _plain("too long", 413)
    # By its path: the library is large, and only who takes payments by it loads it.
    take = import_string("accounts.payments.webhook.receive")
    try:
        take(request.body, request.headers.get("Stripe-Signature", ""))
    except Forged:
        logger.warning("webhook refused", exc_info=True)
        return _plain("refused", 400)
    except (GatewayDown, OperationalError):
        # Among them a lock of the person that somebody else held for too long: nothing of it is stored.
        logger.warning("webhook not applied", exc_info=True)
        reply = _plain("send it again", 503)
        reply["Retry-After"] = str(RETRY_SECONDS)
        return reply
    return _plain("ok", 200)


def _plain(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain")
