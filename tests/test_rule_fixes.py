"""Fixes of rules: which findings have one, what it says, and where rules keep their hands off."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from meshlint.engine import run
from meshlint.finding import Add, Append, Edit, Finding, Location
from meshlint.fix.settle import State, fixed
from meshlint.fix.unified import unified
from meshlint.policy import policies
from meshlint.report.model import Report
from meshlint.rules.spelling import slip
from meshlint.source.files import Collection, Source, collect
from tests.fixing import deployment, hook, namespace, webhook
from tests.lint import lint_paths, lint_text
from tests.manifests import injector, istiod
from tests.test_rules import FIXTURES

FIXABLE = {policy.name: policy.fixable for policy in policies() if policy.fixable}
SAFETY = {True: "safe", False: "unsafe"}


@pytest.mark.parametrize("policy", policies(), ids=lambda policy: policy.name)
def test_policies_say_which_rules_are_fixable(
    policy: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`fixable` is what --fix has to be, for the rule to mend any of its failing fixtures."""
    name = getattr(policy, "name", "")
    monkeypatch.chdir(FIXTURES / name / "fail")
    found = {SAFETY[f.fix.safe] for f in lint_paths(["."], name).findings if f.fix}
    assert min(found, default="") == FIXABLE.get(name, "")


@pytest.mark.parametrize("name", sorted(FIXABLE))
def test_fixes_are_of_the_finding(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fix has a sentence and edits, all in the finding's own file and at places in it."""
    monkeypatch.chdir(FIXTURES / name / "fail")
    for finding in lint_paths(["."], name).findings:
        if finding.fix:
            assert finding.fix.edits
            assert finding.fix.words.endswith(".")
            places = list(map(_place, finding.fix.edits))
            assert {place.path for place in places} == {finding.where.path}
            assert all(place.line > 0 for place in places)


def _place(edit: Edit) -> Location:
    return edit.holder if isinstance(edit, Add | Append) else edit.entry


@pytest.mark.parametrize("name", sorted(FIXABLE))
def test_fixed_fixtures(name: str, update: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What --fix=unsafe makes of the failing fixtures: read each diff as a maintainer would."""
    monkeypatch.chdir(FIXTURES / name / "fail")
    sources = tuple(collect(["."]).sources)
    start = State(sources, _lint(sources))
    after = fixed(start, _lint, unsafe=True, told=lambda report: _of(name, report))
    found, expected = _told(name, start, after), FIXTURES / name / "fixed.diff"
    if update:
        expected.write_bytes(found.encode())
    assert found.encode() == expected.read_bytes()
    assert {SAFETY[change.safe] for _, change in after.made} >= {FIXABLE[name]}
    again = fixed(after, _lint, unsafe=True, told=lambda report: _of(name, report))
    assert again.changed == after.changed


def _lint(sources: Sequence[Source]) -> Report:
    return run(Collection(list(sources)))


def _of(name: str, report: Report) -> list[Finding]:
    return [finding for finding in report.findings if finding.rule == name]


def _told(name: str, start: State, after: State) -> str:
    """A line for each fix that was made, and for each that was not possible, then the diffs."""
    made = [f"# made: {_line(finding)}" for finding, _ in after.made]
    left = [f"# left: {_line(finding)}" for finding in _of(name, after.report) if finding.fix]
    before = {source.path: source.read() for source in start.sources}
    diffs = [unified(path, before[path], data) for path, data in sorted(after.changed.items())]
    return "".join([*made, *left, *diffs])


def _line(finding: Finding) -> str:
    return f"{finding.where.path}:{finding.where.line} {_said(finding)}\n"


HOST = "hostNetwork: true, containers: [{name: cart, image: cart:1}]"
BARE = "nodeName: a"
"""A pod's spec without containers, as patches have it."""

INJECT = "sidecar.istio.io/inject"
REVISED = f"{istiod('1-29-1')}---\n{injector('1-29-1')}---\n" + (
    f"{namespace('{istio.io/rev: 1-29-1}')}---\n"
)
TO_LABELS = "Move it to 'spec.template.metadata.labels'"

CASES: list[tuple[str, str, str]] = [
    # quotes around a number or a boolean; the namespaces' label has words of its own
    ("label-not-string", deployment(f"{{{INJECT}: false}}"), "safe Put the value in quotes."),
    ("label-not-string", deployment(f"{{{INJECT}: yes}}"), "safe Write 'true'."),
    ("label-not-string", deployment(f"{{{INJECT}: 3}}"), ""),
    ("label-not-string", deployment(f"{{{INJECT}: yes}}", selector=f"{{{INJECT}: yes}}"), ""),
    ("label-not-string", deployment(f"{{{INJECT}: true}}", selector=f"{{{INJECT}: true}}"),
     "safe Put the value in quotes."),
    ("label-not-string", namespace("{istio-injection: false}"), "safe Write 'disabled'."),
    ("label-not-string", namespace("{istio-injection: true}"), "unsafe Write 'enabled'."),
    ("label-not-string", deployment("{istio-injection: true}"), ""),
    ("label-not-string", namespace("{istio.io/rev: 128}"), "safe Put the value in quotes."),
    ("label-not-string", namespace("{istio.io/rev: 1.20}"), ""),
    ("label-not-string", namespace("{istio.io/rev: true}"), ""),
    ("label-not-string", namespace("{istio.io/rev: }"), ""),
    ("label-not-string", deployment("{istio.io/use-waypoint: off}"), ""),
    ("label-not-string", deployment(annotations="{status.sidecar.istio.io/port: 70000}"), ""),
    # off stays off; on is for somebody to look at
    ("namespace-injection-value", namespace('{istio-injection: "off"}'), "safe Write 'disabled'."),
    ("namespace-injection-value", namespace('{istio-injection: "true"}'), "unsafe Write 'enabled'."),
    ("namespace-injection-value", namespace('{istio-injection: "maybe"}'), ""),
    ("namespace-injection-value", namespace('{istio-injection: "off", istio.io/rev: a1-1}'), ""),
    ("namespace-injection-value", namespace('{istio-injection: "on", istio.io/rev: a1-1}'),
     "unsafe Remove 'istio-injection'."),
    ("namespace-injection-value",
     namespace('{istio-injection: "on", istio.io/dataplane-mode: ambient}'), ""),
    ("namespace-injection-value", namespace('{istio-injection: "on"}', "kube-system"), ""),
    ("namespace-injection-value",
     namespace('{istio-injection: "off"}') + "---\n" + deployment(f'{{{INJECT}: "true"}}'), ""),
    # pods
    ("pod-inject-value", deployment(f'{{{INJECT}: "no"}}'), "safe Write 'false'."),
    ("pod-inject-value", deployment(f'{{{INJECT}: "True"}}'), "unsafe Write 'true'."),
    ("pod-inject-value", deployment(f'{{{INJECT}: "maybe"}}'), ""),
    ("pod-inject-value", deployment(f'{{{INJECT}: "True"}}', spec=HOST), ""),
    ("pod-inject-value", deployment(f'{{{INJECT}: "no"}}', selector=f'{{{INJECT}: "no"}}'), ""),
    ("pod-inject-value", deployment(annotations=f'{{{INJECT}: "yes"}}'),
     f"unsafe {TO_LABELS} as '{INJECT}: true'."),
    ("pod-inject-value", deployment(annotations=f'{{{INJECT}: "yes"}}', spec=BARE), ""),
    ("pod-inject-value",
     namespace("{istio-injection: disabled}") + "---\n" + deployment(f'{{{INJECT}: "True"}}'), ""),
    ("native-sidecar-value", deployment(annotations='{sidecar.istio.io/nativeSidecar: "yes"}'),
     "safe Write 'true'."),
    ("native-sidecar-value", deployment(annotations='{sidecar.istio.io/nativeSidecar: "no"}'),
     "unsafe Write 'false'."),
    ("native-sidecar-value", deployment(annotations='{sidecar.istio.io/nativeSidecar: "1.29"}'), ""),
    ("injection-annotation-invalid",
     deployment(annotations='{traffic.sidecar.istio.io/includeOutboundIPRanges: " 10.0.0.0/33"}'),
     ""),
    ("pod-revision-overridden", REVISED + deployment("{istio.io/rev: canary}"),
     "unsafe Remove 'istio.io/rev'."),
    ("pod-revision-overridden",
     REVISED + deployment("{istio.io/rev: canary}", selector="{istio.io/rev: canary}"), ""),
    # keys
    ("injection-key-misspelled", namespace("{istio-inject: enabled}"),
     "unsafe Rename it to 'istio-injection'."),
    ("injection-key-misspelled", namespace('{istio-inject: "yes"}'),
     "unsafe Write 'istio-injection: enabled'."),
    ("injection-key-misspelled", namespace("{istio-inject: maybe}"), ""),
    ("injection-key-misspelled", namespace("{istio.io/revision: 1.29.1}"), ""),
    ("injection-key-misspelled", namespace("{istio-inject: enabled, istio-injection: enabled}"),
     "unsafe Remove 'istio-inject'."),
    ("injection-key-misspelled", namespace("{istio-inject: enabled, istio-injection: disabled}"),
     ""),
    ("injection-key-misspelled", namespace("{istio-inject: enabled, istio.io/rev: a1-1}"), ""),
    ("injection-key-misspelled", deployment('{istio-inject: "true"}'),
     f"unsafe Rename it to '{INJECT}'."),
    ("injection-key-misspelled", deployment('{istio-inject: "true"}', spec=HOST), ""),
    ("injection-key-misspelled",
     deployment('{istio-inject: "true"}', selector='{istio-inject: "true"}'), ""),
    ("injection-key-misspelled", deployment(own='{istio-inject: "true"}'),
     f"unsafe {TO_LABELS} as '{INJECT}: true'."),
    ("injection-key-misspelled", deployment(own="{istio.io/revision: a1-1}"), ""),
    ("istio-annotation-unknown", deployment(annotations="{sidecar.istio.io/proxyCpu: 100m}"),
     "unsafe Rename it to 'sidecar.istio.io/proxyCPU'."),
    ("istio-annotation-unknown", deployment(annotations="{sidecar.istio.io/proxyCpu: lots}"), ""),
    ("istio-annotation-unknown",
     deployment(annotations="{sidecar.istio.io/proxyCpu: 1, sidecar.istio.io/proxyCPU: 100m}"), ""),
    (
        "istio-annotation-unknown",
        deployment(annotations='{traffic.sidecar.istio.io/includeInboundIPRanges: "*"}'),
        "",
    ),
    # places
    ("pod-key-on-workload", deployment(own=f'{{{INJECT}: "false"}}'), f"unsafe {TO_LABELS}."),
    ("pod-key-on-workload", deployment(own=f'{{{INJECT}: "maybe"}}'), ""),
    ("pod-key-on-workload", deployment(own=f'{{{INJECT}: "false"}}', spec=BARE), ""),
    ("pod-key-on-workload", deployment(own=f'{{{INJECT}: "true"}}', spec=HOST), ""),
    ("injection-key-on-wrong-kind", namespace(f'{{{INJECT}: "true"}}'),
     "unsafe Write 'istio-injection: enabled'."),
    ("injection-key-on-wrong-kind", namespace(f'{{{INJECT}: "true", istio.io/rev: a1-1}}'), ""),
    ("injection-key-on-wrong-kind", deployment("{istio-injection: disabled}"),
     f"unsafe Write '{INJECT}: false'."),
    ("injection-key-on-wrong-kind",
     deployment(f'{{istio-injection: disabled, {INJECT}: "true"}}'), ""),
    ("namespace-annotation-not-label", namespace("{}", annotations="{istio-injection: enabled}"),
     "unsafe Move it to 'metadata.labels'."),
    ("namespace-annotation-not-label",
     namespace("{istio-injection: enabled}", annotations="{istio-injection: enabled}"),
     "safe Remove 'istio-injection'."),
    ("namespace-annotation-not-label",
     namespace("{istio-injection: disabled}", annotations="{istio-injection: enabled}"), ""),
    ("namespace-annotation-not-label",
     namespace("{}", annotations="{istio-injection: enabled, istio.io/rev: a1-1}"), ""),
    ("inject-label-against-annotation",
     deployment(f'{{{INJECT}: "false"}}', f'{{{INJECT}: "true"}}'), f"unsafe Remove '{INJECT}'."),
    ("inject-label-against-annotation",
     deployment(f'{{{INJECT}: "maybe"}}', f'{{{INJECT}: "true"}}'), ""),
    ("ignored-namespace-labelled",
     namespace("{istio-injection: enabled, istio.io/rev: a1-1}", "kube-system"),
     "unsafe Remove 'istio-injection' and 'istio.io/rev'."),
    # duplicates
    ("document-duplicate-keys", namespace("{istio.io/rev: a1-1, istio.io/rev: a1-1}"),
     "safe Remove 'istio.io/rev'."),
    ("document-duplicate-keys", namespace("{istio.io/rev: a1-1, istio.io/rev: b1-1}"), ""),
    ("document-duplicate-keys", namespace("{app: a, app: b}"), ""),
    # caBundles
    ("webhook-cabundle-value", webhook(hook('""')), "safe Remove 'caBundle'."),
    ("webhook-cabundle-value", webhook(hook("Cg==")), "unsafe Remove 'caBundle'."),
    ("webhook-cabundle-value", webhook(hook("CA_BUNDLE")), ""),
    ("webhook-cabundle-value", webhook(hook("Cg=="), labels="{}"), ""),
    ("webhook-revision-label-missing", webhook(hook('""'), labels="{}"),
     "unsafe Add 'istio.io/rev: default' to 'metadata.labels'."),
    ("webhook-revision-label-missing",
     webhook(hook('""').replace("rev: default", "rev: canary"), labels="{}"), ""),
    ("webhook-revision-label-missing",
     webhook(hook('""'), hook('""').replace("istiod,", "istiod-canary,"), labels="{}"), ""),
    ("webhook-path-wrong", webhook(hook('""').replace("/inject", "/injection")),
     "unsafe Write '/inject'."),
    ("webhook-path-wrong", webhook(hook('""').replace("/inject", "/injct/cluster/a")), ""),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "text", "expected"), CASES)
def test_what_is_certain_and_what_is_not(rule: str, text: str, expected: str) -> None:
    """One finding of the rule, and its fix; "" where the meaning is not certain."""
    found = lint_text(text, rule).findings
    assert found
    assert [_said(finding) for finding in found] == [expected]


def test_what_a_patch_says_is_not_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The label is in the patch, and the object that it would be moved in is in another file."""
    kustomization = "resources: [cart.yaml]\npatches: [{path: patch.yaml}]\n"
    patch = deployment(own=f'{{{INJECT}: "false"}}', spec=BARE)
    (tmp_path / "kustomization.yaml").write_text(kustomization)
    (tmp_path / "cart.yaml").write_text(deployment())
    (tmp_path / "patch.yaml").write_text(patch)
    monkeypatch.chdir(tmp_path)
    found = lint_paths(["."], "pod-key-on-workload").findings
    assert [(finding.where.path, _said(finding)) for finding in found] == [("patch.yaml", "")]


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("canray", ["canary", "1-29-1"], "canary"),
        ("1.29.1", ["1-29-1", "1-28-1"], "1-29-1"),
        ("1-29-0", ["1-29-1"], None),
        ("prod-b", ["prod-a", "prod-c"], None),
        ("web", ["webs"], None),
    ],
)
def test_another_number_is_another_revision(
    name: str, known: list[str], expected: str | None
) -> None:
    assert slip(name, known) == expected


def _said(finding: Finding) -> str:
    return f"{SAFETY[finding.fix.safe]} {finding.fix.words}" if finding.fix else ""
