"""Drawing a form out of the bank: items that together fulfill a plan, or the reasons why none do.

Pure: candidates and plan in, codes out; the same seed draws the same form. The search keeps what each domain
is to have and exchanges items within a domain until nothing is missed, by simulated annealing (Kirkpatrick,
Gelatt and Vecchi, Science 220, 1983). What it cannot find may still exist; what `shortages` names cannot.
"""

import math
import random
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

RESTARTS: Final = 6
STEPS: Final = 6_000
WARM: Final = 2.0
COLD: Final = 0.05
RUN: Final = 3  # so many questions of one domain may follow each other


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item that may be drawn. Of a `group` of twins one form has one; `used` counts forms that have it."""

    code: str
    domain: int
    task: str
    kind: str
    difficulty: str
    covers: frozenset[str] = frozenset()
    group: str = ""
    used: int = 0


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many items of something a form has, both ends included."""

    least: int
    most: int

    def missed(self, count: int) -> int:
        """Return how far a count is outside."""
        return max(self.least - count, count - self.most, 0)


@dataclass(frozen=True, slots=True)
class FormPlan:
    """What a form has to be: scored and unscored items by domain, bounds by trait, what scored items cover.

    `fixed` are in it whatever the rest is, `excluded` are not; `fresh` leaves out what another form has.
    """

    scored: Mapping[int, int]
    unscored: Mapping[int, int] = field(default_factory=dict)
    kinds: Mapping[str, Bounds] = field(default_factory=dict)
    difficulties: Mapping[str, Bounds] = field(default_factory=dict)
    tasks: Mapping[str, Bounds] = field(default_factory=dict)
    covers: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    fresh: bool = False

    @property
    def size(self) -> int:
        """Return how many items the form has."""
        return sum(self.scored.values()) + sum(self.unscored.values())

    def size_in(self, domain: int) -> int:
        """Return how many items of a domain the form has."""
        return self.scored.get(domain, 0) + self.unscored.get(domain, 0)

    @property
    def domains(self) -> tuple[int, ...]:
        """Return the domains of which the form has items."""
        return tuple(sorted(one for one in {*self.scored, *self.unscored} if self.size_in(one)))


@dataclass(frozen=True, slots=True)
class Shortage:
    """A reason: what is short ("domain", "kind", "difficulty", "task", "cover", "fixed" or "twins").

    `name` says of which, `wanted` how many the plan asks for, `found` how many there can be.
    """

    what: str
    name: str
    wanted: int
    found: int


@dataclass(frozen=True, slots=True)
class DrawnItem:
    """An item at its place, counted from 1."""

    position: int
    code: str
    domain: int
    is_scored: bool


class Impossible(Exception):
    """No form was found; `shortages` say what is missed, and `is_proven` whether there can be none."""

    def __init__(self, shortages: Sequence[Shortage], *, is_proven: bool) -> None:
        super().__init__(", ".join(f"{one.what} {one.name}" for one in shortages))
        self.shortages = tuple(shortages)
        self.is_proven = is_proven


def draw(candidates: Sequence[Candidate], plan: FormPlan, *, seed: int) -> tuple[DrawnItem, ...]:
    """Return a form that fulfills the plan, in an order that mixes the domains. Raises Impossible."""
    usable = [one for one in candidates if _is_usable(one, plan)]
    if proven := shortages(usable, plan):
        raise Impossible(proven, is_proven=True)
    chance = random.Random(seed)  # noqa: S311 (a form is no secret of this number)
    best: _Picks | None = None
    for _ in range(RESTARTS):
        picks = _Picks(usable, plan, chance)
        picks.anneal(chance)
        if best is None or picks.missed < best.missed:
            best = picks
        if not best.missed:
            return _in_order(best, chance)
    assert best is not None  # noqa: S101 (RESTARTS is not 0)
    raise Impossible(list(best.shortages()), is_proven=False)


def _is_usable(item: Candidate, plan: FormPlan) -> bool:
    if item.code in plan.fixed:
        return True
    return plan.size_in(item.domain) > 0 and item.code not in plan.excluded and not (plan.fresh and item.used)


def shortages(candidates: Sequence[Candidate], plan: FormPlan) -> list[Shortage]:
    """Return reasons that rule out every form: each counts what there is against what is asked for."""
    return [
        *_short_domains(candidates, plan),
        *_short_traits(candidates, plan),
        *_short_fixed(candidates, plan),
    ]


def _one_each(candidates: Collection[Candidate]) -> int:
    """Return how many of them one form can have: of each group of twins one."""
    groups = {one.group for one in candidates if one.group}
    return sum(not one.group for one in candidates) + len(groups)


def _short_domains(candidates: Sequence[Candidate], plan: FormPlan) -> Iterator[Shortage]:
    for domain in plan.domains:
        usable = _one_each([one for one in candidates if one.domain == domain])
        if usable < plan.size_in(domain):
            yield Shortage("domain", str(domain), plan.size_in(domain), usable)


def _short_traits(candidates: Sequence[Candidate], plan: FormPlan) -> Iterator[Shortage]:
    for what, bounds in (("kind", plan.kinds), ("difficulty", plan.difficulties), ("task", plan.tasks)):
        for name, bound in bounds.items():
            able = [one for one in candidates if _trait(one, what) == name]
            # A domain takes no more of them than it has places.
            usable = sum(
                min(plan.size_in(domain), _one_each([one for one in able if one.domain == domain]))
                for domain in plan.domains
            )
            if usable < bound.least:
                yield Shortage(what, name, bound.least, usable)
    for name in sorted(plan.covers):
        if not any(name in one.covers and plan.scored.get(one.domain, 0) for one in candidates):
            yield Shortage("cover", name, 1, 0)


def _short_fixed(candidates: Sequence[Candidate], plan: FormPlan) -> Iterator[Shortage]:
    known = {one.code: one for one in candidates}
    for code in sorted(plan.fixed - known.keys()):
        yield Shortage("fixed", code, 1, 0)
    fixed = [known[code] for code in sorted(plan.fixed & known.keys())]
    for domain, count in sorted(Counter(one.domain for one in fixed).items()):
        if count > plan.size_in(domain):
            yield Shortage("fixed", str(domain), count, plan.size_in(domain))
    for group, count in sorted(Counter(one.group for one in fixed if one.group).items()):
        if count > 1:
            yield Shortage("twins", group, count, 1)


def _trait(candidate: Candidate, what: str) -> str:
    return {"kind": candidate.kind, "difficulty": candidate.difficulty, "task": candidate.task}[what]


class _Picks:
    """What is picked, by domain: as many as the plan wants, the scored ones first."""

    def __init__(self, candidates: Sequence[Candidate], plan: FormPlan, chance: random.Random) -> None:
        self.plan = plan
        self.picked: dict[int, list[Candidate]] = {}
        self.rest: dict[int, list[Candidate]] = {}
        for domain in plan.domains:
            here = [one for one in candidates if one.domain == domain]
            chance.shuffle(here)
            # Fixed ones first, then the least used: what many forms have is drawn last.
            here.sort(key=lambda one: (one.code not in plan.fixed, one.used))
            wanted = plan.size_in(domain)
            picked = here[:wanted]
            chance.shuffle(picked)
            self.picked[domain], self.rest[domain] = picked, here[wanted:]
        self.missed = self._missed()

    def scored(self, domain: int) -> list[Candidate]:
        """Return what counts of a domain."""
        return self.picked[domain][: self.plan.scored.get(domain, 0)]

    def shortages(self) -> Iterator[Shortage]:
        """Yield what these picks miss."""
        picked = [one for of_domain in self.picked.values() for one in of_domain]
        for what, bounds in (
            ("kind", self.plan.kinds),
            ("difficulty", self.plan.difficulties),
            ("task", self.plan.tasks),
        ):
            counts = Counter(_trait(one, what) for one in picked)
            for name, bound in bounds.items():
                if bound.missed(counts[name]):
                    wanted = bound.least if counts[name] < bound.least else bound.most
                    yield Shortage(what, name, wanted, counts[name])
        for group, count in sorted(Counter(one.group for one in picked if one.group).items()):
            if count > 1:
                yield Shortage("twins", group, 1, count)
        covered = {name for domain in self.picked for one in self.scored(domain) for name in one.covers}
        for name in sorted(self.plan.covers - covered):
            yield Shortage("cover", name, 1, 0)

    def _missed(self) -> int:
        return sum(max(abs(one.wanted - one.found), 1) for one in self.shortages())

    def anneal(self, chance: random.Random) -> None:
        """Exchange at random, less and less willing to get worse, until nothing is missed."""
        domains = [domain for domain in self.picked if self.picked[domain]]
        if not domains:
            return
        for step in range(STEPS):
            if not self.missed:
                return
            # Cools by the same factor at each step.
            heat = WARM * (COLD / WARM) ** (step / STEPS)
            domain = chance.choice(domains)
            undo = self._exchange(domain, chance)
            if undo is None:
                continue
            missed = self._missed()
            if missed <= self.missed or chance.random() < math.exp((self.missed - missed) / heat):
                self.missed = missed
            else:
                where, mine, other = undo
                where[other], self.picked[domain][mine] = self.picked[domain][mine], where[other]

    def _exchange(self, domain: int, chance: random.Random) -> tuple[list[Candidate], int, int] | None:
        """Exchange a pick with one that is not picked, or a scored one with an unscored one of its domain."""
        picked = self.picked[domain]
        mine = chance.randrange(len(picked))
        where = self.rest[domain]
        # Only scored ones count for what has to be covered, so who counts is exchanged within a domain too.
        if not where or picked[mine].code in self.plan.fixed or chance.random() < 0.2:
            where = picked
        other = chance.randrange(len(where))
        if where is picked and other == mine:
            return None
        where[other], picked[mine] = picked[mine], where[other]
        return where, mine, other


def _in_order(picks: _Picks, chance: random.Random) -> tuple[DrawnItem, ...]:
    """Return the picks mixed, so that a domain seldom comes more than RUN times in a row."""
    left = {
        domain: [(one, number < picks.plan.scored.get(domain, 0)) for number, one in enumerate(picked)]
        for domain, picked in picks.picked.items()
    }
    for group in left.values():
        chance.shuffle(group)
    order: list[tuple[Candidate, bool]] = []
    while any(left.values()):
        last = {one.domain for one, _ in order[-RUN:]} if len(order) >= RUN else set()
        open_ = {domain: len(found) for domain, found in left.items() if found and {domain} != last}
        open_ = open_ or {domain: len(found) for domain, found in left.items() if found}
        (domain,) = chance.choices(list(open_), list(open_.values()))
        order.append(left[domain].pop())
    return tuple(
        DrawnItem(position, candidate.code, candidate.domain, is_scored)
        for position, (candidate, is_scored) in enumerate(order, start=1)
    )
