"""The proof sheet of a drafted exam: a page with its figures, and the same as PDF by a job."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.admin import own_jobs
from accounts.jobs import services as jobs
from accounts.users.requests import SignedInRequest
from exams.admin import draft_fields, draft_pages
from exams.admin.draft_views import address, staff_view
from exams.authoring import proof, rights
from exams.authoring.forms import NAME
from exams.authoring.models import Draft
from exams.authoring.proof import Proof
from exams.presentation import item_fields


@require_http_methods(["GET", "POST"])
@staff_view(rights.SEE)
def proof_view(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Show the figures; POST has them set as PDF, once for each revision."""
    draft = draft_pages.draft_of(object_id, NAME)
    if request.method == "POST":
        parameters = {"draft": draft.pk, "revision": draft.revision}
        job = jobs.start_own(proof.KIND, owner=request.user, parameters=parameters)
        return HttpResponseRedirect(own_jobs.address(job))
    found = proof.proof(draft.certification, draft.content)
    context = {
        **admin.site.each_context(request),
        "title": _("Proof sheet: %(exam)s") % {"exam": str(draft)},
        "draft": draft,
        "proof": found,
        "tables": list(_tables(found)),
        "back": address(draft),
        "opts": Draft._meta,
    }
    return render(request, "admin/exams/form_proof.html", context)


def _tables(found: Proof) -> Iterator[tuple[str, str, list[tuple[Any, int]]]]:
    """Yield what is counted: the title of each table, the head of its first column, its rows."""
    yield _("By task statement"), _("Task"), list(found.tasks)
    yield _("Question types"), _("Kind"), _named(found.kinds, item_fields.KINDS)
    yield _("Difficulty"), _("Difficulty"), _named(found.difficulties, draft_fields.DIFFICULTIES)
    yield _("Keys of questions with one answer"), _("Letter"), list(found.single_keys)
    yield _("Keys of questions with several answers"), _("Letter"), list(found.multiple_keys)


def _named(rows: Iterable[tuple[str, int]], names: Iterable[tuple[str, Promise]]) -> list[tuple[Any, int]]:
    known = dict(names)
    return [(known.get(name, name), count) for name, count in rows]
