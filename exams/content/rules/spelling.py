"""British spelling, which readers of American English stumble over: one list for texts of every kind."""

import re
from collections.abc import Iterator
from typing import Final

BRITISH: Final = re.compile(
    r"colour|behaviour|favour|neighbour|honour|harbour|rumour|\bcentre|\bmetres?\b|theatre|fibre"
    r"|(?:model|label|cancel|travel|signal|channel|total|fuel|level)l(?:ed|ing)\b|licence|artefact"
    r"|\bdialogue|whilst|amongst|\blearnt|\bspelt|\btowards|\bafterwards|judgement|\bageing|\bgrey\b"
    r"|defence|programme\b|\bpractis(?:e|ed|ing)\b|\banalys(?:e|ed|ing)\b|\bfulfils?\b|skilful|per cent"
    r"|\b\w{3,}is(?:e|es|ed|ing|ation|ations)\b",
    re.IGNORECASE,
)
# What has its "s" in American English, too, and a code that other files refer to.
ELSE: Final = re.compile(
    r"\b(?:outlier-judgement|\w*wise|\w*nois(?:e|es|ed|ing)|\w*supervis\w+|(?:un|refund_)?promis\w+|compromis\w+|on-premises"
    r"|premises?|exercis\w+|concise|precise|imprecise|advertis\w+|revis\w+|advis\w+|surpris\w+|compris\w+"
    r"|enterprises?|expertise|disguise\w*|franchises?|merchandis\w+|(?:a|un)?rais(?:e|es|ed|ing)|aris(?:e|es|ing)"
    r"|(?:sun)?ris(?:e|es|ing)|phrases?|prais\w+|cruises?|devis\w+|paradise|likewise)\b",
    re.IGNORECASE,
)


def british(text: str) -> Iterator[str]:
    """Yield every British word of a text."""
    yield from (found[0] for found in BRITISH.finditer(ELSE.sub("", text)))
