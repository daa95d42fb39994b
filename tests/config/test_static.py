"""Scripts and style sheets as they are served: without comments, whole, and within their budget."""

import gzip
import re
from pathlib import Path

import pytest
import rjsmin  # type: ignore[import-untyped]
from django.conf import settings

from config.static import bare_style
from exams.web import taking
from tests import budgets

CSS, JS = (Path(settings.BASE_DIR) / "static" / kind for kind in ("css", "js"))
# Where it is loaded: the script, and how many bytes all scripts of such a page may weigh compressed.
PAGES: dict[str, tuple[str, int]] = {
    "taking an exam": ("attempt.js", budgets.SCRIPTS_OF_AN_EXAM),
    "every other page": ("site.js", budgets.SCRIPTS_ELSEWHERE),
    "parts by htmx": ("parts.js", budgets.SCRIPTS_ELSEWHERE),
    "review": ("review.js", budgets.SCRIPTS_OF_STUDY),
    "cheat sheet": ("cheatsheet.js", budgets.SCRIPTS_ELSEWHERE),
    "studying cards": ("study.js", budgets.SCRIPTS_OF_STUDY),
    "drilling": ("drill.js", budgets.SCRIPTS_OF_STUDY),
    "account pages": ("account.js", budgets.SCRIPTS_ELSEWHERE),
    "passkeys": ("passkeys.js", budgets.SCRIPTS_ELSEWHERE),
    "writing a question": ("editor.js", budgets.SCRIPTS_OF_THE_EDITOR),
    "putting an exam together": ("form_draft.js", budgets.SCRIPTS_ELSEWHERE),
    "who else is here": ("presence.js", budgets.SCRIPTS_ELSEWHERE),
    "signing out": ("unsent.js", budgets.SCRIPTS_ELSEWHERE),
    "without a connection": ("sw.js", budgets.SCRIPTS_ELSEWHERE),
}
IMPORT = re.compile(r"^import [^;]* from '\./([^']+)';", re.MULTILINE)


def closure(name: str) -> set[str]:
    """Return a script and all that it imports, by their paths below `js/`."""
    folder = Path(name).parent
    imports = {str(folder / other) for other in IMPORT.findall((JS / name).read_text())}
    return {name}.union(*map(closure, imports))


@pytest.mark.parametrize("page", PAGES)
def test_the_own_scripts_of_a_page_are_small(page: str) -> None:
    entry, budget = PAGES[page]
    names = closure(entry) | closure("site.js")  # every page loads that one
    served = [gzip.compress(rjsmin.jsmin((JS / name).read_text()).encode(), 9) for name in sorted(names)]
    assert sum(map(len, served)) <= budget


def test_every_own_script_belongs_to_a_page() -> None:
    counted = {name for entry, _budget in PAGES.values() for name in closure(entry)}
    assert counted == {str(path.relative_to(JS)) for path in JS.rglob("*.js")}


def test_each_script_that_a_template_loads_has_a_budget() -> None:
    loaded = re.compile(r"<script[^>]*src=\"{% static 'js/([^']+)' %}")
    templates = (Path(settings.BASE_DIR) / "templates").rglob("*.html")
    found = {name for path in templates for name in loaded.findall(path.read_text())}
    # No page loads the worker: an exam registers it.
    assert found == {entry for entry, _budget in PAGES.values()} - {"sw.js"}


def test_the_taking_page_preloads_every_module_that_it_imports() -> None:
    assert {f"js/{name}" for name in closure("attempt.js")} == {"js/attempt.js", *taking.MODULES}


def test_comments_and_needless_space_are_left_out_of_style_sheets() -> None:
    sheet = "/* Why\n   so. */\n@layer a {\n  p { top: 0; }  /* One */\n\n  /* 2 */ b > i em { top: 0; }\n}\n"
    assert bare_style(sheet) == "@layer a{p{top: 0;}b > i em{top: 0;}}"


@pytest.mark.parametrize("path", sorted(CSS.glob("*.css")), ids=lambda path: path.name)
def test_a_bare_style_sheet_has_the_same_rules(path: Path) -> None:
    sheet = path.read_text()
    assert '"/*' not in sheet
    served = bare_style(sheet)
    assert "/*" not in served
    assert re.sub(r"/\*.*?\*/|\s", "", sheet, flags=re.DOTALL) == re.sub(r"\s", "", served)
