"""Which revisions and tags namespaces and pods may name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.checks import choosing, kinds
from meshlint.checks.registry import Given, Parameter, check
from meshlint.finding import Field, Fix, Hit, Related, Subject, quoted
from meshlint.mesh.home import Home
from meshlint.mesh.plane import Plane
from meshlint.mesh.selector import ABSENT
from meshlint.resources.control_plane import DEFAULT, Origin
from meshlint.resources.document import Meta
from meshlint.resources.keys import INJECT, INJECTION, REVISION
from meshlint.resources.workload import Workload
from meshlint.rules.mending import Path, of_pods, rewrite, stands
from meshlint.rules.registry import View
from meshlint.rules.revisions.names import MANAGED, SHOUTED
from meshlint.rules.words import entry, listed, named

ON = {
    "of": Parameter(
        kinds.Word("namespaces", "pods"), "whose labels are looked at (default: those of both)"
    ),
    "namespaces": kinds.NAMESPACES,
    "pods": kinds.PODS,
}


@dataclass(frozen=True, slots=True)
class Named:
    """A revision or tag that an object names by a label; `path` leads to the map of the label."""

    name: str
    field: Field
    owner: Meta
    path: Path
    fixed: frozenset[str] = frozenset()

    @property
    def subject(self) -> Subject:
        return self.owner.subject


def _all_named(view: View, given: Given) -> Iterator[Named]:
    on = given.get("of")
    if on != "pods" and (on or given.get("pods") is None):
        for namespace, home in choosing.namespaces(view, given):
            own = namespace.meta
            field = _of_namespace(own, home)
            if field:
                yield Named(_name(field), field, own, ("metadata", "labels"))
    if on != "namespaces":
        for workload, home in choosing.workloads(view, given):
            field = _of_pods(workload, home)
            if field:
                path = (*of_pods(workload.meta.subject), "labels")
                yield Named(_name(field), field, workload.meta, path, workload.selected)


def _name(field: Field) -> str:
    """`istio-injection: enabled` and `sidecar.istio.io/inject: "true"` ask the default revision."""
    return field.value.text if field.key.text == REVISION else DEFAULT


def _of_namespace(own: Meta, home: Home) -> Field | None:
    """The label that decides: with istio-injection, the revision is not looked at."""
    legacy = home.labels.state(INJECTION)
    if legacy == "enabled":
        return own.labels.get(INJECTION)
    return _revision(own, home.labels.state(REVISION)) if legacy is ABSENT else None


def _revision(own: Meta, state: object) -> Field | None:
    """The label with a revision, where its value is known, and no blank."""
    known = isinstance(state, str) and state != "" and not SHOUTED.match(state)
    return own.labels.get(REVISION) if known else None


def _of_pods(workload: Workload, home: Home) -> Field | None:
    """The label of pods that are not sure to be left to their namespace's."""
    pod = workload.pod
    decided = [home.labels.has(key) for key in (INJECTION, REVISION)]
    if True in decided or workload.host_network or pod.label(INJECT) == "false":
        return None
    if REVISION in pod.labels:
        return _revision(pod, pod.label(REVISION))
    asks = pod.label(INJECT) == "true" and decided == [False, False]
    return pod.labels.get(INJECT) if asks else None


@check(
    {
        "revisions": Parameter(
            kinds.globs,
            "names of revisions and tags, with `*` and `?`; `default` is what"
            " `istio-injection: enabled` asks for",
            needed=True,
        ),
        **ON,
    },
    fixable="unsafe",
    clash=choosing.of_pods_only,
)
def allowed_revisions(view: View, given: Given) -> Iterator[Hit]:
    """Namespaces or pods that name another revision or tag than they may."""
    allowed: tuple[str, ...] = given.get("revisions")
    for one in _all_named(view, given):
        if not choosing.among(one.name, allowed):
            whom = "the default revision" if one.field.key.text != REVISION else quoted(one.name)
            yield Hit(
                f"{named(one.subject)} asks by {entry(one.field)} for {whom}, and may ask only for"
                f" {listed(allowed)}. Write {quoted(f'{REVISION}: {_first(allowed)}')}.",
                one.field.value.where,
                one.subject,
                fix=_exchanged(one, allowed[0]) if len(allowed) == 1 else None,
            )


def _first(allowed: tuple[str, ...]) -> str:
    return next((name for name in allowed if not set(name) & set("*?")), "REVISION")


@check(ON, fixable="unsafe", clash=choosing.of_pods_only)
def tags_only(view: View, given: Given) -> Iterator[Hit]:
    """Namespaces or pods that name a revision itself, where tags are wanted."""
    for one in _all_named(view, given):
        plane = view.mesh.plane(one.owner.at)
        if not _raw(plane, one.name):
            continue
        leading = _tags_of(plane, one.name)
        does = "leads" if len(leading) == 1 else "lead"
        today = f" {listed(leading)} {does} to it today." if leading else ""
        yield Hit(
            f"{named(one.subject)} asks by {entry(one.field)} for a revision itself, and is to ask"
            f" by a tag, so that an upgrade moves the tag alone.{today}"
            f" Write {quoted(leading[0]) if leading else 'the name of a tag'}.",
            one.field.value.where,
            one.subject,
            _seen(plane, one.name),
            fix=_exchanged(one, leading[0]) if len(leading) == 1 else None,
        )


def _raw(plane: Plane, name: str) -> bool:
    """Whether a name is sure to be that of a revision; channels that Google moves are like tags."""
    channel = MANAGED.match(name) is not None
    moved = any(r.origin is Origin.MANAGED for r in plane.revisions.get(name, ()))
    known = name in plane.strong and name not in plane.tags
    return known and name != DEFAULT and not channel and not moved


def _tags_of(plane: Plane, revision: str) -> tuple[str, ...]:
    """The tags that lead to a revision, and surely to no other."""
    targets = {
        name: {tag.target.known if tag.target else None for tag in tags}
        for name, tags in plane.tags.items()
    }
    return tuple(name for name, found in targets.items() if found == {revision})


def _seen(plane: Plane, name: str) -> tuple[Related, ...]:
    places = (Related(f"revision {quoted(name)}", r.name.where) for r in plane.strong[name])
    return tuple(place for place in places if place.where.path)[:1]


def _exchanged(one: Named, name: str) -> Fix | None:
    """Another revision or tag in the same label."""
    plain = one.field.key.text == REVISION and not set(name) & set("*?")
    there = stands(one.field, one.owner, one.path) and REVISION not in one.fixed
    return rewrite(one.field, value=name) if plain and there else None
