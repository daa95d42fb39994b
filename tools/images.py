"""Draw the icons and the picture that stands beside a link to the site, from the mark and the pass line.

`python -m tools.images` writes them into `static/img/`. A browser draws them, since the site's own mark,
colors and face are made for one. The picture holds the name and figures only, so it serves every language.
"""

import base64
import struct
import sys
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from tools.devstack import browser

ROOT: Final = Path(__file__).resolve().parent.parent
IMAGES: Final = ROOT / "static" / "img"
MARK: Final = IMAGES / "mark.svg"
FONT: Final = ROOT / "static" / "fonts" / "reading.woff2"
PREVIEW: Final = (1200, 630)
TOUCH_ICON: Final = 180
ICON: Final = 32
# As in tokens.css, light.
PAPER, INK, INK_2, ACCENT = "#fcfcfb", "#14191b", "#4a5457", "#0a5a73"
# (750 - 100) / (1000 - 100)
CUT: Final = "72.2222%"


def data_address(path: Path, media_type: str) -> str:
    """Return a file as an address that a page without a server can use."""
    return f"data:{media_type};base64,{base64.b64encode(path.read_bytes()).decode()}"


def icon_page(size: int, inset: float) -> str:
    """Return the mark on paper; `inset` is the part of the width that stays free on each side."""
    mark = data_address(MARK, "image/svg+xml")
    return (
        f"<style>body {{ margin: 0; background: {PAPER} }} img {{ display: block; width: {size}px; "
        f'padding: {size * inset}px; box-sizing: border-box }}</style><img src="{mark}">'
    )


def preview_page() -> str:
    """Return the picture: mark and name above the scale with its line at 750."""
    face = data_address(FONT, "font/woff2")
    return f"""<meta charset="utf-8"><style>
      @font-face {{ font-family: Reading; font-weight: 400 600; src: url({face}) }}
      body {{ margin: 0; width: 1200px; height: 630px; background: {PAPER}; color: {INK};
              font: 400 40px/1 Reading; font-variant-numeric: lining-nums }}
      .name {{ position: absolute; left: 96px; top: 150px; display: flex; align-items: center; gap: 36px;
               font-size: 136px; font-weight: 600; letter-spacing: -.015em }}
      .name img {{ width: 144px }}
      .scale {{ position: absolute; left: 96px; right: 96px; top: 430px }}
      .scale * {{ position: absolute }}
      .below {{ left: 0; width: {CUT}; border-top: 3px solid {INK} }}
      .beyond {{ left: {CUT}; right: 0; border-top: 8px solid {INK}; margin-top: -3px }}
      .cut {{ left: {CUT}; top: -76px; width: 10px; margin-left: -5px; height: 100px; background: {ACCENT} }}
      .figure {{ top: 46px; color: {INK_2} }}
      .mark {{ left: {CUT}; transform: translateX(-50%); color: {ACCENT}; font-weight: 600 }}
    </style>
    <div class="name"><img src="{data_address(MARK, "image/svg+xml")}">Passline</div>
    <div class="scale"><i class="below"></i><i class="beyond"></i><i class="cut"></i>
      <span class="figure" style="left: 0">100</span><span class="figure mark">750</span>
      <span class="figure" style="right: 0">1000</span></div>"""


def drawn(chromium: Browser, content: str, width: int, height: int) -> bytes:
    """Return a page as a PNG of this size."""
    page = chromium.new_page(viewport={"width": width, "height": height}, color_scheme="light")
    page.set_content(content)
    page.evaluate("document.fonts.ready")
    picture = page.screenshot()
    page.close()
    return picture


def ico(png: bytes, size: int) -> bytes:
    """Return an ICO file that holds one PNG."""
    head = struct.pack("<HHH", 0, 1, 1)
    entry = struct.pack("<BBBBHHII", size, size, 0, 0, 1, 32, len(png), 6 + 16)
    return head + entry + png


def made(chromium: Browser) -> dict[str, bytes]:
    """Return every picture by its name."""
    icon = drawn(chromium, icon_page(ICON, 0), ICON, ICON)
    return {
        "favicon.ico": ico(icon, ICON),
        "apple-touch-icon.png": drawn(chromium, icon_page(TOUCH_ICON, 0.16), TOUCH_ICON, TOUCH_ICON),
        "preview.png": drawn(chromium, preview_page(), *PREVIEW),
    }


def main() -> int:
    """Write the pictures."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=["--no-sandbox"])
        for name, content in made(chromium).items():
            (IMAGES / name).write_bytes(content)
            print(f"static/img/{name}: {len(content)} bytes")
        chromium.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
