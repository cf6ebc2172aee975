"""Policies of users' own out of YAML: rules made of checks, and changes of shipped ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import meshlint.checks
from meshlint.checks import form as forms
from meshlint.checks.registry import Given
from meshlint.config.entries import maps
from meshlint.config.fault import Faulty, whole
from meshlint.config.form import Endless, Form, Test, blank, choice
from meshlint.finding import Location, Severity, Value, quoted
from meshlint.policy import Policy, moderated, policies
from meshlint.rules import FAMILIES
from meshlint.rules.parameter import PARAMETERS
from meshlint.rules.registry import MeshRule
from meshlint.source.node import Node

FAMILY = "own"
"""The family of all rules of users' own."""

SAID = ("severity", "cases", "summary", "why", "fix", "symptom", "references", "examples")
KEYS = ("code", "name", *SAID, "with", "check")
OWN = ("code", "name", *SAID, "check")
CHANGED = ("code", "name", *SAID, "with")
NEEDED = ("code", "name", "severity", "summary", "why", "fix", "examples", "check")
MOST_SUMMARY = 300

assert meshlint.checks  # imported, so that all checks are registered


@dataclass(frozen=True, slots=True)
class Entry:
    """One policy of a file. `where` its code or name stands.

    `rule` is what a rule of one's own does; None for a shipped rule that is changed, of which
    `settings` are parameters. `tried` is whether examples stand in the file.
    """

    policy: Policy
    where: Location
    rule: MeshRule | None = None
    settings: Mapping[str, int] | None = None
    tried: bool = True


def read(path: str, data: bytes) -> list[Entry]:
    """The policies in a file's documents.

    Raises:
        Faulty: it is no YAML, or says what it cannot say.
    """
    form = Form()
    try:
        made = [_entry(form, root) for root in maps(form, path, data, "a policy")]
    except Endless:
        raise whole(path, "more values than anybody writes") from None
    if form.faults:
        raise Faulty(form.faults)
    return [entry for entry in made if entry is not None]


def _entry(form: Form, root: Node) -> Entry | None:
    """A rule of one's own is what has a check."""
    if root.get("check") is not None:
        return _own(form, root)
    found = form.entries(root, KEYS)
    shipped = _shipped(form, root, found)
    return _changed(form, found, shipped) if shipped else None


def _own(form: Form, root: Node) -> Entry | None:
    found = form.entries(root, OWN)
    forms.lacking(form, root, found, NEEDED)
    code = form.text(found.get("code"), _code)
    name = form.text(found.get("name"), _name)
    told = forms.check(form, found["check"])
    severity = _severity(form, found)
    cases = dict(told[0].cases) if told else {}
    policy = _said(form, found, _blank(code, name, severity), choice(cases) if cases else _no_case)
    if not (code and name and told):
        return None
    check, given = told
    rule = check.rule(Given(given.values, frozenset(policy.cases)))
    return Entry(replace(policy, fixable=check.fixable), name.where, rule)


def _blank(code: Value | None, name: Value | None, severity: Severity | None) -> Policy:
    """A policy of which only this is known."""
    return Policy(
        code=code.text if code else "",
        name=name.text if name else "",
        family=FAMILY,
        severity=severity or Severity.WARNING,
        cases={},
        summary="",
        why="",
        fix="",
        symptom="",
        references=(),
        fails="",
        passes="",
    )


def _severity(form: Form, found: dict[str, Node]) -> Severity | None:
    level = form.text(found.get("severity"), choice(forms.SEVERITIES))
    return Severity(level.text) if level else None


def _said(form: Form, found: dict[str, Node], base: Policy, cases: Test) -> Policy:
    """The policy with what is said of it here."""
    texts = {
        key: forms.prose(form.text(found.get(key), _summary if key == "summary" else forms.words))
        for key in ("summary", "why", "fix", "symptom")
    }
    examples = forms.examples(form, found.get("examples"), needed=base.family == FAMILY)
    urls = tuple(value.text for value in form.texts(found.get("references"), forms.url))
    return replace(
        base,
        summary=texts["summary"] or base.summary,
        why=texts["why"] or base.why,
        fix=texts["fix"] or base.fix,
        symptom=texts["symptom"] or base.symptom,
        fails=examples.get("fails", base.fails),
        passes=examples.get("passes", base.passes),
        cases={**base.cases, **forms.severities(form, found.get("cases"), cases)},
        references=urls or base.references,
    )


def _shipped(form: Form, root: Node, found: dict[str, Node]) -> Policy | None:
    """The shipped rule that a policy without a check changes."""
    code, name = (form.text(found.get(key), forms.words) for key in ("code", "name"))
    if code is None and name is None:
        if not _blank_any(found):
            form.wrong(root.where, "a policy has neither 'code' nor 'name': which rule is meant?")
        return None
    meant = [_find(form, value) for value in (code, name) if value is not None]
    if None in meant:
        return None
    if len({policy.name for policy in meant if policy}) > 1 and code and name:
        form.wrong(name.where, f"{quoted(name.text)} is not the rule {quoted(code.text)}")
        return None
    return meant[0]


def _blank_any(found: dict[str, Node]) -> bool:
    """Whether a code or name is there that was faulty by itself."""
    return any(key in found and not blank(found[key]) for key in ("code", "name"))


def _find(form: Form, value: Value) -> Policy | None:
    """Of codes none is meant more than the next, so that only names have a hint."""
    known = {word: policy for policy in policies() for word in (policy.code, policy.name)}
    if value.text in known:
        return known[value.text]
    import difflib

    near = difflib.get_close_matches(value.text, [policy.name for policy in policies()], 1)
    hint = f", did you mean {quoted(near[0])}?" if near else ""
    if not near and not value.text.startswith(forms.RESERVED):
        hint = ", and a rule of your own has a 'check'"
    form.wrong(value.where, f"{quoted(value.text)} is no rule of meshlint's{hint}")
    return None


def _changed(form: Form, found: dict[str, Node], base: Policy) -> Entry:
    """A shipped rule as users want it: a severity lowers milder cases too, and raises none."""
    severity = _severity(form, found)
    cases = dict(base.cases)
    if severity is not None:
        cases = {case: moderated(base, s, severity) for case, s in base.cases.items()}
    start = replace(base, severity=severity or base.severity, cases=cases)
    policy = _said(form, found, start, choice(base.cases) if base.cases else _no_case)
    known = PARAMETERS.get(base.name, {})
    if not known and "with" in found and not blank(found["with"]):
        form.wrong(found["with"].key_where, f"{quoted(base.name)} has no parameters")
        known = {}
    settings = forms.settings(form, found.get("with"), known) if known else {}
    key = found.get("code") or found["name"]
    return Entry(policy, key.where, None, settings, tried="examples" in found)


def _no_case(text: str) -> str:
    return "is no case: the rule has none"


def _summary(text: str) -> str | None:
    if len(text) > MOST_SUMMARY:
        return f"is longer than {MOST_SUMMARY} characters: say more under 'why'"
    return forms.words(text)


def _code(text: str) -> str | None:
    if text.startswith(forms.RESERVED):
        return "begins with 'MESH', as meshlint's own codes alone do: choose other letters"
    return forms.code(text)


def _name(text: str) -> str | None:
    if any(text == family.replace("_", "-") for family in FAMILIES):
        return "is a family of rules: choose another"
    return forms.name(text)
