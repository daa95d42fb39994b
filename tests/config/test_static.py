"""Scripts as they are served: without comments, whole, and within their budget."""

import gzip
from pathlib import Path

import pytest
from django.conf import settings

from config.static import bare

JS = Path(settings.BASE_DIR) / "static" / "js"
BUDGET = 12 * 1024


def test_comments_and_indentation_are_left_out() -> None:
    script = "// why\nconst a = 1; // kept\n\n/** One.\n * Two. */\n  f(a);\n  /* three */\n"
    assert bare(script) == "const a = 1; // kept\nf(a);\n"


def test_a_bare_script_stays_as_it_is() -> None:
    once = bare((JS / "attempt.js").read_text())
    assert bare(once) == once


@pytest.mark.parametrize("path", sorted(JS.rglob("*.js")), ids=lambda path: path.name)
def test_no_text_of_our_scripts_goes_over_several_lines(path: Path) -> None:
    assert all(line.count("`") % 2 == 0 for line in path.read_text().splitlines())


def test_all_own_scripts_together_are_small() -> None:
    served = [gzip.compress(bare(path.read_text()).encode(), 9) for path in JS.rglob("*.js")]
    assert sum(map(len, served)) <= BUDGET
