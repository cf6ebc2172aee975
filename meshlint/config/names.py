"""What may be called how: tests for the strings of a configuration."""

from __future__ import annotations

import re
from posixpath import normpath

from meshlint.config.form import pattern
from meshlint.config.model import NOBODY

REVISION = re.compile(r"[a-z0-9]([-a-z0-9]{0,54}[a-z0-9])?\Z")
"""A DNS-1123 label with room for the Service `istiod-NAME`, as in rules/revisions/names."""

TAG = re.compile(r"[a-z0-9]([-.a-z0-9]{0,61}[a-z0-9])?\Z")
NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\Z")
CLUSTER = re.compile(r"[A-Za-z0-9][\w.:/@-]{0,252}\Z", re.ASCII)
"""Also what Argo CD calls one: a name of a cloud's, or the server's URL."""

LABEL_KEY = re.compile(
    r"([a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?\Z", re.ASCII
)
LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?\Z", re.ASCII)


def revision(name: str) -> str | None:
    """A revision; NOBODY has a meaning of its own beside them."""
    if name == NOBODY:
        return f"cannot be a name: 'defaultRevision: {NOBODY}' means that there is none"
    return _revision(name)


_revision = pattern(
    REVISION, "cannot be a revision: up to 56 lower-case letters, digits and dashes can"
)


def tag(name: str) -> str | None:
    """A tag, which since 1.28 may name a Service too, but need not."""
    if name == NOBODY:
        return revision(name)
    return _tag(name)


_tag = pattern(TAG, "cannot be a tag: up to 63 lower-case letters, digits, dashes and dots can")


def default(name: str) -> str | None:
    """As `defaultRevision`: a revision, a tag or NOBODY."""
    return None if name == NOBODY else _tag(name)


namespace = pattern(
    NAMESPACE, "cannot be a namespace: up to 63 lower-case letters, digits and dashes can"
)
cluster = pattern(CLUSTER, "cannot be a cluster: letters, digits and . _ : / @ - can")
label_key = pattern(LABEL_KEY, "cannot be the key of a label")
label_value = pattern(LABEL_VALUE, "cannot be the value of a label")


RELEASE = re.compile(r"[a-z0-9]([-a-z0-9]{0,51}[a-z0-9])?\Z")
release = pattern(
    RELEASE, "cannot be a release: up to 53 lower-case letters, digits and dashes can"
)


def setting(text: str) -> str | None:
    """A key or value of `--set`, which is written on one line."""
    return None if text.isprintable() else "cannot be set: it has characters that do not print"


def inside(path: str) -> str | None:
    """A file or folder of the tree, from its root; "." for the root itself."""
    problem = relative(path)
    if problem is None and normpath(path).startswith(".."):
        problem = "leads out of the repository"
    return problem


def relative(path: str) -> str | None:
    """A path from the configuration's folder; `..` may lead to another checkout."""
    if not path or not path.isprintable():
        return "cannot be a path"
    absolute = path.startswith(("/", "~", "\\")) or path[1:2] == ":"
    return "is an absolute path: write it from the configuration's folder" if absolute else None
