"""Keys and names that were nearly written: the edit distance, and what was meant."""

from __future__ import annotations

from collections.abc import Iterable

from meshlint.resources.keys import (
    DATAPLANE_MODE,
    GHOSTS,
    INJECT,
    INJECTION,
    KNOWN,
    OTHER_ANNOTATIONS,
    POD_ANNOTATIONS,
    REVISION,
)

FUZZY = (INJECTION, INJECT, DATAPLANE_MODE)
HINTS = ("inj", "istio", "isto", "itsio", "side", "data")
ANNOTATIONS = (POD_ANNOTATIONS | OTHER_ANNOTATIONS) - {REVISION}
REVISION_SLIPS = frozenset(
    "istio.io/rve istio.io/reb istio.io/rex istio.io/revs istio.io/evr istio.io/re istio.io/revv"
    " istio.io/rrev istio.io/reev istio.io/ref istio.io/rv isto.io/rev istio.oi/rev itsio.io/rev"
    " istio.io-rev istio.io.rev istio.i/rev istio.io_rev".split()
)
"""`istio.io/rev` is too short for a distance: `istio.io/dev` may be somebody's own label."""


def distance(a: str, b: str, limit: int = 2) -> int:
    """Damerau-Levenshtein (adjacent swaps count 1), or `limit` + 1 where it is more."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, before, row = before, row, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return min(row[-1], limit + 1)


def meant(key: str) -> str | None:
    """The injection key that a key was meant to be; None if it is right or somebody else's."""
    if key in KNOWN or not _suspect(key):
        return None
    if key in GHOSTS:
        return GHOSTS[key]
    lower = key.lower()
    if lower in REVISION_SLIPS or lower == REVISION:
        return REVISION
    if lower in KNOWN or lower in GHOSTS:
        return GHOSTS.get(lower, lower)
    return next((right for right in FUZZY if distance(lower, right) <= 2), None)


def _suspect(key: str) -> bool:
    """A cheap guard: the words in every key that is compared."""
    lower = key.lower()
    return 4 <= len(key) <= 40 and any(word in lower for word in HINTS)


def near_annotation(key: str) -> str | None:
    """The known annotation that an unknown one is nearest to, if it is near."""
    plain = key.lower()
    found = min((distance(plain, known.lower(), 3), known) for known in ANNOTATIONS)
    return found[1] if found[0] <= 3 else None


def slip_of_annotation(key: str) -> str | None:
    """The one known annotation that a key differs from in no more than two characters."""
    plain = key.lower()
    found = sorted((distance(plain, known.lower()), known) for known in ANNOTATIONS)[:2]
    return found[0][1] if found[0][0] <= 2 and found[0][0] < found[1][0] else None


def slip(name: str, names: Iterable[str]) -> str | None:
    """The one known name that was surely meant: another number is another version."""
    alike = [known for known in names if _digits(known) == _digits(name)]
    near = nearest(name, alike)
    return None if nearest(name, [known for known in alike if known != near]) else near


def _digits(name: str) -> str:
    return "".join(filter(str.isdecimal, name))


def nearest(name: str, names: Iterable[str]) -> str | None:
    """A known revision or tag that a name is a slip of (swapped, missing or doubled characters)."""
    if len(name) < 4:
        return None
    plain = name.replace(".", "-").replace("_", "-").lower()
    found = [(distance(plain, known, 2), known) for known in names if len(known) > 3]
    best = min(found, default=(3, ""))
    return best[1] if best[0] <= 2 else None
