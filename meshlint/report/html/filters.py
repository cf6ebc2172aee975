"""The form that filters findings: of no use without the page's script, which shows it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from meshlint.finding import Severity
from meshlint.policy import Policy
from meshlint.report.html.findings import namespace_of, namespaces
from meshlint.report.html.markup import NOTHING, Markup, joined, tag, text
from meshlint.report.model import Report


def filters(report: Report) -> Markup:
    """Severity, rule or family, namespace, words; and how findings are grouped."""
    parts = (_severities(report), _rules(report), _namespaces(report), _words(), _grouping())
    reset = tag("button", text("Reset"), type="reset")
    return tag(
        "form", *parts, reset, id="filters", role="search", aria_label="Filter findings",
        hidden=True,
    )  # fmt: skip


def _severities(report: Report) -> Markup:
    boxes = (
        tag(
            "label",
            tag("input", type="checkbox", name="severity", value=severity.value, checked=True),
            tag("span", text(severity.value), class_=f"sev {severity.value}"),
            text(f" {report.number(severity)}"),
        )
        for severity in Severity
        if report.number(severity)
    )
    inside = (tag("span", text("Severity"), id="severity"), tag("div", *boxes, class_="boxes"))
    return tag("div", *inside, class_="field", role="group", aria_labelledby="severity")


def _rules(report: Report) -> Markup:
    """All rules that found something, by family; a family can be chosen as a whole."""
    numbers = Counter(finding.code for finding in report.findings)
    families: defaultdict[str, list[Policy]] = defaultdict(list)
    for policy in used(report):
        families[policy.family].append(policy)
    groups = (_family(name, inside, numbers) for name, inside in families.items())
    return _select("Rule", "rule", "all rules", groups)


def used(report: Report) -> list[Policy]:
    """The policies of the rules that found something, by code."""
    codes = {finding.code for finding in report.findings}
    return [policy for policy in report.policies if policy.code in codes]


def _family(name: str, policies: list[Policy], numbers: Counter[str]) -> Markup:
    codes = " ".join(policy.code for policy in policies)
    total = sum(numbers[policy.code] for policy in policies)
    label = name.replace("_", " ")
    every = tag("option", text(f"all of {label} ({total})"), value=f"{name}/", data_codes=codes)
    each = (
        tag("option", text(f"{p.code} {p.name} ({numbers[p.code]})"), value=p.code)
        for p in policies
    )
    return tag("optgroup", every, *each, label=label)


def _namespaces(report: Report) -> Markup:
    names = namespaces(report.findings)
    if not names:
        return NOTHING
    numbers = Counter(namespace_of(finding.subject) for finding in report.findings)
    options = (tag("option", text(f"{name} ({numbers[name]})"), value=name) for name in names)
    return _select("Namespace", "ns", "all namespaces", options)


def _select(label: str, name: str, every: str, options: Iterable[Markup]) -> Markup:
    first = tag("option", text(every), value="")
    return _labelled(label, tag("select", first, *options, name=name))


def _words() -> Markup:
    return _labelled(
        "Text", tag("input", type="search", name="q", placeholder="file, message, object")
    )


def _grouping() -> Markup:
    options = (tag("option", text(word), value=word) for word in ("file", "rule"))
    return _labelled("Group by", tag("select", *options, name="group"))


def _labelled(label: str, control: Markup) -> Markup:
    return tag("label", joined(tag("span", text(label)), control), class_="field")
