"""Replies compressed at the least level that keeps a page within its budget of bytes."""

import zlib
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_header_parameters

# zlib writes the head and the tail of gzip for this size of window.
_GZIP_WINDOW: Final = 16 + zlib.MAX_WBITS


def takes_gzip(request: HttpRequest) -> bool:
    """Say whether the browser reads gzip."""
    for word in request.headers.get("Accept-Encoding", "").split(","):
        name, parameters = parse_header_parameters(word.strip())
        if name == "gzip" and parameters.get("q") not in ("0", "0.0"):
            return True
    return False


def compressed(request: HttpRequest, response: HttpResponse, level: int) -> HttpResponse:
    """Compress a reply for a browser that reads gzip. What is compressed already stays as it is."""
    if response.streaming or response.has_header("Content-Encoding"):
        return response
    patch_vary_headers(response, ["Accept-Encoding"])
    if takes_gzip(request):
        squeeze = zlib.compressobj(level, zlib.DEFLATED, _GZIP_WINDOW)
        response.content = squeeze.compress(response.content) + squeeze.flush()
        response["Content-Encoding"] = "gzip"
    return response
