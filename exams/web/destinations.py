"""What the pages of exams are called, to somebody who was going there."""

from exams.assembly import selectors as assembly
from exams.presentation import formatting
from i18n.addresses import match_of


def name_of(path: str) -> str:
    """Return the title of the exam whose page is at this path, or "" when it is another page or no exam."""
    match = match_of(path)
    if match is None or match.view_name != "exams:start":
        return ""
    form = assembly.form(match.kwargs["code"], match.kwargs["number"])
    return formatting.exam_title(form.certification_code, form.number) if form else ""
