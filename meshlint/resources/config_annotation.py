"""The annotation proxy.istio.io/config of pods, which is YAML of its own inside of a manifest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from meshlint.finding import Field, Location, Value
from meshlint.resources.annotation import heard
from meshlint.resources.discovery import CONFIG, Discovery, Place, configured
from meshlint.resources.document import Document, Meta
from meshlint.resources.proxy_config import in_text
from meshlint.resources.reader import reads
from meshlint.resources.workload import PATHS
from meshlint.source.parse import Unparsable
from meshlint.unread import Unread


@dataclass(frozen=True, slots=True)
class Block:
    """Where the lines of the annotation proxy.istio.io/config stand, if it is a block of text.

    `meta` is that of the workload, and `annotation` the value that its pods have.
    """

    meta: Meta
    annotation: Value
    line: int
    indent: int

    def place(self, inner: Location) -> Location:
        """A place in the text, in the file; the pointer leads on into the text."""
        outer = self.annotation.where
        return Location(
            outer.path,
            inner.line + self.line - 1,
            inner.column + self.indent,
            inner.end_line + self.line - 1,
            inner.end_column + self.indent,
            f"{outer.pointer}{inner.pointer}" if inner.pointer else "",
        )


@reads(*{kind for _, kind in PATHS} - {"Service"})
@reads("Service", hints=("serving.knative",))
def block(document: Document) -> Iterator[Block]:
    """The annotation of a pod template."""
    path = PATHS.get((document.group, document.kind))
    if path is None or CONFIG not in document.root.page.text:
        return
    node = document.root.get(*path, "metadata", "annotations", CONFIG)
    text = node.block if node is not None else None
    if node is not None and text is not None:
        first = next((line for line in text.splitlines() if line.strip()), "")
        shown = next((line for line in node.value().text.splitlines() if line.strip()), "")
        indent = len(first.rstrip()) - len(shown.rstrip())
        yield Block(document.meta, node.value(), node.inner.first_line, indent)


def told(meta: Meta, partial: Unread | None, field: Field, block: Block | None) -> Discovery | None:
    """What the annotation of an object's pods says of istiod; None where it cannot be read."""
    value = field.value
    try:
        root = in_text(heard(field) or "")
    except Unparsable:
        return None
    bare = Discovery(meta, partial, Place.ANNOTATION, None, value.where)
    found = configured(bare, root) if root is not None else bare
    if found.address is None:
        return found
    where = block.place(found.address.where) if block else value.where
    return replace(found, address=replace(found.address, where=where))
