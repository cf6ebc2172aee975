"""Which findings explain an error: those that speak of what the error names come first."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from meshlint.diagnose.extract import Names
from meshlint.finding import Finding
from meshlint.symptom.model import Symptom

WEIGHTS = {
    "configuration": 4,
    "service": 4,
    "host": 4,
    "workload": 4,
    "revision": 3,
    "tag": 3,
    "template": 3,
    "annotation": 3,
    "configmap": 3,
    "filter": 3,
    "account": 3,
    "key": 2,
    "resource": 2,
    "namespace": 2,
    "pod_namespace": 2,
    "webhook": 1,
    "container": 1,
    "verb": 1,
    "value": 1,
}
"""How much it says that a finding speaks of the same one; what is left out says nothing."""

TELLING = 3
"""From here on, one common name is enough."""

REVISIONS = re.compile(r"\brevisions? '([a-z0-9][a-z0-9.-]*)'")
ISTIOD = re.compile(r"(?<![\w.-])istiod(?:-[a-z0-9-]*[a-z0-9])?(?![\w-])")
PODS = frozenset(
    "Pod ReplicaSet Deployment StatefulSet DaemonSet Job CronJob Rollout DeploymentConfig".split()
)


_Keyed = tuple[tuple[int, int, int, tuple[object, ...]], Finding]


@dataclass(frozen=True, slots=True)
class Ranked:
    """`explains` are findings that may be the reason of an error, what fits best first.

    `others` are findings of the same rules about something else.
    """

    explains: tuple[Finding, ...]
    others: tuple[Finding, ...]


def ranked(symptom: Symptom, names: Names, findings: Iterable[Finding]) -> Ranked:
    """The findings that are a cause of a symptom, by what the error names."""
    explains: list[_Keyed] = []
    others: list[_Keyed] = []
    for finding in findings:
        cause = symptom.cause_of(finding.rule)
        if cause is None:
            continue
        text = _text(finding)
        score, telling = _score(text, names)
        key = (-score, finding.severity.rank, cause, finding.order)
        foreign = not telling and _foreign(finding, text, names)
        (others if foreign else explains).append((key, finding))
    return Ranked(_sorted(explains), _sorted(others))


def _sorted(pairs: list[_Keyed]) -> tuple[Finding, ...]:
    return tuple(finding for _, finding in sorted(pairs, key=lambda pair: pair[0]))


def _text(finding: Finding) -> str:
    """Everything that a finding says, and the object and the key it says it of."""
    own = finding.subject
    parts = [finding.message, finding.where.pointer.replace("/", " ")]
    parts += [own.namespace, own.name] if own else []
    parts += [related.text for related in finding.related]
    return "\n".join(parts)


def _score(text: str, names: Names) -> tuple[int, bool]:
    """How much a finding has in common with an error, and whether one name is enough for it."""
    hits = [
        WEIGHTS[field]
        for field, values in names.items()
        if field in WEIGHTS and any(_named(field, value).search(text) for value in values)
    ]
    return sum(hits), any(hit >= TELLING for hit in hits)


@cache
def _named(field: str, value: str) -> re.Pattern[str]:
    """A name as a whole: `istiod` is none in `istiod-canary`; a service may stand before a dot."""
    end = "" if field == "service" else r"(?!\.\w)"
    return re.compile(rf"(?<![\w.-]){re.escape(value)}(?![\w-]){end}", re.IGNORECASE)


def _foreign(finding: Finding, text: str, names: Names) -> bool:
    """Whether a finding is about another istiod, revision or workload than the error."""
    own = finding.subject
    if own and own.kind in PODS and "workload" in names and own.name not in names["workload"]:
        return True
    if "revision" in names and REVISIONS.search(text):
        return True
    asked = [value for value in names.get("service", ()) if ISTIOD.fullmatch(value)]
    return bool(asked) and ISTIOD.search(text) is not None
