"""Rules of pages that a template can break: nothing inline, no foreign hosts, only icons that exist."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SPRITE = (ROOT / "templates/parts/icons.html").read_text()
ICONS = re.findall(r'<symbol id="([^"]+)"', SPRITE)
COMMENT = re.compile(r"{#.*?#}|{% comment %}.*?{% endcomment %}", re.DOTALL)
# By their place, without comments. Mails have inline styles: many programs that show them know nothing else.
PAGES = {
    str(path.relative_to(ROOT / "templates")): COMMENT.sub("", path.read_text())
    for path in sorted((ROOT / "templates").rglob("*.html"))
    if path.relative_to(ROOT / "templates").parts[0] != "emails"
}


def faults(find: Callable[[str], object]) -> dict[str, object]:
    """Return what a search finds in the templates, by their place."""
    assert len(PAGES) > 100
    return {name: fault for name, text in PAGES.items() if (fault := find(text))}


def inline(text: str) -> list[str]:
    """Return inline styles, handlers and scripts; data for a script is none."""
    found = re.findall(r"<style\b|\sstyle\s*=|<[^>]*\son[a-z]+\s*=|(?i:javascript:)", text)
    return found + [
        attributes
        for attributes, body in re.findall(r"<script\b([^>]*)>(.*?)</script>", text, re.DOTALL)
        if 'type="application/json"' not in attributes and ("src=" not in attributes or body.strip())
    ]


def without_alternative(text: str) -> list[str]:
    """Return images without a text for those who do not see them, and drawings without a role."""
    images = [tag for tag in re.findall(r"<img\b[^>]*>", text) if "alt=" not in tag]
    drawings = re.findall(r"<svg\b[^>]*>", text)
    return images + [
        tag for tag in drawings if not re.search(r'aria-hidden="true"|role="img"|\bhidden\b', tag)
    ]


def test_no_template_has_inline_script_style_or_handlers() -> None:
    assert faults(inline) == {}
    assert len(inline('<p style="color: red"><b onclick="x()">JavaScript:</b><script>a()</script>')) == 4


def test_no_template_asks_a_foreign_host() -> None:
    foreign = re.compile(r"""(?:src|<link[^>]*href|action|hx-get|hx-post)\s*=\s*["'](?:https?:)?//""")
    assert faults(foreign.search) == {}


def test_every_icon_used_is_in_the_sprite_and_named_there_once() -> None:
    used = re.compile(r'<use href="#([a-z-]+)"|\bicon="([a-z-]+)"')
    assert (
        faults(lambda text: {name for pair in used.findall(text) for name in pair if name} - set(ICONS)) == {}
    )
    assert len(ICONS) == len(set(ICONS))


def test_images_have_alternatives_and_svg_drawings_a_role() -> None:
    assert faults(without_alternative) == {}
    assert len(without_alternative('<img src="x"><svg class="y">')) == 2


def test_no_link_leads_nowhere() -> None:
    assert faults(lambda text: 'href="#"' in text) == {}


def test_a_page_with_htmx_can_say_that_nobody_answered() -> None:
    silent = re.compile(r'data-when="failed" role="alert" hidden>')
    with_htmx = [text for text in PAGES.values() if "parts/htmx.html" in text]
    assert with_htmx
    assert all(map(silent.search, with_htmx))


def test_the_vendored_files_are_the_ones_that_were_checked() -> None:
    vendor = ROOT / "static/vendor"
    lines = (vendor / "CHECKSUMS").read_text().splitlines()
    listed = {file: digest for digest, file in (line.split() for line in lines)}
    found = {path.name for path in vendor.iterdir()} - {"CHECKSUMS"}
    assert set(listed) == found
    for file, digest in listed.items():
        assert hashlib.sha256((vendor / file).read_bytes()).hexdigest() == digest
