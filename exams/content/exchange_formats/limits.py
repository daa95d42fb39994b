"""How much an imported file may take. Hostile files are small and grow; none gets further than this."""

from time import monotonic
from typing import Final

MEGABYTE: Final = 1_000_000
FILE_SIZE: Final = 20 * MEGABYTE
UNPACKED: Final = 100 * MEGABYTE
RATIO: Final = 100
RATIO_FROM: Final = 64 * 1024
"""A file that unpacks to less than this is harmless, however well it was compressed."""
ENTRIES: Final = 2_000
DIRECTORY_SIZE: Final = 2 * MEGABYTE
DEPTH: Final = 50
NODES: Final = 100_000
WORKBOOK_NODES: Final = 500_000
"""A workbook has three nodes for each cell, so more of them are allowed than in a file of questions."""
SECONDS: Final = 20
ROWS: Final = 5_000
QUESTIONS: Final = 5_000
PROBLEMS: Final = 1_000
LOSSES: Final = 10_000
CELLS: Final = 20_000
"""As many separators as one line may have, those within texts among them."""
PICTURES: Final = 50 * MEGABYTE
COLUMNS: Final = 100
MARKDOWN: Final = 16_000
"""So long may Markdown of another system be: reading it takes the square of its length at worst."""
ITEM_ID: Final = 40
SOURCE: Final = 100
TEXT: Final = 200_000
"""So long may one text be before its formatting is looked at; what is left of it must be much shorter."""
IMAGE_SIZE: Final = 5 * MEGABYTE
IMAGE_PIXELS: Final = 20 * MEGABYTE
WEBP_PIXELS: Final = 12 * MEGABYTE
"""Its library takes 18 bytes for each pixel, those of the others 8."""
OPTIONS: Final = 6


class TooLong(Exception):
    """Reading takes more time than it may."""


class Deadline:
    """When reading must be done. This bounds our own work; it decides nothing about anybody's exam."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._end = monotonic() + seconds

    def check(self) -> None:
        """Raise TooLong where the time is up."""
        if monotonic() > self._end:
            raise TooLong
