"""What mails about drafts say, read when they are sent."""

import datetime as dt

from django import template
from django.template import Context

from exams.authoring import news

register = template.Library()


@register.simple_tag(takes_context=True)
def draft_news(context: Context) -> list[news.News]:
    """Return the news of the hour that begins at `since`, in seconds of Unix time, for `person`.

    A mail that the version before wrote down carries one piece of news itself.
    """
    if "since" in context:
        return news.of(context["person"], dt.datetime.fromtimestamp(context["since"], tz=dt.UTC))
    return news.by_itself(context["draft"], context["news"], context["by"], context["text"])
