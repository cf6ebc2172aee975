"""Which objects a patch is for."""

from __future__ import annotations

import re
from functools import lru_cache

from meshlint.finding import Subject
from meshlint.resources.layer import Target
from meshlint.units.item import CLUSTER_SCOPED, Item

DEFAULT = "default"
NO_NAMESPACE = "_non_namespaceable_"
"""What kustomize takes for the namespace of cluster-scoped objects (kyaml/resid/resid.go)."""

PLAIN = re.compile(r"[\w/-]*\Z")
SLOW = re.compile(r"\)[*+?{]|\\\d|\(\?[^:]")
"""What Python's engine may take forever for, or reads in another way than Go's."""

MAX_REPEATS = 3


def aims(target: Target | Subject, item: Item) -> bool | None:
    """Whether a patch changes the object of an item; None if that cannot be said."""
    subject = item.subject
    if subject is None:
        return False
    if isinstance(target, Subject):
        return _is(target, subject, item)
    answers = [*_kinds(target, subject), *_names(target, item)]
    if False in answers:
        return False
    return None if None in answers or not target.exact else True


def _is(target: Subject, subject: Subject, item: Item) -> bool:
    """By the identity that the object has or has had (resmap, GetMatchingResourcesByAnyId)."""
    if (target.api_version, target.kind) != (subject.api_version, subject.kind):
        return False
    wanted = (_namespace(target.kind, target.namespace), target.name)
    return any((_namespace(subject.kind, ns), name) == wanted for ns, name in item.names)


def _namespace(kind: str, namespace: str) -> str:
    return NO_NAMESPACE if kind in CLUSTER_SCOPED else namespace or DEFAULT


def _kinds(target: Target, subject: Subject) -> list[bool | None]:
    group, _, version = subject.api_version.rpartition("/")
    given = ((target.group, group), (target.version, version), (target.kind, subject.kind))
    return [_fits(pattern, (text,)) for pattern, text in given]


def _names(target: Target, item: Item) -> list[bool | None]:
    """By the name and namespace in the file or the present ones (resmap, Select)."""
    subject = item.subject
    assert subject is not None
    ends = (item.names[0], item.names[-1])
    namespaces = tuple(_namespace(subject.kind, namespace) for namespace, _ in ends)
    return [
        _fits(target.name, tuple(name for _, name in ends)),
        _fits(target.namespace, namespaces),
    ]


def _fits(pattern: str, texts: tuple[str, ...]) -> bool | None:
    """Whether a pattern takes one of some texts as a whole; an empty one takes all."""
    if not pattern or pattern in texts:
        return True
    if PLAIN.match(pattern):
        return False
    compiled = _compiled(pattern)
    if compiled is None:
        return None
    return any(compiled.fullmatch(text[:253]) is not None for text in texts)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """None for what is no pattern, or may take too long."""
    repeats = sum(pattern.count(mark) for mark in "*+{")
    if SLOW.search(pattern) or repeats > MAX_REPEATS or len(pattern) > 1000:
        return None
    try:
        return re.compile(pattern)
    except re.error:
        return None
