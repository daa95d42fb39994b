"""What axe-core finds on a page, in each way to look at it."""

import os
import re
import zlib
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tools.devstack.gate import ALL_LOOKS

type ColorScheme = Literal["light", "dark"]
type Look = tuple[int, ColorScheme]
type Rules = dict[str, Any]

PHONE: Final[Look] = (390, "dark")
DESKTOP: Final[Look] = (1440, "light")
LOOKS: Final[tuple[Look, ...]] = (PHONE, DESKTOP)
# What differs between two runs in the address of the same page.
NUMBERS: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")
# Another language has other words in the same elements and colors: what is translated is read in the one
# whose words are longer.
LANGUAGE: Final = "hu"

ALL: Final[Rules] = {}
# The contrast of colors takes longer than all other rules. Another theme has other colors for the same words.
COLORS: Final[Rules] = {"runOnly": ["color-contrast"]}
# What the menu of the admin holds is half of what is on a page of it, and the same on each.
MENU: Final = "#nav-sidebar-inner > *"
# Rows of a table that differ from two before them in nothing but words.
MORE: Final = "[data-more]"

# What is drawn in the same colors and size, on the same grounds, by elements of the same classes has the same
# contrast: three of each are read, wherever they stand. What lies above others may have a ground that is not
# around it but beside it. What axe does not read, since it is hidden, does not count.
_ALIKE = """(known, but) => {
  const told = ['class', 'style', 'role', 'type', 'aria-disabled'];
  const drawn = ['color', 'backgroundColor', 'backgroundImage', 'opacity', 'fontSize', 'fontWeight',
    'textShadow', 'position', 'zIndex'];
  const owns = new WeakMap(), keys = new WeakMap(), counts = {}, unread = [...but, '[data-more]'].join();
  const once = (kept, one, make) => kept.has(one) ? kept.get(one) : kept.set(one, make()).get(one);
  const own = (one) => once(owns, one, () => {
    const look = getComputedStyle(one);
    return [one.localName, one.matches(':disabled'), one.control?.disabled,
      ...told.map((name) => one.getAttribute(name)), ...drawn.map((name) => look[name])];
  });
  const beside = (one) => own(one).slice(-2).join() === 'static,auto' ? [] : [...one.parentElement.children];
  const key = (one) => once(keys, one, () => {
    const text = [one === document.body ? own(one.parentElement) : key(one.parentElement), own(one),
      ...beside(one).map(own)].join(';');
    let [a, b] = [1, 2];
    for (let n = 0; n < text.length; n++) {
      a = Math.imul(a ^ text.charCodeAt(n), 2654435761);
      b = Math.imul(b ^ text.charCodeAt(n), 1597334677);
    }
    return `${a}:${b}`;
  });
  const isWords = (one) => one.nodeType === Node.TEXT_NODE && one.data.trim();
  for (const one of document.querySelectorAll('body, body *')) {
    const isTold = one.matches('input, select, textarea') || [...one.childNodes].some(isWords);
    const name = isTold && one.checkVisibility() && !one.closest(unread) && key(one);
    if (name) counts[name] = (counts[name] ?? 0) + 1;
    one.toggleAttribute('data-contrast', !!name && (known[name] ?? 0) + counts[name] <= 3);
  }
  return counts;
}"""
# Only what is wrong comes back: the whole report of a long page is megabytes. Style sheets are not fetched
# again for a rule that is off unless it is asked for. A page keeps the script that it was given.
_RUN = f"""async ([rules, but, known]) => {{
  if (!globalThis.axe) return null;
  const counts = ({_ALIKE})(known, but);
  if (rules.runOnly?.join() === 'color-contrast' && !document.querySelector('[data-contrast]'))
    return [counts, []];
  axe.configure({{rules: [{{id: 'color-contrast', selector: '[data-contrast]'}}]}});
  const {{violations}} = await axe.run({{exclude: but.map((one) => [one])}},
    {{resultTypes: ['violations'], preload: {{assets: ['media']}}, ...rules}});
  return [counts,
    violations.flatMap(({{id, nodes}}) => nodes.map(({{html}}) => [id, html.slice(0, 200)]))];
}}"""
# The admin asks for the theme only while it is loaded. What moves or fades is looked at where it ends.
_SETTLE = """async () => {
  const root = document.documentElement, frame = () => new Promise(requestAnimationFrame);
  if (root.getAttribute('x-bind') === 'themeBindings')
    root.classList.toggle('dark', matchMedia('(prefers-color-scheme: dark)').matches);
  for (let n = 0; n < 3; n++) await frame();
  for (const one of document.getAnimations())
    if (one.effect?.getComputedTiming().endTime !== Infinity) one.finish();
  await frame();
}"""
# Two rows are alike when they have the same elements with the same classes, styles and attributes, and the
# same of these are empty.
_MARK = """() => {
  const seen = new Map(), look = ['class', 'style', 'role', 'type'];
  const names = (one) => one.getAttributeNames().filter((name) => name !== 'data-contrast');
  const told = (one) => names(one).map((name) =>
    name + (look.includes(name) ? '=' + one.getAttribute(name) : one.getAttribute(name) ? '' : '=empty'));
  const shape = (one) => [one.localName, ...told(one), one.textContent.trim() ? '' : 'empty'].join();
  for (const row of document.querySelectorAll('tbody > tr')) {
    row.removeAttribute('data-more');
    const key = [row.closest('tbody'), row, ...row.querySelectorAll('*')].map(shape).join(';');
    seen.set(key, (seen.get(key) ?? 0) + 1);
    row.toggleAttribute('data-more', seen.get(key) > 2);
  }
}"""
# Where a draft is written, its editor asks for remarks as soon as it is there.
_DRAWN = """() => {
  const isThere = document.querySelector('script[src*="/js/editor."]');
  const asked = isThere && document.querySelector('#editor[data-open]')?.dataset.remarks;
  const of = (path) => performance.getEntriesByName(new URL(path, location).href);
  return !document.querySelector('html[x-cloak]') && (!asked || of(asked).some((one) => one.responseEnd));
}"""

_KNOWN: Final = Counter[str]()


def violations(page: Page, rules: Rules = ALL, but: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Return each violation as the rule and the beginning of the element that breaks it.

    What the selectors in `but` name is not read.
    """
    given = [rules, list(but), _KNOWN]
    read = page.evaluate(_RUN, given)
    if read is None:
        page.evaluate(AXE_SCRIPT)
        read = page.evaluate(_RUN, given)
    counts, found = read
    # A fault of the colors is told on each page that has it. Where rules are off, colors are not read.
    if "rules" not in rules and all(rule != "color-contrast" for rule, _ in found):
        _KNOWN.update(counts)
    return [(rule, html) for rule, html in found]


def visit(page: Page, url: str, look: Look = PHONE) -> None:
    """Open a page in one look, and wait until the scripts of the admin have drawn what they draw."""
    _dress(page, look)
    page.goto(url)
    drawn(page)


def drawn(page: Page) -> None:
    """Wait until the scripts of the admin have drawn what they draw on a page that was just opened."""
    page.wait_for_function(_DRAWN)


def turn(page: Page, look: Look) -> None:
    """Show what is open in another width and theme, as if it had been opened like that."""
    _dress(page, look)
    page.evaluate(_SETTLE)


def _dress(page: Page, look: Look) -> None:
    width, scheme = look
    height = page.viewport_size["height"] if page.viewport_size else 900
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)


def looks_at(page: Page) -> tuple[Look, ...]:
    """Return the looks in which what is open is read: one by a hash of its address, with ALL_LOOKS each."""
    if ALL_LOOKS in os.environ:
        return LOOKS
    address = NUMBERS.sub("", urlsplit(page.url).path)
    return (LOOKS[zlib.crc32(address.encode()) % len(LOOKS)],)


def faults(page: Page, looks: Iterable[Look] = (), rules: Rules = ALL, but: str = "") -> list[str]:
    """Return what is wrong with what is open: what axe finds, and scrolling sideways.

    In these looks, or in those of `looks_at`. The page is left in the last of them.
    """
    wrong = []
    for look in looks or looks_at(page):
        turn(page, look)
        page.evaluate(_MARK)
        found = violations(page, rules, [one for one in (but, MORE) if one])
        wrong += [f"{look}: {rule}: {html}" for rule, html in found]
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > look[0]:
            wrong.append(f"{look}: {wide} pixels wide")
    return wrong
