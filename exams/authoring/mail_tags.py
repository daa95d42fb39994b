"""What mails about drafts say, read when they are sent."""

import datetime as dt

from django import template

from exams.authoring import news

register = template.Library()


@register.simple_tag
def draft_news(person: int, since: int) -> list[news.News]:
    """Return the news of the hour that begins at `since`, in seconds of Unix time, for a person."""
    return news.of(person, dt.datetime.fromtimestamp(since, tz=dt.UTC))
