"""An error text as the catalogue knows it."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from meshlint.config.model import NOWHERE
from meshlint.finding import Location
from meshlint.symptom.dialect import Pattern

FIELDS = (
    "webhook",
    "configuration",
    "service",
    "namespace",
    "host",
    "port",
    "path",
    "revision",
    "tag",
    "workload",
    "pod_namespace",
    "container",
    "image",
    "annotation",
    "template",
    "configmap",
    "key",
    "filter",
    "account",
    "verb",
    "resource",
    "file",
    "value",
)
"""What an error can name, in the order in which it is shown: the names of a pattern's groups.

`namespace` is that of a service or of an object as such, `pod_namespace` that of the pods at hand.
"""


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that leads to the error, and the rules (names, or globs of them) that find it."""

    text: str
    rules: tuple[str, ...] = ()

    def shown_by(self, rule: str) -> bool:
        """Whether a finding of a rule would be this cause."""
        return any(fnmatchcase(rule, name) for name in self.rules)


@dataclass(frozen=True, slots=True)
class Check:
    """What to look at where Git does not show the cause; names of the error stand in braces.

    `{service|istiod}` in a command is the service that the error names, else `istiod`.
    """

    text: str
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Symptom:
    """One error: how to recognise it, what causes it, what to do.

    `error` is its text in one line, with `…` for what differs. A `general` symptom gives way to
    any other that is recognised in the same text. `samples` are texts that it is recognised in,
    `strangers` are some that look like it. `where` its name stands.
    """

    name: str
    summary: str
    error: str
    patterns: tuple[Pattern, ...]
    resolution: str
    causes: tuple[Cause, ...] = ()
    elsewhere: tuple[Check, ...] = ()
    references: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()
    general: bool = False
    where: Location = NOWHERE

    def cause_of(self, rule: str) -> int | None:
        """Which of the causes a finding of a rule is; None where it is none."""
        return next((n for n, cause in enumerate(self.causes) if cause.shown_by(rule)), None)
