"""The texts of the interface: collected from code and templates, compiled, and checked. No system gettext.

`python -m tools.messages extract|compile|check`. Catalogs: `i18n/locale/<language>/LC_MESSAGES/django.po`.
"""

import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract as babel_extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from i18n import languages

ROOT: Final = Path(__file__).resolve().parent.parent
LOCALE: Final = ROOT / "i18n" / "locale"
PACKAGES: Final = ("accounts", "config", "exams", "flashcards", "i18n")
TEMPLATES: Final = "templates"
FOREIGN: Final = "i18n/foreign.txt"
WIDTH: Final = 100
KEYWORDS: Final = {
    name + suffix: places
    for name, places in (
        ("gettext", None),
        ("ngettext", (1, 2)),
        ("pgettext", ((1, "c"), 2)),
        ("npgettext", ((1, "c"), 2, 3)),
    )
    for suffix in ("", "_lazy")
} | {"_": None, "gettext_noop": None}
PLACEHOLDER: Final = re.compile(r"%\((\w+)\)")


def source_files() -> Iterator[Path]:
    """Yield every file that can hold a text for people."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path
    for pattern in ("*.html", "*.txt"):
        yield from sorted((ROOT / TEMPLATES).rglob(pattern))


def python_text(path: Path) -> bytes:
    """Return the file as Python: a template is turned into calls of gettext, in brackets so that
    its indentation means nothing."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return text.encode()
    return f"({templatize(text, origin=str(path))}\n)".encode()


def collect() -> Catalog:
    """Return a catalog of all texts of code and templates, in English, untranslated."""
    found = Catalog(charset="utf-8")
    for path in source_files():
        place = path.relative_to(ROOT).as_posix()
        rows = babel_extract("python", io.BytesIO(python_text(path)), KEYWORDS, ("Translators:",))
        for line, message, comments, context in rows:
            found.add(message, None, [(place, line)], auto_comments=comments, context=context)
    for line, text in enumerate((ROOT / FOREIGN).read_text(encoding="utf-8").splitlines(), 1):
        if text and not text.startswith("#"):
            singular, divider, plural = text.partition(" | ")
            found.add((singular, plural) if divider else singular, None, [(FOREIGN, line)])
    return found


def catalog_path(language: str) -> Path:
    """Return where the catalog of a language lies."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def translated_languages() -> list[str]:
    """Return the languages that need a catalog: all but the one that the sources are written in."""
    return [code for code in languages.CODES if code != languages.DEFAULT]


def read(language: str) -> Catalog:
    """Return the catalog of a language; an empty one when there is none yet."""
    path = catalog_path(language)
    if path.exists():
        with path.open("rb") as file:
            return read_po(file, locale=language)
    return Catalog(
        locale=language,
        project="Passline",
        version="1",
        copyright_holder="",
        msgid_bugs_address="",
        last_translator="",
        language_team="",
        header_comment="# Texts of Passline.",
        charset="utf-8",
        fuzzy=False,
    )


def extract() -> None:
    """Bring every catalog up to date: new texts come in empty, texts that are gone leave."""
    found = collect()
    for language in translated_languages():
        catalog = read(language)
        catalog.update(found, no_fuzzy_matching=True, update_creation_date=False)
        catalog.obsolete.clear()
        path = catalog_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalog, width=WIDTH, sort_output=True, include_lineno=False, ignore_obsolete=True)


def compile_all() -> list[Path]:
    """Compile every catalog that is newer than its compiled form; return what was written."""
    written = []
    for source in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalog = read_po(file, locale=source.parts[-3])
        making = target.with_suffix(f".{os.getpid()}.making")
        with making.open("wb") as file:
            write_mo(file, catalog)
        making.replace(target)
        written.append(target)
    return written


def problems(language: str) -> list[str]:
    """Return what is wrong with a catalog, one line each: missing, untranslated, doubtful, other names."""
    catalog = read(language)
    found = []
    for wanted in collect():
        if not wanted.id:
            continue
        known = catalog.get(wanted.id, wanted.context)
        fault = fault_of(known)
        if fault:
            text = wanted.id if isinstance(wanted.id, str) else wanted.id[0]
            place = wanted.locations[0][0] if wanted.locations else "?"
            found.append(f"{language}: {fault}: {text!r} ({place})")
    return found


def fault_of(message: Message | None) -> str:
    """Return what is wrong with one translation, or ''."""
    if message is None:
        return "missing"
    sources = [message.id] if isinstance(message.id, str) else list(message.id)
    texts = [message.string] if isinstance(message.string, str) else list(message.string or ())
    if not texts or not all(texts):
        return "untranslated"
    if message.fuzzy:
        return "doubtful (fuzzy)"
    names = set(PLACEHOLDER.findall(" ".join(sources)))
    if any(set(PLACEHOLDER.findall(text)) - names for text in texts):
        return "names a placeholder that the source has not"
    if names - set(PLACEHOLDER.findall(" ".join(texts))):
        return "lacks a placeholder of the source"
    return ""


def main(arguments: list[str]) -> int:
    """Run one of the three; `check` answers 1 when a translation is missing."""
    match arguments:
        case ["extract"]:
            extract()
        case ["compile"]:
            compile_all()
        case ["check"]:
            found = [line for language in translated_languages() for line in problems(language)]
            print("\n".join(found) if found else "Every text is translated.")
            return 1 if found else 0
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
