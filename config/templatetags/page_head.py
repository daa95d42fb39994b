"""Title and description of a page, said once in its template, for readers and for previews of links."""

import html
from typing import Any, Final

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()
SITE: Final = "Passline"


def _text(content: str) -> str:
    """Return what a rendered block says: one line, and not escaped."""
    return " ".join(html.unescape(content).split())


def _shared(context: Context) -> bool:
    public: Any = context.get("public")
    return bool(public and public())


@register.simple_block_tag(takes_context=True)
def page_title(context: Context, content: str) -> SafeString:
    """Write the title, on a public page also for previews."""
    text = _text(content)
    tags = format_html("<title>{} · {}</title>", text, SITE)
    if _shared(context):
        tags += format_html('\n  <meta property="og:title" content="{}">', text)
    return tags


@register.simple_block_tag(takes_context=True)
def page_description(context: Context, content: str) -> SafeString:
    """Write the description where the page has one, on a public page also for previews."""
    text = _text(content)
    if not text:
        return SafeString("")
    tags = format_html('<meta name="description" content="{}">', text)
    if _shared(context):
        tags += format_html('\n  <meta property="og:description" content="{}">', text)
    return tags
