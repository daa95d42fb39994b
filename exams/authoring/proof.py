"""The proof sheet of a form: what it is made of against what it should be, as figures and as a document.

The figures come from the draft, so that an author sees them before anything is published. The document is set
by a job of whoever asks (`KIND`).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from accounts.jobs.registry import JobContext, JobResult, MadeFile
from accounts.profile import selectors as profiles
from accounts.users.models import User
from exams.authoring.item_content import DIFFICULTIES
from exams.authoring.models import Draft
from exams.bank.services import current_versions
from exams.catalog.models import Certification
from exams.content.records import WholeItem
from exams.content.rules.measures import count_words
from exams.content_sync.stored import whole_items
from exams.kinds.kinds import NAMES, has_one_answer
from exams.pdf import typesetting
from exams.pdf.tree import Block, Document, Inlines, Paragraph, Part, Section, Table, Text

KIND: Final = "proof_sheet_pdf"
SITE: Final = "Passline"
WORDS_A_MINUTE: Final = 200
"""Below the 238 that adults read of English prose in silence (Brysbaert, Journal of Memory and Language 109,
2019), since many candidates read a language that is not their own.
"""
PERCENT: Final = 100


@dataclass(frozen=True, slots=True)
class DomainProof:
    """A domain: its weight in percent, and how many scored and unscored questions the form has of it."""

    number: int
    weight: int
    scored: int
    unscored: int
    wanted: float


@dataclass(frozen=True, slots=True)
class Proof:
    """The figures of a form. `keys` counts the letters of keys, singles apart from multiples.

    `words` is all that a candidate reads before answering, `minutes` how long a form may take.
    """

    items: int
    scored: int
    minutes: int
    words: int
    domains: tuple[DomainProof, ...]
    tasks: tuple[tuple[str, int], ...]
    kinds: tuple[tuple[str, int], ...]
    difficulties: tuple[tuple[str, int], ...]
    single_keys: tuple[tuple[str, int], ...]
    multiple_keys: tuple[tuple[str, int], ...]
    longest_run: int
    missing: tuple[str, ...]

    @property
    def reading_minutes(self) -> int:
        """Return how long the words alone take, in whole minutes."""
        return round(self.words / WORDS_A_MINUTE)

    @property
    def seconds_each(self) -> int:
        """Return how long a question may take."""
        return self.minutes * 60 // self.items if self.items else 0


def proof(certification: Certification, content: dict[str, Any]) -> Proof:
    """Return the figures of a form as it is drafted. Six statements."""
    codes = [one["code"] for one in content["items"]]
    items = {
        whole.record.id: whole
        for whole in whole_items(current_versions(certification.code).filter(item__code__in=codes)).values()
    }
    pairs = [(items[one["code"]], one["scored"]) for one in content["items"] if one["code"] in items]
    return figures(pairs, content, missing=tuple(code for code in codes if code not in items))


def figures(
    pairs: Sequence[tuple[WholeItem, bool]], content: dict[str, Any], *, missing: tuple[str, ...] = ()
) -> Proof:
    """Return the figures of items, each with whether it is scored."""
    items = [whole for whole, _is_scored in pairs]
    return Proof(
        items=len(pairs),
        scored=sum(is_scored for _whole, is_scored in pairs),
        minutes=content["minutes"],
        words=sum(count_words(text) for whole in items for text in whole.record.question_texts),
        domains=tuple(_domains(pairs, {int(key): weight for key, weight in content["weights"].items()})),
        tasks=_counted(whole.traits.task for whole in items),
        kinds=_counted((whole.traits.kind for whole in items), NAMES),
        difficulties=_counted((whole.traits.difficulty for whole in items), DIFFICULTIES),
        single_keys=_counted(_keys(items, has_one=True)),
        multiple_keys=_counted(_keys(items, has_one=False)),
        longest_run=_longest_run([whole.record.keys for whole in items]),
        missing=missing,
    )


def _domains(pairs: Sequence[tuple[WholeItem, bool]], weights: dict[int, int]) -> Iterable[DomainProof]:
    scored = Counter(_domain(whole) for whole, is_scored in pairs if is_scored)
    unscored = Counter(_domain(whole) for whole, is_scored in pairs if not is_scored)
    total = sum(weights.values())
    for number in sorted({*weights, *scored, *unscored}):
        weight = weights.get(number, 0)
        wanted = sum(scored.values()) * weight / total if total else 0.0
        yield DomainProof(number, weight, scored[number], unscored[number], wanted)


def _domain(whole: WholeItem) -> int:
    return int(whole.traits.task.partition(".")[0])


def _keys(items: Iterable[WholeItem], *, has_one: bool) -> Iterable[str]:
    return (
        letter
        for whole in items
        if has_one_answer(whole.traits.kind) is has_one
        for letter in whole.record.keys
    )


def _counted(values: Iterable[str], order: Sequence[str] = ()) -> tuple[tuple[str, int], ...]:
    """Return how often there is each value, in an order, else by the alphabet."""
    counts = Counter(values)
    return tuple((one, counts[one]) for one in (*order, *sorted(counts.keys() - set(order))) if counts[one])


def _longest_run(keys: Sequence[tuple[str, ...]]) -> int:
    """Return how many questions in a row have the same key at most."""
    longest = run = 0
    for number, key in enumerate(keys):
        run = run + 1 if number and key == keys[number - 1] else 1
        longest = max(longest, run)
    return longest


def run(context: JobContext) -> JobResult:
    """Set the proof sheet of a draft: the function of the job. Raises Draft.DoesNotExist."""
    owner = User.objects.get(pk=context.owner_id or 0)
    draft = Draft.objects.select_related("certification").get(pk=int(str(context.parameters["draft"])))
    with override(profiles.of(owner).ui_language):
        pages = document(draft, proof(draft.certification, draft.content))
    name = f"{draft.certification.code}-{draft.name}-proof.pdf"
    return JobResult({}, MadeFile(name, typesetting.MEDIA_TYPE, typesetting.typeset(pages)))


def document(draft: Draft, facts: Proof) -> Document:
    """Return the proof sheet in the active language."""
    title = _("Proof sheet: %(exam)s") % {"exam": str(draft)}
    return Document(
        language=get_language() or "",
        title=title,
        lead=_("Revision %(number)s") % {"number": draft.revision},
        source=f"{SITE} · {title}",
        author=SITE,
        url=settings.SITE_URL + reverse("admin:exams_draft_change", args=[draft.pk]),
        pages=_("Page {n} of {total}"),
        sections=(
            Section(
                "",
                (
                    Part("", _("At a glance"), _glance(facts)),
                    Part("", _("By domain"), (_domain_table(facts),)),
                    Part("", _("By task statement"), (_table((_("Task"), _("Questions")), facts.tasks),)),
                    Part("", _("Kinds and difficulty"), _kinds(facts)),
                    Part("", _("Positions of the keys"), _key_tables(facts)),
                    Part("", _("Questions in order"), (_order(draft),)),
                ),
            ),
        ),
        after=(),
    )


def _glance(facts: Proof) -> tuple[Block, ...]:
    rows = [
        (_("Questions"), facts.items),
        (_("Scored"), facts.scored),
        (_("Minutes"), facts.minutes),
        (_("Seconds for each question"), facts.seconds_each),
        (_("Words to read"), facts.words),
        (_("Minutes of reading"), facts.reading_minutes),
        (_("Same key in a row, at most"), facts.longest_run),
    ]
    blocks: list[Block] = [_table(("", ""), rows)]
    if facts.missing:
        sentence = _("Not published: %(codes)s") % {"codes": ", ".join(facts.missing)}
        blocks.append(Paragraph(_text(sentence), is_tip=True))
    return tuple(blocks)


def _domain_table(facts: Proof) -> Table:
    heads = (_("Domain"), _("Weight"), _("Scored"), _("By weight"), _("Unscored"))
    rows = (
        (domain.number, f"{domain.weight} %", domain.scored, f"{domain.wanted:.1f}", domain.unscored)
        for domain in facts.domains
    )
    return _table(heads, rows)


def _kinds(facts: Proof) -> tuple[Block, ...]:
    return (
        _table((_("Kind"), _("Questions")), facts.kinds),
        _table((_("Difficulty"), _("Questions")), facts.difficulties),
    )


def _key_tables(facts: Proof) -> tuple[Block, ...]:
    return (
        _table((_("Letter"), _("One answer")), facts.single_keys),
        _table((_("Letter"), _("Several answers")), facts.multiple_keys),
    )


def _order(draft: Draft) -> Table:
    rows = (
        (position, item["code"], _("scored") if item["scored"] else _("unscored"))
        for position, item in enumerate(draft.content["items"], start=1)
    )
    return _table((_("Position"), _("Question"), ""), rows)


def _text(value: object) -> Inlines:
    return (Text(str(value)),)


def _table(heads: Iterable[object], rows: Iterable[Iterable[object]]) -> Table:
    return Table(tuple(map(_text, heads)), tuple(tuple(map(_text, row)) for row in rows))
