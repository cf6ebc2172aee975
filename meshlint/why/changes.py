"""What has become of injection between two states of a tree, workload by workload."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from meshlint.mesh.inject import Reason, Verdict, decide
from meshlint.mesh.model import Mesh
from meshlint.resources.workload import Workload
from meshlint.unread import Unread
from meshlint.why.answer import labels, unit


class Change(StrEnum):
    """In words that read on after the name of a workload; the worst first."""

    REFUSED = "is refused by the injector"
    LOST = "loses its sidecar"
    MOVED = "moves to another revision"
    UNKNOWN = "is no longer known"
    GAINED = "gains a sidecar"
    ADMITTED = "is no longer refused"
    SETTLED = "is known now"
    ADDED = "is new"
    REMOVED = "is gone"


@dataclass(frozen=True, slots=True)
class State:
    """A verdict, the revision that injects where it is known, and the steps that led there.

    Where there is another state to compare with, they are those that the other has not.
    """

    verdict: Verdict
    revision: str | None
    denied: bool
    steps: tuple[Reason, ...]

    @property
    def words(self) -> str:
        """`injected by 1-29`, `not injected`, `denied`."""
        if self.denied:
            return "denied"
        by = f" by {self.revision}" if self.revision and self.verdict is Verdict.INJECTED else ""
        return f"{self.verdict}{by}"

    def like(self, other: State) -> bool:
        """Whether pods come out alike."""
        return self.words == other.words

    def without(self, other: State | None) -> State:
        """With those steps alone that make the difference."""
        known = {step.text for step in other.steps} if other else set()
        return replace(self, steps=tuple(step for step in self.steps if step.text not in known))


@dataclass(frozen=True, slots=True)
class Turn:
    """One workload on one way to a cluster; `before` or `after` is None where it is not there."""

    change: Change
    workload: Workload
    before: State | None
    after: State | None


Key = tuple[str, str, str, str, str]
"""Group, kind, namespace and name of a workload, and the unit that applies it."""


def turns(old: Mesh, new: Mesh, namespace: str | None = None) -> tuple[list[Turn], int]:
    """What changes, the worst first, and how many ways of workloads to clusters stay alike.

    `namespace` is the one to look at, None for all.
    """
    before, after = _by_key(old), _by_key(new)
    found, alike = [], 0
    for key in sorted(key for key in {*before, *after} if namespace in (None, key[2])):
        for was, now in _pairs(before[key], after[key]):
            turn = _turn(old, was, new, now)
            alike += turn is None
            found += [turn] if turn else []
    return sorted(found, key=lambda turn: list(Change).index(turn.change)), alike


def _by_key(mesh: Mesh) -> defaultdict[Key, list[Workload]]:
    found: defaultdict[Key, list[Workload]] = defaultdict(list)
    for workload in mesh.workloads:
        if workload.partial is not Unread.PATCH:
            own = workload.meta.subject
            group = own.api_version.rpartition("/")[0]
            found[group, own.kind, own.namespace, own.name, unit(workload)].append(workload)
    return found


def _pairs(
    before: list[Workload], after: list[Workload]
) -> Iterator[tuple[Workload | None, Workload | None]]:
    """Copies of one object, those in the same file together; then the others in their order."""
    files = {w.meta.where.path: w for w in before}
    same = [(files[w.meta.where.path], w) for w in after if w.meta.where.path in files]
    yield from same
    old = [w for w in before if not any(w is was for was, _ in same)]
    new = [w for w in after if not any(w is now for _, now in same)]
    number = max(len(old), len(new))
    yield from zip(_filled(old, number), _filled(new, number), strict=True)


def _filled(some: list[Workload], number: int) -> Iterable[Workload | None]:
    return (*some, *(None for _ in range(number - len(some))))


def _turn(old: Mesh, was: Workload | None, new: Mesh, now: Workload | None) -> Turn | None:
    before = _state(old, was) if was else None
    after = _state(new, now) if now else None
    workload = now or was
    if workload is None or (before and after and before.like(after)):
        return None
    apart = (before.without(after) if before else None, after.without(before) if after else None)
    return Turn(_change(before, after), workload, *apart)


def _state(mesh: Mesh, workload: Workload) -> State:
    decision = decide(mesh, workload)
    steps = dict.fromkeys((*labels(mesh, workload), *decision.because))
    return State(decision.verdict, decision.revision, decision.denied is not None, tuple(steps))


def _change(before: State | None, after: State | None) -> Change:
    if before is None:
        return Change.ADDED
    if after is None:
        return Change.REMOVED
    if after.denied:
        return Change.REFUSED
    if after.verdict is before.verdict is Verdict.INJECTED:
        return Change.MOVED
    if after.verdict is Verdict.UNKNOWN:
        return Change.UNKNOWN
    if before.verdict is Verdict.UNKNOWN:
        return Change.SETTLED
    if after.verdict is Verdict.INJECTED:
        return Change.GAINED
    return Change.ADMITTED if before.denied else Change.LOST
