"""Two texts compared word by word: what went, what came, what stayed."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final, Literal

# Words with the sign behind them stay apart from white space, so that a moved line break marks nothing else.
PIECE: Final = re.compile(r"\s+|\w+|[^\w\s]")
# The work grows with the square of the length: longer texts are shown as a whole before and after.
MOST: Final = 3000

type Mark = Literal["same", "gone", "new"]
type Piece = tuple[Mark, str]


def marked(before: str, after: str) -> list[Piece]:
    """Return the pieces of both texts in order, each marked; joined, "same" and "new" are `after`."""
    first, second = PIECE.findall(before), PIECE.findall(after)
    if max(len(first), len(second)) > MOST:
        return [*_piece("gone", [before]), *_piece("new", [after])]
    found: list[Piece] = []
    for act, a, b, c, d in SequenceMatcher(a=first, b=second, autojunk=False).get_opcodes():
        if act == "equal":
            found += _piece("same", first[a:b])
        else:
            found += [*_piece("gone", first[a:b]), *_piece("new", second[c:d])]
    return found


def _piece(mark: Mark, pieces: Sequence[str]) -> Iterator[Piece]:
    text = "".join(pieces)
    if text:
        yield mark, text
