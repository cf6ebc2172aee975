"""What an error names: webhook, service, namespace, revision, port, and so on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from meshlint.symptom.model import FIELDS

Names = Mapping[str, tuple[str, ...]]
"""Values by field, in the order in which the text has them."""

MOST = 20
"""Values of one field: an error that names more is a list, and says nothing."""

NAME = r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?"
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
WEBHOOK = "(?:mutating|validating)webhookconfigurations?"
KIND = "pods?|replicasets?|deployments?|statefulsets?|daemonsets?|jobs?|cronjobs?"

EVERYWHERE = tuple(
    re.compile(text, re.IGNORECASE)
    for text in (
        rf'(?<!name )webhook "(?P<webhook>{NAME})"',
        rf'(?:Post|Get) "?https?://(?P<host>{NAME})(?::(?P<port>\d{{1,5}}))?(?P<path>/[^\s"?]{{0,200}})?',
        rf"\b(?P<service>istiod(?:-{LABEL})?)\.(?P<namespace>{LABEL})\.svc\b(?:[a-z.]*:(?P<port>\d{{2,5}})\b)?",
        rf'\bservice "(?P<service>{LABEL})"',
        rf'\bnamespaces? "(?P<namespace>{LABEL})"',
        rf"\bin (?:the )?namespace (?P<namespace>{LABEL})(?![\w.])",
        rf'\b{WEBHOOK}(?:\.admissionregistration\.k8s\.io)?[ /"]{{1,3}}(?P<configuration>{NAME})',
        rf'(?<![\w\[])(?:{KIND})(?:\.apps|\.batch)?(?:/| ")(?P<workload>{NAME})-?(?![\w.])',
        rf"\bsystem:serviceaccount:(?P<namespace>{LABEL}):(?P<account>{NAME})",
        r'\bcannot (?P<verb>[a-z]+) resource "(?P<resource>[\w.*/-]+)"',
        rf'\bconfigmaps? "(?P<configmap>{NAME})"',
        rf"\blookup (?P<host>{NAME})",
        r"\bdial tcp [\d.]{7,15}:(?P<port>\d{2,5})",
        rf'\bistio\.io/rev[=:] ?"?(?P<revision>{NAME})',
    )
)

SERVICE = re.compile(rf"({LABEL})\.({LABEL})\.svc(?:\.[a-z0-9.-]+)?\Z")
TAG_SERVICE = "istiod-revision-tag-"
NO_REVISION = ("istiod-remote",)
RANDOM = "[bcdfghjklmnpqrstvwxz2456789]"
"""The letters of which Kubernetes makes names (k8s.io/apimachinery/pkg/util/rand)."""

TAILS = re.compile(rf"(?:-(?:{RANDOM}{{6,10}}|[0-9a-f]*\d[0-9a-f]{{7,9}}))?(?:-{RANDOM}{{5}})?\Z")


def names_in(text: str, found: Iterable[tuple[str, str]], about: Mapping[str, str]) -> Names:
    """What a text names: first what its pattern `found`, then what any error names the same way.

    `about` is what `kubectl describe` has said of the object (see Message).
    """
    own = [part for pair in found for part in _derived(*pair)]
    given = {field for field, _ in own}
    others = (part for pair in _everywhere(text) for part in _derived(*pair))
    whole = (*own, *(pair for pair in others if pair[0] not in given), *_about(about))
    return together([_tidy(*pair) for pair in whole])


def together(pairs: Iterable[tuple[str, str]]) -> Names:
    """Pairs of field and value as a map, in the order of FIELDS, each value once."""
    values: dict[str, dict[str, None]] = {}
    for field, value in pairs:
        values.setdefault(field, {})[value] = None
    return {field: tuple(values[field])[:MOST] for field in FIELDS if field in values}


def pairs_of(names: Names) -> Iterator[tuple[str, str]]:
    """The other way round."""
    return ((field, value) for field, values in names.items() for value in values)


def _everywhere(text: str) -> Iterator[tuple[str, str]]:
    for regex in EVERYWHERE:
        for match in regex.finditer(text):
            yield from ((field, value) for field, value in match.groupdict().items() if value)


def _derived(field: str, value: str) -> Iterator[tuple[str, str]]:
    """A host in the cluster is a service in a namespace; a service's name may tell a revision."""
    parts = SERVICE.match(value) if field == "host" else None
    if parts is not None:
        yield from _derived("service", parts[1])
        yield "namespace", parts[2]
        return
    yield field, value
    if field == "service" and value.startswith(TAG_SERVICE):
        yield "tag", value.removeprefix(TAG_SERVICE)
    elif field == "service" and value.startswith("istiod-") and value not in NO_REVISION:
        yield "revision", value.removeprefix("istiod-")


def _about(about: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    owner = about.get("Controlled By", "").rpartition("/")[2] or about.get("Name", "")
    if owner:
        yield "workload", owner
    if "Namespace" in about:
        yield "pod_namespace", about["Namespace"]


def _tidy(field: str, value: str) -> tuple[str, str]:
    """A pod's name without what its owners' controllers have added."""
    if field == "workload":
        value = value.rstrip("-")
        return field, TAILS.sub("", value) or value
    return field, value
