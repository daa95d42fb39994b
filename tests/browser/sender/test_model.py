"""The real sender in a model of the world: whatever happens in whatever order, no answer is lost in silence.

A run is a seed: who clicks, what the network keeps, loses, doubles or answers itself, which window writes.
What breaks is shrunk and kept in `corpus.json`, which is replayed from then on.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.browser.sender.conftest import BRANCH, SCRIPT, OpenModel, Patch

pytestmark = pytest.mark.browser

CORPUS = Path(__file__).parent / "corpus.json"
RUNS = 2_500
PER_CALL = 500
STARTS = (1_000_000, 2_000_000, 3_000_000)
MOST = 12_000

FAULTS = {
    "a late acknowledgment is repeated under a newer lease": Patch(
        "if (current) accept(reply, sent);", "accept(reply, sent);"
    ),
    "a late refusal of an older lease locks the page": Patch(
        "} else if (current) judge(reply, sent);", "} else judge(reply, sent);"
    ),
    "windows without a lease share their keys": Patch(
        "const key = `${entry.lease}:${entry.seq}:${own}`;", "const key = `${entry.lease}:${entry.seq}`;"
    ),
    "a submission leaves after the person left the dialog": Patch("      if (mine !== round) return;\n", ""),
    "any 200 is a save": Patch("status === 200 && data.saved_seq === sent.at(-1).seq", "status === 200"),
    "a number beyond what was sent is a save": Patch(
        "data.saved_seq === sent.at(-1).seq", "data.saved_seq >= sent.at(-1).seq"
    ),
    "any 200 is a lease": Patch(
        "typeof data.lease === 'string' && isInteger(data.lease_no) && Array.isArray(data.answers)", "true"
    ),
    "any 200 is a receipt": Patch("status === 200 && typeof data.receipt === 'string'", "status === 200"),
    "any refusal is ours": Patch("data.code && data.status === status;", "true;"),
    "a 200 refuses": Patch("status === 200 ? !data.code :", "status === 200 ? true :"),
    "another account ends the exam": Patch(
        "if (isAbsent(reply)) on.stranger();", "if (isAbsent(reply)) return stop('attempt_closed', {});"
    ),
    "what another account took away counts as another window": Patch("if (strange) return retake();", ""),
    "a submission leaves without a lease": Patch("      if (!by) return LEASELESS;\n", ""),
    "a submission without a lease waits for ever": Patch(
        "if (!by) return LEASELESS;", "if (!by) return SILENCE;"
    ),
    "a lost lease request counts as another window": Patch("if (!strayed) return", "if (true) return"),
    "signing out elsewhere counts as another window": Patch(
        "    if (isSignedOut(reply)) return takeSignedIn();\n    if (strange)", "    if (strange)"
    ),
    "a sign-in in another tab is not noticed": Patch(
        "await Promise.race([on.signIn(), sleep(PAUSE)]);", "await on.signIn();"
    ),
    "a lease that came between asks about one's own answers": Patch(
        "stored?.lease_no > entry.lease", "entry.lease + 1 !== sender.number"
    ),
    "a sign-in before a submission is forgotten": Patch("if (isSignedOut(reply)) admitted = true;", ""),
    "a submission under way can be left": Patch("if (state === 'flushing') {", "if (state) {"),
    "a window settles what a newer one keeps": Patch("if (entry.lease > sender.number) continue;", ""),
    "what is asked about is put away before it is decided": Patch(
        "else pairs.push({ mine, theirs, entries });",
        "else { entries.forEach(journal.drop); pairs.push({ mine, theirs, entries }); }",
    ),
    "a refusal of how sure and how long counts as one of the answer": Patch(
        "if (isAboutMore(reply) && by === lease) reply = await save(sent, bare);", ""
    ),
    "what was refused under an older lease is sent again under a newer one": Patch(
        "if (isAboutMore(reply) && by === lease) reply = await save(sent, bare);",
        "if (isAboutMore(reply)) reply = await save(sent, bare);",
    ),
    "the journal forgets how sure somebody was": Patch(
        "entry.made, entry.confidence, entry.seenMs]", "entry.made]"
    ),
    "a submission does not say how long": Patch("{ lease, seen_ms: on.times() }", "{ lease }"),
    "a lease does not say how long": Patch("data.seen_ms ?? {}", "{}"),
    "the order of windows is that of their numbers": Patch(".sort((a, b) => a.made - b.made)", ""),
}


def described(broken: list[dict[str, Any]]) -> str:
    """Return what broke, with the seeds and the steps that are left."""
    return "\n".join(f"seed {one['seed']}: {one['broke']}\n  {json.dumps(one['steps'])}" for one in broken)


def kept() -> list[dict[str, Any]]:
    """Return the runs that broke once."""
    runs: list[dict[str, Any]] = json.loads(CORPUS.read_text())
    return runs


def keep(broken: list[dict[str, Any]]) -> None:
    """Add runs to those that are always replayed."""
    lines = [json.dumps(run) for run in [*kept(), *broken]]
    CORPUS.write_text("[\n" + ",\n".join(lines) + "\n]\n")


def test_no_answer_is_lost_whatever_happens_in_whatever_order(open_model: OpenModel) -> None:
    model = open_model()
    for first in range(1, RUNS, PER_CALL):
        broken = model.call("search", first, PER_CALL)
        if broken:
            keep(broken)
        assert not broken, f"kept in {CORPUS.name}:\n{described(broken)}"
    assert not model.problems


def test_what_broke_once_does_not_break_again(open_model: OpenModel) -> None:
    runs = kept()
    assert runs
    broken = open_model().call("replay", runs)
    assert not broken, described(broken)


@pytest.mark.controls
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_the_model_finds_a_fault_that_is_put_back(open_model: OpenModel, fault: Patch) -> None:
    model = open_model(fault)
    found = [model.call("search", start, MOST, 1, False) for start in STARTS]
    assert all(found), "the fault stays unseen"
    assert len({one["seed"] for (one,) in found}) == len(STARTS)


@pytest.mark.thorough
def test_a_run_is_decided_by_its_seed_alone(open_model: OpenModel) -> None:
    assert open_model().call("record", 1, 30) == open_model().call("record", 1, 30)


@pytest.mark.thorough
def test_the_model_goes_nearly_every_way_through_the_sender(open_model: OpenModel) -> None:
    model = open_model()
    model.watch()
    assert not model.call("search", 1, 1500)
    code = [
        line
        for line in map(str.strip, SCRIPT.read_text().splitlines())
        if not line.startswith(("//", "*", "/*"))
    ]
    branches = len(BRANCH.findall("\n".join(code)))
    unseen = [block for block in model.unseen() if block.strip()]
    assert branches > 100
    assert 1 - len(unseen) / branches >= 0.9, unseen
