"""Texts of the interface are found in code and templates, and every one has its translation."""

import gettext
import os
import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo

from tools import messages

SAME_IN_BOTH = {
    "%(day)s: %(cards)s",
    "%(percent)d%%",
    "%(percent)s%%",
    "API",
    "Kappa",
    "Passline",
    "SHA-256",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "exams").mkdir()
    (tmp_path / "templates").mkdir()
    (tmp_path / "i18n").mkdir()
    (tmp_path / messages.FOREIGN).write_text("# of frameworks\n")
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(messages, "LOCALE", tmp_path / "locale")
    return tmp_path


def ids(found: Catalog) -> set[object]:
    return {message.id for message in found if message.id}


def test_texts_of_code_are_found_in_all_their_forms(project: Path) -> None:
    (project / "exams" / "a.py").write_text(
        'a = _("one")\nb = gettext_lazy("two")\nc = ngettext("%(n)s hour", "%(n)s hours", n)\n'
        'd = pgettext_lazy("month", "May")\ne = print("not a text")\n'
    )
    found = messages.collect()
    assert ids(found) == {"one", "two", ("%(n)s hour", "%(n)s hours"), "May"}
    assert found.get("May", "month") is not None


def test_texts_of_templates_are_found_whatever_the_indentation(project: Path) -> None:
    (project / "templates" / "a.html").write_text(
        "<ul>\n      <li title=\"it's\">{% translate 'Start' %}</li>\n"
        "  <p>{% blocktranslate trimmed with n=x %}\n"
        "    You have {{ n }}\n    left.\n  {% endblocktranslate %}</p>\n"
        "{% blocktranslate count n=x %}one{% plural %}many{% endblocktranslate %})("
        '{% translate "May" context "month" %} {{ _("Filter")|upper }} {% comment %}{% translate "no" %}'
        "{% endcomment %}\n"
    )
    found = messages.collect()
    assert ids(found) == {"Start", "You have %(n)s left.", ("one", "many"), "May", "Filter"}


def test_texts_of_frameworks_are_a_line_each(project: Path) -> None:
    (project / messages.FOREIGN).write_text("# Forms\nThis is odd.\n\n%d day | %d days\n")
    assert ids(messages.collect()) == {"This is odd.", ("%d day", "%d days")}


def test_extraction_keeps_translations_guesses_nothing_and_drops_what_is_gone(project: Path) -> None:
    code = project / "exams" / "a.py"
    code.write_text('_("Save answer")\n_("Gone soon")\n')
    messages.extract()
    path = messages.catalog_path("hu")
    filled = path.read_text(encoding="utf-8")
    filled = filled.replace('msgid "Save answer"\nmsgstr ""', 'msgid "Save answer"\nmsgstr "Mentés"')
    path.write_text(filled, encoding="utf-8")
    code.write_text('_("Save answer")\n_("Save answers")\n')
    messages.extract()
    catalog = messages.read("hu")
    assert ids(catalog) == {"Save answer", "Save answers"}
    assert [message.string for message in catalog if message.id] == ["Mentés", ""]
    assert not any(message.fuzzy for message in catalog if message.id)
    assert not catalog.obsolete


def test_extraction_without_a_change_writes_the_same_file(project: Path) -> None:
    (project / "exams" / "a.py").write_text('_("One")\n')
    messages.extract()
    before = messages.catalog_path("hu").read_bytes()
    messages.extract()
    assert messages.catalog_path("hu").read_bytes() == before


def test_a_catalog_is_compiled_once_and_again_only_when_it_changed(project: Path) -> None:
    (project / "exams" / "a.py").write_text('_("One")\n')
    messages.extract()
    path = messages.catalog_path("hu")
    filled = path.read_text(encoding="utf-8").replace('msgid "One"\nmsgstr ""', 'msgid "One"\nmsgstr "Egy"')
    path.write_text(filled, encoding="utf-8")
    assert messages.compile_all() == [path.with_suffix(".mo")]
    assert messages.compile_all() == []
    with path.with_suffix(".mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("One") == "Egy"
    later = path.with_suffix(".mo").stat().st_mtime + 5
    os.utime(path, (later, later))
    assert messages.compile_all() == [path.with_suffix(".mo")]


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        (None, "missing"),
        (Message("a", ""), "untranslated"),
        (Message(("a", "b"), ("x", "")), "untranslated"),
        (Message("a", "x", flags=("fuzzy",)), "doubtful (fuzzy)"),
        (Message("%(n)s left", "maradt"), "lacks a placeholder of the source"),
        (Message("left", "%(n)s maradt"), "names a placeholder that the source has not"),
        (Message("%(n)s left", "maradt: %(n)s"), ""),
        (Message(("one", "%(n)s"), ("%(n)s", "%(n)s")), ""),
    ],
)
def test_each_fault_of_a_translation_is_named(message: Message | None, fault: str) -> None:
    assert messages.fault_of(message) == fault


def test_every_text_of_the_interface_is_translated() -> None:
    found = [line for language in messages.translated_languages() for line in messages.problems(language)]
    assert found == []


def translations() -> list[tuple[str, str]]:
    """Return (English, Hungarian) of every text and plural form of the real catalog."""
    pairs: list[tuple[str, str]] = []
    for message in messages.read("hu"):
        if isinstance(message.id, tuple):
            pairs += zip(message.id, tuple(message.string or ()), strict=True)
        elif message.id:
            pairs.append((str(message.id), str(message.string)))
    return pairs


def marks(text: str) -> dict[str, int]:
    """Count the placeholders and tags of a text. `{az}`, an article, has no counterpart in English."""
    return Counter(re.findall(r"%\(\w+\)[sd]|%[sd%]|\{(?!az\})[\w:]*\}|</?\w[^>]*>", text))


def test_hungarian_keeps_every_placeholder_and_tag() -> None:
    differing = [
        (english, hungarian) for english, hungarian in translations() if marks(english) != marks(hungarian)
    ]
    assert differing == []


def test_nothing_stays_english_but_names() -> None:
    same = {english for english, hungarian in translations() if english == hungarian}
    assert same - SAME_IN_BOTH == set()


def test_hungarian_speaks_plainly_and_informally() -> None:
    wrong = re.compile(r"!|\bÖn(?:nek|t|től|nel|höz)?\b|\bKérjük\b|\b[Aa]\(z\)|\b[Aa]z? [%{]", re.UNICODE)
    assert [hungarian for _, hungarian in translations() if wrong.search(hungarian)] == []


def test_hungarian_has_two_plural_forms_for_phrases_that_differ() -> None:
    catalog = messages.read("hu")
    assert (catalog.num_plurals, catalog.plural_expr) == (2, "(n != 1)")


def test_the_real_catalog_compiles_and_wins_over_the_frameworks(tmp_path: Path) -> None:
    target = tmp_path / "django.mo"
    with target.open("wb") as file:
        write_mo(file, messages.read("hu"))
    with target.open("rb") as file:
        texts = gettext.GNUTranslations(file)
    assert texts.gettext("Would you pass?") == "Átmennél?"
    assert texts.gettext("This field is required.") == "Ezt a mezőt ki kell tölteni."
    assert texts.ngettext("%(n)s question has no answer.", "%(n)s questions have no answer.", 3) == (
        "%(n)s kérdésre nincs válasz."
    )
