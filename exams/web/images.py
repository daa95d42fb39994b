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
    headers = {"ETag": tag, "Cache-Control": FOREVER, "Cross-Origin-Resource-Policy": "same-origin"}
    if not DIGEST.fullmatch(digest):
        raise Http404
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers=headers)
    picture = or_404(bank.image(digest))
    return HttpResponse(bytes(picture.content), content_type=picture.media_type, headers=headers)
