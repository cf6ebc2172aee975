"""What is known of one workload's injection, as every format shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import dirname

from meshlint.finding import Field, Location
from meshlint.mesh.calls import ANY
from meshlint.mesh.inject import Call, Decision, Reason, Verdict, decide
from meshlint.mesh.model import Mesh
from meshlint.mesh.selector import State
from meshlint.mesh.trial import Trial, trials
from meshlint.resources.control_plane import DEFAULT, Revision
from meshlint.resources.keys import DATAPLANE_MODE, INJECT, INJECTION, REVISION, TAG
from meshlint.resources.webhook import Expression
from meshlint.resources.workload import Workload


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict, who injects, and each step with the place that it rests on.

    `via` is the webhook that is called, or may be; `tag` the revision tag by which it is reached;
    `revision` the control plane behind it, of which `planes` are the documents that prove it.
    `unit` is who applies the workload, "" for its own file; `scope` the part of the tree that was
    looked at.
    """

    workload: Workload
    verdict: Verdict
    tag: str | None
    revision: str | None
    via: str
    unit: str
    planes: tuple[Revision, ...]
    scope: str
    because: tuple[Reason, ...]
    steps: tuple[Reason, ...]


def answer(mesh: Mesh, workload: Workload) -> Answer:
    """The decision for a workload, told step by step."""
    decision = decide(mesh, workload)
    # what webhooks matched is among the trials already
    last = decision.because[-1:] if any(c.sure for c in decision.calls) else decision.because
    site = workload.meta.at
    found = mesh.plane(site).strong.get(decision.revision or "", ())
    return Answer(
        workload=workload,
        verdict=decision.verdict,
        tag=_tag(mesh, workload, decision),
        revision=decision.revision,
        via=_via(decision),
        unit=unit(workload),
        planes=found,
        scope=scope_of(*mesh.scope(site)),
        because=decision.because,
        steps=(*labels(mesh, workload), *map(_tried, trials(mesh, workload)), *last),
    )


def decisive(answer: Answer) -> Reason | None:
    """The one step that says most, for tables."""
    last = answer.verdict is Verdict.INJECTED
    return answer.because[-1 if last else 0] if answer.because else None


def unit(workload: Workload) -> str:
    """The kustomization, Application or cluster that applies a workload; "" for its own file."""
    site = workload.meta.at
    parts = [] if site.path == workload.meta.where.path else [dirname(site.path) or site.path]
    parts += [f"applied by {site.by}"] if site.by else []
    parts += [f"cluster {site.cluster}"] if site.cluster else []
    return ", ".join(parts)


def _tag(mesh: Mesh, workload: Workload, decision: Decision) -> str | None:
    """The tag that the called webhook belongs to; the label asks for it, or it is the default."""
    call = next((call for call in decision.calls if call.sure), None)
    if call is None:
        return None
    if call.configuration is not None:
        return call.configuration.meta.label(TAG)
    asked = _asked(mesh, workload, call)
    return asked if asked in mesh.plane(workload.meta.at).tags else None


def _asked(mesh: Mesh, workload: Workload, call: Call) -> str:
    """The name by which the labels reach one of the webhooks that Istio's charts would render."""
    labels = mesh.home(workload).labels
    pod = workload.pod.label(REVISION)
    states: tuple[State | None, ...] = (labels.state(REVISION), pod)
    legacy = isinstance(labels.state(INJECTION), str) or not call.hook.full_name.startswith("rev.")
    return next((s for s in states if isinstance(s, str) and not legacy), DEFAULT)


def _via(decision: Decision) -> str:
    """The webhook that decides, in the words of its configuration."""
    sure = [call for call in decision.calls if call.sure]
    if not sure:
        return ""
    call = sure[0]
    owner = call.configuration.meta.subject.name if call.configuration else "Istio's charts"
    more = f" and {len(sure) - 1} more" if len(sure) > 1 else ""
    return f"{call.hook.full_name} of {owner}{more}"


def scope_of(environment: str, directory: str) -> str:
    """A part of the tree in words: its environment, and the directory of its control planes."""
    parts = [part for part in (environment, directory) if part]
    return " with ".join(dict.fromkeys(parts)) or "the whole scan"


def labels(mesh: Mesh, workload: Workload) -> Iterator[Reason]:
    """The labels that selectors ask for, of the namespace and of the pods."""
    home = mesh.home(workload)
    for namespace in home.copies:
        labels = namespace.meta.labels
        fields = [labels[k] for k in (INJECTION, REVISION, DATAPLANE_MODE) if k in labels]
        text = f"namespace {home.name} has {_listed(fields)}"
        yield Reason(text, fields[0].value.where if fields else namespace.meta.where)
    if not home.copies:
        name = home.name or "of these pods"
        yield Reason(f"the namespace {name} is not in the scan, so its labels are not known")
    fields = [workload.pod.labels[k] for k in (INJECT, REVISION) if k in workload.pod.labels]
    where = fields[0].value.where if fields else workload.pod.where
    yield Reason(f"the pods have {_listed(fields)}", where)


def _listed(fields: list[Field]) -> str:
    shown = ", ".join(f"{field.key.text}={field.value.text}" for field in fields)
    return shown or "no injection label"


WORDS = {True: "matches", False: "does not match", None: "may match"}


def _tried(trial: Trial) -> Reason:
    """A webhook, its answer, and the clause that decides."""
    owner = trial.configuration.meta.subject.name if trial.configuration else "Istio's charts"
    text = f"webhook {trial.hook.full_name} of {owner} {WORDS[trial.answer]}"
    if trial.clause is None:
        return Reason(text, _place(trial.hook.where))
    return Reason(f"{text}: {trial.side} asks {_clause(trial.clause)}", _place(trial.clause.where))


def _clause(expression: Expression) -> str:
    texts = (value.text for value in expression.values)
    values = ", ".join("a revision that is not known" if t == ANY else t for t in texts)
    asked = f" [{values}]" if expression.values else ""
    return f"{expression.key} {expression.operator}{asked}"


def _place(where: Location) -> Location | None:
    """None for what Istio's charts would render: no file of the scan holds it."""
    return where if where.path else None
