"""Whether a workload's pods get a sidecar: the one decision that every rule asks.

Two layers, as in a cluster: which webhooks the API server calls (selectors over the labels of the
Namespace and of the pod), then what the injector does with the pod
(istio/istio pkg/kube/inject/inject.go, injectRequired).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from meshlint.finding import Location
from meshlint.mesh.model import Home, Mesh
from meshlint.mesh.plane import Plane
from meshlint.mesh.selector import UNKNOWN, Labels, both, labels_of, matches
from meshlint.mesh.stock import NOWHERE, auto_hook, hooks_of
from meshlint.resources.control_plane import DEFAULT
from meshlint.resources.keys import IGNORED_NAMESPACES, INJECT, INJECTION, REVISION
from meshlint.resources.webhook import Configuration, Hook
from meshlint.resources.workload import Workload

ANY = "?"
"""Stands for a revision that nobody has named; no label can have this value."""


class Verdict(StrEnum):
    """Unknown is an answer: some worlds that are compatible with the scan say yes, some no."""

    INJECTED = "injected"
    NOT_INJECTED = "not injected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reason:
    """A step of the decision; `where` is None for what no file of the tree says."""

    text: str
    where: Location | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A webhook that the API server calls for the pod.

    `configuration` is None for one that Istio's charts would render. `revision` is that of the
    istiod behind it, None where its configuration does not say. `sure` is False for a webhook
    that may or may not match.
    """

    hook: Hook
    configuration: Configuration | None
    revision: str | None
    sure: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict, the webhooks called (or maybe called), and why."""

    verdict: Verdict
    calls: tuple[Call, ...]
    because: tuple[Reason, ...]

    @property
    def revision(self) -> str | None:
        """The one revision that injects; None if there is none, or more than one."""
        found = {call.revision for call in self.calls if call.sure}
        return found.pop() if len(found) == 1 else None


def decide(mesh: Mesh, workload: Workload) -> Decision:
    """What becomes of the pods of a workload."""
    home = mesh.home(workload)
    pod = labels_of(workload.pod.labels, partial=workload.partial is not None or workload.borrowed)
    calls = called(mesh.plane(workload.meta.at), home.labels, pod)
    refused = _refused(workload, home)
    if refused:
        return Decision(Verdict.NOT_INJECTED, calls, (refused,))
    if not calls:
        return Decision(Verdict.NOT_INJECTED, (), tuple(_uncalled(workload, home)))
    if not any(call.sure for call in calls):
        return Decision(Verdict.UNKNOWN, calls, tuple(_undecided(workload, home, pod, calls)))
    verdict, reason = _asked(workload, pod, mesh.plane(workload.meta.at).selective)
    return Decision(verdict, calls, (*_matched(calls), reason))


def called(plane: Plane, namespace: Labels, pod: Labels) -> tuple[Call, ...]:
    """The webhooks that match, surely or maybe: those in the tree, then the charts' own.

    A webhook that the charts would render counts for a revision or tag that is known and has no
    configuration in the tree; where more revisions may exist than are known, it may match too.
    """
    return tuple(_match(candidates(plane, namespace, pod), namespace, pod))


def candidates(plane: Plane, namespace: Labels, pod: Labels) -> Iterator[Call]:
    """The webhooks that may be called, before their selectors are asked."""
    yield from _present(plane)
    yield from _assumed(plane, namespace, pod)


def _match(candidates: Iterable[Call], namespace: Labels, pod: Labels) -> Iterator[Call]:
    for call in candidates:
        hook = call.hook
        condition = None if hook.conditional else True
        sides = (matches(hook.namespace_selector, namespace), matches(hook.object_selector, pod))
        answer = both((*sides, condition))
        if answer is not False:
            yield Call(hook, call.configuration, call.revision, call.sure and answer is True)


def _present(plane: Plane) -> Iterator[Call]:
    for configuration in plane.injectors:
        revision = configuration.meta.label(REVISION)
        for hook in configuration.hooks:
            if hook.for_pods:
                yield Call(hook, configuration, revision, configuration.partial is None)


def _assumed(plane: Plane, namespace: Labels, pod: Labels) -> Iterator[Call]:
    asked = {labels.state(REVISION) for labels in (namespace, pod)}
    for name in sorted(
        {DEFAULT, *(value for value in asked if isinstance(value, str))} - plane.served
    ):
        sure = name in plane.strong or name in plane.tags
        if sure or plane.known(name) or not plane.closed:
            revision = _target(plane, name) or name
            for hook in hooks_of(name):
                yield Call(hook, None, revision, sure)
            if name == DEFAULT:
                yield Call(auto_hook(), None, revision, False)
    if UNKNOWN in asked and not plane.closed:
        yield from (Call(hook, None, None, False) for hook in hooks_of(ANY))


def _target(plane: Plane, name: str) -> str | None:
    targets = {tag.target.known for tag in plane.tags.get(name, ()) if tag.target}
    return targets.pop() if len(targets) == 1 else None


def _refused(workload: Workload, home: Home) -> Reason | None:
    """What the injector refuses whatever the labels say."""
    host = workload.host_network
    if host:
        return Reason("spec.hostNetwork is true, and such pods are never injected", host.where)
    if home.name in IGNORED_NAMESPACES:
        namespace = workload.meta.namespace
        where = namespace.where if namespace else None
        return Reason(f"namespace {home.name} is never injected", where)
    return None


def _asked(workload: Workload, pod: Labels, selective: bool) -> tuple[Verdict, Reason]:
    """The pod's own word, once the injector is called: the label, else the annotation."""
    field = workload.pod.labels.get(INJECT) or workload.pod.annotations.get(INJECT)
    if INJECT in pod.unknown or (pod.open and field is None):
        return Verdict.UNKNOWN, Reason("the pod's labels are not fully known", workload.pod.where)
    if field is None or field.value.text == "":
        verdict = Verdict.UNKNOWN if selective else Verdict.INJECTED
        return verdict, Reason("the pod leaves it to the injector's policy")
    if field.value.text == "true":
        return Verdict.INJECTED, Reason(f'{INJECT} is "true"', field.value.where)
    if field.value.text == "false":
        return Verdict.NOT_INJECTED, Reason(f'{INJECT} is "false"', field.value.where)
    return Verdict.UNKNOWN, Reason(
        f"{INJECT} is neither true nor false: Istio before 1.27 declines, later ones inject",
        field.value.where,
    )


def _uncalled(workload: Workload, home: Home) -> Iterator[Reason]:
    """The labels that keep every webhook away."""
    field = workload.pod.labels.get(INJECT)
    if field is not None and field.value.text == "false":
        yield Reason(f'{INJECT} is "false"', field.value.where)
        return
    for namespace in home.copies[:1]:
        labels = namespace.meta.labels
        found = [labels[key] for key in (INJECTION, REVISION) if key in labels]
        for label in found:
            text = f"namespace {home.name} has {label.key.text}={label.value.text}"
            yield Reason(text, label.value.where)
        if not found:
            yield Reason(f"namespace {home.name} has no injection label", namespace.meta.where)
    yield Reason("no injection webhook matches", workload.pod.where)


def _undecided(
    workload: Workload, home: Home, pod: Labels, calls: tuple[Call, ...]
) -> Iterator[Reason]:
    """What is not known, each with what would settle it."""
    if not home.name:
        yield Reason("the namespace is not known: metadata.namespace is not set")
    elif not home.copies:
        yield Reason(f"Namespace {home.name} is not in the scanned tree")
    for key in (INJECTION, REVISION):
        for namespace in home.copies[:1]:
            if key in home.labels.unknown:
                text = f"copies or patches of Namespace {home.name} disagree on {key}"
                yield Reason(text, namespace.meta.where)
    for key in (INJECT, REVISION):
        if key in pod.unknown:
            yield Reason(f"{key} of the pod is a placeholder", workload.pod.labels[key].value.where)
    missing = [c.revision for c in calls if c.configuration is None and c.revision is not None]
    if missing:
        yield Reason(f"revision {missing[0]} is not in the scanned tree")
    if any(call.hook.conditional for call in calls):
        yield Reason("a webhook has matchConditions, which are not evaluated")


def _matched(calls: tuple[Call, ...]) -> Iterator[Reason]:
    for call in calls:
        if call.sure:
            where = None if call.hook.where is NOWHERE else call.hook.where
            yield Reason(f"webhook {call.hook.full_name} matches", where)
