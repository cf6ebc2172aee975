"""The form of a snapshot: its header, the hash over its content, and its text.

`clusters` are the content. Each holds minimal Kubernetes objects (namespaces, webhook
configurations) and small objects of our own, as schemas/context.schema.json has them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

KIND = "MeshSnapshot"
VERSION = 1
"""Of the form; changed only when a reader of the old form would misread a new one."""

SECTIONS = (
    "declared",
    "revisions",
    "tags",
    "elsewhere",
    "settings",
    "meshes",
    "members",
    "webhooks",
    "namespaces",
)
"""The lists that a cluster has."""

Json: TypeAlias = dict[str, object]
WIDTH = 100

ODD = re.compile("[^\t\n\r -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What YAML does not allow in a quoted scalar, or takes for the end of a line."""


@dataclass(frozen=True, slots=True)
class Header:
    """Who wrote a snapshot, when, and from what. `commit` is "" where it came from no work tree.

    `created` is None where it cannot be read. `dirty` is True where the files were not those of the
    commit. `complete` and `name` are what the user said of the clusters (see snapshot/write).
    `unread` counts, by the name of the reason, what was not read and could have said more.
    """

    meshlint: str
    created: datetime | None
    commit: str = ""
    dirty: bool = False
    complete: bool = False
    name: str = ""
    unread: Mapping[str, int] = field(default_factory=dict)


def title(item: object) -> str:
    """The name of an item of a cluster; "" where it has none."""
    if not isinstance(item, dict):
        return ""
    named = item.get("metadata", item)
    name = named.get("name") if isinstance(named, dict) else None
    return name if isinstance(name, str) else ""


def digest(clusters: Sequence[object]) -> str:
    """The hash of the content: SHA-256 over its canonical JSON."""
    text = json.dumps(clusters, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def text(header: Header, clusters: Sequence[Json]) -> str:
    """The file. The same content has the same bytes, and an object is on a line where it fits."""
    whole: Json = {
        "kind": KIND,
        "version": VERSION,
        "meshlint": header.meshlint,
        "created": f"{header.created:%Y-%m-%dT%H:%M:%SZ}" if header.created else None,
        "commit": header.commit or None,
        "dirty": header.dirty,
        "options": {"complete": header.complete, "name": header.name or None},
        "hash": digest(clusters),
        "unread": dict(sorted(header.unread.items())),
        "clusters": list(clusters),
    }
    return "".join(_lines(whole, "", "", "")) + "\n"


def _lines(value: object, indent: str, key: str, comma: str) -> Iterator[str]:
    """A value on one line where it fits, else each of its parts on lines of its own."""
    flat = f"{indent}{key}{_flat(value)}{comma}"
    inside = bool(value) and isinstance(value, list | dict)
    if not inside or (indent and len(flat) <= WIDTH):
        yield flat
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    yield f"{indent}{key}{opening}"
    parts = _parts(value)
    for number, (name, part) in enumerate(parts):
        yield "\n"
        yield from _lines(part, indent + "  ", name, "," if number < len(parts) - 1 else "")
    yield f"\n{indent}{closing}{comma}"


def _parts(value: object) -> list[tuple[str, object]]:
    if isinstance(value, dict):
        return [(f"{_flat(key)}: ", part) for key, part in value.items()]
    assert isinstance(value, list)
    return [("", part) for part in value]


def _flat(value: object) -> str:
    """JSON on one line, which libyaml reads as the same."""
    shown = json.dumps(value, ensure_ascii=False)
    return ODD.sub(lambda match: f"\\u{ord(match.group()):04x}", shown)
