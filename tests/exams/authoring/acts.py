"""What two people do with a draft, in one call."""

from collections.abc import Mapping
from typing import Any

from accounts.users.models import User
from exams.authoring import services
from exams.authoring.models import Draft
from exams.catalog.models import Certification
from exams.publication.models import PublishLog
from tests import factories


def staff(role: str) -> User:
    """Return somebody with a role, the same one each time."""
    return User.objects.filter(email=f"{role}@example.org").first() or factories.make_staff(role)


def begin(certification: Certification, kind: str, name: str) -> Draft:
    """Open the draft of a thing as an author."""
    return services.open_draft(kind=kind, certification=certification, name=name, actor=staff("authors"))


def approve(draft: Draft, change: Mapping[str, Any]) -> Draft:
    """Save as an author, approve as a reviewer."""
    author = staff("authors")
    content = {**draft.content, **change}
    draft = services.save(draft_id=draft.pk, revision=draft.revision, content=content, actor=author)
    services.send_to_review(draft_id=draft.pk, revision=draft.revision, actor=author)
    return services.approve(draft_id=draft.pk, digest=draft.digest, actor=staff("reviewers"))


def publish(draft: Draft, change: Mapping[str, Any], **said: Any) -> PublishLog:
    """Save as an author, approve and publish as a reviewer, who may say what becomes of a ruling."""
    approve(draft, change)
    return publish_approved(draft, **said)


def publish_approved(draft: Draft, **said: Any) -> PublishLog:
    """Publish what was approved, as a reviewer."""
    stored = Draft.objects.get(pk=draft.pk)
    return services.publish(
        draft_id=stored.pk, digest=stored.digest, actor=staff("reviewers"), reason="better", **said
    )
