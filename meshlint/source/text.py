"""Bytes into text: UTF-8 with or without BOM, UTF-16 and UTF-32 with one."""

from __future__ import annotations

import codecs

from meshlint.source.lines import Lines

MAX_BYTES = 32 * 1024 * 1024

MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class NotText(Exception):
    """The bytes are no text; `line` and `column` (1-based) say where the first bad byte stands."""

    def __init__(self, why: str, line: int, column: int) -> None:
        super().__init__(why)
        self.line = line
        self.column = column


def decode(data: bytes) -> str:
    """The text without its BOM.

    Raises:
        NotText: at the first byte that is not of the encoding.
    """
    body, encoding = _unmarked(data)
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        before = body[: error.start].decode(encoding, "replace")
        line, column = Lines(before).place(len(before))
        name = "UTF-8" if encoding == "utf-8" else encoding[:6].upper()
        raise NotText(f"byte 0x{body[error.start]:02x} is not {name}", line, column) from None


def legible(data: bytes) -> str:
    """The text as far as it is any: what is not of the encoding becomes U+FFFD."""
    body, encoding = _unmarked(data)
    return body.decode(encoding, "replace")


def _unmarked(data: bytes) -> tuple[bytes, str]:
    """The bytes after the BOM, and the encoding that it tells."""
    mark, encoding = next((pair for pair in MARKS if data.startswith(pair[0])), (b"", "utf-8"))
    return data[len(mark) :], encoding
