"""YAML inside of YAML: texts that are documents of their own, as in ConfigMaps and for charts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from meshlint.source.node import Node
from meshlint.source.parse import parse
from meshlint.source.split import Slice

BLOCK_HEAD = re.compile(
    r"(?:-[ \t]+)?(?:[\w.\"'-]+:[ \t]+)?(?:[&!]\S+[ \t]+)*[|>][-+0-9]*\s*(?:#|$)"
)
QUOTED_MARK = re.compile(r"[\"'][^\"']*\{\{")
CHARTS = re.compile(
    r"\{\{[^}]*(?:\B\.(?:Files|Release|Chart|Capabilities|Template)\b"
    r"|\b(?:include|tpl|lookup)[ \t])"
)
"""What Helm gives to the templates of a chart, and no injector to its own."""


def nested(node: Node) -> Node:
    """The root of a text that is YAML by itself. Only blocks keep the lines of the file.

    Raises:
        Unparsable: it is not.
    """
    piece = node.inner if node.block is not None else Slice(node.value().text, 0, 1)
    return parse(node.page.path, piece)


def unrendered(text: str) -> bool:
    """Whether YAML that may hold templates as texts is a chart's, and itself yet to be rendered."""
    if "{{" not in text:
        return False
    if CHARTS.search(text):
        return True
    return any("{{" in line and not QUOTED_MARK.search(line) for line in _outside(text))


def _outside(text: str) -> Iterator[str]:
    """The lines that are not inside of block scalars."""
    limit: int | None = None
    for line in text.splitlines():
        bare = line.lstrip(" ")
        depth = len(line) - len(bare)
        if limit is not None and (not bare or depth > limit):
            continue
        limit = depth if BLOCK_HEAD.match(bare) else None
        yield line
