"""Who sets the number of pods at run time: Kubernetes' autoscaler and KEDA's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Value
from meshlint.resources.document import Document, Meta
from meshlint.resources.number import absent, whole
from meshlint.resources.reader import reads
from meshlint.unread import Unread

PAUSED = "autoscaling.keda.sh/paused-replicas"
"""The annotation by which KEDA keeps its target at a number, whatever its triggers say."""

ALWAYS = frozenset({"cpu", "memory"})
"""KEDA's triggers that need pods to measure: with no other one KEDA never goes below one pod."""


@dataclass(frozen=True, slots=True)
class Scaler:
    """A HorizontalPodAutoscaler, or a ScaledObject of KEDA's.

    `kind` and `name` are those of its target, which is in its own namespace. `minimum` is None
    where it is left out: an HPA then has 1 and a ScaledObject 0. `idle` is KEDA's
    idleReplicaCount. `sources` are the types of its metrics or triggers, in lower case, as far
    as they are known; `vague` is True where a metric is not.
    """

    meta: Meta
    partial: Unread | None
    kind: str
    name: Value | None
    minimum: Value | None = None
    maximum: Value | None = None
    idle: Value | None = None
    sources: frozenset[str] = frozenset()
    vague: bool = False

    @property
    def keda(self) -> bool:
        """Whether it is a ScaledObject."""
        return self.meta.subject.kind == "ScaledObject"

    @property
    def least(self) -> int | None:
        """The fewest pods that it asks for while something is going on; None if not known."""
        default = 0 if self.keda else 1
        return default if absent(self.minimum) else whole(self.minimum)

    @property
    def most(self) -> int | None:
        """The most pods that it may ask for; None if not known."""
        return 100 if self.keda and absent(self.maximum) else whole(self.maximum)


@reads("HorizontalPodAutoscaler", hints=("istio",))
def autoscaler(document: Document) -> Iterator[Scaler]:
    """autoscaling/v1 scales by CPU alone, later versions by `metrics`, and by CPU without them."""
    root = document.root
    metrics = root.get("spec", "metrics")
    types = [item.field("type") for item in metrics.items()] if metrics else []
    known = [field.value.known for field in types if field]
    kind, name = (root.field("spec", "scaleTargetRef", key) for key in ("kind", "name"))
    if document.group == "autoscaling":
        yield Scaler(
            meta=document.meta,
            partial=document.partial,
            kind=kind.value.text if kind else "",
            name=name.value if name else None,
            minimum=_value(document, "minReplicas"),
            maximum=_value(document, "maxReplicas"),
            sources=frozenset(text.lower() for text in known if text),
            vague=len(known) < len(types) or None in known or _unlisted(document, "metrics"),
        )


@reads("ScaledObject", hints=("istio",))
def scaled_object(document: Document) -> Iterator[Scaler]:
    """KEDA 2 (keda.sh), and KEDA 1 (keda.k8s.io), which names a Deployment otherwise."""
    root = document.root
    triggers = root.get("spec", "triggers")
    types = [item.field("type") for item in triggers.items()] if triggers else []
    known = [field.value.known for field in types if field]
    kind, name = (root.field("spec", "scaleTargetRef", key) for key in ("kind", "name"))
    name = name or root.field("spec", "scaleTargetRef", "deploymentName")
    if document.group in ("keda.sh", "keda.k8s.io"):
        yield Scaler(
            meta=document.meta,
            partial=document.partial,
            kind=kind.value.text if kind else "Deployment",
            name=name.value if name else None,
            minimum=_value(document, "minReplicaCount"),
            maximum=_value(document, "maxReplicaCount"),
            idle=_value(document, "idleReplicaCount"),
            sources=frozenset(text.lower() for text in known if text),
        )


def _value(document: Document, key: str) -> Value | None:
    field = document.root.field("spec", key)
    return field.value if field else None


def _unlisted(document: Document, key: str) -> bool:
    """Whether something else than a list stands where one belongs."""
    node = document.root.get("spec", key)
    return node is not None and not node.is_list
