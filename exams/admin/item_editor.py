"""The editor of a question: how a draft begins, its fields, form, images, preview, and rulings on it.

Names of fields are paths of the content, so a browser can send a form or JSON. What a form leaves out
stays as it is stored: fields that the reader may not change are not sent.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import F, Func, OuterRef, Subquery
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.audit import services as audit
from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.users.models import User
from accounts.users.requests import SignedInRequest, whole_number
from exams.admin import draft_editor
from exams.admin.draft_editor import (
    BeginningForm,
    DraftPage,
    EditorContext,
    Fields,
    Layout,
    TextField,
    address,
    begin,
    listed,
    not_saved,
    rows_in,
)
from exams.admin.requests import staff_view
from exams.assembly.solutions import SolvedOption, SolvedText
from exams.authoring import guides, images, item_content, item_rulings, rights, services
from exams.authoring.images import Upload
from exams.authoring.item_content import LETTERS, MOST_OPTIONS, WORDS, written
from exams.authoring.item_rulings import RuledVersion
from exams.authoring.items import NAME
from exams.authoring.kinds import Content
from exams.authoring.models import OPEN, Draft
from exams.bank import services as bank
from exams.bank.models import Item
from exams.catalog.models import Certification, TaskStatement, TaskStatementText
from exams.content.exchange_formats import limits
from exams.content.records import SAMPLE_IDS
from exams.kinds.kinds import KINDS
from exams.kinds.profile import Profile
from exams.presentation import item_fields, item_review
from exams.presentation.item_fields import DIFFICULTIES, LABELS, RATIONALE, label_of
from i18n import languages

LONGEST_CODE: Final = 40
FIRST_CODE: Final = "E1-Q01"
NUMBER: Final = re.compile(r"[0-9]+$")
PARTS: Final = re.compile(r"([^0-9]*)([0-9]+)")


class NewForm(BeginningForm):
    """Of which certification a new question is, and its code: the next free one where none is given."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        required=False,
        max_length=LONGEST_CODE,
        help_text=gettext_lazy("Such as E1-Q66. Leave it empty for the next free one. It never changes."),
        widget=UnfoldAdminTextInputWidget(),
    )

    def clean(self) -> dict[str, object]:
        """Choose the code, or check its shape and that no question and no draft has it."""
        values: dict[str, object] = super().clean() or {}
        certification, code = values.get("certification"), str(values.get("code") or "")
        if not isinstance(certification, Certification) or "code" in self.errors:
            return values
        shape = guides.of(certification.code).item_ids
        if not code:
            code = next_code(certification, shape)
            if not code:
                self.add_error("code", _("No code is free after the last one. Choose one."))
        elif not shape.fullmatch(code) or SAMPLE_IDS.fullmatch(code):
            sentence = _("A code of this certification looks like this: %s")
            self.add_error("code", sentence % _example(certification, shape))
        elif Item.objects.filter(certification=certification, code=code).exists():
            self.add_error("code", _("There is a question with this code already."))
        elif Draft.objects.filter(kind=NAME, certification=certification, name=code, state__in=OPEN).exists():
            self.add_error("code", _("There is a draft with this code already."))
        return values | {"code": code}


def next_code(certification: Certification, shape: re.Pattern[str]) -> str:
    """Return the code after the last one of this shape, "" where there is none. Two statements."""
    drafts = Draft.objects.filter(kind=NAME, certification=certification, state__in=OPEN)
    items = Item.objects.filter(certification=certification).values_list("code", flat=True)
    known = {*items, *drafts.values_list("name", flat=True)}
    numbered = [
        code
        for code in known
        if shape.fullmatch(code) and not SAMPLE_IDS.fullmatch(code) and NUMBER.search(code)
    ]
    if not numbered:
        return FIRST_CODE if shape.fullmatch(FIRST_CODE) else ""
    last = max(numbered, key=_by_numbers)
    code = NUMBER.sub(lambda match: f"{int(match[0]) + 1:0{len(match[0])}d}", last)
    return code if shape.fullmatch(code) and len(code) <= LONGEST_CODE and code not in known else ""


def _by_numbers(code: str) -> list[tuple[str, int]]:
    """Sort E10-Q01 after E9-Q02."""
    return [(letters, int(digits)) for letters, digits in PARTS.findall(code)]


def _example(certification: Certification, shape: re.Pattern[str]) -> str:
    """Return a code as others of the certification are, or the shape itself where there is none yet."""
    codes = Item.objects.filter(certification=certification).order_by("-code").values_list("code", flat=True)
    known = (code for code in (*codes[:20], FIRST_CODE) if shape.fullmatch(code))
    return next((code for code in known if not SAMPLE_IDS.fullmatch(code)), shape.pattern)


@require_http_methods(["GET", "POST"])
@staff_view(rights.WRITE)
def new(request: SignedInRequest) -> HttpResponse:
    """Ask for certification and code, then begin the draft of a new question."""
    form = NewForm(request.POST or None, initial=request.GET.dict())
    return begin(request, form, kind=NAME, title=_("New question"), model=Item)


HINTS: Final[Mapping[str, Promise]] = {
    "stem": gettext_lazy(
        "Who and what, the current state, the requirements. 40 to 180 words with the question."
    ),
    "ask": gettext_lazy("One sentence. Leave it empty if the question is the last sentence above."),
    "why": gettext_lazy("40 to 100 words: the requirement, and how the key meets it."),
    "principle": gettext_lazy("One or two sentences that hold beyond this question."),
    "tip": gettext_lazy("At most 35 words: the signal to look for."),
}


LEVELS: Final = (
    ("", ""),
    ("understand", pgettext_lazy("cognitive level", "understand")),
    ("apply", pgettext_lazy("cognitive level", "apply")),
    ("analyze", pgettext_lazy("cognitive level", "analyze")),
    ("evaluate", pgettext_lazy("cognitive level", "evaluate")),
)


FAILURES: Final[Mapping[str, Promise]] = {
    "W1": gettext_lazy("misses a requirement"),
    "W2": gettext_lazy("right tool for another problem"),
    "W3": gettext_lazy("true, but no answer"),
    "W4": gettext_lazy("typical misconception"),
    "W5": gettext_lazy("technically impossible"),
    "W6": gettext_lazy("works, with more effort or cost"),
}


HEIGHTS: Final = {"stem": 9, "ask": 2, "why": 6, "principle": 3, "tip": 2, "text": 3}


def failures() -> list[tuple[str, str]]:
    """Return the codes of failure with their words."""
    return [("", "-"), *((code, f"{code}: {words}") for code, words in FAILURES.items())]


def option_rows(editor: EditorContext) -> list[dict[str, Any]]:
    """Return the options in their order, each with text and explanation in every language."""
    return [
        {
            "number": number,
            "letter": LETTERS[number],
            "is_key": option["key"],
            "failure": option["failure"],
            "texts": [_texts_at(editor, f"options.{number}.{name}") for name in ("text", "why")],
        }
        for number, option in enumerate(editor.content["options"])
    ]


def _texts_at(editor: EditorContext, path: str) -> tuple[TextField, ...]:
    """Return the texts of an item at a path, in every language."""
    name = path.rpartition(".")[2]
    is_rationale = path != name and name == "why"
    return editor.in_languages(
        lambda language: f"texts.{language}.{path}",
        RATIONALE if is_rationale else LABELS[name],
        rows=4 if is_rationale else HEIGHTS[name],
        hint=HINTS.get(path, ""),
    )


def image_places(content: Content, layout: Layout) -> list[tuple[str, str]]:
    """Return the texts that the reader may put an image into, by path, with their labels."""
    numbers = range(len(content["options"]))
    options = [f"options.{number}.{name}" for number in numbers for name in ("text", "why")]
    return [
        (place, label_of(place))
        for language in layout.languages
        if layout.writes(language)
        for place in (f"texts.{language}.{path}" for path in ("stem", *options, "why", "principle", "tip"))
    ]


# Ids have no spaces in them, tags may.
TAGS: Final = r"[,;\n]+"
LINES: Final = ("task", "kind", "difficulty", "level")


def _texts(
    post: Fields, rows: Sequence[int], stored: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the texts that a form holds; a translation of which nothing is written yet is none."""
    for language in languages.CODES:
        if any(name.startswith(f"texts.{language}.") for name in post):
            text = _text(post, language, rows, stored.get(language, {}))
            if language in stored or written(text):
                yield language, text


def _at(rows: Sequence[Any], number: int) -> Mapping[str, Any]:
    return rows[number] if number < len(rows) else {}


def _option(post: Fields, number: int, stored: Sequence[Any]) -> dict[str, Any]:
    known = _at(stored, number)
    if post[f"options.{number}.row"] != "open":
        return {"key": known.get("key", False), "failure": known.get("failure", "")}
    return {
        "key": f"options.{number}.key" in post,
        "failure": post.get(f"options.{number}.failure", known.get("failure", "")),
    }


def _references(post: Fields, stored: Content) -> list[dict[str, str]]:
    if "references" not in post:
        return list(stored["references"])
    return [
        {name: post.get(f"references.{number}.{name}", "") for name in ("title", "url")}
        for number in rows_in(post, r"references\.(\d{1,2})\.url")
    ]


def _text(post: Fields, language: str, rows: Sequence[int], stored: Mapping[str, Any]) -> dict[str, Any]:
    place = f"texts.{language}"
    options = stored.get("options", [])
    return {
        **{name: post.get(f"{place}.{name}", stored.get(name, "")) for name in WORDS},
        "options": [
            {
                name: post.get(f"{place}.options.{number}.{name}", _at(options, number).get(name, ""))
                for name in ("text", "why")
            }
            for number in rows
        ],
        "figures": stored.get("figures", []),
    }


def _without(rows: Sequence[Any], place: int) -> list[Any]:
    return [row for number, row in enumerate(rows) if number != place]


def _swapped(rows: Sequence[Any], place: int) -> list[Any]:
    found = list(rows)
    if 0 <= place < len(found) - 1:
        found[place], found[place + 1] = found[place + 1], found[place]
    return found


def _everywhere(content: dict[str, Any], move: Callable[[Sequence[Any], Any], list[Any]]) -> dict[str, Any]:
    """Do the same to the options and to their texts in every language."""
    return {
        **content,
        "options": move(content["options"], {"key": False, "failure": ""}),
        "texts": {
            language: {**text, "options": move(text["options"], {"text": "", "why": ""})}
            for language, text in content["texts"].items()
        },
    }


def notice_of(editor: EditorContext) -> dict[str, Any] | None:
    """Return what is to be said of a ruling on a draft's question, None where there is nothing.

    `follows` tells that the draft has the key that was ruled, `lifted` is the act of who let it have another
    one. `is_open` tells that who publishes has to choose, `can_be_carried` what they can choose. If it is
    carried over, it accepts the options with these `letters` as well.
    """
    draft, person = editor.draft, editor.person
    ruled = item_rulings.of(draft.certification, draft.name) if draft.state in OPEN else None
    if ruled is None:
        return None
    follows = ruled.follows(editor.content)
    is_lifted = draft.lifted_ruling_id == ruled.ruling.pk
    return {
        "ruled": ruled,
        "named": ruled.named(editor.content),
        "follows": follows,
        "lifted": _lift_of(draft) if is_lifted and not follows else None,
        "may_lift": not (follows or is_lifted) and person is not None and _may_lift(draft, person),
        "is_open": not ruled.is_key and _is_new_version(ruled, editor),
        "can_be_carried": ruled.can_be_carried(editor.content),
        "letters": ", ".join(LETTERS[place] for place in ruled.carried(editor.content)),
    }


def _may_lift(draft: Draft, person: User) -> bool:
    is_own = settings.FOUR_EYES and services.wrote(draft, person)
    return rights.may(person, rights.REVIEW) and not is_own


def _is_new_version(ruled: RuledVersion, editor: EditorContext) -> bool:
    """Tell whether the draft becomes a version: one with other translations alone does not."""
    if ruled.language not in editor.content["texts"]:
        return True
    draft = item_content.item_draft(editor.content, editor.draft.name, ruled.language)
    return ruled.version.digest != draft.digest()


def _lift_of(draft: Draft) -> AuditEntry | None:
    return audit.of(draft).filter(action="lift").order_by("-pk").first()


def solved(content: Content, code: str, language: str) -> SolvedText:
    """Return the item as the review takes it, in a language that it has. Raises CannotPublish."""
    draft = item_content.text_draft(content, language)
    rendered = bank.rendered(draft, f"{code}-preview")
    return SolvedText(
        version_id=0,
        kind=content["kind"],
        choose=content["choose"],
        difficulty=content["difficulty"],
        language=language,
        stem_html=rendered.stem,
        ask_html=rendered.ask,
        options=tuple(
            SolvedOption(number, letter, text_html, rationale_html, option["key"])
            for number, (letter, option, (text_html, rationale_html)) in enumerate(
                zip(item_content.LETTERS, content["options"], rendered.options, strict=False), start=1
            )
        ),
        why_html=rendered.why,
        principle_html=rendered.principle,
        tip_html=rendered.tip,
        references=draft.references,
    )


def _question(text: SolvedText) -> dict[str, object]:
    """Return what the exam's page shows: nothing of keys."""
    return {
        "kind": KINDS[text.kind],
        "choose": text.choose,
        "stem": text.stem_html,
        "ask": text.ask_html,
        "language": text.language,
        "options": [{"id": one.id, "letter": one.letter, "html": one.text_html} for one in text.options],
    }


VIEWS: Final = (("taking", pgettext_lazy("preview", "Exam")), ("review", pgettext_lazy("preview", "Review")))


class ItemPage(DraftPage):
    """The editor of a question."""

    template = "admin/exams/draft.html"
    published = gettext_lazy("Published. If an exam has this question, it has a new edition now.")
    whole = gettext_lazy("the whole question")
    preview_template = "admin/exams/item_preview.html"

    def context(self, editor: EditorContext) -> Mapping[str, Any]:
        """Return texts, options, references, and what can be chosen."""
        content = editor.content
        profile = Profile.of(editor.draft.certification.profile)
        return {
            "image": _image(editor),
            "ruling": notice_of(editor),
            "stem": [_texts_at(editor, name) for name in ("stem", "ask")],
            "explanation": [_texts_at(editor, name) for name in ("why", "principle", "tip")],
            "options": option_rows(editor),
            "references": list(enumerate(content["references"])),
            "most_options": MOST_OPTIONS,
            "covers": " ".join(content["covers"]),
            "tags": ", ".join(content["tags"]),
            "known_coverage": coverage_of(editor.draft.certification),
            "tasks": tasks_of(editor.draft.certification),
            "labels": item_fields.LABELS,
            "kinds": [
                one for one in item_fields.KIND_LABELS if one[0] in (*profile.options, content["kind"])
            ],
            "difficulties": DIFFICULTIES.items(),
            "levels": LEVELS,
            "failures": failures(),
        }

    def content_of(self, post: Fields, stored: Content) -> dict[str, Any]:
        """Return the content that a form holds, over what is stored. Types are those of the content."""
        rows = rows_in(post, r"options\.(\d{1,2})\.row")
        return {
            **stored,
            **{name: post.get(name, stored[name]) for name in LINES},
            # What is no number is kept as none, with its remark: the texts beside it are saved.
            "choose": whole_number(post["choose"].strip(), 2, 0) if "choose" in post else stored["choose"],
            "covers": listed(post, "covers", stored["covers"]),
            "tags": listed(post, "tags", stored["tags"], TAGS),
            "options": [_option(post, number, stored["options"]) for number in rows] or stored["options"],
            "references": _references(post, stored),
            "texts": {**stored["texts"], **dict(_texts(post, rows, stored["texts"]))},
        }

    def changed(self, content: dict[str, Any], post: Fields, draft: Draft) -> dict[str, Any]:
        """Return the content after a button: add, remove or move an option, add or remove a reference.

        What is no act changes nothing.
        """
        name, _, number = post.get("do", "").partition(".")
        place = whole_number(number, 2, -1)
        if name == "add-reference":
            return {**content, "references": [*content["references"], {"title": "", "url": ""}]}
        if name == "remove-reference":
            return {**content, "references": _without(content["references"], place)}
        moves: dict[str, Callable[[Sequence[Any], Any], list[Any]]] = {
            "add-option": lambda rows, empty: [*rows, empty],
            "remove-option": lambda rows, empty: _without(rows, place),
            "up": lambda rows, empty: _swapped(rows, place - 1),
            "down": lambda rows, empty: _swapped(rows, place),
        }
        return _everywhere(content, moves[name]) if name in moves else content

    def typed(self, content: Content, stored: Content) -> Content:
        """Show what is stored: no form of ours holds anything else that cannot be."""
        return stored

    def label_of(self, path: str) -> str:
        """Return the label of a path: "Option B: Text (English)"."""
        return label_of(path)

    def places(self, editor: EditorContext) -> Sequence[tuple[str, str]]:
        """Return every text, and the references."""
        numbers = range(len(editor.content["options"]))
        options = [f"options.{number}.{name}" for number in numbers for name in ("text", "why")]
        paths = ("stem", "ask", *options, "why", "principle", "tip")
        fields = [f"texts.{language}.{path}" for path in paths for language in editor.layout.languages]
        return [(path, self.label_of(path)) for path in (*fields, "references")]

    def views(self, content: Content) -> Sequence[tuple[str, str | Promise]]:
        """Return the page of the exam, and the review."""
        return VIEWS

    def preview(self, draft: Draft, content: Content, view: str, language: str) -> Mapping[str, Any]:
        """Return the question, keys and reasons in the review alone."""
        text = solved(content, draft.name, language)
        review = {"review": item_review.html(text, get_language() or "")} if view == "review" else {}
        return {"question": _question(text), **review}


def tasks_of(certification: Certification) -> list[tuple[str, str]]:
    """Return the task statements that the blueprint has, with their titles. One statement."""
    titles = TaskStatementText.objects.filter(task=OuterRef("pk"), language=certification.original_language)
    rows = TaskStatement.objects.filter(domain__certification=certification, is_current=True)
    tasks = rows.order_by("code").annotate(title=Subquery(titles.values("title")[:1]))
    return [(code, f"{code} {title or ''}") for code, title in tasks.values_list("code", "title")]


def coverage_of(certification: Certification) -> list[str]:
    """Return what questions of the certification cover, as suggestions. One statement."""
    each = Func(F("coverage"), function="unnest")
    rows = Item.objects.filter(certification=certification).annotate(one=each)
    return list(rows.order_by("one").values_list("one", flat=True).distinct())


def _image(editor: EditorContext) -> Mapping[str, Any]:
    """Return the fields of an image that may be added, and what was refused of one."""
    refused = editor.refused
    field = str(refused.extra.get("field", "")) if refused else ""
    return {
        "places": image_places(editor.content, editor.layout),
        "place": editor.sent.get("image.field", ""),
        "told": editor.sent.get("image.told", ""),
        "refusal": str(refused) if field.startswith("image.") else "",
    }


@require_POST
@staff_view(rights.WRITE, rights.TRANSLATE)
def image(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Save what the form holds, with the image below the paragraph that was written in last."""
    draft = draft_editor.draft_of(object_id, NAME)
    content = draft_editor.page_of(draft).content_of(request.POST, draft.content)
    try:
        images.add(
            draft_id=draft.pk,
            revision=whole_number(request.POST.get("revision"), 9, 0),
            content=content,
            upload=_upload(request),
            actor=request.user,
        )
    except Refused as refused:
        return not_saved(request, draft, content, refused)
    messages.success(request, _("Image added"))
    return HttpResponseRedirect(address(draft))


def _upload(request: SignedInRequest) -> Upload:
    """Return what was sent; of a file that is too large, enough to see that it is."""
    file = request.FILES.get(images.FILE)
    at = request.POST.get("image.at", "")
    return Upload(
        data=file.read(limits.IMAGE_SIZE + 1) if file else b"",
        file=(file.name or "") if file else "",
        description=request.POST.get(images.TOLD, ""),
        field=request.POST.get(images.FIELD, ""),
        at=whole_number(at, 5, None),
    )
