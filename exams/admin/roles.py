"""What the roles of staff may do with exams in the admin."""

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
# Authors answer reports of problems; the admin does not tell them who reported.
ANSWERED: Final = ("problemreport",)


def declare() -> None:
    """Let authors see all content, answer reports of problems, write.

    Reviewers see the same content, write too, alone approve and publish, and rule on keys; translators write
    texts in other languages than the original. Of candidates all see nothing; support sees attempts, extends
    and voids them within limits, and changes nothing else of them.
    """
    for role in (registry.AUTHORS, registry.REVIEWERS, registry.TRANSLATORS):
        registry.grant(role, "exams.view_draft")
    registry.grant(registry.AUTHORS, "exams.write_draft")
    registry.grant(registry.REVIEWERS, "exams.write_draft", "exams.review_draft")
    registry.grant(registry.TRANSLATORS, "exams.translate_draft")
    registry.grant(registry.TRANSLATORS, *(f"exams.view_{model}" for model in READ))
    registry.grant(registry.REVIEWERS, *(f"exams.view_{model}" for model in SEEN))
    for role in (registry.REVIEWERS, registry.AUTHORS):
        registry.grant(role, *(f"exams.view_{model}" for model in MEASURED))
    registry.grant(registry.AUTHORS, "exams.add_itemdecision")
    registry.grant(registry.REVIEWERS, "exams.add_keyruling", "exams.view_problemreport")
    registry.grant(registry.REVIEWERS, "exams.view_pendingact")
    registry.grant(registry.SUPPORT, "exams.view_attempt", "exams.view_score", "exams.support_attempt")
    registry.grant(registry.AUTHORS, *(f"exams.view_{model}" for model in SEEN))
    registry.grant(
        registry.AUTHORS, *(f"exams.{act}_{model}" for model in ANSWERED for act in ("view", "change"))
    )
