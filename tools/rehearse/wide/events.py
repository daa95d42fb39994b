"""What happens to the hosts while candidates save, and how long their saves may wait for it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from tools.rehearse.wide.hosts import Host
from tools.rehearse.wide.stack import Stack, wait_until

AWAY_SECONDS: Final = 5.0
CANCEL_WAITS: Final = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


@dataclass(frozen=True)
class Event:
    """One thing that happens, with the words of the table; no save may wait for longer than `seconds`."""

    name: str
    seconds: float
    act: Callable[[Stack], None]


def quiet(stack: Stack) -> None:
    """Nothing happens: what saves look like."""
    time.sleep(AWAY_SECONDS)


def wait_for_another(stack: Stack, before: Host) -> None:
    """Wait until another host than before is the primary, in the eyes of the others."""
    others = [other for other in stack.databases if other is not before]
    wait_until(lambda: set(stack.leaders(others)) - {before.name}, f"nobody follows {before.name}")


def primary_dies(stack: Stack) -> None:
    """Take the power from the primary's host; it comes back when there is another primary."""
    host = stack.primary()
    host.power_off()
    wait_for_another(stack, host)
    time.sleep(AWAY_SECONDS)
    host.power_on()
    stack.start_database(host.name)


def primary_cut_off(stack: Stack) -> None:
    """Cut the primary off from the other databases and their etcd; webs still reach it.

    Meanwhile somebody cancels what hangs there, which makes PostgreSQL report commits that no standby has.
    """
    host = stack.primary()
    others = [other for other in stack.databases if other is not host]
    host.cut_off(others)
    until = time.monotonic() + AWAY_SECONDS
    while time.monotonic() < until:
        stack.ask(CANCEL_WAITS, hosts=[host])
        time.sleep(0.2)
    wait_for_another(stack, host)
    time.sleep(AWAY_SECONDS)
    host.rejoin(others)


def switchover(stack: Stack) -> None:
    """Move the primary to a standby, as before work on its host."""
    before, after = stack.primary(), stack.standbys()[0]
    stack.patronictl("switchover", "passline", "--leader", before.name, "--candidate", after.name, "--force")
    wait_for_another(stack, before)


def standby_dies(stack: Stack) -> None:
    """Take the power from a standby's host for a while."""
    host = stack.standbys()[0]
    host.power_off()
    time.sleep(2 * AWAY_SECONDS)
    host.power_on()
    stack.start_database(host.name)


def etcd_leader_dies(stack: Stack) -> None:
    """Kill the etcd that leads; it is started again a while later."""
    host = stack.etcd_leader()
    host.children["etcd"].kill()
    time.sleep(AWAY_SECONDS)
    stack.start_etcd(host.name)


def web_dies(stack: Stack) -> None:
    """Take the power from a web's host for a while."""
    stack.hosts["web1"].power_off()
    time.sleep(AWAY_SECONDS)
    stack.power_on_web("web1")
    wait_until(lambda: stack.is_ready("web1"), "web1 does not come back")


def web_added(stack: Stack) -> None:
    """Start a third web, which the balancer knows by its address."""
    stack.power_on_web("web3")
    wait_until(lambda: stack.is_ready("web3"), "web3 is not ready")
    time.sleep(AWAY_SECONDS)


def standby_rebuilt(stack: Stack) -> None:
    """Make a standby anew from the primary."""
    stack.patronictl("reinit", "passline", stack.standbys()[0].name, "--force", "--wait")


def upgrade(stack: Stack) -> None:
    """Replace one web after the other, as docs/operations.md says."""
    for name in ("web1", "web2", "web3"):
        if "web" in stack.hosts[name].children:
            stack.hosts[name].children["web"].stop()
            stack.start_web(name)
            wait_until(partial(stack.is_ready, name), f"{name} is not ready")


def valkey_gone(stack: Stack) -> None:
    """Take the power from Valkey's host for a while."""
    stack.hosts["valkey"].power_off()
    time.sleep(2 * AWAY_SECONDS)
    stack.start_valkey()


EVENTS: Final = (
    Event("nothing", 3, quiet),
    Event("primary's host dies", 35, primary_dies),
    Event("primary cut off, webs reach it", 35, primary_cut_off),
    Event("planned switchover", 5, switchover),
    Event("standby's host dies", 10, standby_dies),
    Event("standby rebuilt", 3, standby_rebuilt),
    Event("etcd leader dies", 3, etcd_leader_dies),
    Event("web's host dies", 3, web_dies),
    Event("web's host added", 3, web_added),
    Event("webs upgraded one by one", 3, upgrade),
    Event("Valkey's host dies", 3, valkey_gone),
)
