"""The tool and its rules as SARIF describes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from meshlint import __version__
from meshlint.finding import Severity
from meshlint.policy import HOME, Policy
from meshlint.report.sarif_places import Json

MESSAGE = "default"

PRECISION = {Severity.ERROR: "very-high", Severity.WARNING: "high", Severity.NOTE: "medium"}
PROBLEM = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "recommendation",
}
"""GitHub's words for quality rules; no rule is about security, so none has a security-severity:
https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
"""


def driver(policies: Iterable[Policy], notices: list[Json]) -> Json:
    """The tool: all rules of the run, with and without results, and its notifications."""
    return {
        "name": "meshlint",
        "fullName": f"meshlint {__version__}",
        "organization": "meshlint",
        "version": __version__,
        "semanticVersion": __version__,
        "informationUri": HOME,
        "language": "en",
        "rules": [rule(policy) for policy in policies],
        "notifications": notices,
    }


def rule(policy: Policy) -> Json:
    """One policy."""
    described: Json = {
        "id": policy.code,
        "name": pascal(policy.name),
        "shortDescription": {"text": policy.summary},
        "fullDescription": {"text": _first(policy.why)},
        "help": {"text": "\n\n".join(_plain(policy)), "markdown": "\n\n".join(_markdown(policy))},
        "messageStrings": {MESSAGE: {"text": template(policy)}},
        **({"helpUri": policy.page} if policy.page else {}),
        "defaultConfiguration": {"level": policy.severity.value},
        "properties": {
            "tags": ["istio", "kubernetes", "sidecar-injection", policy.family],
            "precision": PRECISION[policy.severity],
            "problem.severity": PROBLEM[policy.severity],
        },
    }
    return described


def _first(why: str, limit: int = 1024) -> str:
    """As many paragraphs as GitHub shows; the whole text stands in `help`."""
    kept = ""
    for paragraph in why.split("\n\n"):
        longer = f"{kept}\n\n{paragraph}" if kept else paragraph
        if len(longer) > limit:
            break
        kept = longer
    return kept


def template(policy: Policy) -> str:
    """What a result of any rule says, for readers that take `id` and `arguments`."""
    return policy.summary.replace("{", "{{").replace("}", "}}") + " See '{0}'."


def pascal(name: str) -> str:
    """`webhook-url-invalid` as `WebhookUrlInvalid`."""
    return "".join(word.capitalize() for word in name.split("-"))


def _plain(policy: Policy) -> Iterator[str]:
    yield policy.why
    if policy.symptom:
        yield f"What you see: {policy.symptom}"
    yield f"Fix: {policy.fix}"
    yield f"Fails:\n\n{policy.fails}"
    yield f"Passes:\n\n{policy.passes}"
    yield from (f"See {page}" for page in (policy.page,) if page)


def _markdown(policy: Policy) -> Iterator[str]:
    yield policy.why
    if policy.symptom:
        yield f"**What you see:** {policy.symptom}"
    yield f"**Fix:** {policy.fix}"
    yield f"**Fails:**\n\n```yaml\n{policy.fails.rstrip()}\n```"
    yield f"**Passes:**\n\n```yaml\n{policy.passes.rstrip()}\n```"
    pages = [page for page in (policy.page, *policy.references) if page]
    if pages:
        yield "**See:**\n\n" + "\n".join(f"- [{url}]({url})" for url in dict.fromkeys(pages))
