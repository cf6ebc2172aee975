"""Where pods must have a sidecar, and where they must have none: by the one decision."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.checks import choosing, kinds
from meshlint.checks.registry import Given, check
from meshlint.finding import Hit, Location, Related, quoted
from meshlint.mesh.decision import Decision, Reason, Verdict
from meshlint.mesh.home import Home
from meshlint.mesh.selector import labels_of
from meshlint.resources.keys import IGNORED_NAMESPACES, INJECT, INJECTION, REVISION
from meshlint.resources.workload import Workload
from meshlint.rules.registry import View
from meshlint.rules.words import named

CHOSEN = {"namespaces": kinds.NAMESPACES, "pods": kinds.PODS}
CASES = {"unknown": "whether the pods are injected is not known"}
UNKNOWN = "unknown"
SHOWN = 3


@check(CHOSEN, CASES)
def injection_required(view: View, given: Given) -> Iterator[Hit]:
    """Pods that are sure to get no sidecar, where they must have one."""
    for workload, home in choosing.workloads(view, given):
        decision = view.decide(workload)
        if decision.verdict is Verdict.NOT_INJECTED and decision.denied is None:
            if _own(workload, decision.because) or not _disputed(view, workload, home):
                yield _left(workload, home, decision)
        elif decision.verdict is Verdict.UNKNOWN and UNKNOWN in given.cases:
            yield _unknown(workload, decision, "must have one")


@check(CHOSEN, CASES)
def injection_forbidden(view: View, given: Given) -> Iterator[Hit]:
    """Pods that are sure to get a sidecar, where they must have none."""
    for workload, home in choosing.workloads(view, given):
        decision = view.decide(workload)
        if decision.verdict is Verdict.INJECTED:
            if not _disputed(view, workload, home):
                yield _injected(workload, decision)
        elif decision.verdict is Verdict.UNKNOWN and UNKNOWN in given.cases:
            yield _unknown(workload, decision, "must have none")


def _disputed(view: View, workload: Workload, home: Home) -> bool:
    """Whether another file of the cluster gives the namespace other labels than the nearest one."""
    site = workload.meta.at
    others = (n for n in view.mesh.called(home.name) if view.mesh.together(site, n.meta.at))
    labels = [labels_of(other.meta.labels) for other in others]
    return any(
        own.has(key) and own.state(key) != home.labels.state(key)
        for own in labels
        for key in (INJECTION, REVISION)
    )


def _left(workload: Workload, home: Home, decision: Decision) -> Hit:
    sure = any(call.sure for call in decision.calls)
    deciding = decision.because[-1] if sure else decision.because[0]
    own = _own(workload, (deciding,))
    remedy = "Take that out." if own else _remedy(home)
    return Hit(
        f"The pods of {named(workload.meta.subject)} get no sidecar, and must have one:"
        f" {_said((deciding,))}. {remedy}",
        own or workload.meta.where,
        workload.meta.subject,
        _places(decision.because),
    )


def _remedy(home: Home) -> str:
    if home.name in IGNORED_NAMESPACES:
        return "Move them to another namespace."
    if any(home.labels.has(key) for key in (INJECTION, REVISION)):
        return "Change the label of the namespace."
    return "Label the namespace, or these pods, so that one is injected."


def _injected(workload: Workload, decision: Decision) -> Hit:
    labels = (workload.pod.labels.get(key) for key in (INJECT, REVISION))
    own = next((label for label in labels if label and label.value.text != "false"), None)
    deny = quoted(f'{INJECT}: "false"')
    remedy = f"Remove {quoted(own.key.text)}" if own else f"Label them {deny}"
    return Hit(
        f"The pods of {named(workload.meta.subject)} get a sidecar, and must have none:"
        f" {_said(decision.because)}. {remedy}, or have their namespace left out.",
        own.value.where if own else workload.meta.where,
        workload.meta.subject,
        _places(decision.because),
    )


def _unknown(workload: Workload, decision: Decision, demand: str) -> Hit:
    open_ones = tuple(reason for reason in decision.because if reason.settle)
    settle = f" To settle it, {open_ones[0].settle}." if open_ones else ""
    return Hit(
        f"The pods of {named(workload.meta.subject)} may get a sidecar or not, and {demand}:"
        f" {_said(open_ones or decision.because)}.{settle}",
        workload.meta.where,
        workload.meta.subject,
        _places(open_ones),
        case=UNKNOWN,
    )


def _said(reasons: tuple[Reason, ...]) -> str:
    return "; ".join(dict.fromkeys(reason.text for reason in reasons[:SHOWN])) or "nothing tells"


def _own(workload: Workload, reasons: tuple[Reason, ...]) -> Location | None:
    """The place in the workload itself that a reason speaks of."""
    pod = workload.pod
    values = [f.value.where for f in (*pod.labels.values(), *pod.annotations.values())]
    values += [workload.host_network.where] if workload.host_network else []
    return next((reason.where for reason in reasons if reason.where in values), None)


def _places(reasons: tuple[Reason, ...]) -> tuple[Related, ...]:
    found = (Related(reason.text, reason.where) for reason in reasons if reason.where)
    return tuple(place for place in found if place.where.path)[:SHOWN]
