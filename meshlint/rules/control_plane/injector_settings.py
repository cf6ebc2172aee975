"""Settings of an injector that do something else than they seem to: its policy, its selectors."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Hit, Related, Value, quoted
from meshlint.resources.control_plane import DEFAULT, Origin
from meshlint.resources.injector import Settings
from meshlint.resources.injector_map import InjectorMap
from meshlint.resources.keys import INJECTION, REVISION
from meshlint.resources.label_selector import LEGAL_KEY, LEGAL_VALUE, Expression
from meshlint.resources.namespace import Namespace
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.spelling import nearest
from meshlint.rules.words import named

POLICIES = ("enabled", "disabled")
ADVICE = "Write 'enabled', or 'disabled' to inject only what asks for it."
LISTING = ("In", "NotIn")
ASKING = ("Exists", "DoesNotExist")


def _read(view: View) -> Iterator[Settings]:
    """All settings, without those of ConfigMaps that a chart has yet to render."""
    readable = {found.config for found in view.mesh.every(InjectorMap)}
    for settings in view.mesh.every(Settings):
        if settings.origin is not Origin.CONFIG_MAP or settings.where in readable:
            yield settings


@mesh_rule
def injector_policy_off(view: View) -> Iterator[Hit]:
    """A policy with which nothing is injected, or only what asks for it itself."""
    for settings in _read(view):
        policy = settings.policy
        if policy is None or not policy.literal:
            continue
        if policy.text not in POLICIES:
            yield _off(policy)
        elif policy.text == "disabled":
            yield from _explicit(view, settings, policy)


def _off(policy: Value) -> Hit:
    near = nearest(policy.text.strip().lower(), POLICIES)
    said = f"Policy {quoted(policy.text)} is neither 'enabled' nor 'disabled'"
    return Hit(
        f"{said if policy.text else 'There is no policy'}: this injector injects nothing at all,"
        " not even pods labelled 'sidecar.istio.io/inject: \"true\"', and only its log says so"
        f" (Illegal value for autoInject). {ADVICE if near is None else f'Write {quoted(near)}.'}",
        policy.where,
    )


def _explicit(view: View, settings: Settings, policy: Value) -> Iterator[Hit]:
    """Namespaces that ask this injector for all of their pods."""
    found = tuple(_asking(view, settings))
    if found:
        first = found[0].meta.subject.name
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        yield Hit(
            f"With policy 'disabled' the label of namespace {quoted(first)}{more} injects nothing"
            " by itself: only pods labelled 'sidecar.istio.io/inject: \"true\"' get a proxy, and"
            " those that alwaysInjectSelector names.",
            policy.where,
            None,
            tuple(Related(named(n.meta.subject), n.meta.where) for n in found[:3]),
            case="explicit",
        )


def _asking(view: View, settings: Settings) -> Iterator[Namespace]:
    """The namespaces whose labels lead to the injector of a revision."""
    own = settings.revision.known if settings.revision else None
    if own is None or view.mesh.plane(settings.at).settings_of(own) != (settings,):
        return
    tags = (t for found in view.mesh.plane(settings.at).tags.values() for t in found)
    names = {own, *(t.name.text for t in tags if t.target and t.target.known == own)}
    for namespace in view.mesh.namespaces:
        near = view.mesh.together(settings.at, namespace.meta.at) and namespace.partial is None
        if near and _asked(namespace) in names:
            yield namespace


def _asked(namespace: Namespace) -> str | None:
    """The revision or tag that the labels of a namespace lead to."""
    if INJECTION in namespace.meta.labels:
        return DEFAULT if namespace.meta.label(INJECTION) == "enabled" else None
    return namespace.meta.label(REVISION)


@mesh_rule
def injector_selector_invalid(view: View) -> Iterator[Hit]:
    """A selector of pods that istiod passes over, with a warning in its log."""
    for settings in _read(view):
        for name, then, selectors in (
            ("neverInjectSelector", "pods that it was to keep out are injected", settings.never),
            ("alwaysInjectSelector", "pods that it was for are not injected", settings.always),
        ):
            for expression in (e for s in selectors for e in s.expressions if e.usable is False):
                why = _refused(expression)
                if why:
                    yield Hit(
                        f"This entry of {quoted(name)} is no label selector, as {why}: istiod logs"
                        f" 'Invalid selector' and passes over the entry, and {then}.",
                        expression.where,
                    )


def _refused(expression: Expression) -> str | None:
    """Why Kubernetes makes no requirement of it (apimachinery, LabelSelectorAsSelector)."""
    key, operator, values = expression.key, expression.operator, expression.values
    if not key and not operator:
        return None  # a part that is no selector at all: the whole configuration is refused
    if operator not in (*LISTING, *ASKING):
        near = nearest(operator, (*LISTING, *ASKING))
        return f"{quoted(operator)} is no operator" + (f" ({quoted(near)} is)" if near else "")
    if operator in LISTING and not values:
        return f"{quoted(operator)} needs values"
    if operator in ASKING and values:
        return f"{quoted(operator)} takes no values"
    if LEGAL_KEY.match(key) is None:
        return f"{quoted(key)} cannot be the key of a label"
    odd = next((v for v in values if v.known is not None and not LEGAL_VALUE.match(v.known)), None)
    return f"{quoted(odd.text)} cannot be the value of a label" if odd else None
