"""A ruling on a question and its next version: how the draft begins, and what becomes of the ruling.

The options of a version are rows of their own, so a ruling names those of its version alone. In a draft an
option is the one that reads the same, wherever it was moved; else the one in its place, if nothing else has
that place: it was reworded. One that was both moved and reworded, or removed, is gone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.audit import services as audit
from accounts.base.errors import Refused
from exams.authoring.item_content import LETTERS
from exams.authoring.kinds import Content, PastRuling, Remark
from exams.authoring.models import OPEN, Draft
from exams.bank import rulings
from exams.bank.models import Item, ItemVersion, KeyRuling, Option, OptionText
from exams.catalog.models import Certification
from exams.corrections import services as corrections
from exams.publication.models import PublishLog

RULE: Final = "ruled-key"


class Outcome(TextChoices):
    """What becomes of a ruling with the next version. The first two are for who publishes to choose."""

    ANSWERED = "answer", pgettext_lazy("what becomes of a ruling", "Its text answers the ruling.")
    CARRIED = "carry over", pgettext_lazy("what becomes of a ruling", "The ruling was carried over.")
    LIFTED = "lift", pgettext_lazy("what becomes of a ruling", "A reviewer lifted the ruling.")


CHOICES: Final = (Outcome.ANSWERED, Outcome.CARRIED)


@dataclass(frozen=True, slots=True)
class NamedOption:
    """An option that a ruling names: as its version has it, and its place in a draft, None where it is gone.

    `words` are those of the draft, or of the version for one that is gone.
    """

    letter: str
    place: int | None
    words: str
    is_reworded: bool = False

    @property
    def new_letter(self) -> str:
        """Return the letter that it has in the draft, "" where it is gone."""
        return "" if self.place is None else LETTERS[self.place]


@dataclass(frozen=True, slots=True)
class RuledVersion:
    """A version with the ruling by which it is scored. `places` are those of the options that it names."""

    version: ItemVersion
    ruling: KeyRuling
    places: tuple[int, ...]
    words: tuple[str, ...]
    language: str

    @property
    def is_key(self) -> bool:
        """Tell whether it is the ruling itself that says the new key."""
        return self.ruling.kind == KeyRuling.Kind.REPLACE

    def named(self, content: Content) -> list[NamedOption]:
        """Return the options that the ruling names, as a draft has them."""
        words = _words(content, self.language)
        kept = same_options(self.words, words)
        return [self._named(place, kept[place], words) for place in self.places]

    def _named(self, place: int, new: int | None, words: Sequence[str]) -> NamedOption:
        before = self.words[place]
        if new is None:
            return NamedOption(LETTERS[place], None, before)
        return NamedOption(LETTERS[place], new, words[new], _plain(before) != _plain(words[new]))

    def follows(self, content: Content) -> bool:
        """Tell whether the key of a draft is the one that was ruled; so it is where no key was ruled."""
        wanted = {option.place for option in self.named(content)}
        return not self.is_key or wanted == {
            n for n, option in enumerate(content["options"]) if option["key"]
        }

    def carried(self, content: Content) -> list[int]:
        """Return the places in a draft that the ruling would accept beside the key."""
        places = (option.place for option in self.named(content))
        return [place for place in places if place is not None and not content["options"][place]["key"]]

    def can_be_carried(self, content: Content) -> bool:
        """Tell whether the ruling still says something of a draft."""
        return not self.is_key and (self.ruling.kind != KeyRuling.Kind.ALSO or bool(self.carried(content)))


def same_options(before: Sequence[str], after: Sequence[str]) -> list[int | None]:
    """Return for each option the place at which it is afterward, None where it is gone."""
    old, new = ([_plain(text) for text in words] for words in (before, after))
    places = [new.index(text) if text and new.count(text) == old.count(text) == 1 else None for text in old]
    taken = {place for place in places if place is not None}
    return [
        place if known is None and place < len(new) and place not in taken else known
        for place, known in enumerate(places)
    ]


def _plain(words: str) -> str:
    return " ".join(words.split()).casefold()


def _words(content: Content, language: str) -> list[str]:
    text: Mapping[str, Any] = content["texts"].get(language, {})
    texts = [str(option["text"]) for option in text.get("options", ())]
    return [*texts, *([""] * len(content["options"]))][: len(content["options"])]


def of(certification: Certification, name: str) -> RuledVersion | None:
    """Return the version that the next one follows, if a ruling says how it is scored.

    One statement for a question without rulings, else at most six.
    """
    if not KeyRuling.objects.filter(
        version__item__certification=certification, version__item__code=name
    ).exists():
        return None
    version = rulings.standing_version(Item.objects.get(certification=certification, code=name))
    ruling = rulings.deciding([version.pk]).get(version.pk) if version else None
    if version is None or ruling is None:
        return None
    language = certification.original_language
    options = Option.objects.filter(version=version).order_by("order")
    texts = OptionText.objects.filter(item_text__version=version, item_text__language=language)
    words = dict(texts.order_by("item_text__revision").values_list("option_id", "text"))
    ids = [option.pk for option in options]
    return RuledVersion(
        version,
        ruling,
        tuple(place for place, pk in enumerate(ids) if pk in ruling.option_ids),
        tuple(words.get(pk, "") for pk in ids),
        language,
    )


def begun(ruled: RuledVersion | None, content: Content) -> Content:
    """Return the content of the ruled version with the key that was ruled, where one was."""
    if ruled is None or not ruled.is_key:
        return content
    options = [
        {"key": place in ruled.places, "failure": "" if place in ruled.places else option["failure"]}
        for place, option in enumerate(content["options"])
    ]
    return {**content, "options": options}


def remarks(certification: Certification, name: str, content: Content) -> Iterator[Remark]:
    """Yield that a draft has another key than the one that was ruled, unless a reviewer lifted the ruling."""
    ruled = of(certification, name)
    if ruled is None or ruled.follows(content):
        return
    if not Draft.objects.filter(lifted_ruling=ruled.ruling, state__in=OPEN).exists():
        yield Remark("options", RULE, _key_sentence(ruled, content), blocks=True)


def _key_sentence(ruled: RuledVersion, content: Content) -> str:
    options = ruled.named(content)
    if any(option.place is None for option in options):
        sentence = _("A ruling made this option the key, and it isn't in this draft: “%(words)s”.")
        return sentence % {"words": next(option.words for option in options if option.place is None)}
    sentence = _(
        "A ruling changed the key to %(letters)s. Mark it as correct, or ask a reviewer to lift the ruling."
    )
    return sentence % {"letters": ", ".join(option.new_letter for option in options)}


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a ruling: `places` are the options of the new version that it accepts."""

    ruled: RuledVersion
    outcome: Outcome
    places: tuple[int, ...] = ()


def decide(ruled: RuledVersion | None, content: Content, past: PastRuling) -> Decision | None:
    """Return what becomes of a ruling with a new version, None where there is none.

    Raises Refused: ruled_meanwhile where another ruling is in force than was seen, key_differs,
    ruling_undecided, nothing_to_carry. Call it only where no other ruling can be made meanwhile.
    """
    in_force = ruled.ruling.pk if ruled else None
    if past.seen_id is not None and past.seen_id != in_force:
        raise Refused(
            "ruled_meanwhile",
            409,
            gettext_lazy("There has been another ruling in the meantime. Read it, then decide again."),
        )
    if ruled is None:
        return None
    if ruled.is_key:
        return Decision(ruled, _of_key(ruled, content, past))
    if past.seen_id is None or past.choice not in CHOICES:
        raise Refused(
            "ruling_undecided",
            422,
            gettext_lazy("Choose what happens to the ruling on version %(number)s."),
            values={"number": ruled.version.number},
            field="choice",
        )
    if past.choice == Outcome.CARRIED and not ruled.can_be_carried(content):
        raise Refused(
            "nothing_to_carry",
            409,
            gettext_lazy(
                "The ruling can't be carried over: every option it accepts is gone or already correct."
            ),
            field="choice",
        )
    return Decision(ruled, Outcome(past.choice), tuple(ruled.carried(content)))


def _of_key(ruled: RuledVersion, content: Content, past: PastRuling) -> Outcome:
    if ruled.follows(content):
        return Outcome.ANSWERED
    if past.lifted_id == ruled.ruling.pk:
        return Outcome.LIFTED
    raise Refused(
        "key_differs",
        409,
        gettext_lazy("A ruling changed the key, and this draft's key differs from it. Send the draft back."),
    )


def carry_out(decision: Decision, version: ItemVersion, log: PublishLog) -> None:
    """Do what was decided with the version that was just published; the record of acts says which."""
    ruling, carried = decision.ruled.ruling, None
    if decision.outcome == Outcome.CARRIED:
        ids = list(version.options.order_by("order").values_list("pk", flat=True))
        options = [ids[place] for place in decision.places]
        carried = corrections.carry_over(ruling, version, options, actor=log.actor, reason=log.reason)
    audit.record(
        actor=log.actor,
        action=str(decision.outcome),
        subject=ruling,
        reason=log.reason,
        before={"version": decision.ruled.version.number},
        after={"version": version.number} | ({"ruling": carried.pk} if carried else {}),
    )


def unanswered(item: Item, version: ItemVersion) -> KeyRuling | None:
    """Return the last ruling on another version, in force, that this older version does not answer.

    It does where it was published, or ruled on itself, later; or where the ruling was carried over from it.
    Who goes back to the version has to say that it answers it all the same.
    """
    versions = item.versions.filter(published_at__isnull=False).values_list("pk", flat=True)
    own = KeyRuling.objects.filter(version=version).order_by("-pk").values_list("pk", flat=True).first() or 0
    newer = [
        ruling
        for ruling in rulings.deciding(list(versions)).values()
        if ruling.version_id != version.pk and ruling.pk > own and ruling.log_id > version.log_id
    ]
    open_ = [ruling for ruling in newer if not _was_carried_from(ruling, version)]
    return max(open_, key=lambda ruling: ruling.pk, default=None)


def _was_carried_from(ruling: KeyRuling, version: ItemVersion) -> bool:
    origin: KeyRuling | None = ruling
    while origin is not None and origin.version_id != version.pk:
        origin = origin.carried_from
    return origin is not None
