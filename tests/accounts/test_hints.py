"""Hints to workers: after the commit, never before it, and never at the cost of a request."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import BoundedSemaphore

import pytest
from celery import Celery
from django.db import transaction

from accounts.base import enqueue
from accounts.base.enqueue import MAX_WAITING, Task, drain, enqueue_on_commit
from accounts.jobs.runner import run_jobs
from accounts.outbox.sender import send_mails
from config.celery import app
from tools.devstack.paths import free_port

REAL = pytest.mark.django_db(transaction=True)


class Counted:
    """A task that counts how often it was published."""

    name = "counted"

    def __init__(self) -> None:
        self.published = 0

    def apply_async(self, args: tuple[str, ...] = ()) -> None:
        self.published += 1


@REAL
def test_a_hint_is_published_after_the_commit_and_not_after_a_rollback() -> None:
    task = Counted()
    with transaction.atomic():
        enqueue_on_commit(task)
        drain()
        assert task.published == 0
    drain()
    assert task.published == 1
    with transaction.atomic():
        enqueue_on_commit(task)
        transaction.set_rollback(True)
    drain()
    assert task.published == 1


@contextmanager
def frozen_broker() -> Iterator[str]:
    """A port that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(50)
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


def task_of(broker: str) -> Task:
    """A task of an app that talks to this broker."""
    # Not the current app, and its task not one of every app's: the tests that follow have the real one.
    other = Celery("other", broker=broker, set_as_current=False)
    other.conf.update({**(app.conf.changes or {}), "broker_url": broker})
    task: Task = other.task(name="nothing", shared=False)(lambda: None)
    return task


@REAL
def test_neither_a_dead_nor_a_frozen_broker_keeps_anybody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits is dropped in the end: the rows are found without it."""
    # The thread that waits for the frozen broker is not the one that later tests publish by.
    publisher = ThreadPoolExecutor(max_workers=1)
    monkeypatch.setattr(enqueue, "_publisher", publisher)
    monkeypatch.setattr(enqueue, "_room", BoundedSemaphore(MAX_WAITING))

    def hand_in(broker: str) -> None:
        task = task_of(broker)
        for _ in range(MAX_WAITING + 10):
            enqueue_on_commit(task)

    hand_in(f"redis://127.0.0.1:{free_port()}/0")
    with frozen_broker() as broker:
        hand_in(broker)
        assert 1 <= MAX_WAITING - enqueue._room._value <= MAX_WAITING
    publisher.shutdown(cancel_futures=True)


def test_mails_and_jobs_have_queues_of_their_own_and_jobs_their_own_limits() -> None:
    router = app.amqp.router
    names = ("exams.score", "exams.sweep", send_mails.name, run_jobs.name)
    queues = {name: router.route({}, name)["queue"].name for name in names}
    assert queues == {
        "exams.score": "score",
        "exams.sweep": "score",
        "accounts.send_mails": "mail",
        "accounts.run_jobs": "slow",
    }
    assert app.conf.task_default_queue == "score"
    assert set(app.amqp.queues) == {"score", "mail", "slow"}
    assert (send_mails.time_limit or app.conf.task_time_limit) == 60
    app.finalize()
    assert run_jobs.time_limit == 3660
    assert (run_jobs.acks_late, app.conf.task_acks_late) == (False, True)
