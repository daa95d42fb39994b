"""What the roles of staff may do with exams in the admin."""

from typing import Final

from accounts.roles import registry

SEEN: Final = (
    *("certification", "certificationtext", "domain", "domaintext", "taskstatement", "taskstatementtext"),
    *("item", "itemversion", "itemtext", "option", "optiontext"),
    *("examform", "formedition", "formitem", "paper"),
)
CHANGED: Final = ("certification", "certificationtext")


def declare() -> None:
    """Let authors see all content and change the facts of a certification, and see nothing of candidates."""
    registry.grant(registry.AUTHORS, *(f"exams.view_{model}" for model in SEEN))
    registry.grant(registry.AUTHORS, *(f"exams.change_{model}" for model in CHANGED))
