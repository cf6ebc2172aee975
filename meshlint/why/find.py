"""From the words of a user to a workload: `deploy/cart`, `Deployment/cart`, `cart`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from meshlint.resources.workload import Workload

SHORT = {
    "po": "pod",
    "deploy": "deployment",
    "sts": "statefulset",
    "ds": "daemonset",
    "rs": "replicaset",
    "rc": "replicationcontroller",
    "cj": "cronjob",
    "dc": "deploymentconfig",
    "ro": "rollout",
    "ksvc": "service",
}
"""kubectl's short names of the kinds that make pods."""


class NotFound(Exception):
    """No workload, or more than one, has the name; the text says which come near."""


def find(workloads: Iterable[Workload], word: str, namespace: str | None) -> list[Workload]:
    """The one workload that a user means, once for each unit that applies it.

    Raises:
        NotFound: there is none, or there are several.
    """
    every = list(workloads)
    kind, name = _parsed(word)
    found = [w for w in every if _is(w, kind, name, namespace)]
    if not found:
        raise NotFound(f"no workload {word!r} was found{_near(every, kind, name)}")
    documents = {w.meta.where: w for w in found}
    if len(documents) == 1:
        return found
    shown = (f"\n  {full_name(w)} ({p.path}:{p.line})" for p, w in documents.items())
    hint = "name its namespace with -n, or scan less" if namespace is None else "scan less"
    raise NotFound(f"{word!r} is the name of {len(documents)} workloads: {hint}{''.join(shown)}")


def full_name(workload: Workload) -> str:
    """`deployment/cart -n shop`, as one would ask for it."""
    own = workload.meta.subject
    place = f" -n {own.namespace}" if own.namespace else ""
    return f"{own.kind.lower()}/{own.name}{place}"


def _parsed(word: str) -> tuple[str, str]:
    kind, slash, name = word.rpartition("/")
    plain = kind.lower()
    singular = plain.removesuffix("s") if plain not in SHORT else plain
    return (SHORT.get(singular, singular) if slash else ""), name


def _is(workload: Workload, kind: str, name: str, namespace: str | None) -> bool:
    own = workload.meta.subject
    there = namespace is None or own.namespace == namespace
    return own.name == name and there and kind in ("", own.kind.lower())


def _near(workloads: list[Workload], kind: str, name: str) -> str:
    names = {w.meta.subject.name: full_name(w) for w in workloads}
    close = difflib.get_close_matches(name, names, 3)
    return f"; near it are {', '.join(names[n] for n in close)}" if close else ""
