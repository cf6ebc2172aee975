"""Findings as JUnit's XML, in the form that most CI servers read.

Nobody has specified it; https://github.com/testmoapp/junitxml tells what is in use.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from meshlint.finding import Finding, Severity, printable
from meshlint.report.model import Report
from meshlint.report.names import from_root
from meshlint.unread import FATAL

FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write."""

COUNTED = {"tests": "testcase", "failures": "testcase/failure", "errors": "testcase/error"}


def render(report: Report) -> str:
    """A suite for each file with a case for each finding; a file without any is a passing case.

    Notes pass, and say what they say as output. What could not be read is an error.
    """
    root = Element("testsuites", name="meshlint")
    found: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        found[finding.where.path].append(finding)
    read = (path for path, source in report.sources.items() if not source.made)
    for path in sorted({*found, *read}):
        _suite(root, from_root(report, path), found[path])
    lost = [f"{s.path}: {s.reason.value} {s.detail}" for s in report.skips if s.reason in FATAL]
    for text in (*lost, *report.failures):
        _lost(root, text)
    for suite in (*root, root):
        _count(suite)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _suite(root: Element, name: str, findings: Iterable[Finding]) -> None:
    file = _legal(name)
    suite = SubElement(root, "testsuite", name=file, file=file)
    seen: Counter[str] = Counter()
    for finding in findings:
        title = f"{finding.code} {finding.rule} line {finding.where.line}"
        seen[title] += 1
        # Of cases that have the same name, servers keep one.
        _case(suite, file, finding, title if seen[title] == 1 else f"{title} ({seen[title]})")
    if not len(suite):
        SubElement(suite, "testcase", name="meshlint", classname=file, file=file, time="0")


def _case(suite: Element, file: str, finding: Finding, title: str) -> None:
    where = finding.where
    names = {"name": title, "classname": file, "file": file, "line": str(where.line)}
    case = SubElement(suite, "testcase", names, time="0")
    message = _legal(finding.message)
    if finding.severity is Severity.NOTE:
        inner = SubElement(case, "system-out")
    else:
        inner = SubElement(case, "failure", type=finding.code, message=message)
    inner.text = f"{file}:{where.line}:{where.column}: {finding.severity.value} {message}"


def _lost(root: Element, text: str) -> None:
    suite = SubElement(root, "testsuite", name="meshlint")
    case = SubElement(suite, "testcase", name="meshlint", classname="meshlint")
    SubElement(case, "error", type="unread", message=_legal(text))


def _count(suite: Element) -> None:
    """The numbers that belong on a suite, and on all of them."""
    head = "testsuite/" if suite.tag == "testsuites" else ""
    for name, path in COUNTED.items():
        suite.set(name, str(len(suite.findall(head + path))))
    suite.set("time", "0")


def _legal(text: str) -> str:
    return FORBIDDEN.sub("\ufffd", printable(text))
