"""Forms as a kind of draft: which items at which places, how long, and what passes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exams.assembly import selectors
from exams.assembly import services as assembly
from exams.assembly.drafts import EditionDraft, Placed
from exams.assembly.drawing import Candidate
from exams.assembly.models import ExamForm, SampleItem
from exams.authoring import schema
from exams.authoring.kinds import Content, ContentError, Current, Remark
from exams.bank import rulings
from exams.bank.drafts import CannotPublish
from exams.bank.models import Item
from exams.catalog import services as catalog
from exams.catalog.models import Certification, Domain
from exams.publication.models import PublishLog

NAME: Final = "form"
PREFIX: Final = "exam-"
MOST_ITEMS: Final = 500
MOST_MINUTES: Final = 600
MOST_SCORE: Final = 10_000
NO_SCALE: Final = gettext_lazy("Write the lowest and the highest score, and the passing score between them.")
SHAPE: Final = schema.fields(
    minutes=schema.number(1, MOST_MINUTES),
    pass_mark=schema.number(0, MOST_SCORE),
    scale_min=schema.number(0, MOST_SCORE),
    scale_max=schema.number(0, MOST_SCORE),
    weights=schema.by_key([str(domain) for domain in range(1, 100)], schema.number(1, 100)),
    items=schema.rows(MOST_ITEMS, schema.fields(code=schema.line(40), scored=schema.flag())),
)
FIELDS: Final = ("minutes", "pass_mark", "scale_min", "scale_max", "weights", "items")


class FormKind:
    """Exams, named "exam-7". Publishing one makes an edition and its papers; attempts keep theirs."""

    name = NAME
    label = gettext_lazy("Exam")

    def title_of(self, name: str) -> str:
        """Return what people call an exam."""
        return _("Exam %(number)s") % {"number": name.removeprefix(PREFIX)}

    def current(self, certification: Certification, name: str) -> Current | None:
        """Return the current edition. Three statements."""
        form = ExamForm.objects.filter(certification=certification, number=number_of(name)).first()
        edition = selectors.current_edition(form.pk) if form else None
        if edition is None:
            return None
        items = selectors.places_of([edition.pk])[edition.pk]
        content = {
            **{field: getattr(edition, field) for field in FIELDS[:5]},
            "items": [{"code": item.code, "scored": item.placed.is_scored} for item in items],
        }
        return Current(self.validate(content), edition.log)

    def empty(self, certification: Certification) -> Content:
        """Return a form without items, with the facts of its certification."""
        domains = Domain.objects.filter(certification=certification, is_current=True)
        return {
            "minutes": certification.duration_minutes,
            "pass_mark": certification.pass_mark,
            "scale_min": certification.scale_min,
            "scale_max": certification.scale_max,
            "weights": {str(domain.number): domain.weight_percent for domain in domains},
            "items": [],
        }

    def validate(self, content: Content) -> Content:
        """Return the content in its one shape. Raises ContentError."""
        whole: Content = SHAPE.clean(content, "")
        return whole

    def remarks(self, certification: Certification, name: str, content: Content) -> Sequence[Remark]:
        """Return what keeps the form from publication, and what a reader of its proof sheet should see."""
        return list(_remarks(certification, content))

    def publish(self, certification: Certification, name: str, content: Content, log: PublishLog) -> None:
        """Publish an edition and its papers, none where nothing differs. Raises CannotPublish."""
        form = assembly.ensure_form(certification, number_of(name))
        draft = edition_draft(certification, content)
        before = selectors.current_edition(form.pk)
        if before is not None and before.digest == draft.digest():
            return
        edition = assembly.publish_edition(form, draft, log)
        offered = assembly.offered_languages(edition, before)
        for language in offered:
            assembly.compile_paper(edition, language)
        catalog.add_languages(certification, offered)


def number_of(name: str) -> int:
    """Return the number of the form that a draft is of. Raises ContentError for another name."""
    digits = name.removeprefix(PREFIX)
    if digits == name or not (digits.isascii() and digits.isdigit()) or not 1 <= int(digits) <= 999:
        sentence = gettext_lazy("This has to be the name of an exam, such as %(example)s.")
        raise ContentError("name", sentence, example=f"{PREFIX}7")
    return int(digits)


def edition_draft(certification: Certification, content: Content) -> EditionDraft:
    """Return the edition that a content would be, of the current versions. Raises CannotPublish."""
    codes = [place["code"] for place in content["items"]]
    rows = Item.objects.filter(certification=certification, code__in=codes, current__isnull=False)
    items = {item.code: item for item in rows.select_related("task__domain")}
    missing = [code for code in codes if code not in items]
    if missing:
        raise CannotPublish(gettext_lazy("Not published: %(codes)s"), codes=", ".join(missing))
    if open_to_all := sorted(_in_sample(items.values())):
        raise CannotPublish(gettext_lazy("In the free sample: %(codes)s"), codes=", ".join(open_to_all))
    if emptied := _emptied(content["items"], items):
        numbers = ", ".join(map(str, sorted(emptied)))
        raise CannotPublish(gettext_lazy("Domains in which no question counts: %(numbers)s"), numbers=numbers)
    return EditionDraft(
        minutes=content["minutes"],
        pass_mark=content["pass_mark"],
        scale_min=content["scale_min"],
        scale_max=content["scale_max"],
        weights={int(number): weight for number, weight in content["weights"].items()},
        items=tuple(
            Placed(
                position, items[place["code"]].current_id or 0, place["scored"], _domain(items[place["code"]])
            )
            for position, place in enumerate(content["items"], start=1)
        ),
    )


def _domain(item: Item) -> int:
    return item.task.domain.number


def _in_sample(items: Iterable[Item]) -> set[str]:
    """Return which items anybody may try, keys included: no exam has one of them. One statement."""
    rows = SampleItem.objects.filter(version__item__in=[item.pk for item in items])
    return set(rows.values_list("version__item__code", flat=True))


def _emptied(placed: Iterable[Mapping[str, Any]], items: Mapping[str, Item]) -> set[int]:
    """Return the domains of which nothing would count, since all that is scored there was ruled out."""
    out = rulings.out_of_score()
    scored = [items[place["code"]] for place in placed if place["scored"] and place["code"] in items]
    return {_domain(item) for item in scored} - {
        _domain(item) for item in scored if item.current_id not in out
    }


def candidates(certification: Certification) -> list[Candidate]:
    """Return the items that a form may be drawn from, and how many forms have each. Four statements."""
    rows = Item.objects.filter(certification=certification, current__isnull=False)
    # What anybody may try is in no exam.
    rows = rows.exclude(versions__sample_items__isnull=False).exclude(current__in=rulings.out_of_score())
    held = Counter(
        ExamForm.objects.filter(certification=certification).values_list(
            "current__items__version__item_id", flat=True
        )
    )
    return [
        Candidate(
            code=item.code,
            domain=_domain(item),
            task=item.task.code,
            kind=item.current.kind if item.current else "",
            difficulty=item.current.difficulty if item.current else "",
            covers=frozenset(item.coverage),
            group=item.twins,
            used=held[item.pk],
        )
        for item in rows.select_related("task__domain", "current").order_by("code")
    ]


def _remarks(certification: Certification, content: Content) -> Iterator[Remark]:
    codes = [place["code"] for place in content["items"]]
    rows = Item.objects.filter(certification=certification, code__in=codes)
    items = {item.code: item for item in rows.select_related("task__domain", "current")}
    if not any(place["scored"] for place in content["items"]):
        yield _blocking("items", "no-scored-item", _("No question is scored."))
    if not content["scale_max"]:
        yield _blocking("pass_mark", "scale-in-order", str(NO_SCALE))
    elif not content["scale_min"] < content["pass_mark"] <= content["scale_max"]:
        yield _blocking("pass_mark", "scale-in-order", _("The passing score is outside the scale."))
    times = Counter(codes)
    twins = Counter(item.twins for item in items.values() if item.twins)
    sampled, emptied = _in_sample(items.values()), _emptied(content["items"], items)
    for number, place in enumerate(content["items"]):
        yield from _item_remarks(f"items.{number}", place, items.get(place["code"]), content)
        if times[place["code"]] > 1:
            yield _blocking(f"items.{number}", "twice", _("%(code)s is in this exam twice.") % place)
        item = items.get(place["code"])
        if item and twins[item.twins] > 1:
            yield _blocking(f"items.{number}", "twins", _("%(code)s asks what another one asks.") % place)
        if place["code"] in sampled:
            sentence = _("%(code)s is in the free sample, where anybody reads its key.")
            yield _blocking(f"items.{number}", "in-sample", sentence % place)
        if item and place["scored"] and _domain(item) in emptied:
            sentence = _("%(code)s was taken out of the score, and nothing else counts in its domain.")
            yield _blocking(f"items.{number}", "out-of-score", sentence % place)
    if len(codes) != certification.items_total:
        yield Remark(
            "items",
            "size",
            _("The real exam has %(wanted)s questions, this one %(found)s.")
            % {"wanted": certification.items_total, "found": len(codes)},
            blocks=False,
        )


def _item_remarks(
    field: str, place: Mapping[str, Any], item: Item | None, content: Content
) -> Iterator[Remark]:
    if item is None or item.current_id is None:
        yield _blocking(field, "not-published", _("%(code)s is not published.") % place)
    elif place["scored"] and str(_domain(item)) not in content["weights"]:
        yield _blocking(field, "no-weight", _("The domain of %(code)s has no weight.") % place)


def _blocking(field: str, rule: str, sentence: str) -> Remark:
    return Remark(field, rule, sentence, blocks=True)
