"""The injection webhooks that charts render, for control planes whose own are not in the tree.

Source: manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml, unchanged
in its selectors since 1.10; for OpenShift Service Mesh 2, see resources/maistra.py.
"""

from __future__ import annotations

from functools import cache

from meshlint.finding import Location, Value
from meshlint.resources.control_plane import DEFAULT
from meshlint.resources.keys import (
    HOOK_SUFFIX,
    IGNORED_NAMESPACES,
    INJECT,
    INJECTION,
    NAMESPACE_NAME,
    REVISION,
)
from meshlint.resources.maistra import IGNORED, MEMBER_OF
from meshlint.resources.webhook import Client, Expression, Hook, Selector

NOWHERE = Location("", 0, 0, 0, 0)
NO_CLIENT = Client(None, None, None, None, None, None, None)


def _asks(key: str, operator: str, *values: str) -> Expression:
    return Expression(key, operator, tuple(Value(v, NOWHERE) for v in values), NOWHERE)


def _hook(prefix: str, namespace: tuple[Expression, ...], pod: tuple[Expression, ...]) -> Hook:
    name = Value(prefix + HOOK_SUFFIX, NOWHERE)
    return Hook(name, NO_CLIENT, Selector(namespace), Selector(pod), False, True, NOWHERE)


NO_INJECTION = _asks(INJECTION, "DoesNotExist")
NO_REVISION = _asks(REVISION, "DoesNotExist")
NOT_REFUSED = _asks(INJECT, "NotIn", "false")


@cache
def hooks_of(value: str) -> tuple[Hook, ...]:
    """The hooks for a revision or tag of this name; `default` also owns istio-injection."""
    chosen = _asks(REVISION, "In", value)
    named = (
        _hook("rev.namespace.", (chosen, NO_INJECTION), (NOT_REFUSED,)),
        _hook("rev.object.", (NO_REVISION, NO_INJECTION), (NOT_REFUSED, chosen)),
    )
    return (*named, *default_hooks()) if value == DEFAULT else named


@cache
def default_hooks() -> tuple[Hook, ...]:
    """What only the default revision, or the tag `default`, has."""
    enabled = _asks(INJECTION, "In", "enabled")
    asked = _asks(INJECT, "In", "true")
    return (
        _hook("namespace.", (enabled,), (NOT_REFUSED,)),
        _hook("object.", (NO_INJECTION, NO_REVISION), (asked, NO_REVISION)),
    )


@cache
def auto_hook() -> Hook:
    """With enableNamespacesByDefault, a value that Git need not show."""
    others = _asks(NAMESPACE_NAME, "NotIn", *sorted(IGNORED_NAMESPACES))
    unset = _asks(INJECT, "DoesNotExist")
    return _hook("auto.", (NO_INJECTION, NO_REVISION, others), (unset, NO_REVISION))


@cache
def member_hook(mesh: str | None) -> Hook:
    """OpenShift Service Mesh 2: the members of the mesh in a namespace; None where not known."""
    member = Expression(MEMBER_OF, "In", (Value(mesh or "", NOWHERE, literal=bool(mesh)),), NOWHERE)
    spaces = (
        member,
        _asks(IGNORED, "DoesNotExist"),
        _asks(INJECTION, "NotIn", "disabled"),
        _asks("istio-env", "DoesNotExist"),
    )
    return _hook("", spaces, (_asks("app", "NotIn", "istiod"),))
