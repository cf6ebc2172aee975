"""A snapshot's bytes into its clusters, or what is wrong with them and in which line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from meshlint.finding import quoted
from meshlint.snapshot.form import KIND, SECTIONS, VERSION, Header, Json, digest
from meshlint.source.lines import Lines
from meshlint.source.node import Node
from meshlint.source.parse import Unparsable, parse
from meshlint.source.split import Slice
from meshlint.source.text import NotText, decode


class BadSnapshot(Exception):
    """A file that is no snapshot this version can read: `path:line: why`, and what to do."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster of a snapshot: as JSON, and as nodes that know their places."""

    name: str
    content: Json
    node: Node


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot that was read. `intact` is False where its content is not what was hashed."""

    path: str
    header: Header
    clusters: tuple[Cluster, ...]
    intact: bool


def snapshot(path: str, data: bytes) -> Snapshot:
    """A snapshot from the bytes of a file.

    Raises:
        BadSnapshot: it is none, or is cut off, or of a later form.
    """
    text = _text(path, data)
    whole = _json(path, text)
    try:
        root = parse(path, Slice(text, 0, 1))
    except Unparsable as fault:
        raise _bad(path, fault.line, f"cannot be read: {fault}") from None
    _recognized(path, whole, root)
    found = _Form(path).clusters(whole.get("clusters"), root.get("clusters") or root)
    contents = [cluster.content for cluster in found]
    return Snapshot(path, _header(whole), found, whole.get("hash") == digest(contents))


def _bad(path: str, line: int, why: str) -> BadSnapshot:
    return BadSnapshot(f"{path}:{line}: {why}")


def _text(path: str, data: bytes) -> str:
    try:
        return decode(data)
    except NotText as fault:
        raise _bad(path, fault.line, f"is no mesh snapshot: {fault}") from None


def _json(path: str, text: str) -> Json:
    """The JSON object of a file."""
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        if text.lstrip().startswith("{") and not text.rstrip().endswith("}"):
            last, _ = Lines(text).place(len(text.rstrip()))
            raise _bad(path, last, "the snapshot is cut off here: write it again") from None
        words = f"is no mesh snapshot: it is not JSON ({error.msg})"
        raise _bad(path, error.lineno, words) from None
    except (ValueError, RecursionError):
        raise _bad(path, 1, "is no mesh snapshot: JSON is nested or numbers are large") from None
    if not isinstance(found, dict):
        raise _bad(path, 1, f"is no mesh snapshot: {HOW}")
    return found


HOW = "write one with 'meshlint context PATH > mesh.json'"


def _recognized(path: str, whole: Json, root: Node) -> None:
    """Whether it is a snapshot, and of a form that is known here."""
    if whole.get("kind") != KIND:
        raise _bad(path, 1, f"is no mesh snapshot: {HOW}")
    node, version = root.get("version"), whole.get("version")
    line = node.where.line if node else 1
    if type(version) is not int or version < 1:
        raise _bad(path, line, f"is no mesh snapshot: it has no version; {HOW}")
    if version > VERSION:
        raise _bad(
            path,
            line,
            f"this snapshot has form {version}, written by meshlint {_words(whole, 'meshlint')},"
            f" and this meshlint reads no later form than {VERSION}: use one as new",
        )


class _Form:
    """Holds the content to its form, so that nothing that is misread goes unsaid."""

    def __init__(self, path: str) -> None:
        self.path = path

    def clusters(self, content: object, node: Node) -> tuple[Cluster, ...]:
        if not isinstance(content, list):
            raise self.bad(node, "'clusters' must be a list")
        found: dict[str, Cluster] = {}
        for each, place in zip(content, node.items(), strict=False):
            cluster = self.cluster(each, place)
            if cluster.name in found:
                raise self.bad(place, f"the cluster {quoted(cluster.name)} is here twice")
            found[cluster.name] = cluster
        return tuple(found.values())

    def cluster(self, content: object, node: Node) -> Cluster:
        if not isinstance(content, dict) or not isinstance(content.get("name"), str):
            raise self.bad(node, "a cluster must be an object with a name")
        for section in SECTIONS:
            items = content.get(section, [])
            place = node.get(section) or node
            if not isinstance(items, list):
                raise self.bad(place, f"'{section}' must be a list")
            for item, where in zip(items, place.items(), strict=False):
                self.item(item, where, section)
        return Cluster(content["name"], content, node)

    def item(self, item: object, node: Node, section: str) -> None:
        if not isinstance(item, dict):
            raise self.bad(node, f"an item of '{section}' must be an object")
        named = item.get("metadata") if section in ("webhooks", "namespaces") else {"name": ""}
        if not isinstance(named, dict):
            raise self.bad(node, f"an item of '{section}' must have 'metadata'")

    def bad(self, node: Node, why: str) -> BadSnapshot:
        return _bad(self.path, node.where.line, f"{why}: {AGAIN}")


AGAIN = "write the snapshot again with 'meshlint context'"


def _header(whole: Json) -> Header:
    """The header as far as it can be understood: nothing is decided by it."""
    counts, options = _map(whole, "unread"), _map(whole, "options")
    return Header(
        meshlint=_words(whole, "meshlint"),
        created=_time(_words(whole, "created")),
        commit=_words(whole, "commit"),
        dirty=whole.get("dirty") is True,
        complete=options.get("complete") is True,
        name=_words(options, "name"),
        unread={k: v for k, v in counts.items() if isinstance(v, int)},
    )


def _map(whole: Json, key: str) -> Json:
    value = whole.get(key)
    return value if isinstance(value, dict) else {}


def _words(whole: Json, key: str) -> str:
    value = whole.get(key)
    return value if isinstance(value, str) else ""


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
