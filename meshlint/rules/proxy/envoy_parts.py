"""EnvoyFilters that the API server or istiod's validating webhook refuses as they stand."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Fix, Hit, Location, Related, Type, Value, quoted
from meshlint.resources.envoy_filter import ConfigPatch, EnvoyFilter
from meshlint.resources.envoy_schema import NOTHING, Leaf, Misfit
from meshlint.rules.mending import assign
from meshlint.rules.proxy.envoy_reach import since, spoken, whole
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.spelling import distance
from meshlint.rules.words import named

ONE_SELECTOR = 24
"""Since Istio 1.24 the schema refuses workloadSelector beside targetRefs (istio/api#3312)."""

WAYPOINT_MATCH = 28
"""Since Istio 1.28 the schema has the context WAYPOINT, with a match of its own (istio/api#3577).

Older ones refuse the context, and drop the match.
"""


@mesh_rule
def envoy_filter_incomplete(view: View) -> Iterator[Hit]:
    """A patch without applyTo, patch, operation or value (ValidateEnvoyFilter)."""
    for one in whole(view):
        for patch in one.patches:
            missing = _missing(patch)
            if missing:
                where, what, error = missing
                yield Hit(
                    f"A patch of {named(one.meta.subject)} {what}: {error}. Complete the patch, or"
                    " remove it.",
                    where,
                    one.meta.subject,
                )


def _missing(patch: ConfigPatch) -> tuple[Location, str, str] | None:
    """What the first missing part is, and who refuses the object for it."""
    webhook = "istiod refuses the object with 'Envoy filter: missing"
    if patch.empty:
        return patch.where, "is null", "the API server refuses the object"
    if patch.vague or patch.context in ("", "WAYPOINT"):
        return None
    if _none(patch.apply_to):
        at = patch.apply_to.where if patch.apply_to else patch.where
        return at, "has no 'applyTo'", f"{webhook} applyTo'"
    if patch.patch is None:
        return patch.where, "has no 'patch'", f"{webhook} patch'"
    if _none(patch.operation):
        at = patch.operation.where if patch.operation else patch.patch
        return at, "has no operation", f"{webhook} patch operation'"
    if not patch.given and patch.does not in ("", "REMOVE"):
        what = f"has no value for operation {patch.does}"
        return patch.patch, what, f"{webhook} patch value for non-remove operation'"
    return None


def _none(value: Value | None) -> bool:
    return value is None or value.known == NOTHING


@mesh_rule
def envoy_filter_value_refused(view: View) -> Iterator[Hit]:
    """A value of another type than its field's, or none of its choices (the CRD's schema)."""
    for one in spoken(view):
        subject = one.meta.subject
        for fault in one.faults:
            if isinstance(fault, Misfit) and (fault.value.literal or _slip(fault)):
                text = f"{_misfit(fault)}: the API server refuses {named(subject)}. {_mend(fault)}"
                yield Hit(text, fault.value.where, subject, fix=_right(fault))
        yield from _labels(one)
        yield from _names(one)
        if one.partial is None:
            yield from _several(one)
            yield from _newer(view, one)


def _misfit(fault: Misfit) -> str:
    text = quoted(fault.value.text)
    if not fault.choices or fault.value.type is not Type.STRING:
        kind = _a(fault.value.type)
        return f"{quoted(fault.field)} is {kind} where a {fault.wanted} must stand"
    return f"{text} is no value of {quoted(fault.field)}"


def _a(kind: Type) -> str:
    return f"{'an' if kind is Type.INT else 'a'} {kind.value}"


def _mend(fault: Misfit) -> str:
    if fault.choices:
        near, every = _slip(fault), ", ".join(c for c in fault.choices if c != NOTHING)
        return f"Write {quoted(near)}." if near else f"The values are {every}."
    if fault.wanted == "whole number":
        return "Write a number, without quotes."
    return "Put the value in quotes." if fault.wanted == "string" else f"Write a {fault.wanted}."


def _right(fault: Misfit) -> Fix | None:
    """The choice that was meant, safe if it is but written otherwise; else with quotes, or without
    them."""
    near, value = _slip(fault), fault.value
    if near:
        return assign(value, near, safe=_shouted(value.text) == near)
    if fault.wanted == Leaf.INTEGER and value.type is Type.STRING and value.text.isdecimal():
        return assign(value, value.text, safe=True, plain=True)
    number = value.type in (Type.INT, Type.FLOAT) and fault.field != "proxyVersion"
    quotes = number and fault.wanted == "string" and not fault.choices
    return assign(value, value.text, safe=True) if quotes else None


def _shouted(text: str) -> str:
    return text.upper().replace("-", "_").replace(" ", "_")


def _slip(fault: Misfit) -> str | None:
    """The choice that was meant."""
    plain = _shouted(fault.value.text)
    choices = [choice for choice in fault.choices if choice != NOTHING]
    found = min(((distance(plain, choice), choice) for choice in choices), default=(3, ""))
    return found[1] if found[0] <= 2 else None


def _labels(one: EnvoyFilter) -> Iterator[Hit]:
    for key, field in (one.labels or {}).items():
        if "*" in (field.value.known or "") or "*" in key:
            yield Hit(
                f"{quoted(f'{key}: {field.value.text}')} has a star, which selectors do not read as"
                f" a wildcard: istiod refuses {named(one.meta.subject)} with 'wildcard is not"
                " supported in selector'. Name the labels of the pods.",
                field.value.where,
                one.meta.subject,
            )


def _names(one: EnvoyFilter) -> Iterator[Hit]:
    """A name in a value that is no string: the one field that all of Envoy's objects have."""
    for patch in one.patches:
        name = patch.value.name if patch.value and patch.kind != "BOOTSTRAP" else None
        plain = name and name.literal and name.type not in (Type.STRING, Type.NULL)
        if name and plain and patch.context not in ("", "WAYPOINT"):
            yield Hit(
                f"The name {quoted(name.text)} in a patch is {_a(name.type)} to Kubernetes, and"
                f" Envoy's names are strings: istiod refuses {named(one.meta.subject)} with 'json:"
                " cannot unmarshal'. Put it in quotes.",
                name.where,
                one.meta.subject,
                fix=assign(name, name.text, safe=True),
            )


def _several(one: EnvoyFilter) -> Iterator[Hit]:
    """A match on several kinds of object: the schema has oneOf."""
    for patch in one.patches:
        if len(patch.match.objects) > 1:
            first, second = (value.text for value in patch.match.objects[:2])
            yield Hit(
                f"The match has both {quoted(first)} and {quoted(second)}, and may have one of"
                f" them: the API server refuses {named(one.meta.subject)}. Make two patches of it.",
                patch.match.objects[1].where,
                one.meta.subject,
            )


def _newer(view: View, one: EnvoyFilter) -> Iterator[Hit]:
    """What only the schemas of newer versions refuse, and older ones misread."""
    subject = one.meta.subject
    if one.selector and one.targets:
        yield Hit(
            f"{named(subject)} has both targetRefs and workloadSelector: since Istio"
            f" 1.{ONE_SELECTOR} the API server refuses it with 'only one of targetRefs or"
            " workloadSelector can be set'. Remove one of them.",
            one.targets,
            subject,
            (Related("the selector", one.selector),),
            case=None if since(view, one, ONE_SELECTOR) else "newer",
        )
    for patch in one.patches:
        where = None if patch.vague else _waypoint(patch)
        if where:
            certain = patch.context == "WAYPOINT" or since(view, one, WAYPOINT_MATCH)
            yield Hit(
                "The context WAYPOINT and a match on 'waypoint' belong together: the API server"
                f" refuses {named(subject)} with 'only support waypointMatch when context is"
                " WAYPOINT', and before Istio 1.28 drops the match. Write both, or none of them.",
                where,
                subject,
                case=None if certain else "newer",
            )


def _waypoint(patch: ConfigPatch) -> Location | None:
    """The place of a context WAYPOINT without its match, or of the match without the context."""
    match = next((value for value in patch.match.objects if value.text == "waypoint"), None)
    if patch.context == "WAYPOINT":
        return patch.match.context.where if patch.match.context and match is None else None
    return match.where if match and patch.context else None
