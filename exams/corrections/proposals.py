"""What may be ruled on a version, and what it would make of each edition that has it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from accounts.base.errors import Refused, Text
from exams.assembly import solutions
from exams.assembly.models import FormItem
from exams.attempts.models import Attempt, State
from exams.bank import rulings
from exams.bank.models import ItemVersion, KeyRuling, Option
from exams.bank.rulings import InForce, Ruling
from exams.scoring.rules import published_key

WITH_OPTIONS: Final = (KeyRuling.Kind.ALSO, KeyRuling.Kind.REPLACE)
CAUSES: Final[Mapping[str, Collection[str]]] = {
    KeyRuling.Kind.ALSO: (KeyRuling.Cause.SECOND, KeyRuling.Cause.UNCLEAR, KeyRuling.Cause.OUTDATED),
    KeyRuling.Kind.REPLACE: (KeyRuling.Cause.WRONG, KeyRuling.Cause.OUTDATED),
    KeyRuling.Kind.CREDIT: KeyRuling.Cause.values,
    KeyRuling.Kind.OUT: KeyRuling.Cause.values,
}
"""The causes that fit a ruling: everybody reads both, one after the other."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A ruling that somebody thinks of. `options` are also accepted, or are the new key."""

    version_id: int
    kind: str
    options: tuple[int, ...]
    may_lower: bool
    cause: str

    @classmethod
    def of(cls, values: Mapping[str, object]) -> "Proposal":
        """Return what `values` has kept of one."""
        options = values["options"]
        return cls(
            version_id=int(str(values["version"])),
            kind=str(values["kind"]),
            options=tuple(options) if isinstance(options, list) else (),
            may_lower=values["may_lower"] is True,
            cause=str(values["cause"]),
        )

    def values(self) -> dict[str, object]:
        """Return it as JSON can keep it."""
        return {
            "version": self.version_id,
            "kind": self.kind,
            "options": list(self.options),
            "may_lower": self.may_lower,
            "cause": self.cause,
        }

    def added_to(self, until: int | None) -> InForce:
        """Return what would be decided if it were ruled after the ruling `until`."""
        mine = Ruling((until or 0) + 1, self.kind, frozenset(self.options))
        return {**rulings.in_force(until), self.version_id: mine}


def check(proposal: Proposal, until: int | None) -> ItemVersion:
    """Return the version if this may be ruled on it after the ruling `until`.

    Raises Refused: not_found, not_used, invalid with its field, empties_domain, nothing_would_change.
    """
    versions = ItemVersion.objects.select_related("item__certification").exclude(published_at=None)
    version = versions.filter(pk=proposal.version_id).first()
    if version is None:
        raise Refused("not_found", 404, _("Question not found."))
    if not editions_with(version.pk):
        raise Refused("not_used", 409, _("No exam has this version. Publish a corrected version instead."))
    if proposal.kind not in KeyRuling.Kind.values:
        raise _invalid("kind", _("Choose what to rule."))
    if proposal.cause not in KeyRuling.Cause.values:
        raise _invalid("cause", _("Choose a cause."))
    if proposal.cause not in CAUSES[proposal.kind]:
        raise _invalid(
            "cause",
            _("“%(cause)s” doesn't fit this ruling. Choose one of these: %(fitting)s"),
            cause=KeyRuling.Cause(proposal.cause).label,
            fitting=lazy(_fitting, str)(proposal.kind),
        )
    _check_options(proposal, version)
    if proposal.kind == KeyRuling.Kind.OUT:
        _check_domains(proposal, until)
    _check_change(proposal, version, until)
    return version


def _fitting(kind: str) -> str:
    return " ".join(str(KeyRuling.Cause(cause).label) for cause in CAUSES[kind])


def _invalid(field: str, detail: Text, **values: object) -> Refused:
    return Refused("invalid", 422, detail, values=values, field=field)


def _check_options(proposal: Proposal, version: ItemVersion) -> None:
    chosen = set(proposal.options)
    if proposal.kind not in WITH_OPTIONS:
        if chosen:
            raise _invalid("options", _("This ruling takes no options."))
        return
    known = dict(Option.objects.filter(version=version).values_list("pk", "is_key"))
    if not chosen or not chosen <= set(known):
        raise _invalid("options", _("Choose options of this question."))
    if proposal.kind == KeyRuling.Kind.REPLACE and len(chosen) != version.choose:
        raise _invalid(
            "options",
            _("Choose as many options as a full answer has: %(choose)s."),
            choose=version.choose,
        )
    if proposal.kind == KeyRuling.Kind.ALSO and all(known[option] for option in chosen):
        raise _invalid("options", _("Choose an option that isn't correct already."))


def _check_domains(proposal: Proposal, until: int | None) -> None:
    """See that each edition keeps a scored question in the domain of the version."""
    in_force = proposal.added_to(until)
    out = [version for version, ruling in in_force.items() if ruling.kind == KeyRuling.Kind.OUT]
    mine = FormItem.objects.filter(version_id=proposal.version_id, is_scored=True)
    for place in mine.select_related("edition__form"):
        # A domain without a scored question could not be weighted.
        others = FormItem.objects.filter(
            edition_id=place.edition_id, domain_number=place.domain_number, is_scored=True
        )
        if not others.exclude(version_id__in=out).exists():
            raise Refused(
                "empties_domain",
                409,
                _("Exam %(exam)s would have no scored question left in domain %(domain)s."),
                values={"exam": place.edition.form.number, "domain": place.domain_number},
            )


def _check_change(proposal: Proposal, version: ItemVersion, until: int | None) -> None:
    keys = solutions.keys_of([version.pk])[version.pk]
    now = rulings.key_of(keys, rulings.in_force(until).get(version.pk))
    then = rulings.key_of(keys, proposal.added_to(until)[version.pk])
    if now == then:
        nothing = _("That's how the question is scored now.")
        if now == published_key(keys):
            nothing = _("That's the published key.")
        raise Refused("nothing_would_change", 409, nothing)


def people_touched(version_id: int) -> int:
    """Return how many people took or are taking an exam with a version: a ruling decides of their scores.

    Each person counts once, whatever the ruling would change. Void exams don't count, nor drills, which no
    ruling scores anew. One statement after the editions.
    """
    taken = Attempt.objects.filter(edition__in=editions_with(version_id), user__isnull=False)
    return taken.exclude(state=State.VOIDED).values("user").distinct().count()


def editions_with(version_id: int) -> Sequence[int]:
    """Return the published editions that have a version."""
    places = FormItem.objects.filter(version_id=version_id, edition__published_at__isnull=False)
    return list(places.order_by("edition_id").values_list("edition_id", flat=True))
