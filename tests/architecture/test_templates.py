"""Rules of look.md that a template can break: nothing inline, no foreign hosts, only icons that exist."""

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if path.relative_to(ROOT / "templates").parts[0] != "emails"]
SPRITE = (ROOT / "templates/parts/icons.html").read_text()
COMMENT = re.compile(r"{#.*?#}|{% comment %}.*?{% endcomment %}", re.DOTALL)


def markup(path: Path) -> str:
    """Return a template without its comments."""
    return COMMENT.sub("", path.read_text())


def name(path: Path) -> str:
    """Name a case of a test by the template's place."""
    return str(path.relative_to(ROOT / "templates"))


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_no_template_has_inline_script_style_or_handlers(path: Path) -> None:
    text = markup(path)
    assert not re.search(r"<style\b", text)
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", text)
    assert "javascript:" not in text.lower()
    for attributes, body in re.findall(r"<script\b([^>]*)>(.*?)</script>", text, re.DOTALL):
        data = 'type="application/json"' in attributes
        assert data or ("src=" in attributes and not body.strip())


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_no_template_asks_a_foreign_host(path: Path) -> None:
    assert not re.search(
        r"""(?:src|<link[^>]*href|action|hx-get|hx-post)\s*=\s*["'](?:https?:)?//""", markup(path)
    )


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_icon_used_is_in_the_sprite(path: Path) -> None:
    known = set(re.findall(r'<symbol id="([^"]+)"', SPRITE))
    text = markup(path)
    used = set(re.findall(r'<use href="#([a-z-]+)"', text)) | set(re.findall(r'\bicon="([a-z-]+)"', text))
    assert used <= known


def test_every_icon_of_the_sprite_is_named_once() -> None:
    names = re.findall(r'<symbol id="([^"]+)"', SPRITE)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_images_have_alternatives_and_svg_drawings_a_role(path: Path) -> None:
    text = markup(path)
    assert not [tag for tag in re.findall(r"<img\b[^>]*>", text) if "alt=" not in tag]
    drawings = re.findall(r"<svg\b[^>]*>", text)
    assert not [tag for tag in drawings if not re.search(r'aria-hidden="true"|role="img"|\bhidden\b', tag)]


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_no_link_leads_nowhere(path: Path) -> None:
    assert 'href="#"' not in markup(path)


def test_the_vendored_files_are_the_ones_that_were_checked() -> None:
    vendor = ROOT / "static/vendor"
    lines = (vendor / "CHECKSUMS").read_text().splitlines()
    listed = {file: digest for digest, file in (line.split() for line in lines)}
    found = {path.name for path in vendor.iterdir()} - {"CHECKSUMS"}
    assert set(listed) == found
    for file, digest in listed.items():
        assert hashlib.sha256((vendor / file).read_bytes()).hexdigest() == digest


HTMX = [path for path in PAGES if "parts/htmx.html" in markup(path)]


@pytest.mark.parametrize("path", HTMX, ids=name)
def test_a_page_with_htmx_can_say_that_nobody_answered(path: Path) -> None:
    assert re.search(r'data-when="failed" role="alert" hidden>', markup(path))
