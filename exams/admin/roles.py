"""What the roles of staff may do with exams in the admin."""

from collections.abc import Iterable
from typing import Final

from accounts.roles import registry

# When questions were checked, and which names moved on.
CARED_FOR: Final = ("itemcheck", "watchedname")
SEEN: Final = (
    *("certification", "certificationtext", "domain", "domaintext", "taskstatement", "taskstatementtext"),
    *("item", "itemversion", "itemtext", "option", "optiontext"),
    *("examform", "formedition", "formitem", "paper", "draft", "keyruling", "sheetedition", "sheetblock"),
    *CARED_FOR,
)
# What a translator reads beside drafts.
READ: Final = (
    *("certification", "item", "itemversion", "itemtext", "option", "optiontext"),
    *("sheetedition", "sheetblock"),
    *CARED_FOR,
)
# Statistics are of questions: they name no candidate.
MEASURED: Final = ("editionstatistics", "itemstatistics", "itemdecision")


def _view(models: Iterable[str]) -> list[str]:
    return [f"exams.view_{model}" for model in models]


def permissions() -> dict[str, list[str]]:
    """Let authors see all content, answer reports of problems, write.

    Reviewers see the same content, write too, alone approve and publish, and rule on keys; translators write
    texts in other languages than the original. Of candidates all see nothing; support sees attempts, extends
    and voids them within limits, and changes nothing else of them.
    """
    return {
        registry.AUTHORS: [
            *("exams.write_draft", "exams.add_itemdecision"),
            # They answer reports of problems; the admin does not tell them who reported.
            *("exams.view_problemreport", "exams.change_problemreport"),
            *_view((*SEEN, *MEASURED)),
        ],
        registry.REVIEWERS: [
            *("exams.write_draft", "exams.review_draft", "exams.add_keyruling"),
            *("exams.view_problemreport", "exams.view_pendingact"),
            *_view((*SEEN, *MEASURED)),
        ],
        registry.TRANSLATORS: ["exams.view_draft", "exams.translate_draft", *_view(READ)],
        registry.SUPPORT: ["exams.view_attempt", "exams.view_score", "exams.support_attempt"],
    }
