"""Injection by brute force on plain objects, as an oracle: nothing of meshlint is used here.

Sources: labels.Requirement.Matches and metav1.LabelSelectorAsSelector of k8s.io/apimachinery,
rules.Matcher of k8s.io/apiserver (admission webhooks), injectRequired of istio/istio
(pkg/kube/inject/inject.go, before and since 1.27). Everything is a dict as Kubernetes decodes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

Object = dict[str, Any]
Labels = Mapping[str, str]
Call = tuple[str, str]
"""The names of a configuration and of its hook."""

SYSTEM = ("kube-system", "kube-public", "kube-node-lease", "local-path-storage")
FRESH = "fresh"
"""A value that nobody mentions."""


# --- Kubernetes -------------------------------------------------------------------------------


def selects(selector: Object | None, labels: Labels) -> bool:
    """Whether a label selector takes these labels; without clauses it takes all."""
    asked = selector or {}
    exact = asked.get("matchLabels") or {}
    return all(labels.get(key) == value for key, value in exact.items()) and all(
        meets(clause, labels) for clause in asked.get("matchExpressions") or []
    )


def meets(clause: Object, labels: Labels) -> bool:
    """Whether labels meet one clause of matchExpressions."""
    key, operator, values = clause["key"], clause["operator"], clause.get("values") or []
    if operator == "Exists":
        return key in labels
    if operator == "DoesNotExist":
        return key not in labels
    among = key in labels and labels[key] in values
    return among if operator == "In" else not among


def covers(rule: Object) -> bool:
    """Whether a webhook's rule sees the creation of a pod: CREATE, core/v1, pods, namespaced."""
    return (
        rule.get("scope", "*") in ("*", "Namespaced")
        and _any(rule["operations"], "CREATE")
        and _any(rule["apiGroups"], "")
        and _any(rule["apiVersions"], "v1")
        and any(_pods(*resource.partition("/")) for resource in rule["resources"])
    )


def _any(asked: Iterable[str], value: str) -> bool:
    return any(one in ("*", value) for one in asked)


def _pods(name: str, _: str, below: str) -> bool:
    """`pods/*` takes pods too, and not only what is below them (splitResource in rules.go)."""
    return name in ("*", "pods") and below in ("*", "")


def calls(
    configurations: Iterable[Object], space: Labels, pod: Labels
) -> Iterator[tuple[Call, bool]]:
    """The hooks that take a pod of these labels; False for one that a CEL condition may stop."""
    for configuration in configurations:
        for hook in configuration["webhooks"]:
            if (
                any(covers(rule) for rule in hook["rules"])
                and selects(hook.get("namespaceSelector"), space)
                and selects(hook.get("objectSelector"), pod)
            ):
                name = (configuration["metadata"]["name"], hook["name"])
                yield name, not hook.get("matchConditions")


# --- Istio ------------------------------------------------------------------------------------


def required(pod: Object, space: str, config: Object, *, modern: bool = True) -> bool:
    """Whether the injector, once called, injects; `modern` is Istio 1.27 and later."""
    metadata = pod["metadata"]
    if pod["spec"].get("hostNetwork") or space in SYSTEM:
        return False
    own = metadata["labels"]
    said = own.get(
        "sidecar.istio.io/inject", metadata["annotations"].get("sidecar.istio.io/inject", "")
    )
    policy = config.get("policy", "")
    if policy not in ("enabled", "disabled"):
        return False
    explicit = _explicit(said, modern)
    if explicit is not None:
        return explicit
    for key, answer in (("neverInjectSelector", False), ("alwaysInjectSelector", True)):
        if any(_has_clauses(s) and selects(s, own) for s in config.get(key) or []):
            return answer
    return bool(policy == "enabled")


def _explicit(said: str, modern: bool) -> bool | None:
    if modern:
        return {"true": True, "false": False}.get(said)
    return None if said == "" else said.lower() in ("y", "yes", "true", "on")


def _has_clauses(selector: Object) -> bool:
    return bool(selector.get("matchLabels") or selector.get("matchExpressions"))


# --- all worlds -------------------------------------------------------------------------------


def injected(
    configurations: list[Object], labels: Labels, pod: Object, config: Object
) -> set[bool]:
    """What can become of a pod in a namespace of these labels: one answer, or both."""
    found = list(calls(configurations, labels, pod["metadata"]["labels"]))
    if not required(pod, labels["kubernetes.io/metadata.name"], config):
        return {False}
    return {True} if any(sure for _, sure in found) else {False, True} if found else {False}


def mentioned(configurations: Iterable[Object], side: str) -> dict[str, set[str]]:
    """The keys that selectors of one side ask for, each with the values they name."""
    found: dict[str, set[str]] = {}
    for configuration in configurations:
        for hook in configuration["webhooks"]:
            selector = hook.get(side) or {}
            for key, value in (selector.get("matchLabels") or {}).items():
                found.setdefault(key, set()).add(value)
            for clause in selector.get("matchExpressions") or []:
                found.setdefault(clause["key"], set()).update(clause.get("values") or [])
    return found


def spaces(name: str, configurations: Iterable[Object]) -> Iterator[dict[str, str]]:
    """Every Namespace of a name that selectors can tell apart."""
    known = mentioned(configurations, "namespaceSelector")
    known.pop("kubernetes.io/metadata.name", None)
    choices = [[None, *sorted(values), FRESH] for values in known.values()]
    for picked in product(*choices):
        given = dict(zip(known, picked, strict=True))
        labels = {key: value for key, value in given.items() if value is not None}
        yield {"kubernetes.io/metadata.name": name, **labels}


def fillings(labels: Labels, choices: Mapping[str, Iterable[str]]) -> Iterator[dict[str, str]]:
    """Labels with every placeholder `${…}` filled in, by what matters for its key."""
    keys = [key for key, value in labels.items() if value.startswith("${")]
    options = [sorted({*choices.get(key, ()), FRESH}) for key in keys]
    for picked in product(*options):
        yield {**labels, **dict(zip(keys, picked, strict=True))}
