"""Findings by what stays when lines move, and which of two states are the same."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meshlint.finding import Finding

if TYPE_CHECKING:
    from meshlint.report.model import Report

Name = Callable[[str], str]
"""The path of a file to a name that is the same in every run."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding by its identity, its words, and the text of its line without the space around it.

    The identity is that of Finding.identity: rule, file, object and `key`. `line` is a hash, ""
    where the line cannot be told.
    """

    code: str
    path: str
    group: str
    kind: str
    namespace: str
    name: str
    key: str
    message: str
    line: str

    @property
    def identity(self) -> tuple[str, ...]:
        return self.code, self.path, self.group, self.kind, self.namespace, self.name, self.key

    @property
    def order(self) -> tuple[str, ...]:
        """By file, then by rule and object."""
        return self.path, *self.identity, self.message, self.line


def entry(finding: Finding, report: Report, name: Name) -> Entry:
    """A finding of a report; `name` gives its file the name that it has in all runs."""
    where = finding.where
    code, path, group, kind, namespace, own, key = json.loads(finding.identity(name(where.path)))
    line = _hash(report.lines(where.path).line(where.line))
    return Entry(code, path, group, kind, namespace, own, key, finding.message, line)


def _hash(line: str) -> str:
    text = line.strip().encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:16] if text else ""


OBJECT = ("group", "kind", "namespace", "name")


def described(entry: Entry) -> dict[str, object]:
    """An entry as JSON has it, in a baseline and in reports; what is empty is left out."""
    parts: dict[str, object] = {
        "code": entry.code,
        "path": entry.path,
        "object": {name: value for name in OBJECT if (value := getattr(entry, name))},
        "key": entry.key,
        "message": entry.message,
        "line": entry.line,
    }
    return {name: value for name, value in parts.items() if value}


WAYS: tuple[Callable[[Entry], tuple[str, ...]], ...] = (
    lambda entry: (entry.message, entry.line),
    lambda entry: (entry.message,),
    lambda entry: (entry.line,) if entry.line else (),
)
"""What entries of one identity must have in common to be the same, the most alike first."""


def paired(now: Sequence[Entry], old: Iterable[Entry]) -> tuple[list[bool], list[Entry]]:
    """Of each entry of now whether it was there before, and the old ones that are there no more.

    One of now is an old one if its identity is the same, and its words or its line: another fault
    in the same key is a new one. Each old one stands for one of now.
    """
    left = dict(enumerate(old))
    known = [False] * len(now)
    for way in WAYS:
        pool: defaultdict[tuple[tuple[str, ...], ...], list[int]] = defaultdict(list)
        for number in reversed(left):
            pool[left[number].identity, way(left[number])].append(number)
        for index, new in enumerate(now):
            mates = pool.get((new.identity, way(new))) if way(new) and not known[index] else None
            if mates:
                del left[mates.pop()]
                known[index] = True
    return known, list(left.values())
