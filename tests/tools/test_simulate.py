"""The simulation of candidates, and the table that it wrote: it must be that of the present method."""

import dataclasses
import json
from itertools import product
from statistics import fmean

import pytest

from exams.presentation import prediction_table
from exams.scoring import prediction
from tools import simulate
from tools.simulate import Row, World

STORED = json.loads(simulate.TABLE.read_text(encoding="utf-8"))


def probes(world: World, seed: int) -> list[tuple[float, float]]:
    """Return for each number of answers what was named to the first candidates and what they passed."""
    made = list(simulate.candidates(world, seed, simulate.PROBED, simulate.FORMS))
    return [
        (fmean(one[answers].named.chance for one in made), fmean(one[answers].passed for one in made))
        for answers in simulate.ANSWERS
    ]


def stored(world: World) -> list[tuple[float, float]]:
    """Return the same from the table."""
    facts = dataclasses.asdict(world)
    rows = [*STORED["rows"], *STORED["harder"]]
    return [tuple(row["probe"]) for row in rows if facts.items() <= row.items()]


def test_the_table_has_all_settings_and_is_of_the_reported_seed() -> None:
    assert prediction_table.FILE == simulate.TABLE
    assert (STORED["seed"], STORED["candidates"], STORED["forms"]) == (simulate.SEED, 2000, 50)
    assert STORED["revision"] == prediction.REVISION
    settings = [(row["mean"], row["spread"], row["answers"]) for row in STORED["rows"]]
    assert settings == list(product((0.8, 1.2), (0.3, 0.5, 1.0), (50, 150, 300)))


@pytest.mark.parametrize("world", [*simulate.WORLDS[::2], *simulate.HARDER[::2]], ids=str)
def test_the_table_is_that_of_the_present_method(world: World) -> None:
    for again, before in zip(probes(world, simulate.SEED), stored(world), strict=True):
        assert again == pytest.approx(before, abs=2e-6), "run `make simulate`"


def test_another_method_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prediction, "_PRIOR", tuple(value / 1.02 for value in prediction._PRIOR))
    simulate.named.cache_clear()
    world = simulate.WORLDS[0]
    found = probes(world, simulate.SEED)
    simulate.named.cache_clear()
    assert all(
        again != pytest.approx(before, abs=2e-6) for again, before in zip(found, stored(world), strict=True)
    )


def test_every_reported_setting_keeps_its_goal() -> None:
    rows = [Row(**{**row, "probe": tuple(row["probe"])}) for row in STORED["rows"]]
    assert len(rows) == 18
    assert [row.missed for row in rows] == [[]] * 18
    assert all(row.error <= 0.05 for row in rows if row.answers >= 150)
    assert all(row.error <= 0.08 or row.wide == 1 for row in rows if row.answers == 50)
    assert all(row.resolution > row.reliability and row.brier < row.base_brier for row in rows)


def test_a_trial_asks_what_the_model_says() -> None:
    items = simulate._Items("a trial").thresholds(40_000)
    for ability in (-0.5, 0.8, 2.0):
        share = fmean(item < ability for item in items)
        assert share == pytest.approx(simulate.true_share(ability), abs=0.01)


def test_small_bins_join_their_neighbors() -> None:
    seen = [(0.05, 0.0)] * 60 + [(0.35, 1.0)] * 10 + [(0.45, 0.5)] * 45 + [(0.95, 1.0)] * 5
    bins = simulate.binned(seen)
    assert [count for count, _, _ in bins] == [60, 60]
    assert sum(count * share for count, _, share in bins) == pytest.approx(0 + 10 + 22.5 + 5)


def test_a_missed_goal_ends_with_1_and_a_quick_run_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = simulate.TABLE.read_bytes()
    monkeypatch.setattr(simulate, "WORLDS", (World(0.8, 1.0),))
    monkeypatch.setattr(simulate, "HARDER", ())
    monkeypatch.setattr(simulate, "QUICK", (60, 4))
    monkeypatch.setattr(simulate, "GOAL", {50: 1.0, 150: 1.0, 300: 1.0})
    assert simulate.main(["--quick", "--jobs", "1"]) == 0
    assert "3 of 3 settings good" in capsys.readouterr().out
    monkeypatch.setattr(simulate, "GOAL", {50: 1.0, 150: 0.0, 300: 1.0})
    assert simulate.main(["--quick", "--jobs", "1"]) == 1
    assert "2 of 3 settings good" in capsys.readouterr().out
    assert simulate.TABLE.read_bytes() == before
