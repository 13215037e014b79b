"""Bytes of a text file: where they come from (compressed or not) and which encoding they are in."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import pyarrow as pa

from discover.core.errors import InputError
from discover.core.words import plural

CHUNK = 1 << 20
SAMPLE = 100_000  # bytes shown to charset-normalizer
CHAOS = 0.5  # how odd a text may look to it where no encoding gives one that looks usual
MARKS = (  # longest first: UTF-32's mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SQUEEZED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bz2"}

# what spreadsheets and databases write; among all that exist, charset-normalizer takes few bytes for rare ones
LIKELY = (
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "iso8859_15", "koi8_r",
    "cp850", "cp866", "mac_roman", "cp932", "euc_jp", "iso2022_jp", "cp949", "gb18030", "big5",
)  # fmt: skip


@dataclass(frozen=True)
class Packed:
    """A file whose content may be compressed; `open` gives the content."""

    path: Path
    compression: str | None  # "gzip", "zstd", "bz2", "zip" or None
    member: str = ""  # of a zip archive

    def open(self) -> IO[bytes]:
        """The content as a stream of bytes."""
        if self.compression == "gzip":
            return cast("IO[bytes]", gzip.open(self.path))
        if self.compression == "bz2":
            return cast("IO[bytes]", bz2.open(self.path))
        if self.compression == "zstd":
            return cast("IO[bytes]", io.BufferedReader(pa.input_stream(str(self.path), compression="zstd")))
        if self.compression == "zip":
            return zipfile.ZipFile(self.path).open(self.member)
        return self.path.open("rb")

    def head(self, size: int = 4096) -> bytes:
        """The first bytes of the content."""
        with self.open() as stream:
            return stream.read(size)


@dataclass(frozen=True)
class Encoding:
    """How to turn the bytes of a file into text."""

    name: str
    damaged: bool = False  # some bytes fit no encoding and become U+FFFD
    warnings: tuple[str, ...] = ()

    def text(self, packed: Packed) -> io.TextIOWrapper:
        """The content as text, its line ends as they are."""
        errors = "replace" if self.damaged else "strict"
        return io.TextIOWrapper(packed.open(), encoding=self.name, errors=errors, newline="")


def detect(packed: Packed) -> Encoding:
    """The encoding of a text file: UTF-8 if it can be, else what its byte order mark or charset-normalizer says.

    Raises InputError where the bytes are no text at all.
    """
    head = packed.head(SAMPLE)
    for mark, name in MARKS:
        if head.startswith(mark):
            known = Encoding(name)
            if _decodes(packed, name):
                return known
            return Encoding(name, True, (f"replaced bytes that are not {name} by U+FFFD",))
    wide = _wide(head)
    if wide:
        return Encoding(wide, True, (f"read as {wide}, although the byte order mark is missing",))
    if _is_binary(head):
        raise InputError(f"{packed.path}: this is binary data. Give a CSV, JSON, Parquet or Excel file")
    return Encoding("utf-8") if _decodes(packed, "utf-8") else _legacy(packed)


def _decodes(packed: Packed, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        with packed.open() as stream:
            while chunk := stream.read(CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of Latin text is NUL."""
    even, odd = head[0::2], head[1::2]
    if odd and odd.count(0) > 0.4 * len(odd) and even.count(0) < 0.05 * len(even):
        return "utf-16-le"
    if even and even.count(0) > 0.4 * len(even) and odd.count(0) < 0.05 * len(odd):
        return "utf-16-be"
    return None


def _is_binary(head: bytes) -> bool:
    """Text has next to no control bytes; a stray NUL is a fault of a row, not of the file."""
    controls = sum(head.count(bytes([code])) for code in range(32) if code not in (0, 1, 9, 10, 12, 13, 28, 29, 30, 31))
    return controls > 0.02 * len(head) or head.count(0) > 0.2 * len(head)


def _legacy(packed: Packed) -> Encoding:
    """The encoding of a file that is not UTF-8 throughout, from its lines with bytes beyond ASCII."""
    good = bad = 0
    sample = bytearray()
    with packed.open() as stream:
        for line in stream:
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
                good += 1
            except UnicodeDecodeError:
                bad += 1
                if len(sample) < SAMPLE:
                    sample += line[:SAMPLE]
    lines = plural(bad, "line")
    if good > bad:  # text of another encoding hardly ever looks like UTF-8, so this is UTF-8 with damage
        return Encoding("utf-8", True, (f"replaced bytes that are not UTF-8 by U+FFFD in {lines}",))
    name = _guess(bytes(sample))
    damaged = not _decodes(packed, name)
    more = " (unknown bytes became U+FFFD)" if damaged else ""
    return Encoding(name, damaged, (f"{lines} not in UTF-8: read as {name}{more}. If that is wrong, save as UTF-8",))


def _is(sample: bytes, name: str) -> bool:
    try:
        sample.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _guess(sample: bytes) -> str:
    """charset-normalizer's choice; cp1252, which people have most, where the bytes do not say enough to differ."""
    import charset_normalizer

    if len({byte for byte in sample if byte > 127}) < 3:
        return "cp1252"
    matches: list[Any] = list(charset_normalizer.from_bytes(sample, cp_isolation=list(LIKELY)))
    if not matches and not _is(sample, "cp1252"):  # such as short cells of Japanese, which look like chaos
        matches = list(charset_normalizer.from_bytes(sample, cp_isolation=list(LIKELY), threshold=CHAOS))
    if not matches:
        return "cp1252"
    best = matches[0]
    near = [m for m in matches if m.chaos <= best.chaos + 0.02 and m.coherence >= best.coherence - 0.2]
    return "cp1252" if any("cp1252" in m.could_be_from_charset for m in near) else str(best.encoding)
