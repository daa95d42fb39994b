"""Acts that are posted from a page, whose address a browser may come back to by a GET."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, cast

from django.http import HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from accounts.users.requests import SignedInRequest

type View[**P] = Callable[Concatenate[SignedInRequest, P], HttpResponse]


def posted[**P](page: Callable[P, str]) -> Callable[[View[P]], View[P]]:
    """Let a view be posted to, and lead a GET to a page.

    By a GET a browser comes back from signing in, after a session ended between page and act.
    """

    def make(view: View[P]) -> View[P]:
        @wraps(view)
        def checked(request: SignedInRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method in ("GET", "HEAD"):
                return HttpResponseRedirect(page(*args, **kwargs))
            if request.method != "POST":
                return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
            return view(request, *args, **kwargs)

        return cast("View[P]", checked)

    return make
