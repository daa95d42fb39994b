"""Files that attack whoever reads them, made when they are needed: most would be large on disk."""

import struct
import warnings
import zlib
from collections.abc import Callable, Mapping
from datetime import date
from io import BytesIO
from random import Random
from typing import Final
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from openpyxl import Workbook

QUESTION: Final = (
    "<question type='multichoice'><name><text>Q</text></name><questiontext format='html'><text>{text}</text>"
    "</questiontext><single>true</single><answer fraction='100'><text>a</text></answer>"
    "<answer fraction='0'><text>b</text></answer></question>"
)
DECLARED: Final = '<?xml version="1.0" encoding="UTF-8"?>'
MEGABYTE: Final = 1_000_000


def quiz(inner: str, head: str = "") -> bytes:
    """Return a file of Moodle."""
    return f"{DECLARED}{head}<quiz>{inner}</quiz>".encode()


def asked(text: str) -> bytes:
    """Return a file of Moodle with one question."""
    return quiz(QUESTION.format(text=text))


def dtd() -> bytes:
    """Return a file with a document type."""
    return quiz("", '<!DOCTYPE quiz SYSTEM "quiz.dtd">')


def billion_laughs() -> bytes:
    """Return a file whose entities grow tenfold nine times."""
    lines = ['<!ENTITY lol0 "lol">']
    lines += [f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10}">' for n in range(1, 10)]
    return quiz(QUESTION.format(text="&lol9;"), f"<!DOCTYPE quiz [{''.join(lines)}]>")


def external_entity() -> bytes:
    """Return a file that asks for one of the machine's."""
    head = '<!DOCTYPE quiz [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    return quiz(QUESTION.format(text="&x;"), head)


def undeclared_entity() -> bytes:
    """Return a file with an entity that nobody declared."""
    return asked("&nbsp;")


def xinclude() -> bytes:
    """Return a file that includes one of the machine's."""
    return quiz('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/>')


def deep() -> bytes:
    """Return a file with elements within elements."""
    return quiz("<a>" * 5_000 + "</a>" * 5_000)


def deep_html() -> bytes:
    """Return a file whose text nests as deeply, where XML does not see it."""
    return asked("&lt;b&gt;" * 5_000)


def many_nodes() -> bytes:
    """Return a file with too many elements."""
    return quiz("<a/>" * 100_001)


def many_attributes() -> bytes:
    """Return a file with one element and too many attributes."""
    return quiz("<a " + " ".join(f'a{n}=""' for n in range(100_001)) + "/>")


def wrong_encoding() -> bytes:
    """Return a file in Latin-2 that says it is UTF-8."""
    return asked("őű").decode().encode("iso8859-2")


def unknown_encoding() -> bytes:
    """Return a file in an encoding that is none."""
    return b'<?xml version="1.0" encoding="x-nothing"?><quiz/>'


def packed(files: Mapping[str, bytes], method: int = ZIP_DEFLATED) -> bytes:
    """Return an archive."""
    out = BytesIO()
    with ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def zip_bomb(megabytes: int = 99) -> bytes:
    """Return 100 kB that unpack to 99 MB, or as much less as is wanted."""
    return packed({"imsmanifest.xml": b"<manifest/>", "bomb.xml": b" " * (megabytes * MEGABYTE)})


def small_zip_bomb() -> bytes:
    """Return 10 kB that unpack to 10 MB."""
    return zip_bomb(10)


def zip_of_much() -> bytes:
    """Return 200 files of which each is harmless, and all together are not."""
    chunk = Random(1).randbytes(10_000) + bytes(90_000)
    return packed({f"{n}.bin": chunk * 6 for n in range(200)})


def lying_zip() -> bytes:
    """Return an archive whose list says that a file unpacks to ten bytes."""
    data = bytearray(packed({"imsmanifest.xml": b"<manifest/>" + b" " * 30 * MEGABYTE}))
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<L", 10)
    return bytes(data)


def zip_slip() -> bytes:
    """Return an archive with a file that would land elsewhere."""
    return packed({"imsmanifest.xml": b"<manifest/>", "../../etc/cron.d/x": b"* * * * *"})


def absolute_zip() -> bytes:
    """Return an archive with the name of a file of the machine."""
    return packed({"imsmanifest.xml": b"<manifest/>", "C:\\Windows\\x.dll": b"MZ"})


def symlink_zip() -> bytes:
    """Return an archive with a link."""
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        entry = ZipInfo("imsmanifest.xml")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return out.getvalue()


def nested_zip() -> bytes:
    """Return an archive in an archive."""
    return packed({"imsmanifest.xml": b"<manifest/>", "inner.xml": packed({"a": b"a"})})


def encrypted_zip() -> bytes:
    """Return an archive that says its file is encrypted."""
    data = bytearray(packed({"imsmanifest.xml": b"<manifest/>"}))
    data[6] |= 1
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def other_method_zip() -> bytes:
    """Return an archive that needs another unpacker."""
    return packed({"imsmanifest.xml": b"<manifest/>"}, ZIP_BZIP2)


def twice_zip() -> bytes:
    """Return an archive in which two files have one name."""
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        for text in ("<manifest/>", "<other/>"):
            with warnings.catch_warnings(action="ignore"):
                archive.writestr(ZipInfo("imsmanifest.xml"), text)
    return out.getvalue()


def entries_zip(count: int = 2_001) -> bytes:
    """Return an archive with more files than allowed."""
    return packed({f"{n}": b"" for n in range(count)}, ZIP_STORED)


def million_entries_zip() -> bytes:
    """Return the end of an archive that lists a million files, and says that it is one.

    The list has 300,000 rows, which is what fits into a file that may be imported.
    """
    row = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    rows = row * 300_000
    return rows + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(rows), 0, 0)


def cut_zip() -> bytes:
    """Return the first half of an archive."""
    data = packed({"imsmanifest.xml": bytes(range(256)) * 100})
    return data[: len(data) // 2]


def damaged_zip() -> bytes:
    """Return an archive whose content is not what its sum says."""
    data = bytearray(packed({"imsmanifest.xml": bytes(range(256)) * 10}, ZIP_STORED))
    data[60] ^= 0xFF
    return bytes(data)


def no_manifest() -> bytes:
    """Return an archive without a manifest, of a time whose bytes are the braces of GIFT."""
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr(ZipInfo("item.xml", (2026, 11, 30, 15, 30, 0)), b"<a/>")
    assert b"{~" in out.getvalue()
    return out.getvalue()


HEAD: Final = ("id", "stem", "correct", "option_a", "option_b")


def workbook(*rows: tuple[str | float | bool | date | None, ...]) -> bytes:
    """Return a workbook of rows under the least columns."""
    book = Workbook()
    for row in (HEAD, *rows):
        book.worksheets[0].append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def formula_workbook() -> bytes:
    """Return a workbook with a formula."""
    return workbook(("Q1", '=HYPERLINK("https://example.com","x")', "A", "a", "b"))


def changed(data: bytes, change: Callable[[str, bytes], bytes | None], **more: bytes) -> bytes:
    """Return an archive with other files: `change` gives each anew, or None to drop it."""
    with ZipFile(BytesIO(data)) as archive:
        files = {name: change(name, archive.read(name)) for name in archive.namelist()}
    return packed({**{name: one for name, one in files.items() if one is not None}, **more})


def macro_workbook() -> bytes:
    """Return a workbook with macros."""
    return changed(
        workbook(("Q1", "s", "A", "a", "b")), lambda _, data: data, **{"xl/vbaProject.bin": b"\xd0\xcf"}
    )


def dtd_workbook() -> bytes:
    """Return a workbook whose sheet declares entities."""
    return changed(
        workbook(("Q1", "s", "A", "a", "b")),
        lambda name, data: (
            data.replace(b"<worksheet", b"<!DOCTYPE x [<!ENTITY a 'b'>]><worksheet", 1)
            if name.endswith("sheet1.xml")
            else data
        ),
    )


def bomb_workbook(count: int = 900_000) -> bytes:
    """Return a workbook of 40 MB of shared strings, all of them different, or of as many as are wanted."""
    strings = b"".join(b"<si><t>%d %x</t></si>" % (n, zlib.crc32(b"%d" % n)) for n in range(count))
    sst = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' + strings + b"</sst>"
    return changed(
        workbook(("Q1", "s", "A", "a", "b")), lambda _, data: data, **{"xl/sharedStrings.xml": sst}
    )


def large_workbook() -> bytes:
    """Return a workbook of a few more shared strings than allowed."""
    return bomb_workbook(260_000)


def yaml_aliases() -> bytes:
    """Return YAML whose parts are named again and again."""
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    return "\n".join([*lines, "items: *a8"]).encode()


def yaml_deep() -> bytes:
    """Return YAML that is nested deeply."""
    return b"items: " + b"[" * 60 + b"]" * 60


def yaml_many() -> bytes:
    """Return YAML of more parts than allowed."""
    return b"items: [" + b"x, " * 300_000 + b"]"


def yaml_object() -> bytes:
    """Return YAML that asks for an object of Python."""
    return b"items: !!python/object/apply:os.system ['id']"
