"""What a code of an entitlement opens: what it is called, where it leads, what to know before paying for it.

`accounts` knows no certification: packages above name the codes that they own.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from accounts.base import hooks


@dataclass(frozen=True, slots=True)
class Details:
    """What to know before paying: `parts` is what is inside, such as "6 practice exams", `sentences` what
    must be told, such as "MLS-C01 was retired on March 31, 2026.". `may_move` tells that an exam is not live
    yet, so that the day on which it is may still move, `successors` what to take instead: names and paths,
    `first_exam` the path of practice exam 1, "" without one.
    """

    parts: Sequence[str] = ()
    sentences: Sequence[str] = ()
    may_move: bool = False
    successors: Sequence[tuple[str, str]] = ()
    first_exam: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What a code opens, in the active language.

    `label` is its short name, such as MLS-C01, `path` that of its page; each "" without one. `details` are
    read only where they are told. Of a code that nobody knows nothing is made or sold.
    """

    name: str
    label: str = ""
    path: str = ""
    details: Callable[[], Details] = Details
    is_known: bool = True

    @property
    def title(self) -> str:
        """Return its name and then its label, as mails call it."""
        return f"{self.name} ({self.label})" if self.name and self.label else self.name or self.label

    @property
    def headline(self) -> str:
        """Return its label and then its name, as pages call it."""
        return f"{self.label}: {self.name}" if self.name and self.label else self.title


type Namer = Callable[[Sequence[str]], Mapping[str, Target]]

type Lister = Callable[[], Sequence[str]]


def every_target() -> dict[str, Target]:
    """Return what every code opens that a product can have."""
    listers: tuple[Lister, ...] = hooks.registered("access_codes")
    return targets_of(code for lister in listers for code in lister())


def targets_of(codes: Iterable[str]) -> dict[str, Target]:
    """Return what each code opens, in their order; of one that nobody knows the code itself."""
    code_list = list(codes)
    targets: dict[str, Target] = {}
    namers: tuple[Namer, ...] = hooks.registered("access_titles")
    for namer in namers:
        targets.update(namer([code for code in code_list if code not in targets]))
    return {code: targets.get(code, Target(code, is_known=False)) for code in code_list}


def target_of(code: str) -> Target:
    """Return what one code opens."""
    return targets_of([code])[code]


def may_move(codes: Iterable[str]) -> bool:
    """Tell whether any of these is an exam that is not live yet, so that its day may still move."""
    return any(target.details().may_move for target in targets_of(codes).values())


def titles_of(codes: Iterable[str]) -> dict[str, str]:
    """Return the title of each code, in their order."""
    return {code: target.title for code, target in targets_of(codes).items()}
