"""Whether a workload's pods get a sidecar: the one decision that every rule asks.

Two layers, as in a cluster: which webhooks the API server calls (calls.py), then what the injector
does with the pod (outcome.py). A verdict is given where all worlds agree that fit the scan.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from meshlint.finding import Field
from meshlint.mesh.calls import called, candidates
from meshlint.mesh.decision import Call, Decision, Reason, Verdict
from meshlint.mesh.doubt import doubts
from meshlint.mesh.model import Home, Mesh
from meshlint.mesh.outcome import Fate, Outcome, by_membership, orphaned, outcome
from meshlint.mesh.plane import Plane
from meshlint.mesh.pod import labels_of_pods
from meshlint.mesh.selector import Labels
from meshlint.mesh.stock import NOWHERE
from meshlint.resources.keys import (
    DATAPLANE_MODE,
    IGNORED_NAMESPACES,
    INJECT,
    INJECTION,
    REVISION,
    TEMPLATES,
)
from meshlint.resources.workload import Workload

__all__ = ["Call", "Decision", "Reason", "Verdict", "called", "candidates", "decide"]


def decide(mesh: Mesh, workload: Workload) -> Decision:
    """What becomes of the pods of a workload."""
    home, plane = mesh.home(workload), mesh.plane(workload.meta.at)
    pod = labels_of_pods(workload)
    calls = called(plane, home.labels, pod)
    refused = _refused(workload, home)
    if refused:
        return Decision(Verdict.NOT_INJECTED, calls, (refused,))
    if not calls:
        return Decision(Verdict.NOT_INJECTED, (), tuple(_uncalled(workload, home)))
    outcomes = _outcomes(plane, calls, workload, pod)
    fates = _fates(calls, outcomes)
    if len(fates) == 1:
        return _settled(workload, home, calls, outcomes, *fates)
    unsettled = _unsettled(plane, workload, home, calls, outcomes)
    return Decision(Verdict.UNKNOWN, calls, (*_matched(calls), *unsettled))


def _settled(
    workload: Workload,
    home: Home,
    calls: tuple[Call, ...],
    outcomes: Sequence[Outcome],
    fate: Fate,
) -> Decision:
    """What becomes of the pods in every world."""
    matched, steps = tuple(_matched(calls)), _steps(fate, calls, outcomes)
    if fate is Fate.INJECTED:
        why = (*matched, *_besides(workload, home), *steps)
        return Decision(Verdict.INJECTED, calls, why)
    if fate is Fate.DENIED:
        return Decision(Verdict.NOT_INJECTED, calls, (*matched, *steps), steps[-1])
    why = (*matched, *_ambient(workload, home), *steps)
    return Decision(Verdict.NOT_INJECTED, calls, why)


def _outcomes(
    plane: Plane, calls: Sequence[Call], workload: Workload, pod: Labels
) -> tuple[Outcome, ...]:
    """What each called injector does; the hooks of one injector are not asked one by one."""
    keys = [(call.revision, by_membership(call), orphaned(plane, call)) for call in calls]
    injectors = dict(zip(keys, calls, strict=True))
    known = {key: outcome(plane, call, workload, pod) for key, call in injectors.items()}
    return tuple(known[key] for key in keys)


def _fates(calls: Sequence[Call], outcomes: Sequence[Outcome]) -> frozenset[Fate]:
    """What may become of the pods: of all injectors that are called, the greatest fate prevails."""
    found = frozenset({Fate.LEFT})
    for call, one in zip(calls, outcomes, strict=True):
        fates = one.fates if call.sure else one.fates | {Fate.LEFT}
        found = frozenset(max(a, b) for a in found for b in fates)
    return found


def _steps(fate: Fate, calls: Sequence[Call], outcomes: Sequence[Outcome]) -> tuple[Reason, ...]:
    """What the injectors do that decide; of those that are only maybe called, if none is sure."""
    pairs = [(c.sure, o) for c, o in zip(calls, outcomes, strict=True) if o.fates == {fate}]
    sure = [one for certain, one in pairs if certain]
    chosen = sure or [one for _, one in pairs]
    decisive = chosen if fate is Fate.LEFT else chosen[:1]
    return tuple(dict.fromkeys(step for one in decisive for step in one.steps))


def _unsettled(
    plane: Plane,
    workload: Workload,
    home: Home,
    calls: Sequence[Call],
    outcomes: Sequence[Outcome],
) -> tuple[Reason, ...]:
    """What is not known: whether webhooks are called that would do something, else what they do."""
    doing = [c for c, o in zip(calls, outcomes, strict=True) if o.fates != {Fate.LEFT}]
    steps = [s for o in outcomes if len(o.fates) > 1 for s in o.steps]
    unsure = list(doubts(plane, workload, home, [call for call in doing if not call.sure]))
    if any(call.sure for call in calls) or not unsure:
        found = (*unsure, *steps)
    else:
        found = (*unsure, *_ambient(workload, home))
    return tuple({reason.text: reason for reason in found}.values())


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


def _uncalled(workload: Workload, home: Home) -> Iterator[Reason]:
    """The labels that keep every webhook away."""
    pod = workload.pod.labels
    field = pod.get(INJECT)
    if field is not None and field.value.text == "false":
        yield Reason(f'{INJECT} is "false"', field.value.where)
        yield from _ambient(workload, home)
        return
    yield from _ambient(workload, home)
    yield from _namespace(home)
    yield Reason("no injection webhook matches", workload.pod.where)
    for own in (pod[key] for key in (REVISION, INJECT) if key in pod):
        yield Reason(f"the pods have {own.key.text}={own.value.text}", own.value.where)


def _namespace(home: Home) -> Iterator[Reason]:
    """What is sure of the labels of a namespace that decide."""
    for key in (INJECTION, REVISION):
        labels = (copy.meta.labels[key] for copy in home.copies if key in copy.meta.labels)
        label = next(labels, None)
        if label is not None and isinstance(home.labels.state(key), str):
            text = f"namespace {home.name} has {key}={label.value.text}"
            yield Reason(text, label.value.where)
    bare = all(home.labels.has(key) is False for key in (INJECTION, REVISION))
    if bare and home.copies:
        text = f"namespace {home.name} has no injection label"
        yield Reason(text, home.copies[0].meta.where)


def _matched(calls: Sequence[Call]) -> Iterator[Reason]:
    for call in calls:
        if call.sure:
            where = None if call.hook.where is NOWHERE else call.hook.where
            yield Reason(f"webhook {call.hook.full_name} matches", where)


def _besides(workload: Workload, home: Home) -> Iterator[Reason]:
    """What else is to be said of pods that are injected."""
    field = workload.pod.annotations.get(TEMPLATES)
    if field is not None and field.value.known:
        image = workload.auto_image
        fills = " and gives container istio-proxy its image" if image else ""
        text = f"template {field.value.text} ({TEMPLATES}) makes the proxy{fills}"
        yield Reason(text, field.value.where)
    elif workload.auto_image is not None:
        image = workload.auto_image
        yield Reason("the injector gives container istio-proxy its image", image.where)
    mode = _ambient_mode(workload, home)
    if mode is not None:
        text = f"pods with a sidecar leave ambient mode, for which {DATAPLANE_MODE}=ambient asks"
        yield Reason(text, mode.value.where)


def _ambient(workload: Workload, home: Home) -> Iterator[Reason]:
    """Of pods without a sidecar."""
    mode = _ambient_mode(workload, home)
    if mode is not None:
        own = mode == workload.pod.labels.get(DATAPLANE_MODE)
        who = "the pod" if own else f"namespace {home.name}"
        yield Reason(f"{who} takes part in ambient mode, which needs no sidecar", mode.value.where)


def _ambient_mode(workload: Workload, home: Home) -> Field | None:
    """The label by which pods are in ambient mode, where that is known.

    The pod's own counts, and `none` on it keeps it out (istio/istio
    manifests/charts/istio-cni/values.yaml, enablementSelectors).
    """
    own = workload.pod.labels.get(DATAPLANE_MODE)
    mode = own.value.known if own else ""
    if mode == "ambient":
        return own
    if mode in (None, "none") or home.labels.state(DATAPLANE_MODE) != "ambient":
        return None
    labels = (copy.meta.labels.get(DATAPLANE_MODE) for copy in home.copies)
    return next((label for label in labels if label), None)
