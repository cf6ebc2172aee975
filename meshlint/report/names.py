"""What files and findings are called in reports for other programs: the same in every run."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from meshlint.finding import Finding
from meshlint.report.model import Report
from meshlint.source.files import STDIN


def from_root(report: Report, path: str) -> str:
    """A file by its path from the root, with forward slashes; one outside of it as it was given."""
    if path == STDIN:
        return path
    inside = os.path.relpath(Path.cwd() / path, report.root)
    return path if inside.startswith("..") else Path(inside).as_posix()


def marks(findings: Iterable[Finding], name: Callable[[str], str]) -> list[str]:
    """For each finding what tells it from all others, and stays when lines move.

    `name` gives the name of a file. Of findings that are alike, the number is part of it.
    """
    seen: Counter[str] = Counter()
    found = []
    for finding in findings:
        identity = finding.identity(name(finding.where.path))
        seen[identity] += 1
        found.append(hashlib.sha256(f"{identity}{seen[identity]}".encode()).hexdigest()[:32])
    return found
