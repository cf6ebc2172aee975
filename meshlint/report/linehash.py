"""The fingerprint by which GitHub follows an alert from one upload to the next.

The value is the one that github/codeql-action computes when a file brings none, because any other
value makes it log a warning for every result:
https://github.com/github/codeql-action/blob/main/src/fingerprints.ts
"""

from __future__ import annotations

import sys
from array import array
from collections import Counter
from itertools import accumulate

WINDOW = 100
BASE = 37
MASK = 2**64 - 1
LEAVING = pow(BASE, WINDOW, MASK + 1)
"""What a unit counts for when it has just left the window."""

LINE_FEED = 10
END = 0xFFFF
UTF16 = "utf-16-le" if sys.byteorder == "little" else "utf-16-be"


def line_hashes(data: bytes) -> list[str]:
    """The fingerprint of each line of a file, that of line 1 first.

    A line is known by the 100 UTF-16 units from its start on that are neither space nor tab, and
    by how many lines of the file had the same hash up to here.
    """
    units = _units(data)
    # prefix[i] hashes everything before unit i, so a window is the difference of two entries.
    prefix = array("Q", accumulate(units, _append, initial=0))
    seen: Counter[int] = Counter()
    hashes = []
    for start in _starts(units):
        value = (prefix[start + WINDOW] - prefix[start] * LEAVING) & MASK
        seen[value] += 1
        hashes.append(f"{value:x}:{seen[value]}")
    return hashes


def _append(value: int, unit: int) -> int:
    return (value * BASE + unit) & MASK


def _units(data: bytes) -> array[int]:
    """What counts of a file, with a mark for its end and padding for the last windows.

    The BOM stays, and all three kinds of line end are one line feed.
    """
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    units = array("H", text.translate({ord(" "): None, ord("\t"): None}).encode(UTF16))
    units.append(END)
    units.extend([0] * WINDOW)
    return units


def _starts(units: array[int]) -> list[int]:
    """Where lines begin; the mark of the end is a line of its own after a last line feed."""
    ends = [at for at, unit in enumerate(units) if unit == LINE_FEED]
    return [0, *(at + 1 for at in ends)]
