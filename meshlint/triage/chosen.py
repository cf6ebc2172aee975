"""What an entry of the configuration is about: findings in some files, or about some objects."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from meshlint.finding import Finding, Subject


@dataclass(frozen=True, slots=True)
class Chosen:
    """Files by a pattern of their paths from the root, and objects as `Kind/namespace/name`.

    None stands for any file or object. `name` gives a file its path from the root.
    """

    name: Callable[[str], str]
    files: re.Pattern[str] | None = None
    objects: tuple[tuple[str, ...], ...] | None = None

    def takes(self, finding: Finding) -> bool:
        """Whether a finding is meant."""
        if self.files is not None and not self.files.match(self.name(finding.where.path)):
            return False
        if self.objects is None:
            return True
        subject = finding.subject
        return subject is not None and any(_is(subject, parts) for parts in self.objects)


def _is(subject: Subject, parts: Sequence[str]) -> bool:
    """Whether an object is Kind/name in any namespace, or Kind/namespace/name."""
    kind, *space, name = parts
    return (
        fnmatchcase(subject.kind.lower(), kind.lower())
        and fnmatchcase(subject.name, name)
        and all(fnmatchcase(subject.namespace, wanted) for wanted in space)
    )
