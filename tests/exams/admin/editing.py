"""The editor of a question as tests use it: its addresses, its fields and what its script asks."""

import json
from typing import Any

from django.test import Client
from django.urls import reverse

from exams.authoring.models import Draft

CODE = "E1-Q01"


def at(draft: Draft, name: str = "edit") -> str:
    return reverse(f"admin:exams_draft_{name}", args=[draft.pk])


def fields(draft: Draft, **changed: str) -> dict[str, str]:
    """Return what the form of a draft sends, with other values for some fields (`__` for a point)."""
    found = {
        "revision": str(draft.revision),
        "references": "open",
        "covers": " ".join(draft.content["covers"]),
        **{name: str(draft.content[name]) for name in ("task", "kind", "choose", "difficulty", "level")},
    }
    for number, option in enumerate(draft.content["options"]):
        found[f"options.{number}.row"] = "open"
        found[f"options.{number}.failure"] = option["failure"]
        if option["key"]:
            found[f"options.{number}.key"] = "on"
    for number, one in enumerate(draft.content["references"]):
        found |= {f"references.{number}.{name}": one[name] for name in ("title", "url")}
    for language, text in draft.content["texts"].items():
        for name in ("stem", "ask", "why", "principle", "tip"):
            found[f"texts.{language}.{name}"] = text[name]
        for number, option in enumerate(text["options"]):
            found |= {f"texts.{language}.options.{number}.{name}": option[name] for name in ("text", "why")}
    return found | {name.replace("__", "."): value for name, value in changed.items()}


def ask(client: Client, draft: Draft, name: str, body: Any) -> Any:
    return client.post(at(draft, name), json.dumps(body), content_type="application/json")


def stored(draft: Draft) -> Draft:
    return Draft.objects.get(pk=draft.pk)
