"""Labels and annotations that namespaces or pods must have, or must not have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from meshlint.checks import choosing, kinds
from meshlint.checks.registry import Given, Parameter, check
from meshlint.finding import Field, Fix, Hit, quoted
from meshlint.mesh.pod import labels_of_pods
from meshlint.mesh.selector import ABSENT, Labels, labels_of
from meshlint.resources.document import Meta
from meshlint.resources.namespace import Namespace
from meshlint.resources.workload import Workload
from meshlint.rules.mending import Path, add, of_pods, remove, rewrite, stands
from meshlint.rules.registry import View
from meshlint.rules.words import entry, listed, named

LABEL, ANNOTATION = "label", "annotation"
ON = ("namespaces", "pods")


def _clash(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    said = [name for name in ("value", "values", "pattern") if values.get(name) is not None]
    for name in said[1:]:
        yield name, f"says again what {quoted(said[0])} says: keep one of the two"
    yield from choosing.of_pods_only(values)


def _told(must: str) -> Mapping[str, Parameter]:
    return {
        "of": Parameter(kinds.Word(*ON), "what has it: namespaces, or pods", needed=True),
        "key": Parameter(kinds.key, "its key", needed=True),
        "value": Parameter(kinds.text, f"the one value that it {must} have"),
        "values": Parameter(kinds.texts, f"values, one of which it {must} have"),
        "pattern": Parameter(kinds.value_glob, f"a value with `*` and `?` that it {must} match"),
        "namespaces": kinds.NAMESPACES,
        "pods": kinds.PODS,
    }


MUST, MAY_NOT = _told("must"), _told("must not")


@dataclass(frozen=True, slots=True)
class Holder:
    """A namespace, or the pods of a workload: what is known of their labels or annotations.

    `owner` is the metadata of the object in its file, and `path` leads from its root to the map.
    `fixed` are keys that cannot change without more than that.
    """

    owner: Meta
    words: str
    own: Mapping[str, Field]
    known: Labels
    path: Path
    fixed: frozenset[str] = frozenset()


def _holders(view: View, given: Given, what: str) -> Iterator[Holder]:
    if given.get("of") == "namespaces":
        for namespace, home in choosing.namespaces(view, given):
            own = namespace.meta
            fields = own.labels if what == LABEL else own.annotations
            known = home.labels if what == LABEL else _notes(view, namespace)
            yield Holder(own, named(own.subject), fields, known, ("metadata", f"{what}s"))
        return
    for workload, _ in choosing.workloads(view, given):
        yield _pods(workload, what)


def _notes(view: View, namespace: Namespace) -> Labels:
    """A namespace's annotations; those that patches or Applications bring are not known."""
    own, site = namespace.meta, namespace.meta.at
    same = view.mesh.called(own.subject.name)
    others = (n for n in same if (n.partial or n.more) and n is not namespace)
    brought = {
        key
        for other in others
        if view.mesh.together(site, other.meta.at)
        for key in other.meta.annotations
    }
    known = labels_of(own.annotations, partial=namespace.more)
    return Labels(known.given, known.unknown | brought, known.open, known.present - brought)


def _pods(workload: Workload, what: str) -> Holder:
    own, pod = workload.meta, workload.pod
    words = named(own.subject) if workload.is_pod else f"The pod template of {named(own.subject)}"
    path = (*of_pods(own.subject), f"{what}s")
    if what == LABEL:
        return Holder(own, words, pod.labels, labels_of_pods(workload), path, workload.selected)
    known = labels_of(pod.annotations, partial=workload.borrowed)
    return Holder(own, words, pod.annotations, known, path)


@check(MUST, fixable="unsafe", clash=_clash)
def required_label(view: View, given: Given) -> Iterator[Hit]:
    """Namespaces or pods without a label, or with another value of it than may be."""
    yield from _required(view, given, LABEL)


@check(MUST, fixable="unsafe", clash=_clash)
def required_annotation(view: View, given: Given) -> Iterator[Hit]:
    """Namespaces or pods without an annotation, or with another value of it than may be."""
    yield from _required(view, given, ANNOTATION)


@check(MAY_NOT, fixable="unsafe", clash=_clash)
def forbidden_label(view: View, given: Given) -> Iterator[Hit]:
    """Namespaces or pods with a label that they must not have, or not with that value."""
    yield from _forbidden(view, given, LABEL)


@check(MAY_NOT, fixable="unsafe", clash=_clash)
def forbidden_annotation(view: View, given: Given) -> Iterator[Hit]:
    """Namespaces or pods with an annotation that they must not have, or not with that value."""
    yield from _forbidden(view, given, ANNOTATION)


def _required(view: View, given: Given, what: str) -> Iterator[Hit]:
    key, right = given.get("key"), _right(given)
    for holder in _holders(view, given, what):
        state, field = holder.known.state(key), holder.own.get(key)
        if isinstance(state, str) and field and not right(state):
            yield _other(holder, field, given, what)
        elif state is ABSENT and not _elsewhere(view, holder, key, what):
            yield _missing(holder, given, what)


def _missing(holder: Holder, given: Given, what: str) -> Hit:
    article = "an" if what == ANNOTATION else "a"
    return Hit(
        f"{holder.words} needs {article} {what} {quoted(given.get('key'))}{_with(given)}, and has"
        f" none. Add it to {quoted('.'.join(holder.path))}.",
        holder.owner.where,
        holder.owner.subject,
        fix=_added(holder, given),
    )


def _other(holder: Holder, field: Field, given: Given, what: str) -> Hit:
    return Hit(
        f"{holder.words} has the {what} {entry(field)}, and needs it{_with(given)}."
        f" {_write(given)}",
        field.value.where,
        holder.owner.subject,
        fix=_rewritten(holder, field, given),
    )


def _elsewhere(view: View, holder: Holder, key: str, what: str) -> bool:
    """Whether another file says of the same namespace that it has the entry: one may be a patch."""
    own = holder.owner
    if own.subject.kind != "Namespace":
        return False
    return any(
        key in (other.meta.labels if what == LABEL else other.meta.annotations)
        for other in view.mesh.called(own.subject.name)
        if view.mesh.together(own.at, other.meta.at)
    )


def _forbidden(view: View, given: Given, what: str) -> Iterator[Hit]:
    key, wrong = given.get("key"), _right(given)
    narrow = _with(given) != ""
    for holder in _holders(view, given, what):
        state, field = holder.known.state(key), holder.own.get(key)
        there = wrong(state) if isinstance(state, str) else not narrow and holder.known.has(key)
        if field and there:
            remedy = "Write another value, or remove it" if narrow else "Remove it"
            yield Hit(
                f"{holder.words} has the {what} {entry(field)}, which it must not have"
                f"{_with(given)}. {remedy}.",
                field.value.where if narrow else field.key.where,
                holder.owner.subject,
                fix=_removed(holder, field),
            )


def _right(given: Given) -> Callable[[str], bool]:
    """Whether a value is one that the policy speaks of."""
    value, pattern = given.get("value"), given.get("pattern")
    values = given.get("values") or (() if value is None else (value,))
    if values:
        return lambda text: text in values
    return (lambda text: True) if pattern is None else (lambda text: fnmatchcase(text, pattern))


def _with(given: Given) -> str:
    """The value that a policy speaks of, as the end of a sentence; "" for any."""
    value, values, pattern = (given.get(name) for name in ("value", "values", "pattern"))
    if value is not None:
        return f" with the value {quoted(value)}"
    if values:
        return f" with one of the values {listed(values)}"
    return "" if pattern is None else f" with a value like {quoted(pattern.replace('[[]', '['))}"


def _one(given: Given) -> str | None:
    """The one value that may be."""
    values: tuple[str, ...] = given.get("values") or ()
    single = values[0] if len(values) == 1 else None
    value: str | None = given.get("value")
    return single if value is None else value


def _write(given: Given) -> str:
    value = _one(given)
    return "Write a value that fits." if value is None else f"Write {quoted(value)}."


def _added(holder: Holder, given: Given) -> Fix | None:
    """With the entry, where one value alone may be."""
    value = _one(given)
    if value is None or not _free(holder, given.get("key")):
        return None
    return add(holder.owner.where, holder.path, given.get("key"), value)


def _rewritten(holder: Holder, field: Field, given: Given) -> Fix | None:
    value = _one(given)
    there = stands(field, holder.owner, holder.path) and _free(holder, field.key.text)
    return rewrite(field, value=value) if there and value is not None else None


def _removed(holder: Holder, field: Field) -> Fix | None:
    there = stands(field, holder.owner, holder.path) and _free(holder, field.key.text)
    return remove(field) if there else None


def _free(holder: Holder, key: str) -> bool:
    """Whether an entry may change without the selector of the object that has it."""
    return key not in holder.fixed
