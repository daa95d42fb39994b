"""The menu of the admin: what people do there, and below it every list by its name."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse_lazy
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


def _allowed(permission: str) -> Callable[[Any], bool]:
    return lambda request: request.user.has_perm(permission)


def _item(title: Promise, icon: str, name: str, permission: str, query: str = "") -> dict[str, Any]:
    """Return a line: `name` is that of an address of the admin, `query` what follows it."""
    link = reverse_lazy(f"admin:{name}")
    return {
        "title": title,
        "icon": icon,
        "link": (lambda request: f"{link}?{query}") if query else link,
        "permission": _allowed(permission),
    }


def _list(title: Promise, icon: str, model: str) -> dict[str, Any]:
    """Return the line of a list, for who may see it."""
    app, name = model.split(".")
    return _item(title, icon, f"{app}_{name}_changelist", f"{app}.view_{name}")


MENU = [
    {
        "title": pgettext_lazy("menu", "Write"),
        "items": [
            _item(_("New question"), "add", "exams_item_new_question", "exams.write_draft"),
            _list(_("Drafts"), "edit_note", "exams.draft"),
            _list(_("Questions"), "quiz", "exams.item"),
            _list(_("Exams"), "assignment", "exams.examform"),
            _list(pgettext_lazy("menu", "Cheat sheets"), "menu_book", "exams.sheetedition"),
            _list(pgettext_lazy("menu", "Cards"), "style", "flashcards.card"),
            _list(_("Certifications"), "workspace_premium", "exams.certification"),
            _item(_("Import"), "upload", "exams_importfile_changelist", "exams.write_draft"),
        ],
    },
    {
        "title": pgettext_lazy("menu", "Review and publish"),
        "separator": True,
        "items": [
            _item(
                _("Waiting for review"),
                "rate_review",
                "exams_draft_changelist",
                "exams.review_draft",
                "state__exact=review",
            ),
            _item(
                _("Waiting to be published"),
                "publish",
                "exams_draft_changelist",
                "exams.review_draft",
                "state__exact=approved",
            ),
            _list(_("Waiting for a second person"), "how_to_reg", "exams.pendingact"),
            _list(_("Problem reports"), "flag", "exams.problemreport"),
            _list(_("Rulings on keys"), "gavel", "exams.keyruling"),
        ],
    },
    {
        "title": pgettext_lazy("menu", "Translate and keep up to date"),
        "separator": True,
        "items": [
            _item(_("Translations"), "translate", "exams_itemcheck_translations", "exams.view_draft"),
            _item(_("Work queue"), "checklist", "exams_itemcheck_queue", "exams.view_draft"),
            _list(_("Watched names"), "visibility", "exams.watchedname"),
        ],
    },
    {
        "title": pgettext_lazy("menu", "People and sales"),
        "separator": True,
        "items": [
            _list(_("Users"), "person", "accounts.user"),
            _list(_("Attempts"), "timer", "exams.attempt"),
            _list(_("Access"), "key", "accounts.entitlement"),
            _list(_("Purchases"), "receipt_long", "accounts.purchase"),
            _list(_("Products"), "sell", "accounts.product"),
            _list(_("Vouchers"), "redeem", "accounts.voucherbatch"),
        ],
    },
    {
        "title": pgettext_lazy("menu", "Operation"),
        "separator": True,
        "items": [
            _list(_("Jobs"), "manufacturing", "accounts.job"),
            _list(_("Emails"), "mail", "accounts.mail"),
            _list(_("Record of acts"), "history", "accounts.auditentry"),
        ],
    },
]
