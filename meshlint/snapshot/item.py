"""Facts as the objects of a snapshot: what decides on injection, and nothing else.

No annotations, no caBundle, no images: only names, labels, selectors and where webhooks call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit, urlunsplit

from meshlint.finding import Field, Fields, Subject, Type, Value
from meshlint.resources.control_plane import Elsewhere, Revision, Tag
from meshlint.resources.declared import Declared
from meshlint.resources.injector import Settings
from meshlint.resources.keys import NAMESPACE_KEYS, NAMESPACE_NAME, REVISION, TAG
from meshlint.resources.maistra import IGNORED, MEMBER_OF, Members, MeshPlane
from meshlint.resources.namespace import Namespace
from meshlint.resources.reader import Resource
from meshlint.resources.webhook import Configuration, Expression, Hook, Selector
from meshlint.snapshot.form import Json

PODS = {"apiGroups": [""], "operations": ["CREATE"], "resources": ["pods"]}
OTHERS = {**PODS, "resources": ["others"]}
"""Stands for rules by which a hook never sees a pod's creation."""

WITHHELD = [{"name": "left-out"}]
"""Stands for matchConditions, which nobody here evaluates."""


def namespace(found: Namespace, asked: frozenset[str]) -> Json:
    """A Namespace with the labels that matter and the keys of the others, which are `unknown`."""
    labels, unknown = {}, []
    for key, field in found.meta.labels.items():
        value = "" if field.value.type is Type.NULL else field.value.known
        if key in asked and value is not None:
            labels[key] = value
        elif key != NAMESPACE_NAME:
            unknown.append(key)
    return _some(
        metadata=_some(name=found.meta.subject.name, labels=dict(sorted(labels.items()))),
        unknown=sorted(unknown),
        more=found.more,
        partial=found.partial is not None,
    )


def asked(facts: Iterable[Resource]) -> frozenset[str]:
    """The label keys of namespaces that anybody asks for, and those that Istio itself reads."""
    found = {e.key for each in facts for s in _selectors(each) for e in s.expressions}
    return frozenset(found - {NAMESPACE_NAME}) | NAMESPACE_KEYS | {MEMBER_OF, IGNORED}


def _selectors(fact: Resource) -> Iterator[Selector]:
    if isinstance(fact, Configuration) and fact.mutating:
        yield from (hook.namespace_selector for hook in fact.live_hooks)
    elif isinstance(fact, Members):
        yield from fact.selectors


def webhooks(found: Configuration) -> Json:
    """A MutatingWebhookConfiguration with its live hooks."""
    labels = {key: _label(found.meta.labels, key) for key in (REVISION, TAG)}
    kept = {key: value for key, value in labels.items() if key in found.meta.labels}
    return _some(
        metadata=_some(name=_text(found.meta.name), labels=kept),
        webhooks=[_hook(hook) for hook in found.live_hooks],
        partial=found.partial is not None,
    )


def _label(labels: Fields, key: str) -> str | None:
    field = labels.get(key)
    return _text(field.value) if field else None


def _hook(hook: Hook) -> Json:
    return _some(
        name=_text(hook.name),
        clientConfig=_client(hook),
        rules=[PODS if hook.for_pods else OTHERS],
        namespaceSelector=selector(hook.namespace_selector),
        objectSelector=selector(hook.object_selector),
        matchConditions=WITHHELD if hook.conditional else [],
        failurePolicy=_given(hook.failure_policy),
    )


def _client(hook: Hook) -> Json:
    client = hook.client
    service = _some(
        name=_given(client.service_name),
        namespace=_given(client.service_namespace),
        path=_given(client.path),
    )
    return _some(url=_address(_given(client.url)), service=service)


def _address(url: str | None) -> str | None:
    """A URL without what could be a secret in it: user, password and query."""
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    except ValueError:
        return None


def selector(found: Selector) -> Json:
    """A label selector, all of it as expressions."""
    return _some(
        matchExpressions=[
            _some(key=_key(e), operator=e.operator, values=[v.known for v in e.values])
            for e in found.expressions
        ]
    )


def _key(expression: Expression) -> str:
    """A key that is filled in later, as its comment may tell, is written as such."""
    waits = expression.usable is None and "${" not in expression.key + expression.operator
    return f"${{{expression.key}}}" if waits else expression.key


def revision(found: Revision) -> Json:
    """A revision by its evidence; webhooks are evidence of their own, and not told twice."""
    return {
        "name": _text(found.name),
        **_some(
            origin=found.origin.value,
            object=_object(found.subject),
            version=".".join(map(str, found.version)) if found.version else None,
            label=_text(found.label),
            implied=not found.explicit,
            partial=found.partial is not None,
        ),
    }


def tag(found: Tag) -> Json:
    """A revision tag, and the revision that it points to where that is known."""
    return {
        "name": _text(found.name),
        **_some(
            target=_text(found.target),
            origin=found.origin.value,
            object=_object(found.subject),
            partial=found.partial is not None,
        ),
    }


def declared(found: Declared) -> Json:
    """What is said of the cluster as a whole."""
    return {
        "closed": found.closed,
        "default": found.default,
        "flavour": found.flavour.value if found.flavour else None,
        "meant": found.meant,
    }


def mesh(found: MeshPlane) -> Json:
    """A control plane of OpenShift Service Mesh 2."""
    return _some(
        metadata=_some(namespace=_text(found.meta.namespace), name=_text(found.meta.name)),
        partial=found.partial is not None,
    )


def members(found: Members) -> Json:
    """The namespaces that join such a mesh. A name that is not known is null."""
    return {
        "mesh": _text(found.mesh),
        "plane": _text(found.plane),
        "names": [_text(name) for name in found.names],
        "selectors": [selector(each) for each in found.selectors],
    }


def elsewhere(found: Elsewhere) -> Json:
    """A control plane of which not everything can be read."""
    return {"why": found.why}


def settings(found: Settings) -> Json:
    """What an injector is told; what is set to something that is not known is null."""
    given = {"policy": found.policy, "byDefault": found.by_default}
    return {
        "revision": _text(found.revision),
        "templates": None if found.templates is None else sorted(found.templates),
        **{key: _text(value) for key, value in given.items() if value},
        **_some(
            origin=found.origin.value,
            never=[selector(each) for each in found.never],
            always=[selector(each) for each in found.always],
            defaults=[_text(name) for name in found.defaults],
            incomplete=not found.complete,
        ),
    }


def _object(subject: Subject) -> Json:
    return _some(kind=subject.kind, namespace=subject.namespace, name=subject.name)


def _given(field: Field | None) -> str | None:
    return _text(field.value) if field else None


def _text(value: Value | None) -> str | None:
    """The string that reaches the API server; None where that is not known."""
    return value.known if value else None


def _some(**entries: object) -> Json:
    """The entries that say something: not None, False or empty; the rest is left out."""
    return {key: value for key, value in entries.items() if value}
