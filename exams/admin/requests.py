"""What views of the admin share: who may open them, how they are posted to, what addresses hold."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, cast

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from accounts.base.errors import Refused
from accounts.users.models import User
from accounts.users.requests import SignedInRequest
from exams.authoring import rights

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


def staff_view[**P](*permissions: str) -> Callable[[View[P]], Callable[..., HttpResponse]]:
    """Let those in who have one of the permissions."""

    def make(view: View[P]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            person = request.user
            if not isinstance(person, User) or not rights.may(person, *permissions):
                raise PermissionDenied
            try:
                return view(cast(SignedInRequest, request), *args, **kwargs)
            except Refused as refused:
                if refused.status == HTTPStatus.NOT_FOUND:
                    raise Http404(str(refused)) from refused
                raise

        return checked

    return make


def row_or_404[Row: Model](rows: QuerySet[Row], object_id: str) -> Row:
    """Return the row that an address names. Raises Http404."""
    # A longer number is none that the database could hold.
    row = rows.filter(pk=int(object_id)).first() if object_id.isdecimal() and len(object_id) < 19 else None
    if row is None:
        raise Http404
    return row


def whole_number[Default](text: str | None, digits: int, default: Default) -> int | Default:
    """Return a whole number of at most so many digits that a field holds, the default where it holds none."""
    is_number = text is not None and text.isascii() and text.isdigit() and len(text) <= digits
    return int(text) if text is not None and is_number else default
