"""What is not a value yet: Helm, envsubst, Kustomize, kpt, ytt and Jinja placeholders."""

from __future__ import annotations

import re

IN_TEXT = re.compile(
    r"\{\{|\}\}|\{%|<%|\$\{|\$\(|\$[A-Z_]{2}|\(\(|%[A-Z_]{2,}%|@[A-Z_.]{2,}@"
    r"|\A<[\w .-]+>\Z|\A__\w+__\Z|\A[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\Z"
)
"""The last form is a word such as MYSQL_PORT_PLACEHOLDER, which a replacement fills in."""

IN_COMMENT = re.compile(r'#\s*(?:\{\s*"\$|kpt-set:|kpt-merge|yaml-language)|#@')
MARKS = ("{{", "{%", "<%")
BLANKS = ("${", "(@")
FRAMED = re.compile(r"%[A-Z_]{2,}%|@[A-Z_.]{2,}@|\b__[A-Z0-9_]+__\b")
FRAMES = ("%", "@", "__")
DIRECTIVE = re.compile(r"(?m)^[ \t]*#(?:@|[ \t]*\{\{)|[ \t]#@")
BLOCK = ("|", ">")


def placeholder(text: str, comment: str, style: str | None) -> bool:
    """Whether a scalar is filled in later; block scalars (injection templates) are text."""
    if comment and IN_COMMENT.match(comment):
        return True
    return style not in BLOCK and IN_TEXT.search(text) is not None


def marked(text: str) -> bool:
    """Whether text holds marks of a template engine, which shell-like `${X}` is not."""
    return any(mark in text for mark in MARKS)


def templated(text: str) -> bool:
    """Whether text that is no YAML can be a template that becomes YAML."""
    if marked(text) or any(blank in text for blank in BLANKS):
        return True
    return any(frame in text for frame in FRAMES) and FRAMED.search(text) is not None


def directed(text: str) -> bool:
    """Whether comments hold directives (ytt, Helm), so that lines around them may come and go."""
    return ("#@" in text or "{{" in text) and DIRECTIVE.search(text) is not None
