"""The annotation that suppresses findings about its object: `meshlint.dev/ignore`.

On an object or its pod template: `"MESH104: reason; MESH106 until=2027-01-31: reason"`, one after
the other with a semicolon or on a line of its own. No part of Istio or Kubernetes reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from meshlint.finding import Field, Type
from meshlint.resources.document import Document
from meshlint.resources.ignore import Flaw, Ignore, Own, Rows, terms, words
from meshlint.resources.keys import IGNORE
from meshlint.resources.workload import PATHS

FORM = "CODE: reason"
APART = re.compile(r"[;\n]")


def annotated(document: Document) -> Iterator[Ignore]:
    """The suppressions in the annotations of an object and of its pods."""
    lines = document.root.page.lines
    rows = Rows(document.root.page.path, lines.first_line, lines.first_line + lines.count - 1)
    subject = document.meta.subject
    own = Own(rows, subject.kind, subject.name)
    template = PATHS.get((document.group, document.kind), ())
    for path in dict.fromkeys(((), template)):
        field = document.root.field(*path, "metadata", "annotations", IGNORE)
        if field is not None and field.value.literal:
            yield from _ignores(field, own)


def _ignores(field: Field, own: Own) -> Iterator[Ignore]:
    value = field.value
    where = value.where
    if value.type is not Type.STRING:
        article = "an" if value.type is Type.INT else "a"
        flaw = Flaw(where, f"it is {article} {value.type}, and must be a string")
        yield Ignore(where, (), own, flaws=(flaw,), around=own.rows)
        return
    parts = [part for part in APART.split(value.text) if part.strip()]
    for part in parts or [""]:
        rules, _, reason = part.partition(":")
        said = terms(tuple(words(rules, where)), where, FORM)
        yield Ignore(
            where, said.rules, own, " ".join(reason.split()), said.until, said.flaws, own.rows
        )
