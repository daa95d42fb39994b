"""`make count`: the figures by which the size of the project is judged."""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterable
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PRODUCT: Final = ("accounts", "config", "exams", "flashcards", "i18n")
SILENT: Final = frozenset(
    (
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    )
)
SMALL_MODULE: Final = 50
LONG_LINE: Final = 160
SQL: Final = re.compile(
    r"\s*(?:/\*.*?\*/\s*)?(?:WITH|SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|LOCK)\s", re.DOTALL
)
VAGUE_NAME: Final = re.compile(
    r"(?:told|said|meant|spoken|shown|drafted)(?:_|$)|.*_(?:told|said|meant|spoken|shown)$"
)
DEFINITIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def sources(folders: Iterable[str]) -> list[Path]:
    """Return the modules of folders, migrations left out."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if "migrations" not in path.parts)


def docstring_lines(tree: ast.Module) -> set[int]:
    """Return the lines of all docstrings, those after a constant too."""
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


def code_and_comments(source: str) -> tuple[int, int]:
    """Return how many lines hold code, and how many nothing but a comment."""
    lines: set[int] = set()
    comments: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            comments.add(token.start[0])
        elif token.type not in SILENT:
            lines.update(range(token.start[0], token.end[0] + 1))
    blank = {number for number, line in enumerate(source.splitlines(), 1) if not line.strip()}
    code = lines - docstring_lines(ast.parse(source)) - blank
    return len(code), len(comments - lines)


def sql_pieces(tree: ast.Module) -> int:
    """Return how many texts of a module begin as a statement of SQL."""
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    texts = 0
    for node in ast.walk(tree):
        first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else node
        if isinstance(first, ast.Constant) and isinstance(first.value, str) and id(node) not in parts:
            texts += bool(SQL.match(first.value))
    return texts


def figures() -> dict[str, float]:
    """Return the figures by their names."""
    product = {path: path.read_text("utf-8") for path in sources(PRODUCT)}
    trees = [ast.parse(source) for source in product.values()]
    counts = [code_and_comments(source) for source in product.values()]
    lengths = [source.count("\n") for source in product.values()]
    written = [path for app in PRODUCT for path in (ROOT / app).rglob("migrations/*.*")]
    migrations = [path for path in written if path.suffix in {".py", ".sql"} and path.stem != "__init__"]
    templates = [
        path.read_text("utf-8").splitlines() for path in (ROOT / "templates").rglob("*") if path.is_file()
    ]
    names = [node.name for tree in trees for node in ast.walk(tree) if isinstance(node, DEFINITIONS)]
    return {
        "product: lines of code": sum(code for code, _ in counts),
        "product: comment lines in % of all": round(
            100 * sum(comments for _, comments in counts) / sum(lengths), 1
        ),
        "product: all lines": sum(lengths),
        "product: modules": len(product),
        f"product: modules under {SMALL_MODULE} lines": sum(length < SMALL_MODULE for length in lengths),
        "product: pieces of SQL": sum(map(sql_pieces, trees)) + len(list(ROOT.glob("*/sql/*.sql"))),
        "product: modules with SQL": sum(sql_pieces(tree) > 0 for tree in trees),
        "product: vague names": sum(bool(VAGUE_NAME.match(name)) for name in names),
        "tools: all lines": sum(path.read_text("utf-8").count("\n") for path in sources(["tools"])),
        "tests: all lines": sum(path.read_text("utf-8").count("\n") for path in sources(["tests"])),
        "migrations": len(migrations),
        "migrations: lines": sum(path.read_text("utf-8").count("\n") for path in migrations),
        f"templates: lines over {LONG_LINE} characters": sum(
            len(line) > LONG_LINE for page in templates for line in page
        ),
        "ARCHITECTURE.md: words": sum(
            any(sign.isalnum() for sign in word)
            for word in (ROOT / "ARCHITECTURE.md").read_text("utf-8").split()
        ),
    }


def main() -> int:
    """Print the figures of this tree."""
    for name, value in figures().items():
        print(f"{name:<46}{value:>10}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
