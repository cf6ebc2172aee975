"""The page around its parts: head, verdict, numbers, and the way to each part."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from meshlint import __version__
from meshlint.finding import Severity
from meshlint.report.html.filters import filters
from meshlint.report.html.findings import findings
from meshlint.report.html.hidden import hidden, number
from meshlint.report.html.markup import NOTHING, Markup, tag, text
from meshlint.report.html.mesh import mesh
from meshlint.report.html.rules import rules
from meshlint.report.html.unread import gaps, unread, warnings
from meshlint.report.model import Report, count

MANY = 500
"""Beyond so many findings a browser may leave out those that are not in sight."""


def page(report: Report) -> str:
    """The whole document."""
    style, script = _data("page.css"), _data("page.js")
    parts = (_header(report), _main(report), tag("script", script))
    body = tag(
        "body", tag("a", text("Skip to the findings"), href="#findings", class_="skip"), *parts
    )
    return f"<!doctype html>\n{tag('html', _head(report, style, script), body, lang='en')}\n"


def _data(name: str) -> Markup:
    """A file of this package; what is shipped is no text of a scanned tree."""
    return Markup(files(__package__).joinpath(name).read_text("utf-8"))


def _head(report: Report, style: Markup, script: Markup) -> Markup:
    rules = (
        "default-src 'none'", f"style-src '{_hash(style)}'", f"script-src '{_hash(script)}'",
        "img-src data:", "base-uri 'none'", "form-action 'none'",
    )  # fmt: skip
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content="; ".join(rules)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="generator", content=f"meshlint {__version__}"),
        tag("link", rel="icon", href="data:,"),
        tag("title", text(f"meshlint: {_verdict(report)}")),
        tag("style", style),
    )


def _hash(inside: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()}"


def _verdict(report: Report) -> str:
    """`2 errors, 1 note in 14 files`; severities without findings are left out."""
    parts = [count(report.number(s), s.value) for s in Severity if report.number(s)]
    if report.empty:
        return "nothing was checked"
    found = ", ".join(parts) or "no findings"
    return f"{found} in {count(report.counts.files, 'file')}"


def _header(report: Report) -> Markup:
    worst = next((s.value for s in Severity if report.number(s)), "clean")
    if worst == "clean" and (report.empty or not report.complete):
        worst = "warning"
    commit = (
        tag("span", text("commit "), tag("code", text(report.commit[:12])))
        if report.commit
        else NOTHING
    )
    verdict = _verdict(report)
    return tag(
        "header",
        tag("p", tag("strong", text("meshlint")), text(f" {__version__} "), commit, class_="brand"),
        tag("h1", text(verdict[0].upper() + verdict[1:]), class_=worst),
        warnings(report),
        _numbers(report),
        _ways(report),
    )


def _numbers(report: Report) -> Markup:
    counts = report.counts
    pairs = (
        ("files", counts.files), ("objects", counts.objects), ("namespaces", counts.namespaces),
        ("workloads", counts.workloads), ("Istio webhook configurations", counts.webhooks),
        ("not looked at", sum(gaps(report).values())),
        ("findings not reported", number(report)),
    )  # fmt: skip
    shown = pairs if number(report) else pairs[:-1]
    items = (
        tag("div", tag("dt", text(name)), tag("dd", text(f"{many:,}"))) for name, many in shown
    )
    return tag("dl", *items, class_="numbers")


def _ways(report: Report) -> Markup:
    ways = [("findings", "Findings"), ("mesh", "Mesh")]
    ways += [("rules", "Rules")] if report.findings else []
    ways += [("unread", "Not looked at")]
    ways += [("hidden", "Not reported")] if hidden(report) else []
    links = (tag("li", tag("a", text(name), href=f"#{anchor}")) for anchor, name in ways)
    return tag("nav", tag("ul", *links), aria_label="Parts of this report")


def _main(report: Report) -> Markup:
    return tag(
        "main", _findings(report), mesh(report), rules(report), unread(report), hidden(report)
    )


def _findings(report: Report) -> Markup:
    total = len(report.findings)
    head = tag("h2", text("Findings"))
    if not total:
        why = "nothing was checked" if report.empty else "nothing is wrong in what was looked at"
        words = tag("p", text(f"None: {why}."), class_="none")
        return tag("section", head, words, id="findings")
    status = tag("p", text(count(total, "finding")), id="shown", role="status")
    return tag(
        "section",
        head,
        filters(report),
        status,
        tag("div", findings(report), id="groups", class_="many" if total > MANY else None),
        id="findings",
    )
