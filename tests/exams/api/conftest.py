"""Programs that call the API for Anna, for Béla, and for nobody."""

from typing import Any
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from accounts.users import tokens
from accounts.users.models import User
from tests import factories


class Caller:
    """A program with a token, or without one; replies are told as (status, body)."""

    def __init__(self, user: User | None = None, *, token: str = "") -> None:
        self.client = APIClient(raise_request_exception=False)
        key = token or (tokens.issue(user) if user else "")
        if key:
            self.client.credentials(HTTP_AUTHORIZATION=f"Token {key}")

    def get(self, path: str, **headers: str) -> tuple[int, Any]:
        reply = self.client.get(f"/api/v1/{path}", headers=headers or None)
        return reply.status_code, reply.json()

    def post(self, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        reply = self.client.post(f"/api/v1/{path}", body, format="json", headers=headers or None)
        return reply.status_code, reply.json()

    def raw(self, path: str, body: bytes, content_type: str = "application/json") -> tuple[int, Any]:
        send: Any = self.client.generic  # takes bytes as well, unlike its type
        reply = send("POST", f"/api/v1/{path}", body, content_type=content_type)
        return reply.status_code, reply.json()


class RunningAttempt:
    """Anna's running attempt with the lease that her program holds."""

    def __init__(self, caller: Caller, form: factories.Form) -> None:
        self.caller, self.form = caller, form
        status, body = caller.post("attempts/", {"form": form.form.pk})
        assert status == 201, body
        self.id, self.lease = UUID(body["id"]), body["lease"]
        self.seq = 0

    @property
    def path(self) -> str:
        return f"attempts/{self.id}/"

    def answer(self, position: int, selected: list[int], *, flagged: bool = False) -> tuple[int, Any]:
        self.seq += 1
        change = {"seq": self.seq, "position": position, "selected": selected, "flagged": flagged}
        return self.caller.post(f"{self.path}answers/", {"lease": self.lease, "changes": [change]})

    def answer_all_right(self) -> None:
        for position, keys in self.form.keys.items():
            status, body = self.answer(position, keys)
            assert status == 200, body

    def submit(self) -> tuple[int, Any]:
        return self.caller.post(f"{self.path}submit/", {"lease": self.lease})


@pytest.fixture
def nobody() -> Caller:
    return Caller()


@pytest.fixture
def anna_calls(anna: User) -> Caller:
    return Caller(anna)


@pytest.fixture
def bela_calls(bela: User) -> Caller:
    return Caller(bela)


@pytest.fixture
def attempt(anna_calls: Caller, form: factories.Form) -> RunningAttempt:
    return RunningAttempt(anna_calls, form)
