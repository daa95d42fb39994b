"""Make the two faces: `static/fonts/reading.woff2`, `ui.woff2` and the rules in `static/css/fonts.css`.

`python -m tools.fonts` writes them, `check` compares them, `measure FILE...` prints widths for `FALLBACKS`.
The sources are Source Serif 4 and Inter as published by Google Fonts, from packages that
`requirements-dev.txt` pins by their hash: the same mirrors serve them, and no other tool is needed. The
license of the first reserves the name "Source" for the original, so the subsets have names of their own.
"""

import hashlib
import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

ROOT: Final = Path(__file__).resolve().parent.parent
FONTS: Final = ROOT / "static" / "fonts"
RULES: Final = ROOT / "static" / "css" / "fonts.css"
WEIGHTS: Final = (400, 600)
# All of Latin Extended-A: whatever language comes, questions are read in it.
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
# The interface has one text in few languages; what is not among its letters comes from the fallback.
UI_LETTERS: Final = (*range(0x20, 0x7F), 0xA0, *map(ord, "ÁÉÍÓÖŐÚÜŰáéíóöőúüű§©«»°±·½"), 0xD7)
UI_SIGNS: Final = (
    *(0x2010, 0x2011, 0x2013, 0x2014, 0x2018, 0x2019, 0x201A, 0x201C, 0x201D, 0x201E, 0x2022, 0x2026),
    *(0x20AC, 0x2190, 0x2191, 0x2192, 0x2193, 0x2212, 0x2248, 0x2264, 0x2265, 0x2713, 0x2009, 0x202F),
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


class Face(NamedTuple):
    """A face of ours: its name, where its source is and what is kept of it."""

    family: str
    file: str
    package: str
    source: str
    sha256: str
    optical_size: int
    features: tuple[str, ...]
    letters: tuple[int, ...]
    fallbacks: tuple[Fallback, ...]

    @property
    def path(self) -> Path:
        """Where the subset is written."""
        return FONTS / f"{self.file}.woff2"


# Widths measured by `measure`. Gelasio has the widths of Georgia, Liberation Serif those of Times New Roman,
# Arimo those of Arial.
READING: Final = Face(
    family="Passline Reading",
    file="reading",
    package="fontpkg_source_serif_4",
    source="files/SourceSerif4[opsz,wght].ttf",
    sha256="97b2d4da6e3cb494b5a1e66ae176914d852ccabef49e0c02c0df25f3e39aca0b",
    optical_size=16,  # between stems and running text; a second axis would double the file
    # Figures by table and by text, accents that are put together, kerning. No small capitals, no old figures.
    features=("ccmp", "kern", "liga", "lnum", "locl", "mark", "mkmk", "pnum", "tnum"),
    letters=(*LETTERS, *SIGNS),
    fallbacks=(
        Fallback("Reading Georgia", ("Georgia",), ("Georgia Bold", "Georgia-Bold"), (0.4511, 0.5243)),
        Fallback("Reading Noto", ("Noto Serif",), ("Noto Serif Bold", "NotoSerif-Bold"), (0.4884, 0.5192)),
        Fallback(
            "Reading Times",
            ("Times New Roman", "Liberation Serif"),
            ("Times New Roman Bold", "TimesNewRomanPS-BoldMT", "Liberation Serif Bold"),
            (0.4132, 0.4382),
        ),
        Fallback("Reading DejaVu", ("DejaVu Serif",), ("DejaVu Serif Bold",), (0.5241, 0.5789)),
    ),
)
UI: Final = Face(
    family="Passline UI",
    file="ui",
    package="fontpkg_inter",
    source="files/Inter[opsz,wght].ttf",
    sha256="29160a80ff49ddcab2c97711247e08b1fab27a484a329ce8b813d820dc559031",
    optical_size=14,
    features=("ccmp", "kern", "tnum"),
    letters=(*UI_LETTERS, *UI_SIGNS),
    fallbacks=(
        Fallback(
            "UI Arial", ("Arial", "Liberation Sans"), ("Arial Bold", "Liberation Sans Bold"), (0.4568, 0.4899)
        ),
        Fallback("UI Roboto", ("Roboto",), ("Roboto Bold",), (0.4554, 0.4621)),
        Fallback("UI DejaVu", ("DejaVu Sans",), ("DejaVu Sans Bold",), (0.5198, 0.5853)),
    ),
)
FACES: Final = (READING, UI)


def source(face: Face) -> bytes:
    """Return the source font. Raises ValueError when it is not the one that was looked at."""
    content = (files(face.package) / face.source).read_bytes()
    if hashlib.sha256(content).hexdigest() != face.sha256:
        raise ValueError(f"{face.package} holds another font than expected")
    return content


def subset(face: Face) -> TTFont:
    """Return the font with our letters, one optical size and the weights that the look has."""
    font = TTFont(io.BytesIO(source(face)), recalcTimestamp=False)
    for table in font["cmap"].tables:
        if table.isUnicode():
            # Inter draws the hyphens of the page narrower than the one that everybody types.
            table.cmap |= dict.fromkeys((0x2010, 0x2011), table.cmap[0x2D])
    _keep_figures_alone(font)
    options = Options()
    options.layout_features = list(face.features)
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = list(NAMES)
    picker = Subsetter(options)
    picker.populate(unicodes=face.letters)
    picker.subset(font)
    font = instantiateVariableFont(font, {"opsz": face.optical_size, "wght": WEIGHTS})
    name = face.family
    for number, text in ((1, name), (2, "Regular"), (4, name), (6, name.replace(" ", ""))):
        font["name"].setName(text, number, 3, 1, 0x409)
    return font


def _keep_figures_alone(font: TTFont) -> None:
    """Let figures alone be of one width: Inter widens hyphens and spaces of tables to it, too."""
    rules = font["GSUB"].table
    drawn = font.getBestCmap()
    others = {name for code, name in drawn.items() if not 0x30 <= code < 0x3A}
    for place in {
        place
        for row in rules.FeatureList.FeatureRecord
        if row.FeatureTag == "tnum"
        for place in row.Feature.LookupListIndex
    }:
        for part in rules.LookupList.Lookup[place].SubTable:
            mapping = getattr(part, "ExtSubTable", part).mapping
            for name in mapping.keys() & others:
                del mapping[name]


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


def rules(contents: Mapping[Face, bytes]) -> str:
    """Return the style sheet: our faces, and each fallback drawn so wide and so high as ours."""
    low, high = WEIGHTS
    lines = ["/* Made by `make fonts`, not by hand. Fallbacks take as much room as the face before them. */"]
    for face, content in contents.items():
        lines.append(
            f'@font-face {{ font-family: "{face.family}"; font-weight: {low} {high}; font-display: swap; '
            f'src: url("../fonts/{face.path.name}") format("woff2"); }}'
        )
        for position, weight in enumerate(WEIGHTS):
            lines.extend(_fallback_rules(face.fallbacks, at_weight(content, weight), weight, position))
    return "\n".join(lines) + "\n"


def _fallback_rules(
    fallbacks: Sequence[Fallback], ours: Metrics, weight: int, position: int
) -> Iterator[str]:
    for fallback in fallbacks:
        scale = ours.width / fallback.widths[position]
        local = ", ".join(f'local("{name}")' for name in (fallback.bold if position else fallback.regular))
        yield (
            f'@font-face {{ font-family: "{fallback.family}"; font-weight: {weight}; src: {local}; '
            f"size-adjust: {scale:.2%}; ascent-override: {ours.ascent / scale:.2%}; "
            f"descent-override: {ours.descent / scale:.2%}; line-gap-override: {ours.gap / scale:.2%}; }}"
        )


def made() -> dict[Path, bytes]:
    """Return what `make fonts` writes, by path."""
    contents = {face: packed(subset(face)) for face in FACES}
    licenses = {
        FONTS / f"OFL-{face.file}.txt": (files(face.package) / "LICENSE").read_bytes() for face in FACES
    }
    return {
        **{face.path: content for face, content in contents.items()},
        RULES: rules(contents).encode(),
        **licenses,
    }


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
