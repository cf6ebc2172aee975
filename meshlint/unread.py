"""What was not looked at, and why: counted and told on every run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Unread(StrEnum):
    """Why something in the tree was not looked at, or not taken for a whole object."""

    TEMPLATE = "templates not rendered"
    VALUES = "Helm values files"
    PLACEHOLDER = "documents with placeholders"
    PATCH = "patch fragments"
    KINDLESS = "documents that are no Kubernetes objects"
    OTHER_KIND = "objects of kinds that no rule reads"
    BROKEN = "documents that are not valid YAML"
    ENCODING = "files that are not UTF-8"
    LARGE = "files above the size limit"
    DEEP = "documents nested too deeply"
    LFS = "files whose content is in Git LFS"
    SUBMODULE = "submodules"
    SPARSE = "files that a sparse checkout leaves out"
    UNRENDERED = "charts and kustomizations that could not be rendered"
    LINK = "links that lead out of the tree or nowhere"
    UNREADABLE = "paths that could not be read"
    IGNORED = "paths that Git ignores or that hold no sources"
    EXCLUDED = "files that the configuration excludes"


FATAL = frozenset({Unread.UNREADABLE, Unread.UNRENDERED})
"""Asked for and not read: the run exits with 3, or with 4 for what was not rendered."""

CHOSEN = frozenset({Unread.IGNORED, Unread.EXCLUDED})
"""Left out on purpose: nothing is lost by it."""

LISTED = frozenset(
    {
        Unread.UNREADABLE,
        Unread.UNRENDERED,
        Unread.LARGE,
        Unread.LINK,
        Unread.LFS,
        Unread.SUBMODULE,
    }
)
"""Files left out as a whole: named one by one on every run."""


@dataclass(frozen=True, slots=True)
class Skip:
    """One thing that was not looked at; `line` is 0 for a whole file."""

    reason: Unread
    path: str
    line: int = 0
    detail: str = ""
