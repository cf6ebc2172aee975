"""Releases of charts of the tree that Argo CD Applications and Flux HelmReleases install."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from posixpath import join, normpath

from meshlint.finding import Type
from meshlint.render.chart import CHART, Release, plain
from meshlint.render.tree import Tree
from meshlint.resources.branch import Branch, branch
from meshlint.resources.document import Document, documents
from meshlint.resources.injector import YES
from meshlint.source.files import Source
from meshlint.source.node import Node
from meshlint.source.parse import Unparsable, parse
from meshlint.source.split import split
from meshlint.source.text import NotText, decode

KINDS = {"Application": "argoproj.io", "HelmRelease": "helm.toolkit.fluxcd.io"}


@dataclass(frozen=True, slots=True)
class Root:
    """The tree, and the folder in it from which Argo CD and Flux name paths."""

    tree: Tree
    folder: str

    def path(self, written: str) -> str:
        """A path as the scan names it."""
        return normpath(join(self.folder, written.lstrip("/")))


def carried(root: Root, sources: Iterable[Source]) -> Iterator[Release]:
    """The releases of charts in the tree, each with the values that its carrier gives.

    What has placeholders in it, or values from elsewhere, is left out: it cannot be rendered.
    """
    for source in sources:
        for document in _carriers(source):
            found = _application if document.kind == "Application" else _helm_release
            yield from found(root, document)


def _carriers(source: Source) -> Iterator[Document]:
    try:
        data = source.read()
        if not any(kind.encode() in data for kind in KINDS):
            return
        pieces = [p for p in split(decode(data)) if any(kind in KINDS for kind in p.kinds)]
        roots = [parse(source.path, piece) for piece in pieces]
    except (OSError, NotText, Unparsable):
        return
    for node in roots:
        for document in documents(node, None):
            if KINDS.get(document.kind) == document.group and document.meta.name:
                yield document


def _application(root: Root, document: Document) -> Iterator[Release]:
    """A source with a `path`; values from another source (`$ref`) stand in another repository."""
    spec = document.root.get("spec")
    sources = spec.get("sources") if spec else None
    own = spec.get("source") if spec else None
    for node in (*(sources.items() if sources else ()), *([own] if own else ())):
        release = _based(root, _text(node, "path"))
        files = [value.text for value in node.scalars("helm", "valueFiles")]
        if release is None or any(name.startswith("$") for name in files):
            continue
        texts = [root.tree.read(_beside(root, release.chart, name)) for name in files]
        texts += [_text(node, "helm", "values").encode(), _object(node.get("helm", "valuesObject"))]
        named = _text(node, "helm", "releaseName") or document.meta.subject.name
        found = replace(
            release,
            name=named,
            namespace=_text(document.root, "spec", "destination", "namespace") or None,
            values=tuple(text for text in texts if text),
            sets=tuple(_parameters(node)),
        )
        yield from _sound(found, None in texts)


def _parameters(node: Node) -> Iterator[tuple[str, str]]:
    parameters = node.get("helm", "parameters")
    for item in parameters.items() if parameters else ():
        yield _text(item, "name"), _text(item, "value")


def _helm_release(root: Root, document: Document) -> Iterator[Release]:
    """A chart in a GitRepository: its path from the repository's root."""
    spec = document.root.get("spec")
    chart = spec.get("chart", "spec") if spec else None
    if spec is None or chart is None or _text(chart, "sourceRef", "kind") != "GitRepository":
        return
    release = _based(root, _text(chart, "chart"))
    if release is None:
        return
    texts = [root.tree.read(root.path(v.text)) for v in chart.scalars("valuesFiles")]
    texts.append(_object(spec.get("values")))
    target = _text(spec, "targetNamespace")
    name = document.meta.subject.name
    found = replace(
        release,
        name=_text(spec, "releaseName") or (f"{target}-{name}" if target else name),
        namespace=target or document.meta.subject.namespace or None,
        values=tuple(text for text in texts if text),
    )
    yield from _sound(found, None in texts or spec.get("valuesFrom") is not None)


def _based(root: Root, path: str) -> Release | None:
    folder = root.path(path) if path else ""
    folder = "" if folder == "." else folder
    there = bool(path) and root.tree.read(join(folder, CHART)) is not None
    return plain(root.tree, folder) if there else None


def _beside(root: Root, chart: str, name: str) -> str:
    """A file of values, given from the chart's folder, or from the repository's root."""
    return root.path(name) if name.startswith("/") else normpath(join(chart, name))


def _sound(release: Release, lost: bool) -> Iterator[Release]:
    words = (release.name, release.namespace or "", *(w for pair in release.sets for w in pair))
    blank = any(mark in word for word in words for mark in ("{{", "${"))
    if not lost and not blank and len(release.name) <= 53:
        yield release


def _text(node: Node, *keys: str) -> str:
    field = node.field(*keys)
    return field.value.text if field and field.value.type is not Type.NULL else ""


def _object(node: Node | None) -> bytes | None:
    """A map of values as JSON, which is YAML too; None for more than anybody wrote."""
    if node is None or not node.is_map:
        return b""
    found = branch(node)
    return json.dumps(_data(found)).encode() if found else None


def _data(node: Branch) -> object:
    if node.is_map:
        return {name: _data(child) for name, child in node.entries().items()}
    if node.is_list:
        return [_data(item) for item in node.items()]
    value = node.value()
    if value.type is Type.NULL:
        return None
    if value.type is Type.BOOL:
        return value.text.lower() in YES
    return _number(value.text) if value.type in (Type.INT, Type.FLOAT) else value.text


def _number(text: str) -> object:
    """A number, where JSON writes it as YAML does."""
    try:
        return json.loads(text)
    except ValueError:
        return text
