"""British spelling, which readers of American English stumble over: one list for texts of every kind."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

BRITISH: Final = re.compile(
    r"colour|behaviour|favour|neighbour|honour|harbour|rumour|\bcentre|\bmetres?\b|theatre|fibre"
    r"|(?:model|label|cancel|travel|signal|channel|total|fuel|level)l(?:ed|ing)\b|licence|artefact"
    r"|whilst|amongst|\blearnt|\bspelt|\btowards|\bafterwards|judgement|\bageing|\bgrey\b"
    r"|defence|programme\b|\bpractis(?:e|ed|ing)\b|\banalys(?:e|ed|ing)\b|\bfulfils?\b|skilful"
    r"|(?:\b|milli)litres?\b|(?:kilo|centi|milli)metres?\b"
    r"|\b\w{3,}is(?:e|es|er|ers|ed|ing|ation|ations)\b",
    re.IGNORECASE,
)
PER_CENT: Final = re.compile(r"\bper cent\b", re.IGNORECASE)
# What has its "s" in American English, too, and a code that other files refer to.
ELSE: Final = re.compile(
    r"\b(?:outlier-judgement|\w*wise|\w*nois(?:e|es|er|ers|ed|ing)|\w*supervis\w+|(?:un|refund_)?promis\w+|compromis\w+|on-premises"
    r"|premises?|exercis\w+|concise|precise|imprecise|advertis\w+|revis\w+|advis\w+|surpris\w+|compris\w+"
    r"|enterprises?|expertise|disguise\w*|franchis\w+|merchandis\w+|(?:a|un|fund)?rais(?:e|es|er|ers|ed|ing)|aris(?:e|es|ing)"
    r"|(?:sun)?ris(?:e|es|ing)|phrases?|(?:ap)?prais\w+|cruis\w+|devis\w+|paradise|likewise|televis\w+"
    r"|improvis\w+|bruis\w+|demise|surmis\w+|treatises?|liais\w+|tortoises?|turquoise|despis\w+)\b",
    re.IGNORECASE,
)


WORD: Final = re.compile(r"[\w-]+")
KEPT: Final = 16_384  # words of which it is kept what is British in them: most come again and again


def british(text: str) -> Iterator[str]:
    """Yield every British word of a text, "per cent" last."""
    for word in WORD.findall(text):
        yield from _british_in(word)
    yield from PER_CENT.findall(text)


@lru_cache(maxsize=KEPT)
def _british_in(word: str) -> tuple[str, ...]:
    return tuple(found[0] for found in BRITISH.finditer(ELSE.sub("", word)))
