"""Are things the planned ones, each once and in their order? One check for items, blocks and the like."""

from collections.abc import Iterable

from exams.content.records import Place

type Misplaced = tuple[Place | None, str, str]


def in_order(planned: Iterable[str], found: Iterable[tuple[str, Place]]) -> list[Misplaced]:
    """Return where things are not as planned: place, id and fault.

    Missing ones come first, in one fault without a place; then the unplanned and the doubles; then the first
    that is where another belongs (what follows it is only shifted).
    """
    wanted, there = list(planned), list(found)
    names = [name for name, _ in there]
    faults: list[Misplaced] = []
    if missing := [name for name in wanted if name not in names]:
        faults.append((None, "", f"missing: {', '.join(missing)}"))
    seen: set[str] = set()
    for name, place in there:
        if name not in wanted:
            faults.append((place, name, "is not in the plan"))
        if name in seen:
            faults.append((place, name, "appears twice"))
        seen.add(name)
    known = [(name, place) for name, place in there if name in wanted]
    expected = (name for name in wanted if name in names)
    for (name, place), belongs in zip(known, expected, strict=False):
        if name != belongs:
            faults.append((place, name, f"is where {belongs} belongs"))
            break
    return faults
