"""Who asks: somebody signed in, the decorator that sees to it, their second factor, their address.

And the numbers that they send, which int() takes in digits of other scripts and without end.
"""

from collections.abc import Callable
from functools import wraps
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Concatenate, Final, cast

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse

from accounts.base.errors import Refused
from accounts.users.models import User

type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponse]
type SignedInView[**P] = Callable[Concatenate[SignedInRequest, P], HttpResponse]


class SignedInRequest(HttpRequest):
    """A request behind `signed_in`: its user is a person. For annotations only, none is ever made."""

    user: User


def signed_in[**P](view: SignedInView[P]) -> View[P]:
    """Ask for a sign-in first; a refusal because something is absent or another person's is the same 404."""

    @wraps(view)
    def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(cast(SignedInRequest, request), *args, **kwargs)
        except Refused as refused:
            if refused.status == 404:
                raise Http404 from refused
            raise

    guarded = login_required(checked)

    @wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response: HttpResponse = guarded(request, *args, **kwargs)
        if is_part(request) and not request.user.is_authenticated:
            # A sign-in page must not be put into a part of this one.
            return HttpResponse(status=204, headers={"HX-Redirect": response["Location"]})
        return response

    return cast("View[P]", answer)


def is_part(request: HttpRequest) -> bool:
    """Say whether htmx asks, for a part of a page."""
    return "HX-Request" in request.headers


def whole_number[Default](text: str | None, digits: int, default: Default) -> int | Default:
    """Return a whole number of at most so many digits that a field holds, the default where it holds none."""
    is_number = text is not None and text.isascii() and text.isdigit() and len(text) <= digits
    return int(text) if text is not None and is_number else default


def or_404[Found](found: Found | None) -> Found:
    """Return what was looked for. Raises Http404 where there is none."""
    if found is None:
        raise Http404
    return found


def lacks_second_factor(request: HttpRequest) -> bool:
    """Say whether this is a session of staff that a password alone opened, where their work asks for more.

    A second factor counts that was shown at sign-in, later, or when it was set up.
    """
    if not (settings.STAFF_NEEDS_SECOND_FACTOR and request.user.is_authenticated and request.user.is_staff):
        return False
    records = get_authentication_records(request, request.user)
    return not any(one.get("method") == "mfa" for one in records)


# One customer has all of such a network.
IPV6_PREFIX: Final = 64


def client_ip(request: HttpRequest) -> str | None:
    """Return the client's IP address, believing as many proxies as are ours; of IPv6 that of the network.

    Each limit counts it as one.
    """
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    proxies = settings.TRUSTED_PROXIES
    # A header that is too short came past our proxies: then it is the address of the connection.
    claimed = forwarded[-proxies] if 0 < proxies <= len(forwarded) else ""
    address = _parsed(claimed or request.META.get("REMOTE_ADDR", ""))
    # A socket for both protocols shows IPv4 as addresses of one network of IPv6: all would have one limit.
    if address is None or isinstance(address, IPv4Address) or address.ipv4_mapped:
        return str(getattr(address, "ipv4_mapped", None) or address) if address else None
    return str(IPv6Network((address, IPV6_PREFIX), strict=False).network_address)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """Return an address, without the port that some proxies add; None for what is none."""
    host, _colon, port = text.strip().rpartition(":")
    has_port = port.isdigit() and (host.startswith("[") or ":" not in host) and bool(host)
    try:
        return ip_address(host.strip("[]") if has_port else text.strip())
    except ValueError:
        return None
