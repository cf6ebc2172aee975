"""What the rules say that found something: why it matters, and what to do."""

from __future__ import annotations

from meshlint.policy import Policy
from meshlint.report.html.filters import used
from meshlint.report.html.markup import NOTHING, Markup, joined, link, paragraphs, tag, text
from meshlint.report.model import Report


def rules(report: Report) -> Markup:
    """Each rule once, whatever the number of its findings."""
    found = used(report)
    if not found:
        return NOTHING
    return tag(
        "section", tag("h2", text("Rules")), *map(_rule, found), id="rules", class_="rules"
    )  # fmt: skip


def _rule(policy: Policy) -> Markup:
    head = tag(
        "h3",
        tag("span", text(policy.code), class_="code"),
        tag("span", text(f" {policy.name}"), class_="name"),
    )
    parts = [tag("p", text(policy.summary), class_="summary")]
    for name, prose in (
        ("What people see", policy.symptom),
        ("Why", policy.why),
        ("What to do", policy.fix),
    ):
        parts += [tag("h4", text(name)), paragraphs(prose)] if prose else []
    pages = [(f"all about {policy.code}", policy.page), *((r, r) for r in policy.references)]
    items = (tag("li", link(text(words), address)) for words, address in pages)
    return tag("article", head, *parts, tag("ul", joined(*items)), id=f"rule-{policy.code}")
