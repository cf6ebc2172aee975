"""What kustomize says of the origin of an object: from annotations into a comment.

No rule may see these annotations: they are not in the object that a cluster gets. What kustomize
writes has no comments of its own (api/resource, AsYAML).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from posixpath import basename

from meshlint.source.node import Node
from meshlint.source.parse import Unparsable, parse
from meshlint.source.split import Slice

ORIGIN = "config.kubernetes.io/origin"
CHANGES = "alpha.config.kubernetes.io/transformations"
OUTPUT = "<kustomize build>"
"""How the output of a root is called, in its folder: no file has this name."""

MARK = "# kustomize: "
ENTRY = re.compile(r"    (?P<key>[^\s:\"'#][^:]*(?::[^\s][^:]*)*):(?:\s|\Z)")


@dataclass(frozen=True, slots=True)
class Note:
    """The file that an object is from; or, of one that is generated, the kustomization with the
    generator (`maker`) and the kind of that. `changes` are the files of those that changed it, or
    may have, and the kinds of their transformers, the first first."""

    path: str = ""
    maker: str = ""
    kind: str = ""
    changes: tuple[tuple[str, str], ...] = ()


def built(path: str) -> bool:
    """Whether a source, by its name, is what kustomize has built."""
    return basename(path) == OUTPUT


def noted(output: str, name: Callable[[str], str]) -> str:
    """The output with a comment above each object in place of the annotations that kustomize made.

    `name` gives a path as kustomize tells it the name that it has in the scan.
    """
    documents = re.split(r"(?m)^---\n", output)
    return "".join(f"---\n{_noted(text, name)}" for text in documents if text.strip())


def note(line: str) -> Note | None:
    """What a line says, as `noted` wrote it; None for any other line."""
    if not line.startswith(MARK):
        return None
    told = json.loads(line.removeprefix(MARK))
    changes = tuple((file, kind) for file, kind in told.pop("changes"))
    return Note(**told, changes=changes)


def _noted(text: str, name: Callable[[str], str]) -> str:
    lines = text.split("\n")
    told: dict[str, str] = {}
    for start, end, key in reversed(list(_annotations(lines))):
        if key in (ORIGIN, CHANGES):
            told[key] = "\n".join(line[4:] for line in lines[start:end])
            del lines[start:end]
            if _childless(lines, start):
                del lines[start - 1]
    found = _note(told.get(ORIGIN, ""), told.get(CHANGES, ""))
    shown = Note(
        name(found.path) if found.path else "",
        name(found.maker) if found.maker else "",
        found.kind,
        tuple((name(file), kind) for file, kind in found.changes),
    )
    return f"{MARK}{json.dumps(asdict(shown))}\n" + "\n".join(lines)


def _annotations(lines: list[str]) -> Iterator[tuple[int, int, str]]:
    """The annotations of an object: first line, the one behind the last, and key."""
    at = next((n for n, line in enumerate(lines) if line == "metadata:"), len(lines))
    inside, start, key = False, 0, ""
    for number in range(at + 1, len(lines) + 1):
        line = lines[number] if number < len(lines) else "end"
        depth = len(line) - len(line.lstrip(" "))
        if not line.strip() or depth > 4:
            continue
        if inside and key:
            yield start, number, key
        inside = line == "  annotations:" if depth < 4 else inside
        entry = ENTRY.match(line) if inside and depth == 4 else None
        start, key = number, entry["key"] if entry else ""
        if depth == 0:
            return


def _childless(lines: list[str], at: int) -> bool:
    """Whether the line before is a map in which nothing is left."""
    following = lines[at] if at < len(lines) else ""
    return lines[at - 1] == "  annotations:" and not following.startswith("    ")


@lru_cache(maxsize=1024)
def _note(origin: str, changes: str) -> Note:
    made, listed = _value(origin), _value(changes)
    items = listed.items() if listed else []
    found = ((_text(item, "configuredIn"), _text(item, "configuredBy", "kind")) for item in items)
    steps = dict.fromkeys(pair for pair in found if pair[0])
    if made is None:
        return Note(changes=tuple(steps))
    maker, kind = _text(made, "configuredIn"), _text(made, "configuredBy", "kind")
    return Note(_text(made, "path"), maker, kind, tuple(steps))


def _value(entry: str) -> Node | None:
    """What the text of an annotation is itself as YAML."""
    try:
        root = parse("", Slice(entry, 0, 1)) if entry else None
        value = next(iter(root.children()), None) if root else None
        return parse("", Slice(value.value().text, 0, 1)) if value else None
    except Unparsable:
        return None


def _text(node: Node, *keys: str) -> str:
    field = node.field(*keys)
    return field.value.text if field else ""
