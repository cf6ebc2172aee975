"""Values of injection labels that mean something else than they say."""

from __future__ import annotations

import re
from collections.abc import Iterator

from meshlint.finding import Field, Fix, Hit, quoted
from meshlint.mesh.inject import Decision, Verdict
from meshlint.mesh.selector import labels_of, matches
from meshlint.resources.keys import INJECT, INJECTION, REVISION
from meshlint.resources.namespace import Namespace
from meshlint.resources.workload import Workload
from meshlint.rules.labels.trying import answered, enabled
from meshlint.rules.meaning import NO, YES, spelled
from meshlint.rules.mending import of_pods, remove, rewrite, stands
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.spelling import distance
from meshlint.rules.words import entry, see

LEGAL = re.compile(r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?\Z")
"""What the API server takes for a label's value."""

IGNORES_JUNK = (1, 27)
"""The version from which the injector takes only exact values (istio/istio#56737)."""


@mesh_rule
def namespace_injection_value(view: View) -> Iterator[Hit]:
    """Only the exact word `enabled` injects; any other value blocks, whatever the pods ask for."""
    for namespace in view.mesh.namespaces:
        field = namespace.meta.labels.get(INJECTION)
        value = field.value.known if field else None
        if not field or value in (None, "enabled", "disabled") or _selected(view, namespace):
            continue
        wish = _wish(field.value.text)
        revision = namespace.meta.labels.get(REVISION)
        yield Hit(
            f"{_off(field, namespace.meta.subject.name)} {_instead(wish, revision)}",
            field.value.where,
            namespace.meta.subject,
            (see(namespace.meta.subject, revision.value.where),) if revision else (),
            case=None if wish == "enabled" else "off",
            fix=_said(view, namespace, field, wish),
        )


def _off(field: Field, name: str) -> str:
    if not LEGAL.match(field.value.text):
        return f"{entry(field)} is no legal label value: the API server refuses it."
    return (
        f"{entry(field)} switches injection off in namespace {quoted(name)}: only the exact value"
        " 'enabled' injects, and any other also keeps pods from opting in by themselves."
    )


def _selected(view: View, namespace: Namespace) -> bool:
    """Whether webhooks in the tree may take the namespace as it is, as very old ones do."""
    labels = labels_of(namespace.meta.labels, partial=namespace.partial is not None)
    whole = (c for c in view.mesh.plane(namespace.meta.at).injectors if not c.partial)
    hooks = (hook for configuration in whole for hook in configuration.live_hooks)
    return any(matches(hook.namespace_selector, labels) is not False for hook in hooks)


def _wish(value: str) -> str | None:
    """What a value was meant to say, where that can be told."""
    plain = value.strip().lower()
    if plain in YES or distance(plain, "enabled") <= 2:
        return "enabled"
    return "disabled" if plain in NO or distance(plain, "disabled") <= 2 else None


def _instead(wish: str | None, revision: Field | None) -> str:
    if wish == "enabled" and revision:
        return f"Remove the label, so that {entry(revision)} counts."
    return f"Write {quoted(wish)}." if wish else "Write 'enabled' or 'disabled'."


def _said(view: View, namespace: Namespace, field: Field, wish: str | None) -> Fix | None:
    """The word that was meant. No pod gets a sidecar by `disabled`, nor asks for one in vain."""
    revision = namespace.meta.labels.get(REVISION)
    if wish == "enabled" and revision:
        return remove(field)
    if wish == "enabled":
        return rewrite(field, value=wish) if enabled(view, namespace) else None
    if wish is None or revision or any(_asks(view, namespace)):
        return None
    return rewrite(field, value=wish, safe=True)


def _asks(view: View, namespace: Namespace) -> Iterator[bool]:
    """Whether pods of the namespace have a word of their own, which `disabled` would overrule."""
    name = namespace.meta.subject.name
    for workload in view.mesh.workloads:
        if workload.meta.subject.namespace == name:
            yield INJECT in workload.pod.labels or REVISION in workload.pod.labels


@mesh_rule
def pod_inject_value(view: View) -> Iterator[Hit]:
    """Only the exact strings "true" and "false" count on a pod."""
    for workload in view.mesh.workloads:
        label = workload.pod.labels.get(INJECT)
        field = label or workload.pod.annotations.get(INJECT)
        value = field.value.known if field else None
        if field is None or value is None or value in ("true", "false"):
            continue
        refusal = value.strip().lower() in NO
        if refusal and _moot(view.decide(workload), field):
            continue
        yield Hit(
            _unheard(field, refusal, label is not None),
            field.value.where,
            workload.meta.subject,
            case="injected" if refusal and _injects(view, workload) else None,
            fix=_exact(view, workload, field),
        )


def _exact(view: View, workload: Workload, field: Field) -> Fix | None:
    """The exact word, as a label. That of a refusal changes nothing where it was heard so far."""
    word = spelled(INJECT, field.value.text)
    pods = of_pods(workload.meta.subject)
    if word is None or (word == "true" and not answered(view, workload)):
        return None
    if workload.pod.labels.get(INJECT) is field:
        same = word == "false" and not _injects(view, workload)
        return None if INJECT in workload.selected else rewrite(field, value=word, safe=same)
    whole = workload.partial is None and stands(field, workload.meta, (*pods, "annotations"))
    return rewrite(field, value=word, to=(*pods, "labels")) if whole else None


def _moot(decision: Decision, field: Field) -> bool:
    """Whether the pods get no sidecar for another reason than that an old istiod still declines."""
    declined = bool(decision.calls) and decision.because[-1].where == field.value.where
    return decision.verdict is Verdict.NOT_INJECTED and not declined


def _injects(view: View, workload: Workload) -> bool:
    """Whether an injector that ignores such values is sure to be called for the pods."""
    revision = view.decide(workload).revision
    found = view.mesh.plane(workload.meta.at).revisions.get(revision or "", ())
    versions = [r.version for r in found if r.version]
    return bool(versions) and min(versions) >= IGNORES_JUNK


def _unheard(field: Field, refusal: bool, label: bool) -> str:
    said = entry(field)
    if label and not LEGAL.match(field.value.text):
        return f'{said} is no legal label value: such pods are refused. Write "true" or "false".'
    if refusal:
        return (
            f'{said} does not keep the sidecar away: only the exact string "false" does. Istio 1.27'
            ' and later ignore it, earlier versions still decline. Write "false".'
        )
    if field.value.text == "":
        return f'{said} is empty, so it decides nothing. Write "true" or "false".'
    if field.value.text.strip().lower() not in YES:
        return (
            f'{said} is neither "true" nor "false": Istio 1.27 and later ignore it, earlier'
            " versions take it for a refusal. Write one of the two."
        )
    if label:
        return (
            f'{said} does not ask for a sidecar: only the exact string "true" does. Write "true".'
        )
    return (
        f"{said} does not ask for a sidecar: no webhook selects pods by an annotation. Write the"
        f" label '{INJECT}: \"true\"'."
    )
