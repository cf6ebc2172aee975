"""What pods or namespaces ask for, correctly written, and do not get."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from meshlint.finding import Field, Fix, Hit, Related, quoted
from meshlint.mesh.inject import Verdict, called
from meshlint.mesh.model import Home
from meshlint.mesh.plane import Plane
from meshlint.mesh.selector import ABSENT, Labels, labels_of
from meshlint.resources.document import Meta
from meshlint.resources.keys import (
    IGNORED_NAMESPACES,
    INJECT,
    INJECTION,
    INJECTION_KEYS,
    REVISION,
    TEMPLATES,
)
from meshlint.resources.workload import Workload
from meshlint.rules.labels.trying import answered
from meshlint.rules.meaning import NATIVE, NO, YES, spelled
from meshlint.rules.mending import of_pods, remove, rewrite, stands
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.revisions.names import SHOUTED
from meshlint.rules.spelling import meant
from meshlint.rules.words import entry, see


@mesh_rule
def inject_annotation_ineffective(view: View) -> Iterator[Hit]:
    """Webhooks select by labels: an annotation "true" brings no injector to the pod."""
    for workload in view.mesh.workloads:
        field = workload.pod.annotations.get(INJECT)
        wanted = field is not None and field.value.known == "true" and not _told(workload)
        decision = view.decide(workload)
        left = decision.verdict is Verdict.NOT_INJECTED and decision.denied is None
        if field is None or not wanted or not left:
            continue
        home, plane = view.mesh.home(workload), view.mesh.plane(workload.meta.at)
        if _alone(home) and not plane.vague:
            cause, remedy = _cause(home, plane, workload)
            yield Hit(
                f"The annotation {entry(field)} brings no sidecar: {cause}. {remedy}",
                field.value.where,
                workload.meta.subject,
                (_origin(home),),
                fix=_label(view, workload, field),
            )


def _label(view: View, workload: Workload, field: Field) -> Fix | None:
    """The label in place of the annotation, where that is all it takes."""
    pods = of_pods(workload.meta.subject)
    there = stands(field, workload.meta, (*pods, "annotations"))
    helps = there and answered(view, workload)
    return rewrite(field, to=(*pods, "labels")) if helps else None


def _told(workload: Workload) -> bool:
    """Whether more is in play than the annotation, or another rule speaks of these pods."""
    pod = workload.pod
    others = (*pod.labels, *pod.strays, *(key for key in pod.annotations if key != INJECT))
    never = (
        workload.meta.subject.namespace in IGNORED_NAMESPACES or workload.host_network is not None
    )
    unsure = workload.partial is not None or workload.borrowed
    return unsure or never or workload.auto_image is not None or _keyed(others)


def _keyed(keys: Iterable[str]) -> bool:
    """Whether a key is one of injection, or was meant to be."""
    return any((meant(key) or key) in INJECTION_KEYS for key in keys)


def _alone(home: Home) -> bool:
    """Whether the namespace is known and without fault: disabled, or without any injection key."""
    keys = {key for copy in home.copies for key in _all_keys(copy.meta)}
    if home.labels.state(INJECTION) == "disabled":
        keys -= {INJECTION, REVISION}
    return bool(home.copies) and not _keyed(keys)


def _all_keys(meta: Meta) -> Iterator[str]:
    yield from (*meta.labels, *meta.annotations, *meta.strays)


def _origin(home: Home) -> Related:
    meta = home.copies[0].meta
    label = meta.labels.get(INJECTION)
    return see(meta.subject, label.value.where if label else meta.where)


def _cause(home: Home, plane: Plane, workload: Workload) -> tuple[str, str]:
    """Why no webhook is called, and what would have one called."""
    label = home.copies[0].meta.labels.get(INJECTION)
    if label:
        cause = f"{entry(label)} of namespace {quoted(home.name)} keeps every webhook away"
        return cause, "Remove the annotation; or remove that label, and label the pods instead."
    cause = (
        f"webhooks select by labels, and neither these pods nor namespace {quoted(home.name)} have"
        " one that asks for injection"
    )
    return cause, _remedy(home, plane, labels_of(workload.pod.labels))


def _remedy(home: Home, plane: Plane, pod: Labels) -> str:
    """A label of the pods that a webhook here is sure to select."""
    for key, value in ((INJECT, "true"), *((REVISION, name) for name in plane.strong)):
        labels = Labels({**pod.given, key: value}, pod.unknown)
        if any(call.sure for call in called(plane, home.labels, labels)):
            shown = f'{key}: "true"' if key == INJECT else f"{key}: {value}"
            return f"Label the pod template '{shown}' instead."
    return "Label the namespace instead."


@mesh_rule
def pod_revision_overridden(view: View) -> Iterator[Hit]:
    """Where a namespace names a revision, the one that its pods name is not looked at."""
    for workload in view.mesh.workloads:
        field, home = workload.pod.labels.get(REVISION), view.mesh.home(workload)
        value = field.value.known if field else None
        if field is None or not value or SHOUTED.match(value) or not _names_other(home, value):
            continue
        decision, plane = view.decide(workload), view.mesh.plane(workload.meta.at)
        own = home.copies[0].meta.labels[REVISION]
        injects = decision.verdict is Verdict.INJECTED and decision.revision is not None
        if injects and decision.revision in (own.value.text, _behind(plane, own.value.text)):
            case, effect = _effect(plane, value, own.value.text)
            yield Hit(
                f"{entry(field)} of these pods is not looked at: {entry(own)} of namespace"
                f" {quoted(home.name)} decides, {effect}",
                field.value.where,
                workload.meta.subject,
                (see(home.copies[0].meta.subject, own.value.where),),
                case=case,
                fix=_idle(workload, field) if case else None,
            )


def _idle(workload: Workload, field: Field) -> Fix | None:
    """Without a label that nobody looks at, and by which no selector finds the pods."""
    pods = of_pods(workload.meta.subject)
    there = workload.partial is None and stands(field, workload.meta, (*pods, "labels"))
    return remove(field) if there and REVISION not in workload.selected else None


def _names_other(home: Home, value: str) -> bool:
    """Whether the namespace is sure to name another revision or tag."""
    own = home.labels.state(REVISION)
    known = isinstance(own, str) and own not in ("", value)
    return known and bool(home.copies) and home.labels.state(INJECTION) is ABSENT


def _behind(plane: Plane, name: str) -> str | None:
    """The one revision that a name stands for; None where that cannot be said."""
    found = {tag.target.known if tag.target else None for tag in plane.tags.get(name, ())}
    found |= {name} if name in plane.revisions else set()
    return found.pop() if len(found) == 1 else None


def _effect(plane: Plane, asked: str, own: str) -> tuple[str | None, str]:
    there, here = _behind(plane, asked), _behind(plane, own)
    if here is None or there is None:
        return "unknown", f"so these pods never ask for {quoted(asked)}. Remove it from them."
    if here == there:
        return "same", f"and both lead to revision {quoted(here)} today. Remove it from the pods."
    return None, (
        f"and revision {quoted(here)} injects them instead of {quoted(there)}. Remove the label"
        " that is not meant; pods choose only where the namespace has none."
    )


@mesh_rule
def hostnetwork_not_injected(view: View) -> Iterator[Hit]:
    """The injector passes over pods that share the network of their node."""
    for workload in view.mesh.workloads:
        field, host = _wish(workload.pod), workload.host_network
        if field and host and workload.auto_image is None:
            yield Hit(
                f"{entry(field)} has no effect: these pods have 'hostNetwork: true', and the"
                " injector passes over all such pods. Remove one of the two.",
                field.value.where,
                workload.meta.subject,
                (Related("hostNetwork", host.where),),
            )


def _wish(pod: Meta) -> Field | None:
    """The label or annotation by which pods ask for a proxy, unless they refuse one."""
    label, note = pod.labels.get(INJECT), pod.annotations.get(INJECT)
    if label:
        return label if label.value.known == "true" else None
    refused = note is not None and note.value.known != "true"
    return pod.annotations[TEMPLATES] if "gateway" in _templates(pod) and not refused else None


def _templates(pod: Meta) -> set[str]:
    field = pod.annotations.get(TEMPLATES)
    known = field.value.known if field else None
    return {name.strip() for name in (known or "").split(",")} - {""}


@mesh_rule
def native_sidecar_value(view: View) -> Iterator[Hit]:
    """Any third value is a yes for new injectors and a no for old ones (istio/istio#56428)."""
    for workload in view.mesh.workloads:
        field = workload.pod.annotations.get(NATIVE)
        value = field.value.known if field else None
        if field is None or value in (None, "true", "false"):
            continue
        decision = view.decide(workload)
        heard = decision.verdict is not Verdict.NOT_INJECTED or decision.denied is not None
        if _sidecar(workload.pod) and heard:
            yield Hit(_neither(field), field.value.where, workload.meta.subject, fix=_exact(field))


def _exact(field: Field) -> Fix | None:
    """The exact word; a yes is what Istio 1.27 and later make of any."""
    word = spelled(NATIVE, field.value.text)
    return rewrite(field, value=word, safe=word == "true") if word else None


def _sidecar(pod: Meta) -> bool:
    """Whether pods are made from the one template that reads the annotation."""
    return TEMPLATES not in pod.annotations or "sidecar" in _templates(pod)


def _neither(field: Field) -> str:
    plain = field.value.text.strip().lower()
    choice = '"true"' if plain in YES else '"false"' if plain in NO else '"true" or "false"'
    later = "ignore it" if field.value.text == "" else "take it for a yes"
    return (
        f'{entry(field)} is neither "true" nor "false": Istio 1.27 and later {later}, 1.24 to 1.26'
        f" take it for a no. Write {choice}."
    )
