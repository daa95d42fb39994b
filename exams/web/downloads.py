"""A person's own answers to an ended exam as a file, in CSV or JSON."""

import json
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.base import csv_file
from accounts.base.errors import Refused
from accounts.profile import selectors as profiles
from accounts.users.requests import SignedInRequest, signed_in
from accounts.web import limits
from accounts.web.rendering import attachment, no_store
from exams.attempts import results
from exams.presentation import exports


@require_safe
@limits.limited(limits.EXPORT)
@signed_in
def answers(request: SignedInRequest, attempt_id: UUID, kind: str) -> HttpResponse:
    """Answer with the file. 404 for another's attempt.

    Before there is a score, and while the person takes an exam with these questions, it leads to the result,
    which says why.
    """
    ui_language = get_language() or ""
    wanted = profiles.of(request.user).content_language or ui_language
    try:
        review = results.review(request.user, attempt_id, wanted, ui_language)
    except Refused as refused:
        if refused.code not in ("not_finished", "exam_running"):
            raise
        return redirect("exams:result", attempt_id)
    rows = [exports.row(item) for item in review.items]
    is_csv, head = kind == "csv", review.result.head
    content = csv_file.write(rows) if is_csv else _json(review.result, rows)
    media_type = csv_file.MEDIA_TYPE if is_csv else "application/json"
    name = f"{head.certification_code}-exam-{head.form_number}-answers.{kind}"
    return no_store(attachment(content, media_type, name))


def _json(result: results.Result, rows: list[dict[str, Any]]) -> bytes:
    head, score = result.head, result.estimates
    content = {
        "attempt": str(head.attempt_id),
        "certification": head.certification_code,
        "exam": head.form_number,
        "started_at": head.started_at.isoformat(),
        "ended_at": head.ended_at.isoformat() if head.ended_at else None,
        "scaled_score": score.scaled if score else None,
        "answers": rows,
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()
