"""Fixes: edits that mend a finding, and the words for them.

A fix is safe where what the author meant is certain and nothing runs otherwise than before, or
where the object could not be applied as it was. What gives pods a sidecar, or takes it away, is
for somebody to look at first.
"""

from __future__ import annotations

from meshlint.finding import (
    Add,
    Append,
    Assign,
    Edit,
    Field,
    Fix,
    Location,
    Move,
    Remove,
    Rename,
    Subject,
    Type,
    Value,
    quoted,
)
from meshlint.resources.document import Meta
from meshlint.resources.keys import INJECTION, LABELS
from meshlint.resources.workload import PATHS

Path = tuple[str, ...]
"""Keys that lead to a map from the root of an object: `("metadata", "labels")`."""


def rewrite(
    field: Field,
    key: str | None = None,
    value: str | None = None,
    to: Path = (),
    *,
    safe: bool = False,
) -> Fix:
    """An entry with another key, another value, or in another map; None leaves it as it is."""
    key = field.key.text if key is None else key
    text = field.value.text if value is None else value
    where, edits = field.key.where, list[Edit]()
    if to:
        edits.append(Move(where, to))
    if key != field.key.text:
        edits.append(Rename(where, key))
    if value is not None and (value != field.value.text or field.value.type is not Type.STRING):
        edits.append(Assign(where, value))
    return Fix(_words(edits, field, key, text), tuple(edits), safe)


def _words(edits: list[Edit], field: Field, key: str, value: str) -> str:
    first, entry = edits[0], quoted(f"{key}: {value}")
    if isinstance(first, Move):
        as_what = f" as {entry}" if len(edits) > 1 else ""
        return f"Move it to {quoted('.'.join(first.to))}{as_what}."
    if len(edits) > 1:
        return f"Write {entry}."
    renamed = isinstance(first, Rename)
    return f"Rename it to {quoted(key)}." if renamed else _write(field.value, value)


def _write(value: Value, text: str) -> str:
    if value.text == text:
        return "Remove the quotes." if value.type is Type.STRING else "Put the value in quotes."
    return f"Write {quoted(text)}." if text else 'Write "".'


def assign(value: Value, text: str, *, safe: bool = False, plain: bool = False) -> Fix | None:
    """Another value; a `plain` one is a number. None where the value is but a part of a text."""
    fix = Fix(_write(value, text), (Assign(value.where, text, plain),), safe)
    return fix if whole(value) else None


def whole(value: Value) -> bool:
    """Whether a place holds a value alone, and not a text that is YAML itself."""
    where, quotes = value.where, (0, len("''"))
    return where.end_column - where.column - len(value.text) in quotes


def rename(key: Value, text: str, *, safe: bool = False) -> Fix:
    """Another key for an entry whose value is a map, or not known."""
    return Fix(f"Rename it to {quoted(text)}.", (Rename(key.where, text),), safe)


def remove(*fields: Field, safe: bool = False) -> Fix:
    """Without these entries."""
    names = " and ".join(quoted(field.key.text) for field in fields)
    return Fix(f"Remove {names}.", tuple(Remove(field.key.where) for field in fields), safe)


def add(holder: Location, path: Path, key: str, value: str, *, safe: bool = False) -> Fix:
    """An entry more. From a holder that is no map, the path leads from its object's root."""
    where = f" to {quoted('.'.join(path))}" if path else ""
    words = f"Add {quoted(f'{key}: {value}')}{where}."
    return Fix(words, (Add(holder, path, key, value),), safe)


def together(*fixes: Fix) -> Fix:
    """Equal fixes in several places, of which all are needed."""
    edits = tuple(edit for fix in fixes for edit in fix.edits)
    return Fix(fixes[0].words, edits, all(fix.safe for fix in fixes))


def append(holder: Location, path: Path, item: str, *, safe: bool = False) -> Fix:
    """An item more at the end of a list; the path leads as in `add`."""
    words = f"Add {quoted(item)} to {quoted('.'.join(path))}."
    return Fix(words, (Append(holder, path, item),), safe)


def slot(key: str) -> str:
    """In which map of the metadata a key of Istio's is read."""
    return "labels" if key == INJECTION or key in LABELS else "annotations"


def of_pods(subject: Subject) -> Path:
    """The metadata of the pods that an object makes."""
    return (*PATHS[subject.api_version.rpartition("/")[0], subject.kind], "metadata")


def stands(field: Field, meta: Meta, at: Path) -> bool:
    """Whether an entry is in the object itself, and not in what a kustomization puts on it."""
    where = field.key.where
    key = field.key.text.replace("~", "~0").replace("/", "~1")
    return where.path == meta.where.path and where.pointer.endswith("/".join(("", *at, key)))
