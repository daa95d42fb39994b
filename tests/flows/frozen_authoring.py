"""What authoring keeps, for the freeze: a row of each kind, and statements that are refused on it."""

from typing import Any, Final

from django.db.models.functions import Now

from accounts.users.models import User
from exams.attempts.models import Score
from exams.authoring import services
from exams.authoring.models import DraftComment, DraftSave, ImportFile
from exams.bank import services as bank
from exams.bank.models import KeyRuling
from exams.content.exchange_formats.pictures import read_picture
from exams.corrections.models import KeptScore
from exams.freshness.models import ItemCheck
from exams.publication import services as publication
from exams.publication.models import PendingAct, PublishLog
from exams.statistics.models import EditionStatistics, ItemDecision
from tests.exams.authoring import acts
from tests.exams.authoring.test_services import with_stem
from tests.exams.content.exchange_formats.builders import image
from tests.factories import Form


def ruling(version: str, kind: str, options: str, log: str) -> str:
    """Return the statement that rules on a version."""
    return (
        "INSERT INTO exams_keyruling (version_id, kind, option_ids, may_lower, cause, log_id)"
        f" VALUES ({version}, '{kind}', {options}, false, 'wrong', {log})"
    )


# table.trigger: statements that it refuses on what has happened
REFUSED: Final = {
    "exams_draft.guard_draft": [
        "DELETE FROM exams_draft WHERE id = %(open_draft)s",
        "UPDATE exams_draft SET kind = 'form' WHERE id = %(open_draft)s",
        "UPDATE exams_draft SET name = 'E1-Q08' WHERE id = %(open_draft)s",
        "UPDATE exams_draft SET begun_at = begun_at + interval '1 second' WHERE id = %(open_draft)s",
        "UPDATE exams_draft SET content = '{}', digest = 'd', revision = revision + 1"
        " WHERE id = %(closed_draft)s",
        "UPDATE exams_draft SET revision = revision + 1 WHERE id = %(closed_draft)s",
        "UPDATE exams_draft SET base_id = NULL WHERE id = %(closed_draft)s",
        "UPDATE exams_draft SET state = 'draft' WHERE id = %(closed_draft)s",
        # A save counts, changes the digest, and makes a draft of what was in review.
        "UPDATE exams_draft SET content = '{}', digest = 'd' WHERE id = %(open_draft)s",
        "UPDATE exams_draft SET content = '{}', revision = revision + 1 WHERE id = %(open_draft)s",
        "UPDATE exams_draft SET content = '{}', digest = 'd', revision = revision + 1, state = 'review'"
        " WHERE id = %(open_draft)s",
        "UPDATE exams_draft SET state = 'approved', approved_digest = digest WHERE id = %(open_draft)s",
        "UPDATE exams_draft SET state = 'published', approved_digest = digest, log_id = %(correction)s"
        " WHERE id = %(open_draft)s",
    ],
    "exams_draftsave.insert_only": [
        "UPDATE exams_draftsave SET content = '{}' WHERE id = %(draft_save)s",
        "UPDATE exams_draftsave SET revision = 99 WHERE id = %(draft_save)s",
        "UPDATE exams_draftsave SET person_id = %(stranger)s WHERE id = %(draft_save)s",
        "DELETE FROM exams_draftsave WHERE id = %(draft_save)s",
    ],
    "exams_draftcomment.insert_only": [
        "UPDATE exams_draftcomment SET text = 'other' WHERE id = %(draft_comment)s",
        "UPDATE exams_draftcomment SET person_id = %(stranger)s WHERE id = %(draft_comment)s",
        "DELETE FROM exams_draftcomment WHERE id = %(draft_comment)s",
    ],
    "exams_importfile.insert_only": [
        "UPDATE exams_importfile SET content = 'other'",
        "UPDATE exams_importfile SET owner_id = %(stranger)s",
    ],
    "exams_itemimage.insert_only": [
        "UPDATE exams_itemimage SET media_type = 'image/webp'",
        "UPDATE exams_itemimage SET content = 'other', digest = encode(sha256('other'), 'hex')",
        "DELETE FROM exams_itemimage",
    ],
    "exams_pendingact.guard_pending_act": [
        "DELETE FROM exams_pendingact WHERE id = %(proposal)s",
        # What was proposed stays, who proposed it does not confirm it, and it is decided once.
        "UPDATE exams_pendingact SET reason = 'other' WHERE id = %(proposal)s",
        "UPDATE exams_pendingact SET state = 'declined', decided_at = now(), parameters = '[1]'"
        " WHERE id = %(proposal)s",
        "UPDATE exams_pendingact SET state = 'confirmed', decided_at = now(), decider_id = proposer_id"
        " WHERE id = %(proposal)s",
        "UPDATE exams_pendingact SET state = 'confirmed', decided_at = now() WHERE id = %(proposal)s",
        "UPDATE exams_pendingact SET state = 'waiting', decided_at = NULL WHERE id = %(declined)s",
        "UPDATE exams_pendingact SET decision = 'other' WHERE id = %(declined)s",
        "UPDATE exams_pendingact SET decider_id = %(stranger)s WHERE id = %(declined)s",
    ],
    "exams_keyruling.insert_only": [
        "UPDATE exams_keyruling SET kind = 'out' WHERE id = %(ruling)s",
        "UPDATE exams_keyruling SET may_lower = NOT may_lower WHERE id = %(ruling)s",
        "UPDATE exams_keyruling SET version_id = %(draft)s WHERE id = %(ruling)s",
        "DELETE FROM exams_keyruling WHERE id = %(ruling)s",
    ],
    "exams_keyruling.check_key_ruling": [
        ruling("%(draft)s", "credit", "'{}'", "%(correction)s"),
        ruling("%(version)s", "also", "ARRAY[%(draft_option)s]", "%(correction)s"),
        ruling("%(version)s", "also", "ARRAY[%(option)s, %(option)s]", "%(correction)s"),
        ruling("%(version)s", "replace", "ARRAY[%(option)s, %(other_option)s]", "%(correction)s"),
        ruling("%(version)s", "credit", "'{}'", "%(no_correction)s"),
    ],
    "exams_keptscore.insert_only": [
        "UPDATE exams_keptscore SET scaled = 1000, passed = true",
        "DELETE FROM exams_keptscore",
    ],
    "exams_editionstatistics.insert_only": [
        "UPDATE exams_editionstatistics SET n = 99",
        "DELETE FROM exams_editionstatistics",
    ],
    "exams_itemdecision.insert_only": [
        "UPDATE exams_itemdecision SET kind = 'retire'",
        "UPDATE exams_itemdecision SET actor_id = %(stranger)s",
        "DELETE FROM exams_itemdecision",
    ],
    "exams_itemcheck.insert_only": [
        "UPDATE exams_itemcheck SET checked_on = checked_on + 1",
        "UPDATE exams_itemcheck SET person_id = %(stranger)s",
        "DELETE FROM exams_itemcheck",
    ],
}

# What must be possible all the same.
ALLOWED: Final = [
    "UPDATE exams_draft SET content = '{}', digest = 'd', revision = revision + 1 WHERE id = %(open_draft)s",
    "UPDATE exams_draft SET state = 'review' WHERE id = %(open_draft)s",
    "UPDATE exams_draft SET author_id = NULL, assignee_id = NULL WHERE id = %(closed_draft)s",
    "UPDATE exams_draftsave SET person_id = NULL WHERE id = %(draft_save)s",
    "UPDATE exams_draftcomment SET person_id = NULL WHERE id = %(draft_comment)s",
    "UPDATE exams_itemdecision SET actor_id = NULL",
    "UPDATE exams_itemcheck SET person_id = NULL",
    "DELETE FROM exams_importfile",
    "UPDATE exams_pendingact SET state = 'confirmed', decided_at = now(), decider_id = %(stranger)s"
    " WHERE id = %(proposal)s",
    "UPDATE exams_pendingact SET proposer_id = NULL, decider_id = NULL WHERE id = %(declined)s",
    ruling("%(version)s", "replace", "ARRAY[%(other_option)s]", "%(correction)s"),
]


def rows(form: Form, score: Score, actor: User) -> dict[str, Any]:
    """Store one of everything about the first item of a form; return the ids by the names of statements."""
    author, reviewer = acts.staff("authors"), acts.staff("reviewers")
    certification, option_id = form.form.certification, form.keys[1][0]
    closed = acts.begin(certification, "item", "E1-Q03")
    services.discard(draft_id=closed.pk, actor=author, reason="not needed")
    draft = acts.begin(certification, "item", "E1-Q02")
    for person, stem in ((author, "Theirs. Which?"), (reviewer, "Ours. Which?")):
        content = with_stem(draft, stem)
        draft = services.save(draft_id=draft.pk, revision=draft.revision, content=content, actor=person)
    services.comment(draft_id=draft.pk, actor=reviewer, text="Shorter, please.")
    ImportFile.objects.create(
        owner=author, certification=certification, format="csv", name="a.csv", content=b"a"
    )
    bank.store_images([read_picture(image())])
    correction = publication.begin(PublishLog.Source.CORRECTION, actor=actor, reason="the key was wrong")
    other = publication.begin(PublishLog.Source.PERSON, actor=actor, reason="clearer")
    version = form.edition.items.get(position=1).version
    ruled = KeyRuling.objects.create(
        version=version, kind="credit", may_lower=False, cause="wrong", log=correction
    )
    KeptScore.objects.create(
        ruling=ruled, attempt=score.attempt, revision=score.revision, scaled=700, passed=False
    )
    EditionStatistics.objects.create(edition=form.edition, n=1, figures={}, items=[])
    ItemDecision.objects.create(
        version=version, number=1, kind="wait", proposed="wait", figures={}, reason="too few", actor=actor
    )
    ItemCheck.objects.create(
        item=version.item, checked_on="2026-01-31", pages=["https://a.b/"], source="person", person=actor
    )
    proposed = {"kind": "listing", "proposer": author, "reason": "ready"}
    decided = {"state": "declined", "decider": reviewer, "decided_at": Now()}
    return {
        "proposal": PendingAct.objects.create(subject="MLS-C01", **proposed).pk,
        "declined": PendingAct.objects.create(subject="SAA-C03", **proposed, **decided).pk,
        "open_draft": draft.pk,
        "closed_draft": closed.pk,
        "draft_save": DraftSave.objects.get(draft=draft).pk,
        "draft_comment": DraftComment.objects.get(draft=draft).pk,
        "ruling": ruled.pk,
        "correction": correction.pk,
        "no_correction": other.pk,
        "other_option": version.options.exclude(pk=option_id)[0].pk,
    }
