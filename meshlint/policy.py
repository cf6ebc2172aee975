"""Policies: what is said about a rule. The one reader of the families in `policies/`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from meshlint.data import directory
from meshlint.finding import Severity
from meshlint.source.node import Node
from meshlint.source.parse import parse
from meshlint.source.split import split
from meshlint.source.text import decode

HOME = "https://meshlint.dev/"

SYMPTOMS = "symptoms"
"""A folder beside those of the families: error texts, which meshlint.symptom reads."""

PROFILES = "profiles"
"""Another one: sets of severities, which meshlint.triage reads."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One rule in words. `cases` are severities other than the usual one, by the case's name.

    `symptom` is what people see who have the fault, in the words of the error they get.
    """

    code: str
    name: str
    family: str
    severity: Severity
    cases: Mapping[str, Severity]
    summary: str
    why: str
    fix: str
    symptom: str
    references: tuple[str, ...]
    fails: str
    passes: str
    fixable: str = ""
    """`safe` where --fix mends some findings, `unsafe` where --fix=unsafe alone does."""

    def severity_of(self, case: str | None) -> Severity:
        """The severity of a hit; a case that the policy does not list is a bug."""
        return self.severity if case is None else self.cases[case]

    @property
    def page(self) -> str:
        """The address of the rule's page; of a user's own rule the first reference, or ""."""
        return page(self.code) or next(iter(self.references), "")

    @property
    def worst(self) -> Severity:
        """The worst severity that a finding of this rule can have."""
        return min((self.severity, *self.cases.values()), key=lambda s: s.rank)


def moderated(policy: Policy, severity: Severity, chosen: Severity) -> Severity:
    """What a rule's finding becomes, where a user gives the rule a severity.

    What has the rule's usual severity, or a worse one, has the chosen one. A case that the policy
    calls milder is one in which the scan proves less, or nothing bad comes of it: it is lowered to
    the chosen severity, and never raised by it.
    """
    if severity.rank <= policy.severity.rank or severity.rank < chosen.rank:
        return chosen
    return severity


def page(code: str) -> str:
    """The address of a shipped rule's page, which is docs/rules/CODE.md here; "" for any other."""
    return f"{HOME}rules/{code}" if code.startswith("MESH") else ""


@cache
def policies() -> tuple[Policy, ...]:
    """All shipped policies by code."""
    return tuple(sorted(map(load, _files("*")), key=lambda policy: policy.code))


@cache
def shipped(name: str) -> Policy:
    """The policy of a rule by its full name; a rule without one is a bug."""
    (path,) = _files(name)
    return load(path)


def _files(name: str) -> Iterator[Path]:
    found = directory("policies").glob(f"*/{name}.yaml")
    return (path for path in found if path.parent.name not in (SYMPTOMS, PROFILES))


def load(path: Path) -> Policy:
    """A policy file; its form is that of schemas/policy.schema.json, which tests hold it to."""
    root = parse(str(path), next(split(decode(path.read_bytes()))))

    def text(*keys: str) -> str:
        field = root.field(*keys)
        return field.value.text.strip() if field else ""

    cases = {key: Severity(f.value.text) for key, f in root.fields("cases").items()}
    return Policy(
        code=text("code"),
        name=text("name"),
        family=path.parent.name,
        severity=Severity(text("severity")),
        cases=cases,
        summary=text("summary"),
        why=_prose(text("why")),
        fix=_prose(text("fix")),
        symptom=_prose(text("symptom")),
        references=tuple(value.text for value in root.scalars("references")),
        fails=_example(root.get("examples", "fails")),
        passes=_example(root.get("examples", "passes")),
        fixable=text("fixable"),
    )


def _prose(text: str) -> str:
    """Paragraphs, each on one line."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _example(node: Node | None) -> str:
    return node.value().text if node else ""


def find(word: str) -> Policy | None:
    """The policy with a code or name, in any case."""
    wanted = word.lower()
    return next((p for p in policies() if wanted in (p.code.lower(), p.name)), None)
