"""ZIP archives, read in memory: names lead nowhere, and what is unpacked is counted as it comes."""

import re
import stat
import struct
from collections.abc import Iterator
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo
from zlib import error as DamagedData

from exams.content.exchange_formats import limits
from exams.content.exchange_formats.limits import Deadline
from exams.content.exchange_formats.shape import refusal

END: Final = b"PK\x05\x06"
END_SIZE: Final = 22
COMMENT: Final = 65_535
ENCRYPTED: Final = 0x1
CHUNK: Final = 64 * 1024
ARCHIVES: Final = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ")
OUTSIDE: Final = re.compile(r"^[/\\]|^[A-Za-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)|\x00")


class Archive:
    """The files of an archive by their names. Making one unpacks each file once, to count and to look."""

    def __init__(self, data: bytes, file: str, deadline: Deadline) -> None:
        """Raise FormatError where the archive is not what it may be."""
        self._file = file
        self._deadline = deadline
        self._check_directory(data)
        try:
            self._zip = ZipFile(BytesIO(data))
            self._entries = self._checked()
        except (BadZipFile, DamagedData, EOFError, NotImplementedError, OSError, ValueError, RuntimeError):
            raise refusal(file, 0, "zip") from None

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all files."""
        return tuple(self._entries)

    def read(self, name: str) -> bytes:
        """Return a file that is there."""
        return b"".join(self._chunks(self._entries[name]))

    def _check_directory(self, data: bytes) -> None:
        """Look at the end of the archive before its list is read: a million entries are a list of 50 MB."""
        at = data.rfind(END, max(0, len(data) - END_SIZE - COMMENT))
        if at < 0 or at + END_SIZE > len(data):
            raise refusal(self._file, 0, "zip")
        entries, size = struct.unpack("<HL", data[at + 10 : at + 16])
        if entries > limits.ENTRIES or size > limits.DIRECTORY_SIZE:
            raise refusal(self._file, 0, "zip_entries", most=limits.ENTRIES)

    def _checked(self) -> dict[str, ZipInfo]:
        # Counted again: the end of an archive may lie about the length of its list.
        entries: dict[str, ZipInfo] = {}
        if len(self._zip.infolist()) > limits.ENTRIES:
            raise refusal(self._file, 0, "zip_entries", most=limits.ENTRIES)
        for entry in self._zip.infolist():
            self._check_entry(entry)
            if entry.filename in entries:
                raise refusal(self._file, 0, "zip_twice", name=entry.filename)
            entries[entry.filename] = entry
        # Only what really comes out counts: sizes in the list are written by whoever made the file.
        total = 0
        for entry in entries.values():
            total = self._count(entry, total)
        return {name: entry for name, entry in entries.items() if not entry.is_dir()}

    def _check_entry(self, entry: ZipInfo) -> None:
        name, code = entry.filename, ""
        # `orig_filename` has what zipfile cut off at a NUL.
        if OUTSIDE.search(entry.orig_filename):
            code = "zip_path"
        elif stat.S_ISLNK(entry.external_attr >> 16):
            code = "zip_link"
        elif entry.flag_bits & ENCRYPTED:
            code = "zip_encrypted"
        elif entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            code = "zip_method"
        if code:
            raise refusal(self._file, 0, code, name=name.replace("\x00", ""))

    def _count(self, entry: ZipInfo, total: int) -> int:
        """Return the sum of bytes so far: those that really come, whatever the list says."""
        size, packed = 0, max(entry.compress_size, 1)
        for chunk in self._chunks(entry):
            if not size and chunk.startswith(ARCHIVES):
                raise refusal(self._file, 0, "zip_nested", name=entry.filename)
            size += len(chunk)
            if total + size > limits.UNPACKED:
                raise refusal(self._file, 0, "zip_size", most=limits.UNPACKED // limits.MEGABYTE)
            if size > limits.RATIO_FROM and size > limits.RATIO * packed:
                raise refusal(self._file, 0, "zip_ratio", name=entry.filename, most=limits.RATIO)
        return total + size

    def _chunks(self, entry: ZipInfo) -> Iterator[bytes]:
        with self._zip.open(entry) as stream:
            while chunk := stream.read(CHUNK):
                self._deadline.check()
                yield chunk
