"""Template filter for codes in headings: `{% load codes %}`, then `{{ title|unbroken }}`."""

import re
from typing import Final

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

CODE: Final = re.compile(r"(?:\d+\. )?\b[A-Z]{2,}[A-Z0-9]*(?:-[A-Z0-9]+)+\b")


@register.filter
def unbroken(text: str) -> SafeString:
    """Keep codes on one line, with the number before them: MLS-C01 would break at its hyphen."""
    html = CODE.sub(r'<span class="unbroken">\g<0></span>', conditional_escape(text))
    return mark_safe(html)  # noqa: S308  (escaped above)
