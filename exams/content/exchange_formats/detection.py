"""What format a file is of, by what is in it: who chose another one is told.

Only what gives a format away is looked for; an empty name means that nothing did.
"""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from typing import Final

HEAD: Final = 64 * 1024
ARCHIVE: Final = b"PK\x03\x04"
PACKED: Final = {b"xl/workbook.xml": "xlsx", b"imsmanifest.xml": "qti"}
ROOT: Final = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<(?:[\w.-]+:)?([\w.-]+)[\s/>]", re.DOTALL)
ROOTS: Final = {
    "quiz": "moodle",
    **dict.fromkeys(("assessmentItem", "assessmentTest", "manifest"), "qti"),
    **dict.fromkeys(("questestinterop", "qti-assessment-item", "qti-assessment-test"), "qti"),
}
VERSIONS: Final = {
    "xmlv1p": "QTI 1.2",
    "questestinterop": "QTI 1.2",
    "qtiasiv1p": "QTI 1.2",
    "v3p0": "QTI 3.0",
    "qti-assessment": "QTI 3.0",
}
"""What types, namespaces and roots have in them that are of a version which is not read."""
# In this order: an answer of Aiken gives it away, and braces may be anywhere.
SIGNS: Final = {
    "yaml": re.compile(r"(?:\s|#.*\n)*(?:items|images):\s"),
    "csv": re.compile(r'\s*(?=[^\n]*\bstem\b)(?=[^\n]*\boption_a\b)"?[a-z_]+"?[,;\t]', re.IGNORECASE),
    "aiken": re.compile(r".*?^A[.)].*?^ANSWER\s*:\s*[A-Z]\s*$", re.DOTALL | re.MULTILINE),
    "gift": re.compile(r"(?:[^{]|\{(?!\s*[=~]))*\{\s*[=~]"),
}


def unread_version(text: str) -> str:
    """Return the version of QTI that something is of and that is not read, or ""."""
    return next((version for sign, version in VERSIONS.items() if sign in text), "")


def unread_file(data: bytes) -> str:
    """Return the version that is not read of a file that is XML of such a one, or ""."""
    root = ROOT.match(_head(data))
    return unread_version(root[1]) if root else ""


def structured(data: bytes) -> str:
    """Return the format of an archive or of XML."""
    if data.startswith(ARCHIVE):
        return next((name for part, name in PACKED.items() if part in data), "")
    match = ROOT.match(_head(data))
    return ROOTS.get(match[1], "") if match else ""


def detected(data: bytes) -> str:
    """Return the format of a file of any kind."""
    if data.startswith(ARCHIVE):
        # The time of an entry can read like braces.
        return structured(data)
    # Archives and XML first: their bytes may look like any text.
    head = _head(data)
    return structured(data) or next((name for name, sign in SIGNS.items() if sign.match(head)), "")


def _head(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig"
    return data[:HEAD].decode(encoding, "replace").replace("\r", "\n")
