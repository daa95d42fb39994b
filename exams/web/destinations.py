"""What the pages of exams are called in a mail to somebody who was going there."""

from django.urls import Resolver404, resolve
from django.utils.translation import get_language_from_path, override

from exams.assembly import selectors as assembly
from exams.presentation import formatting
from i18n import languages


def name_of(path: str) -> str:
    """Return the title of the exam whose page is at this path, or "" when it is another page or no exam."""
    address = path.partition("?")[0]
    with override(get_language_from_path(address) or languages.DEFAULT):
        try:
            match = resolve(address)
        except Resolver404:
            return ""
    if match.view_name != "exams:start":
        return ""
    form = assembly.form(match.kwargs["code"], match.kwargs["number"])
    return formatting.exam_title(form.certification_code, form.number) if form else ""
