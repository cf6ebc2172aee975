"""Pod annotations that the injector refuses, or never sees."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Field, Fix, Hit, Location, printable, quoted
from meshlint.mesh.inject import Verdict
from meshlint.resources.annotation import Problem, heard, problem, said
from meshlint.resources.config_annotation import Block
from meshlint.resources.discovery import CONFIG, FIELD
from meshlint.resources.injector import STOCK
from meshlint.resources.keys import TEMPLATES
from meshlint.resources.proxy_config import text_faults
from meshlint.resources.proxy_value import Fault
from meshlint.resources.workload import Workload
from meshlint.rules.meaning import spelled
from meshlint.rules.mending import of_pods, rewrite, stands
from meshlint.rules.proxy.configured import blocks_of, key_of
from meshlint.rules.proxy.fitting import fitted
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.spelling import nearest, slip
from meshlint.rules.webhooks.patching import minors
from meshlint.rules.words import named

SHOWN = 40
"""Characters of a value that a message repeats."""


@mesh_rule
def injection_annotation_invalid(view: View) -> Iterator[Hit]:
    """A value that the injector refuses: the pod is denied, and its ReplicaSet shows no pods."""
    blocks = blocks_of(view)
    for workload in view.mesh.workloads:
        for field, wrong, where in _invalid(workload, blocks.get(key_of(workload.meta))):
            if _injectable(view, workload):
                sure = view.decide(workload).denied is not None
                sure = sure and _checked(view, workload, wrong)
                yield _refused(workload, field, wrong, where, sure)


def _refused(workload: Workload, field: Field, wrong: Problem, where: Location, sure: bool) -> Hit:
    who = f"The injector (since Istio 1.{wrong.since})" if wrong.since else "The injector"
    then = "Then the" if sure else "Where it sees them, the"
    return Hit(
        f"{who} says {_denial(field)}: {wrong.text}. {then} pods of"
        f" {named(workload.meta.subject)} are denied and never appear.",
        where,
        workload.meta.subject,
        case=None if sure else "unsure",
        fix=fitted(field),
    )


def _denial(field: Field) -> str:
    """How its error begins; lines are left out."""
    value = heard(field) or ""
    short = value if len(value) <= SHOWN else f"{value[: SHOWN - 1]}…"
    shown = "…" if "\n" in value else printable(short)
    return f"\"invalid value '{shown}' for annotation '{field.key.text}'\""


def _checked(view: View, workload: Workload, wrong: Problem) -> bool:
    """Whether every istiod in sight is new enough to look at it."""
    versions = minors(view.mesh.plane(workload.meta.at))
    return wrong.since == 0 or min(versions, default=0) >= wrong.since


def _invalid(workload: Workload, block: Block | None) -> Iterator[tuple[Field, Problem, Location]]:
    for key, field in workload.pod.annotations.items():
        value = heard(field)
        if value is not None and key == CONFIG:
            near = block if block and block.annotation == field.value else None
            for fault in text_faults(value):
                where = near.place(fault.where) if near else field.value.where
                if fault.path != FIELD:  # another rule speaks of istiod's address
                    yield field, Problem(_worded(fault, value, near), fault.since), where
        elif value is not None and (wrong := problem(key, value)):
            yield field, wrong, field.value.where


def _worded(fault: Fault, value: str, block: Block | None) -> str:
    """A fault with its line, where its place does not show that."""
    line = f" (line {fault.where.line} of the value)" if "\n" in value.strip() else ""
    return said(fault) if block else f"{said(fault)}{line}"


@mesh_rule
def injection_template_unknown(view: View) -> Iterator[Hit]:
    """A template that is none of Istio's own, or that is named where nobody looks."""
    for workload in view.mesh.workloads:
        annotation = workload.pod.annotations.get(TEMPLATES)
        label = None if annotation or workload.partial else workload.pod.labels.get(TEMPLATES)
        if label and _injectable(view, workload):
            yield _inert(workload, label)
        for name in _strange(annotation) if annotation else ():
            if annotation and _injectable(view, workload):
                yield _foreign(workload, annotation, name)


def _injectable(view: View, workload: Workload) -> bool:
    """Whether an injector may see the pods, be it that it denies them."""
    decision = view.decide(workload)
    return decision.verdict is not Verdict.NOT_INJECTED or decision.denied is not None


def _strange(annotation: Field) -> list[str]:
    """The names in the list, cut as the injector cuts it, that no chart of Istio has."""
    known = annotation.value.known
    names = [name.strip() for name in known.split(",")] if known is not None else []
    return [name for name in dict.fromkeys(names) if name not in STOCK]


def _inert(workload: Workload, label: Field) -> Hit:
    return Hit(
        f"{quoted(label.key.text)} is a label here, and the injector reads the annotation of that"
        f" name alone: the pods of {named(workload.meta.subject)} get the default templates. Move"
        " it to the annotations of the pod template.",
        label.key.where,
        workload.meta.subject,
        fix=_annotation(workload, label),
    )


def _annotation(workload: Workload, label: Field) -> Fix | None:
    """The same as an annotation, if it is one that Istio has a template for."""
    pods, value = of_pods(workload.meta.subject), label.value.known
    there = stands(label, workload.meta, (*pods, "labels")) and TEMPLATES not in workload.selected
    stock = value is not None and spelled(TEMPLATES, value) is not None
    return rewrite(label, to=(*pods, "annotations")) if there and stock else None


def _foreign(workload: Workload, annotation: Field, name: str) -> Hit:
    near = nearest(name, sorted(STOCK))
    advice = f" Write {quoted(near)}, if that is meant." if near else ""
    error = f'requested template "{name}" not found'
    return Hit(
        f"Template {quoted(name)} is none of Istio's own: unless the injector's configuration"
        f" defines it, the pods of {named(workload.meta.subject)} are denied with {quoted(error)}."
        f"{advice if name else ' Remove the empty name.'}",
        annotation.value.where,
        workload.meta.subject,
        case="custom",
        fix=_stock(annotation),
    )


def _stock(annotation: Field) -> Fix | None:
    """All names of the list as Istio has them, where each is one or surely a slip of one."""
    names = [name.strip() for name in annotation.value.text.split(",")]
    right = [name if name in STOCK else slip(name, sorted(STOCK)) for name in names]
    known = [name for name in right if name]
    return rewrite(annotation, value=",".join(known)) if len(known) == len(names) else None
