"""Small real content and real people for tests, made by the services that the product uses."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission

from accounts.users.models import User
from exams.assembly import sample as samples
from exams.assembly import services as assembly
from exams.assembly.drafts import EditionDraft, Placed
from exams.assembly.models import ExamForm, FormEdition, Paper
from exams.attempts import lifecycle
from exams.bank import services as bank
from exams.bank.drafts import ItemDraft, TextDraft
from exams.bank.models import Item, ItemVersion
from exams.catalog.models import (
    Certification,
    CertificationText,
    Domain,
    DomainText,
    TaskStatement,
    TaskStatementText,
)
from exams.publication import services as publication
from exams.publication.models import PublishLog
from tests import snapshot

PASSWORD = "correct horse battery 9"
DOMAINS = {1: 20, 2: 24, 3: 36, 4: 20}
_people = count(1)


def make_user(email: str = "", *, verified: bool = True, password: str = PASSWORD) -> User:
    """Make a person with a verified address."""
    user = User.objects.create_user(email or f"person{next(_people)}@example.org", password)
    EmailAddress.objects.create(user=user, email=user.email, verified=verified, primary=True)
    return user


def make_staff(role: str) -> User:
    """Make somebody with a role of staff, "admin" for one with every right."""
    user = make_user(f"{role}@example.org")
    user.is_staff, user.is_superuser = True, role == "admin"
    user.save()
    if role != "admin":
        user.groups.add(Group.objects.get(name=role))
    return user


def see_only(user: User, *permissions: str) -> None:
    """Give somebody these permissions (`exams.view_item`) and no role."""
    for name in permissions:
        app, _, codename = name.partition(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))


def publish_log() -> PublishLog:
    """Return a new entry of the log of publications, as a load of files makes it."""
    return publication.begin(PublishLog.Source.FILES)


def make_certification(code: str = "mls-c01") -> Certification:
    """Make a certification with four domains, a task each, in English and Hungarian."""
    certification = Certification.objects.create(
        code=code,
        vendor="Amazon Web Services",
        level="Specialty",
        duration_minutes=180,
        items_total=65,
        items_scored=50,
        pass_mark=750,
        scale_min=100,
        scale_max=1000,
        exam_fee_usd=300,
        validity_years=3,
        retake_wait_days=14,
        accommodation_minutes=30,
        retired_on="2026-03-31",
        successor_code="MLA-C01",
        languages=["en", "hu"],
        planned_forms=6,
        planned={"flashcards": 120, "cheatsheet": 5},
    )
    for language, name in (("en", "Machine Learning"), ("hu", "Gépi tanulás")):
        CertificationText.objects.create(
            certification=certification, language=language, name=name, summary=name, description=name
        )
    for number, weight in DOMAINS.items():
        domain = Domain.objects.create(certification=certification, number=number, weight_percent=weight)
        task = TaskStatement.objects.create(domain=domain, code=f"{number}.1")
        for language, word in (("en", "Domain"), ("hu", "Témakör")):
            DomainText.objects.create(domain=domain, language=language, name=f"{word} {number}")
            TaskStatementText.objects.create(task=task, language=language, title=f"{word} {number}.1")
    return certification


def plan(certification: Certification) -> None:
    """Make it an exam that is a beta, of which the first day, the minutes and the fee are planned."""
    certification.beta_on, certification.live_on = dt.date(2026, 9, 29), dt.date(2040, 1, 14)
    certification.retired_on, certification.successor_code = None, ""
    certification.planned_facts = ["live_on", "duration_minutes", "exam_fee_usd"]
    certification.save()


def item_draft(
    code: str, domain: int, *, keys: Sequence[bool] = (True, False, False, False), mark: str = ""
) -> ItemDraft:
    """Return an item whose keys are given; `mark` is planted in everything that is secret before the end."""
    right = sum(keys)
    note = {1: "", 2: " (Select TWO.)", 3: " (Select THREE.)"}[right]
    options = tuple(
        (f"Answer {n} to {code}", f"Reason {n} of {code} {mark}".strip()) for n in range(len(keys))
    )
    return ItemDraft(
        code=code,
        task_code=f"{domain}.1",
        coverage=("s3",),
        kind="single" if right == 1 else "multiple",
        choose=right,
        difficulty="medium",
        cognitive_level="apply",
        keys=tuple(keys),
        failures=tuple("" if key else "W1" for key in keys),
        text=TextDraft(
            language="en",
            stem=f"A ferry operator of item {code} keeps its data. Which answer is right?{note}",
            why=f"It is right for {code}. {mark}".strip(),
            principle=f"A principle of {code}. {mark}".strip(),
            tip=f"A tip for {code}. {mark}".strip(),
            references=(("Docs", "https://docs.aws.amazon.com/s3/"),),
            options=options,
        ),
    )


def hungarian(draft: ItemDraft) -> TextDraft:
    """Return a Hungarian text for an item draft."""
    return TextDraft(
        language="hu",
        stem=f"Egy komptársaság kérdése ({draft.code}). Melyik válasz helyes?",
        why="Ez a helyes.",
        principle="Egy elv.",
        tip="Egy tipp.",
        references=draft.text.references,
        options=tuple((f"Válasz {n}: {draft.code}", "Indok.") for n in range(len(draft.keys))),
    )


@dataclass(frozen=True, slots=True)
class Form:
    """A published form with its papers; `keys` and `others` hold option ids by position."""

    form: ExamForm
    edition: FormEdition
    papers: dict[str, Paper]
    keys: dict[int, list[int]]
    others: dict[int, list[int]]


def publish_again(code: str) -> ItemVersion:
    """Publish another wording of an item, as a load of files does, and the edition with it."""
    item = Item.objects.get(code=code)
    assert item.current is not None
    number = item.task.domain.number
    shape = tuple(item.current.options.values_list("is_key", flat=True))
    draft = item_draft(code, number, keys=shape, mark=f"again {item.current.number}")
    log = publish_log()
    version = bank.publish(bank.draft_version(item, draft, log))
    for form in ExamForm.objects.filter(current__items__version__item=item).distinct():
        assembly.renew(form, log)
    return version


def make_form(
    certification: Certification | None = None,
    *,
    number: int = 1,
    domains: Sequence[int] = (1, 1, 2, 2, 3, 3, 3, 4),
    unscored: Sequence[int] = (8,),
    multiple: Sequence[int] = (3,),
    mark: str = "",
    languages: Sequence[str] = ("en", "hu"),
) -> Form:
    """Publish a form: an item a domain given, unscored and two-of-five items at the positions given."""
    certification = certification or make_certification()
    placed, keys, others = [], {}, {}
    for position, domain in enumerate(domains, 1):
        shape = (True, False, True, False, False) if position in multiple else (False, True, False, False)
        draft = item_draft(f"E{number}-Q{position:02d}", domain, keys=shape, mark=mark)
        version = bank.draft_version(bank.ensure_item(certification, draft), draft, publish_log())
        if "hu" in languages:
            bank.add_text(version, hungarian(draft), publish_log())
        bank.publish(version)
        placed.append(Placed(position, version.pk, position not in unscored, domain))
        keys[position] = list(version.options.filter(is_key=True).values_list("pk", flat=True))
        others[position] = list(version.options.filter(is_key=False).values_list("pk", flat=True))
    edition = assembly.publish_edition(
        assembly.ensure_form(certification, number),
        EditionDraft(
            minutes=certification.duration_minutes,
            pass_mark=certification.pass_mark,
            scale_min=certification.scale_min,
            scale_max=certification.scale_max,
            weights=DOMAINS,
            items=tuple(placed),
        ),
        publish_log(),
    )
    papers = {language: assembly.compile_paper(edition, language)[0] for language in languages}
    return Form(edition.form, edition, papers, keys, others)


def make_second(form: Form) -> Form:
    """Publish exam 2 of the certification of a form; after the first time from its rows."""
    return snapshot.more("second", lambda: make_form(form.form.certification, number=2))


def republished(form: Form, *, without: Sequence[int] = (), number: int = 0) -> Form:
    """Publish the versions of a form but those at these positions: its next edition, or another exam."""
    items = [item for item in form.edition.items.order_by("position") if item.position not in without]
    edition = assembly.publish_edition(
        assembly.ensure_form(form.form.certification, number or form.form.number),
        EditionDraft(
            minutes=form.edition.minutes,
            pass_mark=form.edition.pass_mark,
            scale_min=form.edition.scale_min,
            scale_max=form.edition.scale_max,
            weights=DOMAINS,
            items=tuple(
                Placed(position, item.version_id, item.is_scored, item.domain_number)
                for position, item in enumerate(items, 1)
            ),
        ),
        publish_log(),
    )
    return Form(
        edition.form,
        edition,
        {language: assembly.compile_paper(edition, language)[0] for language in form.papers},
        {position: form.keys[item.position] for position, item in enumerate(items, 1)},
        {position: form.others[item.position] for position, item in enumerate(items, 1)},
    )


def start(user: User, form: Form, language: str = "en") -> lifecycle.Started:
    """Start an attempt as a session would."""
    return lifecycle.start(user=user, form_id=form.form.pk, language=language, holder="session:test")


def make_sample(
    certification: Certification,
    *,
    domains: Sequence[int] = (1, 1, 2, 2, 3, 3, 3, 3, 4, 4),
    multiple: Sequence[int] = (7,),
    mark: str = "",
    languages: Sequence[str] = ("en",),
) -> dict[int, str]:
    """Publish a sample of items of its own; return the letters of the keys by position."""
    versions, keys = [], {}
    for position, domain in enumerate(domains, 1):
        shape = (True, False, True, False, False) if position in multiple else (False, True, False, False)
        draft = item_draft(f"S{position:02d}", domain, keys=shape, mark=mark)
        version = bank.draft_version(bank.ensure_item(certification, draft), draft, publish_log())
        if "hu" in languages:
            bank.add_text(version, hungarian(draft), publish_log())
        versions.append(bank.publish(version))
        keys[position] = "".join(letter for letter, is_key in zip("ABCDEF", shape, strict=False) if is_key)
    samples.place(certification, versions)
    return keys
