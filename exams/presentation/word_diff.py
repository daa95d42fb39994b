"""Two texts compared word by word: what went, what came, what stayed."""

import re
from collections.abc import Iterator
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
        return [*_piece("gone", before), *_piece("new", after)]
    pieces: list[Piece] = []
    gone, new = "", ""
    opcodes = SequenceMatcher(a=first, b=second, autojunk=False).get_opcodes()
    for number, (act, a, b, c, d) in enumerate(opcodes):
        same = "".join(first[a:b])
        is_between = 0 < number < len(opcodes) - 1
        if act == "equal" and not (is_between and same.isspace()):
            pieces += [*_piece("gone", gone), *_piece("new", new), *_piece("same", same)]
            gone, new = "", ""
        else:
            # White space between two changes is part of both: words that went are read in a row.
            gone, new = gone + same, new + "".join(second[c:d])
    return [*pieces, *_piece("gone", gone), *_piece("new", new)]


def _piece(mark: Mark, text: str) -> Iterator[Piece]:
    if text:
        yield mark, text
