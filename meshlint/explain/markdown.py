"""Rules as Markdown: the pages of docs/rules/, and lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from meshlint.diagnose.answer import commands
from meshlint.diagnose.markdown import code, plain, plain_paragraphs
from meshlint.diagnose.words import codes
from meshlint.explain.entry import EXAMPLE, Entry, mended, severities
from meshlint.finding import Severity
from meshlint.policy import Policy
from meshlint.symptom.model import Cause, Symptom

FAMILIES = {
    "document": "Documents that cannot be read as they are meant",
    "labels": "Injection labels and annotations",
    "revisions": "Revisions and tags",
    "webhooks": "Webhook configurations",
    "leftovers": "What an old control plane left behind",
    "control_plane": "istiod, and the way to it",
    "proxy": "Proxies and their configuration",
    "gitops": "Argo CD, Flux, Helm and Kustomize against istiod",
}
"""The families of the shipped rules, in the order of their codes."""


TICKS = re.compile(r"'([^']*)'")


def page(entry: Entry) -> str:
    """One rule in full: what docs/rules/CODE.md has in it."""
    return "\n".join(_parts(entry))


def _parts(entry: Entry) -> Iterator[str]:
    policy = entry.policy
    yield f"# {policy.code} {plain(policy.name)}\n"
    yield f"{plain(policy.summary)}\n"
    yield _severities(policy)
    sections = (
        ("What you see", policy.symptom),
        ("Why it matters", policy.why),
        ("How to fix it", policy.fix),
    )
    for title, prose in sections:
        if prose:
            yield f"## {title}\n\n{plain_paragraphs(prose)}"
    if policy.fixable:
        yield TICKS.sub(r"`\1`", mended(policy)) + "\n"
    if policy.fails:
        yield "## Example\n"
        yield from _example(entry)
    if entry.parameters:
        yield "## Parameters\n\nA policy of your own sets them under `with`.\n"
        rows = (
            f"| `{p.name}` | {p.default} | {p.least} to {p.most} | {plain(p.words)} |\n"
            for p in entry.parameters
        )
        yield f"| parameter | usual | can be | what it is |\n|---|---|---|---|\n{''.join(rows)}"
    if entry.errors:
        yield "## Error texts that lead here\n"
        yield from (f"- {code(e.error)}: `meshlint explain {e.name}`" for e in entry.errors)
        yield ""
    yield from _left_out(entry)
    if policy.references:
        yield "## See also\n"
        yield from (f"- <{url}>" for url in policy.references)
        yield ""


def error(symptom: Symptom) -> str:
    """One error text."""
    return "\n".join(_told(symptom))


def _told(symptom: Symptom) -> Iterator[str]:
    yield f"# {plain(symptom.summary)}\n"
    yield f"{code(symptom.error)}\n"
    if symptom.causes:
        yield "## What causes it\n"
        yield from (f"- {plain(cause.text)}{_codes(cause)}" for cause in symptom.causes)
        yield ""
    yield f"## What to do\n\n{plain_paragraphs(symptom.resolution)}"
    if symptom.elsewhere:
        yield "## What to check where Git does not show the cause\n"
        for check in symptom.elsewhere:
            yield f"- {plain(check.text)}"
            yield from (f"  - {code(command)}" for command in commands(check, {}))
        yield ""
    if symptom.references:
        yield "## See also\n"
        yield from (f"- <{url}>" for url in symptom.references)
        yield ""


def _codes(cause: Cause) -> str:
    found = codes(cause)
    return f" ({found})" if found else ""


def _severities(policy: Policy) -> str:
    """A sentence for one severity, a table for several."""
    if not policy.cases:
        return f"Severity: {policy.severity.value}.\n"
    rows = (f"| {s.value} | {f'`{c}`' if c else 'usual'} |\n" for c, s in severities(policy))
    return f"| severity | case |\n|---|---|\n{''.join(rows)}"


def _example(entry: Entry) -> Iterator[str]:
    policy = entry.policy
    yield f"`{EXAMPLE}` is wrong:\n"
    yield fenced(policy.fails, "yaml")
    if entry.output:
        yield fenced(f"$ meshlint --quiet {EXAMPLE}\n{entry.output}", "console")
    if entry.mending:
        command = f"$ meshlint --quiet {entry.mending.option} --diff {EXAMPLE}"
        yield fenced(f"{command}\n{entry.mending.diff}", "console")
    if policy.passes:
        yield f"It is right so:\n\n{fenced(policy.passes, 'yaml')}"


def _left_out(entry: Entry) -> Iterator[str]:
    if entry.leaving is None:
        return
    yield "## How to leave a finding out\n"
    yield f"Where it is meant, say so with the reason, {entry.leaving.where}:\n"
    yield fenced(entry.leaving.lines, "yaml")
    yield (
        "[Suppressions](../suppressions.md) has the other ways: for a document, a file, an object,"
        " a path.\n"
    )


def fenced(text: str, language: str) -> str:
    """A block of code, between more backticks than it has in a row."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text.rstrip()}\n{fence}\n"


def table(rows: Iterable[tuple[Policy, Severity]]) -> str:
    """Rules as one table, with the worst severity that a finding of each can have."""
    head = "| code | rule | at worst | what it finds |\n|---|---|---|---|\n"
    shown = (
        f"| {policy.code} | {plain(policy.name)} | {worst.value} | {plain(policy.summary)} |\n"
        for policy, worst in rows
    )
    return head + "".join(shown)


def index(policies: Sequence[Policy]) -> str:
    """What docs/rules/README.md has in it: the rules by family, each with a link to its page."""
    parts = ["# Rules\n", ABOUT]
    for family, members in groupby(policies, key=lambda policy: policy.family):
        rows = (
            f"| [{p.code}]({p.code}.md) | {plain(p.name)} | {p.worst.value} | {FIXES[p.fixable]} |"
            f" {plain(p.summary)} |\n"
            for p in members
        )
        head = "| code | rule | at worst | fix | what it finds |\n|---|---|---|---|---|\n"
        parts += [f"## {FAMILIES[family]}\n", head + "".join(rows)]
    return "\n".join(parts)


ABOUT = (
    "A code stays that of its rule: it never changes, and is never used again. What `--fix` mends"
    " is safe; what only `--fix=unsafe` mends changes what runs, and is for somebody to look at.\n"
)
FIXES = {"safe": "`--fix`", "unsafe": "`--fix=unsafe`", "": ""}
