"""Images that questions show, by the SHA-256 of their content: what is there never changes.

Whoever knows an address may ask for it, also visitors, who read the free sample: see `exams.bank.services`.
"""

import re
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from accounts.users.requests import or_404
from exams.bank import services as bank

DIGEST: Final = re.compile(r"[0-9a-f]{64}")
FOREVER: Final = "public, max-age=31536000, immutable"


@csp_override({"default-src": [CSP.NONE], "frame-ancestors": [CSP.NONE]})
@require_safe
def image(request: HttpRequest, digest: str) -> HttpResponse:
    """Answer with an image of the bank; 404 for what is none."""
    tag = f'"{digest}"'
    if not DIGEST.fullmatch(digest):
        raise Http404
    if request.headers.get("If-None-Match") == tag:
        return _kept(HttpResponseNotModified(), tag)
    picture = or_404(bank.image(digest))
    return _kept(HttpResponse(bytes(picture.content), content_type=picture.media_type), tag)


def _kept(response: HttpResponse, tag: str) -> HttpResponse:
    response["ETag"] = tag
    response["Cache-Control"] = FOREVER
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
