"""The rules on an injector's configuration: what each finds, at which place, and when it is quiet."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

import pytest

from meshlint.engine import run
from meshlint.facts import facts
from meshlint.finding import Finding, Severity
from meshlint.resources.control_plane import Revision
from meshlint.resources.istiod_sources import IstiodSources
from meshlint.source.files import collect
from tests.chart import configuration, istiod, mesh_of, namespace, settings, together
from tests.conftest import ROOT
from tests.lint import lint_paths, lint_text

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

RULES = (
    "injector-config-incomplete",
    "injector-config-unreadable",
    "injector-policy-off",
    "injector-template-broken",
    "injector-selector-invalid",
    "injector-config-outdated",
    "injector-config-not-read",
    "injector-image-skew",
)


def found(text: str) -> list[Finding]:
    return list(lint_text(text, *RULES).findings)


def said(text: str) -> list[tuple[str, Severity, str]]:
    """Rule, severity and the text at each finding's place."""
    lines = text.splitlines()
    return [(f.rule.removeprefix("injector-"), f.severity, shown(lines, f)) for f in found(text)]


def shown(lines: list[str], finding: Finding) -> str:
    where = finding.where
    return lines[where.line - 1][where.column - 1 : where.end_column - 1]


def injector(
    config: str = "policy: enabled\n", values: str = "{}", name: str = "istio-sidecar-injector"
) -> str:
    """The ConfigMap with a template `sidecar`, unless the configuration has templates."""
    more = "" if "template" in config else "templates:\n  sidecar: |\n    spec: {}\n"
    return (
        f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  namespace: istio-system\n"
        f"data:\n  config: |-\n{indent(config + more, '    ')}  values: |-\n{indent(values, '    ')}\n"
    )


# --- texts that istiod cannot read ------------------------------------------------------------

UNREADABLE = {
    "policy: [enabled]": "policy",
    "policy: enabled\n  templates:\n    a: b": ":",
    "policy: enabled\naliases: {a: [b}": "}",
    "policy: 'enabled": "'",
    "defaultTemplates: sidecar": "sidecar",
    "defaultTemplates: [[sidecar]]": "defaultTemplates",
    "aliases: {both: sidecar}": "sidecar",
    "aliases: []": "aliases",
    "neverInjectSelector: {}": "neverInjectSelector",
    "neverInjectSelector: [a]": "a",
    "neverInjectSelector:\n- matchLabels: [a]": "matchLabels",
    "alwaysInjectSelector:\n- matchExpressions: [{key: a, operator: In, values: b}]": "b",
    "injectedAnnotations: {a: [b]}": "a",
    "templates: {sidecar: {spec: {}}}": "sidecar",
    "templates: sidecar": "sidecar",
    "- policy: enabled": "-",
}


@pytest.mark.parametrize(("config", "at"), UNREADABLE.items())
def test_a_configuration_of_other_types(config: str, at: str) -> None:
    policy = "" if "policy" in config else "policy: enabled\n"
    text = injector(f"{policy}{config}\n# template\n")
    assert said(text)[0][:2] == ("config-unreadable", ERROR)
    assert said(text)[0][2].startswith(at)


READABLE = [
    "policy: enabled\ndefaultTemplates:\naliases:\ninjectedAnnotations:\nneverInjectSelector:\n",
    "policy: enabled\ndefaultTemplates: [1, true]\n",
    "policy: enabled\nneverInjectSelector: [null, {}, {matchLabels: {a: true, b: 1}}]\n",
    "policy: enabled\ninjectedAnnotations: {a: 1, b: null}\n",
    "policy: enabled\nunknown: [a]\n",
    "policy: enabled\ntemplates: {sidecar: 1, b: null}\n",
    "policy: enabled\naliases: ${ALIASES}\ndefaultTemplates: '{{ .x }}'\n",
    "policy: enabled\n---\n- another document\n",
    "policy: enabled\n...\nx: [\n",
]


@pytest.mark.parametrize("config", READABLE)
def test_what_the_library_makes_a_text_of(config: str) -> None:
    assert said(injector(config)) == []


VALUES = {
    "global: {hub: 1}": "1",
    "global: {proxy: {excludeInboundPorts: 15090}}": "15090",
    "global: {proxy: {autoInject: true}}": "true",
    "global: {proxy: {privileged: 'false'}}": "'false'",
    "global: {proxy: []}": "proxy",
    "global: {proxy: {resources: {limits: {cpu: 2}}}}": "2",
    "global: {imagePullSecrets: [1]}": "1",
    "global: {logAsJson: 1}": "1",
    "revision: 129": "129",
    "sidecarInjectorWebhook: {templates: x}": "x",
    "[]": "[",
    '{"global": {"tag": "1.29.1"': '"',
}


@pytest.mark.parametrize(("values", "at"), VALUES.items())
def test_values_of_other_types(values: str, at: str) -> None:
    assert said(injector(values=values)) == [("config-unreadable", ERROR, at)]


FINE = [
    "",
    "{}",
    "null",
    "global: {tag: 1.29, network: null, logAsJson: no, unknown: 1}",
    "global: {proxy: {statusPort: '15020', resources: {requests: {cpu: 100m, memory: 128Mi}}}}",
    "{} }",
    '{}"a": [],',
    "${VALUES}",
    "{{ toJson .Values }}",
    "global: {hub: ${HUB}}",
]


@pytest.mark.parametrize("values", FINE)
def test_values_that_istiod_takes(values: str) -> None:
    assert said(injector(values=values)) == []


def test_a_key_that_holds_no_text_is_refused_by_the_api_server() -> None:
    text = injector().replace("config: |-", "config:")
    assert said(text)[0] == ("config-unreadable", ERROR, "config")


CHART = (
    "apiVersion: {group}\nkind: {kind}\nmetadata:\n  name: istiod\nspec:\n"
    "  chart: {{spec: {{chart: istiod}}}}\n  {at}:\n    global:\n      proxy:\n"
    "        excludeInboundPorts: 15090\n"
)
CARRIERS = {
    ("helm.toolkit.fluxcd.io/v2", "HelmRelease"): 1,
    ("install.istio.io/v1alpha1", "IstioOperator"): 0,
    ("sailoperator.io/v1", "Istio"): 0,
}


@pytest.mark.parametrize(("carrier", "count"), CARRIERS.items())
def test_values_for_a_chart_that_nobody_else_checks(carrier: tuple[str, str], count: int) -> None:
    text = CHART.format(group=carrier[0], kind=carrier[1], at="values")
    assert said(text) == [("config-unreadable", ERROR, "15090")] * count
    assert said(text.replace("name: istiod\n", "name: {{ .Release.Name }}\n")) == []


# --- templates --------------------------------------------------------------------------------

BROKEN = "policy: enabled\ntemplates:\n  sidecar: |\n    a: b\n\n    c: {{ if .x }}d\n"


@pytest.mark.parametrize("style", ["|", "|-", "|+", "|2"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_template_has_the_lines_of_the_file(style: str, end: str) -> None:
    config = BROKEN.replace("|", style)
    text = injector(config).replace("\n", end)
    assert said(text) == [("template-broken", ERROR, "{{ if .x }}")]
    (finding,) = found(text)
    assert (finding.where.line, finding.where.column) == (13, 12)


@pytest.mark.parametrize("style", ["'{{ if .x }}'", '"{{ if .x }}"', ">\n    {{ if .x }}"])
def test_a_template_without_lines_of_its_own_has_one_place(style: str) -> None:
    text = injector(f"policy: enabled\ntemplates:\n  sidecar: {style}\n")
    (finding,) = found(text)
    assert (finding.code, finding.where.line) == ("MESH533", 10)


def test_a_configuration_in_one_line_is_read() -> None:
    body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "istio-sidecar-injector"},
        "data": {"config": BROKEN, "values": '{"global": {"hub": 1}}'},
    }
    text = json.dumps(body, indent=1)
    assert [(f.code, f.where.line) for f in found(text)] == [("MESH533", 8), ("MESH531", 9)]


def test_a_fault_hides_what_comes_after_it_and_not_before() -> None:
    template = "    {{ foo }}\n    {{ bar }} {{ end }}\n    {{ baz }}\n"
    text = injector(f"policy: enabled\ntemplates:\n  sidecar: |\n{template}")
    assert said(text) == [
        ("template-broken", WARNING, "foo"),
        ("template-broken", ERROR, "{{ end }}"),
    ]


SENTINEL = 'template: "{{ Template_Version_And_Istio_Version_Mismatched_Check_Installation }}"\n'
QUIET = {
    "a chart's template": "  sidecar: |\n    {{ include `sidecar` . }}\n    {{ if }}\n",
    "a chart's directive": "  {{- range .x }}\n  sidecar: |\n    {{ if }}\n  {{- end }}\n",
    "a file of a chart": "  sidecar: |\n    {{ .Files.Get `x` }}{{ if }}\n",
    "functions of Helm": "  sidecar: |\n    {{ required `x` .a }}\n",
    "the word for old istiods": f"  sidecar: |\n    a: b\n{SENTINEL}",
    "an old template beside new ones": "  sidecar: |\n    a: b\ntemplate: '{{ if }}'\n",
}


@pytest.mark.parametrize("templates", QUIET.values(), ids=list(QUIET))
def test_templates_that_are_no_faults(templates: str) -> None:
    assert said(injector(f"policy: enabled\ntemplates:\n{templates}")) == []


def test_the_word_for_old_istiods_alone_is_no_template() -> None:
    assert said(together(istiod(), injector(f"policy: enabled\n{SENTINEL}"))) == []


def test_a_document_with_placeholders_is_left_alone() -> None:
    text = injector(BROKEN).replace(
        "namespace: istio-system", "namespace: {{ .Release.Namespace }}"
    )
    assert said(text) == []


# --- the policy and the selectors -------------------------------------------------------------

POLICIES = {
    "enabled": None,
    "disabled": None,
    "${POLICY}": None,
    "off": "off",
    '"off"': '"off"',
    "true": "true",
    "Disabled": "Disabled",
    "' enabled'": "' enabled'",
    "": "policy",
}


@pytest.mark.parametrize(("policy", "at"), POLICIES.items())
def test_policies(policy: str, at: str | None) -> None:
    expected = [("policy-off", WARNING, at)] if at else []
    assert said(injector(f"policy: {policy}\n")) == expected


def test_a_missing_policy_is_none() -> None:
    assert said(injector("defaultTemplates: [sidecar]\n")) == [("policy-off", WARNING, "config")]


LABELLED = {
    "istio-injection": ({"istio-injection": "enabled"}, True),
    "revision": ({"istio.io/rev": "default"}, True),
    "both": ({"istio-injection": "enabled", "istio.io/rev": "other"}, True),
    "disabled": ({"istio-injection": "disabled", "istio.io/rev": "default"}, False),
    "another revision": ({"istio.io/rev": "other"}, False),
    "nothing": ({}, False),
}


@pytest.mark.parametrize(("labels", "noted"), LABELLED.values(), ids=list(LABELLED))
def test_a_disabled_policy_is_noted_where_namespaces_ask(
    labels: dict[str, str], noted: bool
) -> None:
    text = together(istiod(), injector("policy: disabled\n"), namespace("shop", labels))
    assert said(text) == [("policy-off", NOTE, "disabled")] * noted


def test_a_tag_leads_to_the_injector_of_its_revision() -> None:
    own = injector("policy: disabled\n", name="istio-sidecar-injector-1-29")
    asking = namespace("shop", {"istio.io/rev": "prod"})
    tag = configuration("1-29", tag="prod")
    assert said(together(istiod("1-29"), own, tag, asking)) == [("policy-off", NOTE, "disabled")]
    assert said(together(istiod("1-29"), own, asking)) == []


SELECTORS = {
    "{matchExpressions: [{key: a, operator: Exist}]}": "key",
    "{matchExpressions: [{key: a, operator: in, values: [b]}]}": "key",
    "{matchExpressions: [{key: a, operator: In}]}": "key",
    "{matchExpressions: [{key: a, operator: NotIn, values: []}]}": "key",
    "{matchExpressions: [{key: a, operator: Exists, values: [b]}]}": "key",
    "{matchExpressions: [{key: a b, operator: Exists}]}": "key",
    "{matchExpressions: [{key: a, operator: In, values: [b, -c]}]}": "key",
    "{matchLabels: {-a: b}}": "label",
    "{matchLabels: {a: b c}}": "label",
}


@pytest.mark.parametrize("side", ["never", "always"])
@pytest.mark.parametrize("selector", SELECTORS)
def test_selectors_that_kubernetes_refuses(selector: str, side: str) -> None:
    (finding,) = found(injector(f"policy: enabled\n{side}InjectSelector:\n- {selector}\n"))
    assert (finding.code, finding.severity, finding.where.line) == ("MESH534", WARNING, 10)
    then = "are not injected" if side == "always" else "keep out are injected"
    assert then in finding.message


RIGHT = [
    "{}",
    "{matchLabels: {a: '', b: true, c: 1}}",
    "{matchExpressions: [{key: a/b, operator: DoesNotExist, values: []}]}",
    "{matchExpressions: [{key: '${KEY}', operator: Exists}]}",
    "{matchExpressions: [{key: a, operator: '${OPERATOR}'}]}",
    "{matchExpressions: [{key: a, operator: In, values: ['${VALUE}']}]}",
]


@pytest.mark.parametrize("selector", RIGHT)
def test_selectors_that_it_takes(selector: str) -> None:
    assert said(injector(f"policy: enabled\nneverInjectSelector:\n- {selector}\n")) == []


# --- who reads it -----------------------------------------------------------------------------

READERS = {
    "default": (istiod(), "istio-sidecar-injector"),
    "empty": (istiod().replace('value: "default"', 'value: ""'), "istio-sidecar-injector"),
    "not set": (istiod().replace("name: REVISION", "name: OTHER"), "istio-sidecar-injector"),
    "revision": (istiod("1-29"), "istio-sidecar-injector-1-29"),
    "not its label": (istiod("1-29").replace('value: "1-29"', 'value: "1-30"'), "istio-sidecar-injector-1-30"),
    "a placeholder": (istiod("1-29").replace('value: "1-29"', 'value: "${R}"'), None),
    "from somewhere": (istiod().replace('value: "default"', "valueFrom: {fieldRef: {fieldPath: x}}"), None),
    "from all of somewhere": (
        istiod().replace("        env:", "        envFrom: [{configMapRef: {name: a}}]\n        env:").replace("name: REVISION", "name: OTHER"),
        None,
    ),
    "off": (istiod().replace("        env:", "        env:\n        - {name: INJECT_ENABLED, value: 'false'}"), ""),
    "external": (istiod().replace("        env:", "        env:\n        - {name: EXTERNAL_ISTIOD, value: 'true'}"), None),
    "not external": (
        istiod().replace("        env:", "        env:\n        - {name: EXTERNAL_ISTIOD, value: 'false'}"), "istio-sidecar-injector"),
    "another cluster": (istiod().replace("[discovery,", "[discovery, --kubeconfig=/etc/x,"), None),
    "before 1.8": (istiod(version="1.7.4"), None),
}  # fmt: skip

MOUNT = (
    "        volumeMounts:\n        - {name: inject, mountPath: PATH}\n"
    "      volumes:\n      - name: inject\n        configMap: {name: own}\n"
)
MOUNTS = {
    "/var/lib/istio/inject": "own",
    "/var/lib/istio/inject/": "own",
    "/var/lib/istio": None,
    "/var/lib/istio/inject/config, subPath: config": None,
    "/var/lib/istio/injected": "istio-sidecar-injector",
    "/etc/istio/config": "istio-sidecar-injector",
    "'${DIR}'": None,
}


def reads(text: str) -> str | None:
    (sources,) = (
        r for r in facts("a.yaml", text.encode()).resources if isinstance(r, IstiodSources)
    )
    return sources.injector


@pytest.mark.parametrize(("text", "name"), READERS.values(), ids=list(READERS))
def test_the_config_map_that_an_istiod_reads(text: str, name: str | None) -> None:
    assert reads(text) == name


@pytest.mark.parametrize(("path", "name"), MOUNTS.items())
def test_a_mounted_one_goes_before(path: str, name: str | None) -> None:
    assert reads(istiod() + MOUNT.replace("PATH", path)) == name


@pytest.mark.parametrize("more", ["optional: true", "items: [{key: a, path: config}]"])
def test_a_mount_that_may_bring_something_else(more: str) -> None:
    text = istiod() + MOUNT.replace("PATH", "/var/lib/istio/inject").replace("own", f"own, {more}")
    assert reads(text) is None


OWN = {
    "equal": ("1-29", "1-29", "1-29", None),
    "another": ("1-29", "1-30", "1-30", "1-29"),
    "without a label": (None, "1-30", "1-30", None),
    "without the variable": ("1-29", None, "1-29", None),
    "an empty variable": ("1-29", "", "1-29", None),
    "neither": (None, None, "default", None),
}


@pytest.mark.parametrize(("label", "env", "name", "other"), OWN.values(), ids=list(OWN))
def test_istiods_own_word_for_its_revision_wins(
    label: str | None, env: str | None, name: str, other: str | None
) -> None:
    """istiod reads REVISION; the label of its pods is for Services and webhooks."""
    text = istiod("1-29")
    lines = [line for line in text.splitlines() if label or "istio.io/rev" not in line]
    text = "\n".join(lines).replace("matchLabels:", "matchLabels: {}") if not label else text
    text = text.replace('value: "1-29"', f'value: "{env}"') if env is not None else text
    text = text if env is not None else text.replace("name: REVISION", "name: OTHER")
    text = text.replace(
        'matchLabels: {}\n      app: "istiod"\n', "matchLabels:\n        app: istiod\n"
    )
    (own,) = (r for r in facts("a.yaml", f"{text}\n".encode()).resources if isinstance(r, Revision))
    assert (own.name.text, own.label.text if own.label else None) == (name, other)


def test_an_istiod_is_known_by_both_words() -> None:
    """Its own, and the one by which namespaces reach it through webhook and Service."""
    text = istiod("1-29").replace('value: "1-29"', 'value: "1-30"')
    mesh = mesh_of(text, configuration("1-29"))
    (revision,) = mesh.revisions
    plane = mesh.plane(revision.at)
    assert (set(plane.strong), plane.closed) == ({"1-29", "1-30"}, True)


# --- keys, age, names and images --------------------------------------------------------------

WHOLE = injector(values='{"global": {"hub": "istio", "tag": "1.29.1"}}')
LACKING = WHOLE[: WHOLE.index("  values:")]
LABELS = "  namespace: istio-system\n  labels: {istio.io/rev: default}\n"

NAMELESS = "policy: enabled\ndefaultTemplates: [sidecar, own]\ntemplates: {sidecar: a}\n"
ALIASED = f"{NAMELESS}aliases: {{own: [sidecar]}}\n"

INCOMPLETE = {
    "whole": (together(istiod(), WHOLE), None),
    "lacking": (together(istiod(), LACKING), ERROR),
    "nobody reads it": (together(istiod("1-29"), LACKING), None),
    "an istiod with placeholders": (
        together(istiod().replace('"pilot"', "{{ .Values.istio }}"), LACKING),
        None,
    ),
    "rendered, and nobody reads it": (
        LACKING.replace("  namespace: istio-system\n", LABELS),
        WARNING,
    ),
    "twice": (together(istiod(), LACKING, WHOLE), None),
    "in another namespace": (together(istiod(), LACKING.replace("istio-system", "other")), None),
    "keys to come": (together(istiod(), LACKING + "  ${KEY}: x\n"), None),
    "merged keys": (together(istiod(), LACKING.replace("\ndata:", "\ndata:\n  <<: {a: b}")), None),
    "no data": (together(istiod(), WHOLE[: WHOLE.index("\ndata:") + 1]), ERROR),
    "an empty configuration": (together(istiod(), injector("# templates: none\n")), ERROR),
    "a default template that is not there": (together(istiod(), injector(NAMELESS)), ERROR),
    "the same, and nobody reads it": (together(istiod("1-29"), injector(NAMELESS)), WARNING),
    "an alias of a template": (together(istiod(), injector(ALIASED)), None),
}


@pytest.mark.parametrize(("text", "severity"), INCOMPLETE.values(), ids=list(INCOMPLETE))
def test_keys(text: str, severity: Severity | None) -> None:
    got = [f.severity for f in found(text) if f.rule == "injector-config-incomplete"]
    assert got == ([severity] if severity else [])


OLD = "policy: enabled\ntemplate: |\n  containers: []\n"
NEW = "policy: enabled\ntemplates:\n  sidecar: |\n    spec: {}\n"
CALLS = "policy: enabled\ntemplates:\n  sidecar: |\n    {{ NAME .a }}\n"
AGES = [
    ("1.8.6", OLD, None),
    ("1.9.0", OLD, ERROR),
    ("1.29.1", OLD, ERROR),
    ("1.8.6", NEW, ERROR),
    ("1.9.0", NEW, None),
    ("1.9.0", NEW + "template: x\n", None),
    ("1.27.9", CALLS.replace("NAME", "omitNil"), WARNING),
    ("1.28.0", CALLS.replace("NAME", "omitNil"), None),
    ("1.13.0", CALLS.replace("NAME", "render"), None),
    ("1.14.0", CALLS.replace("NAME", "render"), WARNING),
    ("1.17.0", CALLS.replace("NAME", "strdict"), WARNING),
    ("1.9.0", CALLS.replace("NAME", "toYaml"), None),
    ("latest", OLD, None),
]


@pytest.mark.parametrize(("version", "config", "severity"), AGES)
def test_ages(version: str, config: str, severity: Severity | None) -> None:
    got = found(together(istiod(version=version), injector(config)))
    assert [f.severity for f in got] == ([severity] if severity else [])
    assert all(f.code == "MESH535" for f in got)


def test_the_age_of_an_istiod_that_reads_another_one_does_not_matter() -> None:
    assert said(together(istiod("1-29"), injector(OLD))) == []


MESH = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: NAME\n  namespace: istio-system\n"
    "data:\n  mesh: |-\n    accessLogFile: /dev/stdout\n"
)


def plane(revision: str = "") -> str:
    return together(istiod(revision), configuration(revision))


NAMES = {
    "the trap": ((istiod("default"), injector(name="istio-sidecar-injector-default")), ERROR),
    "the trap, mesh": ((istiod("default"), MESH.replace("NAME", "istio-default")), ERROR),
    "the trap, and an istiod of another revision": (
        (istiod("1-29"), injector(name="istio-sidecar-injector-default")), WARNING),
    "the trap, and an istiod of another cluster": (
        (istiod("default").replace("[discovery,", "[discovery, --kubeconfig=/etc/x,"),
         injector(name="istio-sidecar-injector-default")), None),
    "beside a release of another revision": (
        (plane("1-29"), injector(), CHART.format(
            group="helm.toolkit.fluxcd.io/v2", kind="HelmRelease", at="values: {revision: 1-28}\n  x")),
        None),
    "no mesh configuration": ((MESH.replace("NAME", "istio-default"),), None),
    "of a revision that is not there": (
        (plane("1-29"), injector(name="istio-sidecar-injector-1-28")), WARNING),
    "of no revision": ((plane("1-29"), injector()), WARNING),
    "its own": ((plane("1-29"), injector(name="istio-sidecar-injector-1-29")), None),
    "its own and another": (
        (plane("1-29"), injector(name="istio-sidecar-injector-1-29"), injector()), None),
    "of an istiod that is there": (
        (plane("1-29"), plane(), injector(), MESH.replace("NAME", "istio-1-29")), None),
    "in another namespace": ((plane(), injector().replace("istio-system", "other")), WARNING),
    "mesh": ((plane("1-29"), MESH.replace("NAME", "istio-1-28")), WARNING),
    "mesh, its own": ((plane("1-29"), MESH.replace("NAME", "istio-1-29")), None),
    "not closed": ((istiod("1-29"), injector()), None),
    "without an istiod": ((injector(name="istio-sidecar-injector-1-28"),), None),
    "a name to come": (
        (plane("1-29"), injector(), injector(name="istio-sidecar-injector-${REV}")), None),
}  # fmt: skip


@pytest.mark.parametrize(("documents", "severity"), NAMES.values(), ids=list(NAMES))
def test_names(documents: tuple[str, ...], severity: Severity | None) -> None:
    got = [f for f in found(together(*documents)) if f.code == "MESH536"]
    assert [f.severity for f in got] == ([severity] if severity else [])


def imaged(hub: str, tag: str, image: str = "proxyv2") -> str:
    values = {"global": {"hub": hub, "tag": tag, "proxy": {"image": image}}}
    return injector(values=json.dumps(values, indent=2))


SKEWS = [
    (imaged("istio", "1.29.1"), None),
    (imaged("istio", "1.30.0"), ERROR),
    (imaged("istio", "1.27.0-distroless"), None),
    (imaged("istio", "1.26.9"), WARNING),
    (imaged("istio", "latest"), None),
    (imaged("istio", "1.30.0", "envoy"), None),
    (imaged("istio", "1.29.1", "example.com/mesh/proxyv2:1.31.0"), ERROR),
    (imaged("istio", "1.31.0", "example.com/mesh/proxyv2:1.29.0"), None),
    (imaged("${HUB}", "1.31.0"), None),
    (imaged("istio", "${TAG}"), None),
    (injector(values="{}"), None),
]


@pytest.mark.parametrize(("text", "severity"), SKEWS)
def test_the_injectors_proxy_against_its_istiod(text: str, severity: Severity | None) -> None:
    got = [f.severity for f in found(together(istiod(), text))]
    assert got == ([severity] if severity else [])
    assert found(together(istiod("1-29"), text)) == []  # which reads another one


def test_an_istiod_whose_image_a_kustomization_changes(tmp_path: Path) -> None:
    (tmp_path / "istiod.yaml").write_text(istiod(image="docker.io/istio/pilot:1.27.3"))
    (tmp_path / "injector.yaml").write_text(imaged("istio", "1.29.1"))
    unit = tmp_path / "kustomization.yaml"
    unit.write_text("resources: [istiod.yaml, injector.yaml]\n")
    assert [f.code for f in lint_paths([str(tmp_path)], *RULES).findings] == ["MESH537"]
    unit.write_text(unit.read_text() + "images: [{name: docker.io/istio/pilot, newTag: 1.29.1}]\n")
    assert lint_paths([str(tmp_path)], *RULES).findings == ()


PATCHED = {
    "incomplete": (LACKING, WHOLE[: WHOLE.index("  config:")] + WHOLE[WHOLE.index("  values:") :]),
    "outdated": (injector(OLD), injector(NEW)),
    "skew": (imaged("istio", "1.31.0"), imaged("istio", "1.29.1")),
    "not read": (
        injector(name="istio-sidecar-injector-default"), injector(name="istio-sidecar-injector-default")),
}  # fmt: skip


@pytest.mark.parametrize(("base", "patch"), PATCHED.values(), ids=list(PATCHED))
def test_what_a_kustomization_patches_is_not_judged(base: str, patch: str, tmp_path: Path) -> None:
    (tmp_path / "istiod.yaml").write_text(istiod())
    (tmp_path / "injector.yaml").write_text(base)
    (tmp_path / "patch.yaml").write_text(patch)
    unit = tmp_path / "kustomization.yaml"
    unit.write_text("resources: [istiod.yaml, injector.yaml]\n")
    (tmp_path / "patch.yaml").rename(tmp_path / "patch.txt")
    assert lint_paths([str(tmp_path)], *RULES).findings
    (tmp_path / "patch.txt").rename(tmp_path / "patch.yaml")
    unit.write_text(unit.read_text() + "patches: [{path: patch.yaml}]\n")
    assert lint_paths([str(tmp_path)], *RULES).findings == ()


# --- odd input --------------------------------------------------------------------------------

ODD = [
    "data: x",
    "data: []",
    "data: {config: }",
    "data: {config: {a: [b]}, values: [c]}",
    "data: {config: 'a: *b', values: '&a [*a]'}",
    "data: {config: !!binary aGk=}",
    'data: {config: "templates: {a: {b: &x [*x]}}"}',
    "data: {config: 'policy: {? [a] : b}'}",
    "data: {config: 'neverInjectSelector: [{matchExpressions: [[], 1, {key: }]}]'}",
    "metadata: {name: [istio-sidecar-injector]}",
    "metadata: {name: istio-sidecar-injector, labels: [a]}",
]


@pytest.mark.parametrize("odd", ODD)
def test_odd_config_maps_break_nothing(odd: str) -> None:
    name = "" if "metadata" in odd else "metadata: {name: istio-sidecar-injector}\n"
    text = f"apiVersion: v1\nkind: ConfigMap\n{name}{odd}\n"
    lint_text(together(istiod(), text), *RULES)


# --- the corpus -------------------------------------------------------------------------------

CORPUS = ROOT.parent / "shared/corpus"
MAPS = [
    "istio+istio",
    "knative-extensions+net-istio",
    "kubeflow+manifests",
    "maistra+istio-operator",
    "onepanelio+manifests",
]
needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus (../shared/corpus) is not here"
)


def injector_maps(repository: str) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(CORPUS / f"{repository}.tar.xz") as archive:
        for member in archive:
            if member.isfile() and member.name.endswith((".yaml", ".yml")):
                data = archive.extractfile(member)
                text = data.read() if data else b""
                if b"istio-sidecar-injector" in text and b"kind: ConfigMap" in text:
                    yield member.name, text


@needs_corpus
@pytest.mark.parametrize("repository", MAPS)
def test_injectors_of_the_corpus_are_sound(repository: str) -> None:
    seen = 0
    for name, text in injector_maps(repository):
        seen += 1
        loud = [f for f in lint_text(text, *RULES).findings if f.severity is not NOTE]
        assert loud == [], name
    assert seen


TESTDATA = "istio+istio/pkg/config/analysis/analyzers/testdata"
MISMATCHES = [
    (("injection-with-mismatched-sidecar.yaml", "common/sidecar-injector-configmap.yaml"),
     {"enabled-namespace", "enabled-namespace-native"}),
    (("injection-image-distroless.yaml", "common/sidecar-injector-configmap.yaml"),
     {"enabled-namespace"}),
    (("injection-image-distroless-no-meshconfig.yaml", "common/sidecar-injector-configmap.yaml"), set()),
    (("injection-with-mismatched-sidecar.yaml", "sidecar-injector-configmap-absolute-override.yaml"),
     {"enabled-namespace", "enabled-namespace-native"}),
    (("injection-with-mismatched-sidecar.yaml", "sidecar-injector-configmap-absolute-override.yaml",
      "sidecar-injector-configmap-with-revision-canary.yaml"),
     {"enabled-namespace", "enabled-namespace-native", "revision-namespace"}),
]  # fmt: skip


@needs_corpus
@pytest.mark.parametrize(("files", "namespaces"), MISMATCHES)
def test_pods_with_another_image_are_those_of_istios_own_test(
    files: tuple[str, ...], namespaces: set[str], tmp_path: Path
) -> None:
    """IST0158 (analyzers_test.go, istioInjectionProxyImageMismatch…), a note here."""
    with tarfile.open(CORPUS / "istio+istio.tar.xz") as archive:
        for name in files:
            member = archive.extractfile(f"{TESTDATA}/{name}")
            assert member is not None
            (tmp_path / name.replace("/", "-")).write_bytes(member.read())
    report = run(collect([str(tmp_path)]), frozenset({"injector-image-skew"}))
    assert {f.subject.namespace for f in report.findings if f.subject} == namespaces
    assert {f.severity for f in report.findings} <= {NOTE}


def test_the_stock_settings_of_the_tests_are_sound() -> None:
    assert found(together(istiod("1-29"), configuration("1-29"), settings("1-29"))) == []
