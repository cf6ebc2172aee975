"""The per-file half: bytes into facts. Pure, picklable, and free to run in any order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from meshlint.finding import Hit, Location
from meshlint.resources import Resource, asked_for, read
from meshlint.resources.control_plane import Elsewhere
from meshlint.resources.document import Document, documents
from meshlint.resources.keys import IGNORE, MARK
from meshlint.resources.workload import Workload
from meshlint.rules.registry import DOCUMENT_RULES, FAULT_RULES, KEY_RULES, Fault
from meshlint.source.node import Node
from meshlint.source.parse import Unparsable, parse
from meshlint.source.placeholder import marked, templated
from meshlint.source.split import Slice, split
from meshlint.source.text import NotText, decode
from meshlint.unread import Skip, Unread

if TYPE_CHECKING:
    from meshlint.resources.ignore import Ignore

Stamped = tuple[str, Hit]
"""The name of a rule and what it found."""

VALUES = re.compile(r"(?:^|/)values(?:[-._][^/]*)?\.ya?ml\Z")
KUSTOMIZATION = re.compile(r"(?:^|/)[Kk]ustomization(?:\.ya?ml)?\Z")
KUSTOMIZE = "kustomize.config.k8s.io/v1beta1"
OPERATION = re.compile(r"[\[{,\s-][\"']?op[\"']?[ \t]*:")
"""An operation of a JSON patch."""

LFS = b"version https://git-lfs.github.com/spec/"
"""How a pointer begins, which stands for a file whose content was not fetched."""

ROOT_SECRET = ("cacerts", "root-cert.pem")
"""What the one Secret has in it that is read, and of it only the fingerprint of the public root."""

NEVER = frozenset({"Secret", "SealedSecret", "CustomResourceDefinition"})
"""Kinds that no rule sees: secrets for safety, definitions because they say nothing here."""

SIDECARS = ("sidecar.istio", "sidecar-istio", "sidecaristio")
MENTION = re.compile(r"istio(?:[._-]?inject|\.io/(?!v\d|latest))")
"""Injection keys, right or nearly so: where a document of any other kind has one, it is parsed."""


NEAR = ("istio", "isto", "itsio", "inject", "sidecar")
"""What every key of Istio's, and every slip of one, has in it."""

CONTROL_PLANE = re.compile(
    r"sidecar-injector\.istio\.io|istio\.io/tag|chart:\s*[\"']?(?:istio/)?istiod\b"
    r"|revisionTags:\s*(?:\[\s*[^\]\s]|\n\s*-)"
    r"|kind:\s*(?:Istio|IstioRevision|IstioRevisionTag|IstioOperator|ControlPlaneRevision)\s"
)
"""Marks of documents that bring revisions or tags."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What leaves a file. `objects` counts Kubernetes objects, read or not; `unread`, by reason,
    what was not looked at, of which `skips` has the places that a user may want to see. `ignores`
    are the suppressions in it."""

    path: str
    resources: tuple[Resource, ...] = ()
    hits: tuple[Stamped, ...] = ()
    skips: tuple[Skip, ...] = ()
    objects: int = 0
    unread: Mapping[Unread, int] = field(default_factory=dict)
    ignores: tuple[Ignore, ...] = ()


def facts(path: str, data: bytes) -> FileFacts:
    """Everything that one file says. Never raises for what the file holds."""
    page = _Gathering(path)
    if data.startswith(LFS):
        page.skip(Unread.LFS, 0)
        return page.result()
    try:
        text = decode(data)
    except NotText as fault:
        page.fault(Unread.ENCODING, str(fault), fault.line, fault.column)
    else:
        page.read(text)
    return page.result()


class _Gathering:
    """Collects the facts of one file, document by document."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.resources: list[Resource] = []
        self.hits: list[Stamped] = []
        self.skips: list[Skip] = []
        self.objects = 0
        self.unread: Counter[Unread] = Counter()
        self.ignores: list[Ignore] = []

    def result(self) -> FileFacts:
        return FileFacts(
            self.path,
            tuple(self.resources),
            tuple(self.hits),
            tuple(self.skips),
            self.objects,
            dict(self.unread),
            tuple(self.ignores),
        )

    def read(self, text: str) -> None:
        """All documents of the file, unless it holds values of a chart."""
        if MARK in text:
            from meshlint.resources.ignore_comment import ignores  # few files need it

            self.ignores.extend(ignores(self.path, text))
        if VALUES.search(self.path):
            self.skip(Unread.VALUES, 1)
            self._missed(text, 1)
            return
        for piece in split(text):
            self.add(piece)

    def add(self, piece: Slice) -> None:
        """One document: left out by its kind, or parsed and read."""
        reason = _unwanted(self.path, piece)
        if reason is not None:
            self.objects += reason is Unread.OTHER_KIND
            if reason is Unread.TEMPLATE:
                self._missed(piece.text, piece.first_line)
            self.skip(reason, piece.first_line)
            return
        try:
            root = parse(self.path, piece)
        except Unparsable as fault:
            self._unparsable(piece, fault)
            return
        self._read(root, piece)

    def _read(self, root: Node, piece: Slice) -> None:
        partial = _partial(root)
        found = list(documents(root, partial)) or list(_implied(self.path, root, partial))
        if not found:
            self._kindless(root, piece)
        for document in found:
            self.objects += 1
            resources = tuple(read(document))
            reason = document.partial or _blank(document, resources)
            if reason:
                self.skip(reason, piece.first_line)
            self.resources.extend(resources)
            if document.kind not in NEVER:
                self.hits.extend(_hits(document))
                if IGNORE in root.page.text:
                    from meshlint.resources.ignore_annotation import annotated  # few need it

                    self.ignores.extend(annotated(document))

    def _kindless(self, root: Node, piece: Slice) -> None:
        """No object: a JSON patch, for whatever a kustomization says; else nothing of ours."""
        from meshlint.resources.json_patch import is_json_patch, json_patch  # few files need it

        patch = is_json_patch(root)
        if patch:
            self.resources.append(json_patch(root))
        self.skip(Unread.PATCH if patch else Unread.KINDLESS, piece.first_line)

    def _unparsable(self, piece: Slice, fault: Unparsable) -> None:
        if "Secret" in piece.kinds:  # a finding would show the line
            self.skip(Unread.BROKEN, piece.first_line, "a Secret, of which nothing is shown")
            return
        self._missed(piece.text, piece.first_line)
        if not _whole(piece) and _operates(piece):
            self.skip(_kindless(piece), piece.first_line)
            return
        if templated(piece.text) and not fault.deep:
            self.skip(Unread.TEMPLATE, piece.first_line)
            return
        reason = Unread.DEEP if fault.deep else Unread.BROKEN
        self.fault(reason, str(fault), fault.line, fault.column)

    def _missed(self, text: str, line: int) -> None:
        """What was not read may bring revisions and tags: then others than the known may exist.

        It may also be a patch that changes what decides on injection.
        """
        place = Location(self.path, line, 1, line, 2)
        if CONTROL_PLANE.search(text):
            self.resources.append(Elsewhere(place, "it could not be read"))
        if MENTION.search(text.lower()):
            from meshlint.resources.patch import blind_for_any  # few files need it

            self.resources.append(blind_for_any(place))

    def fault(self, reason: Unread, why: str, line: int, column: int) -> None:
        """Something broken: counted, and said as a finding at its place."""
        self.skip(reason, line, why)
        place = Location(self.path, line, column, line, column + 1)
        for name, rule in FAULT_RULES.items():
            self.hits.extend((name, hit) for hit in rule(Fault(place, why)))

    def skip(self, reason: Unread, line: int, detail: str = "") -> None:
        self.unread[reason] += 1
        if reason not in (Unread.OTHER_KIND, Unread.KINDLESS):
            self.skips.append(Skip(reason, self.path, line, detail))


def _blank(document: Document, resources: tuple[Resource, ...]) -> Unread | None:
    """Whether names, labels or annotations wait to be filled in (`${X}`, kpt setters)."""
    pods = [resource.pod for resource in resources if isinstance(resource, Workload)]
    for meta in (document.meta, *pods):
        fields = (*meta.labels.values(), *meta.annotations.values())
        values = (meta.name, meta.namespace, *(field.value for field in fields))
        if any(value is not None and not value.literal for value in values):
            return Unread.PLACEHOLDER
    return None


def _hits(document: Document) -> Iterator[Stamped]:
    near = any(word in document.root.page.lower for word in NEAR)
    for name, rule in (DOCUMENT_RULES | KEY_RULES if near else DOCUMENT_RULES).items():
        for hit in rule(document):
            yield name, hit


def _unwanted(path: str, piece: Slice) -> Unread | None:
    """Why a document need not be parsed, told from its text; None where it must be."""
    kinds = piece.kinds
    if KUSTOMIZATION.search(path):
        return None
    if not piece.flat or len(kinds) > 1:
        return None if _whole(piece) or _operates(piece) else _kindless(piece)
    if not kinds:
        return _kindless(piece)
    return None if _asked_for(kinds[0], piece.text) else Unread.OTHER_KIND


def _asked_for(kind: str, text: str) -> bool:
    """Whether a reader or a rule wants documents of this kind with this text."""
    if kind in NEVER and not (kind == "Secret" and all(word in text for word in ROOT_SECRET)):
        return False
    if kind.endswith("List") or asked_for(kind, text):
        return True
    lower = text.lower()
    return MENTION.search(lower) is not None or any(word in lower for word in SIDECARS)


def _whole(piece: Slice) -> bool:
    """Whether a document may be an object though its kind cannot be seen."""
    return "kind" in piece.text and "apiVersion" in piece.text


def _operates(piece: Slice) -> bool:
    """Whether a document without a kind looks like a JSON patch: a list of operations."""
    if "path" not in piece.text or OPERATION.search(piece.text) is None:
        return False
    return not piece.flat and not piece.kinds


def _kindless(piece: Slice) -> Unread:
    return Unread.TEMPLATE if templated(piece.text) else Unread.KINDLESS


def _implied(path: str, root: Node, partial: Unread | None) -> Iterator[Document]:
    """A kustomization file may leave out its kind."""
    if KUSTOMIZATION.search(path) and root.is_map:
        kind = root.field("kind")
        yield Document(root, KUSTOMIZE, kind.value.text if kind else "Kustomization", partial)


def _partial(root: Node) -> Unread | None:
    """Whether template marks or directives stand outside of block scalars."""
    if root.page.directed or (marked(root.page.text) and root.templated(marked)):
        return Unread.PLACEHOLDER
    return None
