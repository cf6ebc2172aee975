"""The mesh as a report draws it: namespaces, revisions and tags, control planes, by cluster.

Plain data, which the engine fills in when a format asks for it: reports know no mesh.
"""

from __future__ import annotations

from dataclasses import dataclass

from meshlint.finding import Location

INJECTED, NOT_INJECTED, UNKNOWN = VERDICTS = ("injected", "not injected", "unknown")
"""The verdicts in the words of meshlint.mesh.decision."""


@dataclass(frozen=True, slots=True)
class Flow:
    """How many workloads of a namespace end alike, and who injects them.

    `tag` is the revision tag by which they reach the revision; both are "" where nobody injects,
    or where it cannot be said who does. `workloads` is 0 in a namespace of which the scan has
    none: what a pod without labels of its own would get there.
    """

    verdict: str
    tag: str
    revision: str
    workloads: int


@dataclass(frozen=True, slots=True)
class Home:
    """A namespace; `name` is "" for workloads that name none.

    `labels` are those that injection depends on, as `key=value`; `where` is where its manifest
    stands, None where it is not in the scan. A workload that reaches the cluster in several ways
    counts once in `workloads`, and once in each flow that it is part of.
    """

    name: str
    labels: tuple[str, ...]
    where: Location | None
    workloads: int
    flows: tuple[Flow, ...]

    @property
    def verdict(self) -> str:
        """That of all workloads; "" where they do not all end alike."""
        found = {flow.verdict for flow in self.flows}
        return found.pop() if len(found) == 1 else ""

    @property
    def asks(self) -> bool:
        """Whether its labels want sidecars, as far as words go: even one that is misspelled does.

        Only `disabled` says that none is wanted.
        """
        keys = ("istio-injection=", "istio.io/rev=")
        wants = any(label.startswith(keys) for label in self.labels)
        return wants and "istio-injection=disabled" not in self.labels

    def number(self, verdict: str) -> int:
        """The workloads with a verdict."""
        return sum(flow.workloads for flow in self.flows if flow.verdict == verdict)


@dataclass(frozen=True, slots=True)
class Ending:
    """What becomes of the pods of one workload, and the step that says most of why.

    `workload` is its kind and name, `home` its namespace ("" if it names none), `where` where it
    stands, `by` the revision and tag in words.
    """

    home: str
    workload: str
    verdict: str
    by: str
    because: str
    where: Location | None


@dataclass(frozen=True, slots=True)
class Tag:
    """A revision tag; `revision` is "" where it is not known to which one it points."""

    name: str
    revision: str


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision, and the document that tells of it: what kind it is, the object, its version.

    `proven` is False where only webhooks or other traces are left, or nothing is in the scan.
    """

    name: str
    plane: str
    subject: str
    version: str
    proven: bool


@dataclass(frozen=True, slots=True)
class Cluster:
    """A part of the tree that is one cluster, as `meshlint why` names it."""

    name: str
    homes: tuple[Home, ...]
    tags: tuple[Tag, ...]
    revisions: tuple[Revision, ...]
    endings: tuple[Ending, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """All clusters, and what would settle the unknown verdicts: words, and for how many."""

    clusters: tuple[Cluster, ...] = ()
    settle: tuple[tuple[str, int], ...] = ()
