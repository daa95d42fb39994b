"""What the roles of staff may do with exams in the admin."""

from typing import Final

from accounts.roles import registry

SEEN: Final = (
    *("certification", "certificationtext", "domain", "domaintext", "taskstatement", "taskstatementtext"),
    *("item", "itemversion", "itemtext", "option", "optiontext"),
    *("examform", "formedition", "formitem", "paper", "draft", "keyruling"),
)
CHANGED: Final = ("certification", "certificationtext")
# Authors answer reports of problems; the admin does not tell them who reported.
ANSWERED: Final = ("problemreport",)


def declare() -> None:
    """Let authors see all content, change the facts of a certification and answer reports of problems.

    Reviewers see the same content and the reports, and rule on keys. Of candidates both see nothing; support
    sees attempts and changes none.
    """
    registry.grant(registry.REVIEWERS, *(f"exams.view_{model}" for model in SEEN))
    registry.grant(registry.REVIEWERS, "exams.add_keyruling", "exams.view_problemreport")
    registry.grant(registry.SUPPORT, "exams.view_attempt", "exams.view_score")
    registry.grant(registry.AUTHORS, *(f"exams.view_{model}" for model in SEEN))
    registry.grant(registry.AUTHORS, *(f"exams.change_{model}" for model in CHANGED))
    registry.grant(
        registry.AUTHORS, *(f"exams.{act}_{model}" for model in ANSWERED for act in ("view", "change"))
    )
