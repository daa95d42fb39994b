"""Hooks are listed in one table: every name that is asked, who asks, and who answers."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator

from tests.architecture.test_layers import PRODUCT, ROOT, name

ROW = re.compile(r"^\| `(\w+)` \| .+ \| `([\w/]+\.py)` \| ([\w, ]+) \|$", re.MULTILINE)
APPS = {"accounts", "exams", "flashcards"}


def calls(*functions: str) -> Iterator[tuple[str, str]]:
    """Yield the name of the hook in each such call of `hooks`, and the file."""
    for path in PRODUCT:
        source = path.read_text()
        # Most files need not be parsed.
        for node in ast.walk(ast.parse(source)) if "hooks." in source else ():
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and (node.func.value.id, node.func.attr) in {("hooks", function) for function in functions}
            ):
                assert isinstance(node.args[0], ast.Constant), "a name written where it is used"
                yield str(node.args[0].value), name(path)


def listed() -> dict[str, tuple[str, set[str]]]:
    rows = ROW.findall((ROOT / "ARCHITECTURE.md").read_text())
    return {hook: (by, APPS if who == "all" else set(who.split(", "))) for hook, by, who in rows}


def test_the_table_of_hooks_says_who_asks_and_who_answers() -> None:
    asked = set(calls("registered", "by_key"))
    answered: dict[str, set[str]] = defaultdict(set)
    for hook, file in calls("register"):
        answered[hook].add(file.partition("/")[0])
    assert len(listed()) > 30
    assert {(hook, by) for hook, (by, _who) in listed().items()} == asked
    assert {hook: who for hook, (_by, who) in listed().items()} == answered
