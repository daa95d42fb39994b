"""`make bench-pair BASE=<commit>`: this tree against another commit, in turns, on one machine.

Only figures that hardly depend on what else the machine does are judged. One is worse when its median is more
than a tenth above that of the base, and by more than twice what the base's own runs differ among themselves.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

JUDGED: Final = (
    *("save_cpu_ms_total", "exam_cpu_ms", "open_cpu_ms", "lease_cpu_ms", "finish_cpu_ms"),
    *("page_cpu_ms", "review_cpu_ms", "result_cpu_ms", "grade_ms", "sweep_10000_s"),
    *("study_cpu_ms", "rate_cpu_ms", "dashboard_cpu_ms", "sheet_cpu_ms"),
    *("drill_start_cpu_ms", "drill_start_missed_cpu_ms"),
    *("access_cpu_ms", "signup_cpu_ms", "redeem_cpu_ms"),
)
# What older commits measured under other names, as the sum of these. Their step `page` took the lease too.
SUMS: Final = {
    "open_cpu_ms": ("exam_page_cpu_ms", "exam_lease_cpu_ms"),
    "finish_cpu_ms": ("exam_submit_cpu_ms", "exam_result_cpu_ms"),
}
PROJECT: Final = Path(__file__).resolve().parents[2]
# Older commits list their parts nowhere else than in the module that runs them.
ASK_PARTS: Final = (
    "import django; django.setup(); from tests.bench.run import PARTS; print(*PARTS)",
    {"DJANGO_SETTINGS_MODULE": "config.settings", "PASSLINE_PROFILE": "development"},
)
TOLERANCE: Final = 0.10
SPREADS: Final = 2.0
ROUNDS: Final = 3

Run = Mapping[str, float | int | str]


@dataclass(frozen=True)
class Comparison:
    """One figure of both sides: medians (None: not measured), and what the runs of the base differ by."""

    name: str
    base: float | None
    ours: float | None
    spread: float
    worse: bool

    @property
    def change(self) -> float:
        """How much more ours is than the base, as a share of the base."""
        return (self.ours - self.base) / self.base if self.base and self.ours is not None else 0.0


def with_sums(run: Run) -> Run:
    """Return the figures of a run and those that are sums of them; a part that is missing counts nothing."""
    sums = {
        name: sum(float(run.get(part, 0)) for part in parts)
        for name, parts in SUMS.items()
        if name not in run and parts[0] in run
    }
    return {**run, **sums}


def compare(name: str, base_runs: Sequence[Run], our_runs: Sequence[Run]) -> Comparison:
    """Judge one figure, of which less is better."""
    bases = [float(run[name]) for run in base_runs if name in run]
    ours = [float(run[name]) for run in our_runs if name in run]
    if not bases or not ours:
        return Comparison(name, _median(bases), _median(ours), 0.0, worse=False)
    base, our, spread = statistics.median(bases), statistics.median(ours), max(bases) - min(bases)
    worse = our > base * (1 + TOLERANCE) and our - base > SPREADS * spread
    return Comparison(name, base, our, spread, worse)


def _median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None


def table(found: Sequence[Comparison]) -> list[str]:
    """Return a line for each figure."""
    lines = [f"  {'figure':<26}{'base':>10}{'ours':>10}{'change':>9}{'spread':>9}"]
    for one in found:
        base = "-" if one.base is None else f"{one.base:.3f}"
        ours = "-" if one.ours is None else f"{one.ours:.3f}"
        change = "new" if one.base is None else "-" if one.ours is None else f"{one.change:+.1%}"
        verdict = "  WORSE" if one.worse else ""
        lines.append(f"  {one.name:<26}{base:>10}{ours:>10}{change:>9}{one.spread:>9.3f}{verdict}")
    return lines


def tools_of(tree: Path) -> Path:
    """Return the package of what developers run; older commits have it in `config`."""
    return tree / ("tools" if (tree / "tools").exists() else "config")


@contextmanager
def checkout(commit: str) -> Iterator[Path]:
    """Yield a worktree of a commit with an environment of its own, and remove it in the end."""
    folder = Path(tempfile.mkdtemp(prefix="passline-base-"))
    tree = folder / "tree"
    try:
        subprocess.run(
            ["git", "worktree", "add", "--quiet", "--detach", tree, commit], cwd=PROJECT, check=True
        )
        subprocess.run([sys.executable, tools_of(tree) / "bootstrap.py"], cwd=tree, check=True)
        yield tree
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", tree], cwd=PROJECT, check=False)
        shutil.rmtree(folder, ignore_errors=True)


def known_parts(tree: Path) -> list[str]:
    """Return the parts that the bench of a tree has. Raises CalledProcessError when it cannot say."""
    code, variables = ASK_PARTS
    done = subprocess.run(
        [str(tree / ".venv" / "bin" / "python"), "-c", code],
        cwd=tree,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout.split()


def measured_parts(asked: Sequence[str], known: Sequence[str]) -> list[str]:
    """Return which parts to measure of a tree: those asked for that it knows; of none asked for, all."""
    return [part for part in known if not asked or part in asked]


def measure(tree: Path, state: Path, parts: Sequence[str]) -> Run:
    """Run parts of the bench of a tree, none for none; return its figures.

    Raises CalledProcessError when it fails.
    """
    if not parts:
        return {}
    python = str(tree / ".venv" / "bin" / "python")
    command = [python, "-m", f"{tools_of(tree).name}.devstack", "exec", "--durable", "--"]
    bench = [python, "-m", "tests.bench", *parts]
    variables = {**os.environ, "STATE_DIR": str(state)}
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "VIRTUAL_ENV"):
        # Each side has servers of its own; those of the calling one would mix them.
        variables.pop(name, None)
    done = subprocess.run(
        [*command, *bench], cwd=tree, env=variables, stdout=subprocess.PIPE, text=True, check=True
    )
    return with_sums(json.loads(done.stdout.strip().splitlines()[-1]))


def turns(number: int) -> tuple[str, str]:
    """Return who comes first in a round: another one each time, since a machine may slow down meanwhile."""
    return ("base", "ours") if number % 2 else ("ours", "base")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(prog="make bench-pair BASE=<commit>", description=__doc__)
    top.add_argument("base", help="the commit to compare with")
    top.add_argument("--rounds", type=int, default=ROUNDS, help="runs of each side, at least 2 (default: 3)")
    top.add_argument("--parts", default="", help="parts of the bench by name, such as `saves,grade`")
    return top


def main() -> int:
    """Measure both sides in turns; 1 when a figure is worse."""
    options = parser().parse_args()
    if options.rounds < 2:
        parser().error("with one round nothing is known of how far the runs of the base differ")
    asked = [part for part in options.parts.split(",") if part]
    if unknown := set(asked).difference(known_parts(PROJECT)):
        parser().error(f"no such part: {', '.join(sorted(unknown))}")
    runs: dict[str, list[Run]] = {"base": [], "ours": []}
    with checkout(options.base) as tree, tempfile.TemporaryDirectory(prefix="passline-pair-") as state:
        trees = {"base": tree, "ours": PROJECT}
        known = {side: measured_parts(asked, known_parts(folder)) for side, folder in trees.items()}
        for number in range(1, options.rounds + 1):
            for side in turns(number):
                print(f"round {number}/{options.rounds}: {side}", flush=True)
                runs[side].append(run := measure(trees[side], Path(state) / side, known[side]))
                print(" ", *(f"{name} {run[name]}" for name in JUDGED if name in run), flush=True)
    found = [compare(name, runs["base"], runs["ours"]) for name in JUDGED]
    print("", *table([one for one in found if one.base or one.ours]), "", sep="\n")
    print(json.dumps({one.name: asdict(one) for one in found}), flush=True)
    return int(any(one.worse for one in found))


if __name__ == "__main__":
    sys.exit(main())
