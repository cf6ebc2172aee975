"""The file of a baseline: JSON with an entry on a few lines, sorted, without numbers of lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NoReturn, TypeAlias

from meshlint.config.fault import Fault, Faulty
from meshlint.config.form import place
from meshlint.finding import Location, quoted
from meshlint.report.entry import OBJECT, Entry, described
from meshlint.source.parse import Unparsable, parse
from meshlint.source.split import Slice
from meshlint.source.text import NotText, decode
from meshlint.triage.baseline import Baseline, Scope

VERSION = 1
"""Of the form; changed only when a reader of the old form would misread a new one."""

SCHEMA = "https://meshlint.dev/schemas/baseline.schema.json"
ANEW = "delete it, and write it anew with --write-baseline"
ENTRY = ("code", "path", "object", "key", "message", "line")
TOP = ("$schema", "version", "scope", "findings")

Json: TypeAlias = dict[str, object]
Steps: TypeAlias = tuple[str | int, ...]
"""The way from the root to something: keys and numbers of items."""


def text(baseline: Baseline) -> str:
    """The file of a baseline; the same content has the same bytes."""
    head = {"$schema": SCHEMA, "version": VERSION, "scope": _scope(baseline.scope)}
    lines = [f"  {_json(key)}: {_json(value)}," for key, value in head.items()]
    entries = ",\n".join(map(_entry, baseline.entries))
    found = f"[\n{entries}\n  ]" if entries else "[]"
    return "\n".join(["{", *lines, f'  "findings": {found}', "}", ""])


def _entry(entry: Entry) -> str:
    parts = [f"      {_json(name)}: {_json(value)}" for name, value in described(entry).items()]
    return "    {\n" + ",\n".join(parts) + "\n    }"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _scope(scope: Scope) -> Json:
    return {"paths": list(scope.paths), "rendered": list(scope.rendered)}


class Malformed(Exception):
    """Something has not the form of a baseline: where, and what it should be."""

    def __init__(self, steps: Steps, why: str) -> None:
        super().__init__(why)
        self.steps = steps


def read(path: str, data: bytes) -> Baseline:
    """The baseline in a file's bytes; schemas/baseline.schema.json has its form.

    Raises:
        Faulty: it is none, or one of another version; with its line.
    """
    try:
        whole = decode(data)
    except NotText as error:
        raise _fault(path, error.line, error.column, f"is no baseline: {error}") from None
    try:
        return _baseline(_loaded(path, whole))
    except Malformed as error:
        raise Faulty([Fault(_place(path, whole, error.steps), f"{error}: {ANEW}")]) from None


def _fault(path: str, line: int, column: int, why: str) -> Faulty:
    return Faulty([Fault(Location(path, line, column, line, column + 1), why)])


def _loaded(path: str, whole: str) -> object:
    try:
        return json.loads(whole)
    except json.JSONDecodeError as error:
        words = f"is no baseline: it is not JSON ({error.msg}): {ANEW}"
        raise _fault(path, error.lineno, error.colno, words) from None
    except (ValueError, RecursionError):
        words = "is no baseline: JSON is nested or numbers are large"
        raise _fault(path, 1, 1, f"{words}: {ANEW}") from None


def _baseline(body: object) -> Baseline:
    whole = _map(body, (), TOP)
    version = whole.get("version")
    if version != VERSION or isinstance(version, bool):
        _wrong(("version",), f"'version' must be {VERSION}, the only one that is read here")
    scope = _map(whole.get("scope"), ("scope",), ("paths", "rendered"))
    entries = _list(whole.get("findings"), ("findings",))
    return Baseline(
        tuple(_read(item, ("findings", index)) for index, item in enumerate(entries)),
        Scope(tuple(_texts(scope, "paths")), tuple(_texts(scope, "rendered"))),
    )


def _texts(scope: Json, key: str) -> Iterator[str]:
    steps = ("scope", key)
    for index, item in enumerate(_list(scope.get(key), steps)):
        if not isinstance(item, str) or not item:
            _wrong((*steps, index), "an item must be a string with something in it")
        yield item


def _read(item: object, steps: Steps) -> Entry:
    found = _map(item, steps, ENTRY)
    subject = _map(found.get("object", {}), (*steps, "object"), OBJECT)
    texts = {**{key: value for key, value in found.items() if key != "object"}, **subject}
    for key, value in texts.items():
        if not isinstance(value, str):
            inside = ("object", key) if key in subject else (key,)
            _wrong((*steps, *inside), f"{quoted(key)} must be a string")
    for key in ("code", "path", "message"):
        if not found.get(key):
            _wrong(steps, f"an entry has no {key}")
    fields = (*OBJECT, *(key for key in ENTRY if key != "object"))
    return Entry(**{key: str(texts.get(key, "")) for key in fields})


def _map(value: object, steps: Steps, keys: tuple[str, ...]) -> Json:
    if not isinstance(value, dict):
        _wrong(steps, f"{_named(steps)} must be a map")
    for key in value:
        if key not in keys:
            _wrong((*steps, key), f"unknown key {quoted(key)}")
    return value


def _list(value: object, steps: Steps) -> list[object]:
    if not isinstance(value, list):
        _wrong(steps, f"{_named(steps)} must be a list")
    return value


def _named(steps: Steps) -> str:
    last = steps[-1] if steps else ""
    return quoted(last) if isinstance(last, str) and last else "an entry" if steps else "a baseline"


def _wrong(steps: Steps, why: str) -> NoReturn:
    raise Malformed(steps, why)


def _place(path: str, whole: str, steps: Steps) -> Location:
    """Where something stands, as far as the way to it is there: only faults need to know."""
    try:
        node = parse(path, Slice(whole, 0, 1))
    except Unparsable:
        return Location(path, 1, 1, 1, 2)
    for step in steps:
        inner = node.get(step) if isinstance(step, str) else node.items()[step]
        if inner is None:
            break
        node = inner
    return node.key_where if steps and isinstance(steps[-1], str) and node.parent else place(node)
