"""PodDisruptionBudgets: how many pods may be taken away at a time, as when a node is drained."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Type, Value
from meshlint.resources.document import Document, Meta
from meshlint.resources.label_selector import Selector, selector
from meshlint.resources.number import absent, whole
from meshlint.resources.reader import reads
from meshlint.unread import Unread

PERCENT = re.compile(r"([0-9]{1,3})%\Z")


@dataclass(frozen=True, slots=True)
class Budget:
    """A budget with one of its limits, as written; None where it is left out.

    `selector` is None where it takes no pods: it is left out, or empty in policy/v1beta1.
    """

    meta: Meta
    partial: Unread | None
    minimum: Value | None = None
    maximum: Value | None = None
    selector: Selector | None = None

    @property
    def limit(self) -> Value | None:
        """The one limit that it has; None where it has none, or both, which is refused."""
        given = [value for value in (self.minimum, self.maximum) if not absent(value)]
        return given[0] if len(given) == 1 else None

    def spares(self, pods: int) -> int | None:
        """How many of so many healthy pods may go; None where the limit is not known.

        Percentages are of all pods and rounded up (pkg/controller/disruption).
        """
        limit = self.limit
        part = _part(limit, pods) if limit else None
        if part is None:
            return None
        return max(0, pods - part) if limit is self.minimum else part


def _part(limit: Value, pods: int) -> int | None:
    """A number of pods, or so many percent of them."""
    match = PERCENT.match(limit.known or "")
    return -(-int(match.group(1)) * pods // 100) if match else whole(limit)


@reads("PodDisruptionBudget", hints=("istio",))
def budget(document: Document) -> Iterator[Budget]:
    """policy/v1 and policy/v1beta1."""
    root = document.root
    node = root.get("spec", "selector")
    low, high = (root.field("spec", key) for key in ("minAvailable", "maxUnavailable"))
    chosen = None if node is None or node.value().type is Type.NULL else selector(node)
    if chosen and not chosen.expressions and document.api_version != "policy/v1":
        chosen = None
    if document.group == "policy":
        yield Budget(
            meta=document.meta,
            partial=document.partial,
            minimum=low.value if low else None,
            maximum=high.value if high else None,
            selector=chosen,
        )
