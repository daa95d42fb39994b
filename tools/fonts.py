"""Make the reading face: `static/fonts/reading.woff2` and the rules in `static/css/fonts.css`.

`python -m tools.fonts` writes both, `check` compares them, `measure FILE...` prints rows of `FALLBACKS`.
The source is Source Serif 4 as published by Google Fonts, from a package that `requirements-dev.txt` pins by
its hash: the same mirrors serve it, and no other tool is needed. Its license reserves the name "Source" for
the original, so the subset has a name of its own.
"""

import hashlib
import io
import sys
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

ROOT: Final = Path(__file__).resolve().parent.parent
FONT: Final = ROOT / "static" / "fonts" / "reading.woff2"
LICENSE: Final = ROOT / "static" / "fonts" / "OFL.txt"
RULES: Final = ROOT / "static" / "css" / "fonts.css"
PACKAGE: Final = "fontpkg_source_serif_4"
SOURCE: Final = "files/SourceSerif4[opsz,wght].ttf"
SOURCE_SHA256: Final = "97b2d4da6e3cb494b5a1e66ae176914d852ccabef49e0c02c0df25f3e39aca0b"

FAMILY: Final = "Passline Reading"
WEIGHTS: Final = (400, 600)
OPTICAL_SIZE: Final = 16  # between stems (19 px) and running text; a second axis would double the file
# Figures by table and by text, accents that are put together, kerning. No small capitals, no old figures.
FEATURES: Final = ("ccmp", "kern", "liga", "lnum", "locl", "mark", "mkmk", "pnum", "tnum")
LETTERS: Final = (*range(0x20, 0x7F), *range(0xA0, 0x180), 0x218, 0x219, 0x21A, 0x21B)
# Hyphens and dashes, quotes, dots, per mille, primes, euro, trade mark, arrows, minus, comparisons, infinity,
# check mark, thin spaces, Greek as formulas have it. Times and degree are among the letters.
SIGNS: Final = (
    *(*range(0x2010, 0x2015), 0x2018, 0x2019, 0x201A, 0x201C, 0x201D, 0x201E, 0x2020, 0x2022, 0x2026),
    *(0x2030, 0x2032, 0x2033, 0x2039, 0x203A, 0x20AC, 0x2122, 0x2190, 0x2191, 0x2192, 0x2193),
    *(0x2212, 0x221A, 0x2211, 0x2248, 0x2260, 0x2264, 0x2265, 0x221E, 0x2713, 0x2009, 0x202F),
    *map(ord, "\N{GREEK CAPITAL LETTER DELTA}\N{GREEK CAPITAL LETTER SIGMA}βγδεηθλμπτφ"),
    *(0x3B1, 0x3C1, 0x3C3),
)
NAMES: Final = (0, 5, 13, 14)  # copyright, version, license and its address
# Where the fallback takes its average from: both languages of the site, in the words of its questions.
SAMPLE: Final = (
    "A company trains a model on data in Amazon S3 and must keep the cost of each run low. The job may be "
    "interrupted, but it must not lose more than ten minutes of work. Which solution meets these "
    "requirements with the LEAST operational overhead? Would you pass? "
    "Egy cég modellt tanít, és alacsonyan kell tartania az egyes futások költségét. A feladat megszakadhat, "
    "de tíz percnél több munka nem veszhet el. Melyik megoldás felel meg a követelményeknek a legkisebb "
    "üzemeltetési ráfordítással? Átmennél?"
)


class Metrics(NamedTuple):
    """What decides how much room our face takes, in parts of its size."""

    width: float
    ascent: float
    descent: float
    gap: float


class Fallback(NamedTuple):
    """A face that systems bring: the names it is found by, and how wide it is at 400 and at 600."""

    family: str
    regular: tuple[str, ...]
    bold: tuple[str, ...]
    widths: tuple[float, float]


# Measured by `measure`. Gelasio has the widths of Georgia, Liberation Serif those of Times New Roman.
FALLBACKS: Final = (
    Fallback("Reading Georgia", ("Georgia",), ("Georgia Bold", "Georgia-Bold"), (0.4511, 0.5243)),
    Fallback("Reading Noto", ("Noto Serif",), ("Noto Serif Bold", "NotoSerif-Bold"), (0.4884, 0.5192)),
    Fallback(
        "Reading Times",
        ("Times New Roman", "Liberation Serif"),
        ("Times New Roman Bold", "TimesNewRomanPS-BoldMT", "Liberation Serif Bold"),
        (0.4132, 0.4382),
    ),
    Fallback("Reading DejaVu", ("DejaVu Serif",), ("DejaVu Serif Bold",), (0.5241, 0.5789)),
)


def source() -> bytes:
    """Return the source font. Raises ValueError when it is not the one that was looked at."""
    content = (files(PACKAGE) / SOURCE).read_bytes()
    if hashlib.sha256(content).hexdigest() != SOURCE_SHA256:
        raise ValueError(f"{PACKAGE} holds another font than expected")
    return content


def subset(content: bytes) -> TTFont:
    """Return the font with our letters, one optical size and the weights that the look has."""
    font = TTFont(io.BytesIO(content), recalcTimestamp=False)
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap.setdefault(0x2011, table.cmap[0x2010])  # a hyphen that does not break looks like one
    options = Options()
    options.layout_features = list(FEATURES)
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = list(NAMES)
    picker = Subsetter(options)
    picker.populate(unicodes=[*LETTERS, *SIGNS])
    picker.subset(font)
    font = instantiateVariableFont(font, {"opsz": OPTICAL_SIZE, "wght": WEIGHTS})
    for number, text in ((1, FAMILY), (2, "Regular"), (4, FAMILY), (6, FAMILY.replace(" ", ""))):
        font["name"].setName(text, number, 3, 1, 0x409)
    return font


def packed(font: TTFont) -> bytes:
    """Return the font as WOFF2."""
    font.flavor = "woff2"
    written = io.BytesIO()
    font.save(written, reorderTables=False)
    return written.getvalue()


def measured(font: TTFont) -> Metrics:
    """Return the metrics of a face that is not variable."""
    size, head, cmap = font["head"].unitsPerEm, font["hhea"], font.getBestCmap()
    widths = [font["hmtx"][cmap[ord(sign)]][0] for sign in SAMPLE if ord(sign) in cmap]
    figures = (sum(widths) / len(widths), head.ascent, -head.descent, head.lineGap)
    return Metrics(*(round(figure / size, 4) for figure in figures))


def at_weight(content: bytes, weight: int) -> Metrics:
    """Return the metrics of our face at one weight."""
    font, options = TTFont(io.BytesIO(content)), Options()
    # Of the letters that are measured alone: drawing each of the others at that weight takes a second.
    options.layout_features = []
    picker = Subsetter(options)
    picker.populate(text=SAMPLE)
    picker.subset(font)
    return measured(instantiateVariableFont(font, {"wght": weight}))


def rules(content: bytes) -> str:
    """Return the style sheet: our face, and each fallback drawn so wide and so high as ours."""
    low, high = WEIGHTS
    lines = [
        "/* Made by `make fonts`, not by hand. The fallbacks take as much room as the face that follows. */",
        f'@font-face {{ font-family: "{FAMILY}"; font-weight: {low} {high}; font-display: swap; '
        f'src: url("../fonts/{FONT.name}") format("woff2"); }}',
    ]
    for position, weight in enumerate(WEIGHTS):
        lines.extend(_fallback_rules(at_weight(content, weight), weight, position))
    return "\n".join(lines) + "\n"


def _fallback_rules(ours: Metrics, weight: int, position: int) -> Iterator[str]:
    for face in FALLBACKS:
        scale = ours.width / face.widths[position]
        local = ", ".join(f'local("{name}")' for name in (face.bold if position else face.regular))
        yield (
            f'@font-face {{ font-family: "{face.family}"; font-weight: {weight}; src: {local}; '
            f"size-adjust: {scale:.2%}; ascent-override: {ours.ascent / scale:.2%}; "
            f"descent-override: {ours.descent / scale:.2%}; line-gap-override: {ours.gap / scale:.2%}; }}"
        )


def made() -> dict[Path, bytes]:
    """Return what `make fonts` writes, by path."""
    font = packed(subset(source()))
    license_text = (files(PACKAGE) / "LICENSE").read_bytes()
    return {FONT: font, RULES: rules(font).encode(), LICENSE: license_text}


def main(arguments: Sequence[str]) -> int:
    """Write the files, compare them, or measure other fonts."""
    match arguments:
        case []:
            for path, content in made().items():
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(content)
                print(f"{path.relative_to(ROOT)}: {len(content)} bytes")
        case ["check"]:
            changed = [path.name for path, content in made().items() if path.read_bytes() != content]
            print("as made" if not changed else f"not as made: {', '.join(changed)}")
            return bool(changed)
        case ["measure", *paths]:
            for name in paths:
                print(name, measured(TTFont(name)).width)
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
