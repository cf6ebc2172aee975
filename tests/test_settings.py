"""What injectors are told: where it is read, with its places, and what follows for pods."""

from __future__ import annotations

import json
from textwrap import indent

import pytest

from meshlint.facts import facts
from meshlint.finding import Location, Subject, Type, Value
from meshlint.mesh.inject import Decision, Verdict, decide
from meshlint.mesh.model import Mesh
from meshlint.resources.control_plane import Origin, Tag
from meshlint.resources.injector import STOCK, Settings
from tests.chart import (
    INJ,
    REV,
    SI,
    configuration,
    control_plane,
    decision,
    deployment,
    istiod,
    namespace,
    settings,
    together,
    workload_of,
)

R = "1-29"
YES, NO, UNKNOWN = Verdict.INJECTED, Verdict.NOT_INJECTED, Verdict.UNKNOWN
ENABLED = namespace("shop", {INJ: "enabled"})


def read(text: str) -> Settings:
    """The one fact of settings in a text."""
    (found,) = (r for r in facts("a.yaml", text.encode()).resources if isinstance(r, Settings))
    return found


def none_in(text: str) -> bool:
    return not any(isinstance(r, Settings) for r in facts("a.yaml", text.encode()).resources)


# --- the ConfigMap ----------------------------------------------------------------------------

CONFIG = """\
policy: disabled
alwaysInjectSelector:
- matchLabels: {app: cart}
neverInjectSelector:
- matchExpressions:
  - {key: job-name, operator: Exists}
- {}
defaultTemplates: [sidecar, own]
aliases:
  both: [sidecar, own]
templates:
  sidecar: |
    {{ .Values.global.hub }}
  own: ""
"""


def test_each_part_of_the_config_map() -> None:
    found = read(settings(R, CONFIG))
    assert found.revision is not None
    assert (found.revision.text, found.origin) == (R, Origin.CONFIG_MAP)
    assert found.policy is not None
    assert (found.policy.text, found.complete) == ("disabled", True)
    (always,) = found.always
    assert [e.key for e in always.expressions] == ["app"]
    first, empty = found.never
    assert [(e.key, e.operator) for e in first.expressions] == [("job-name", "Exists")]
    assert empty.expressions == ()
    assert found.templates == frozenset({"sidecar", "own", "both"})
    assert [value.text for value in found.defaults] == ["sidecar", "own"]


@pytest.mark.parametrize("style", ["|", "|-", "|+", "|2-"])
def test_places_inside_of_the_block_are_those_of_the_file(style: str) -> None:
    body = indent(CONFIG, "  " if "2" not in style else "    ")
    text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: istio-sidecar-injector}}\ndata:\n  config: {style}\n{indent(body, '  ')}"
    found = read(text)
    lines = text.splitlines()
    assert found.policy is not None
    for value in (found.policy, *found.defaults):
        where = value.where
        shown = lines[where.line - 1][where.column - 1 : where.end_column - 1]
        assert shown == value.text
    for selector, key in ((found.always[0], "app"), (found.never[0], "job-name")):
        where = selector.expressions[0].where
        assert lines[where.line - 1][where.column - 1 : where.end_column - 1] == key


def test_a_text_without_lines_of_its_own_has_one_place() -> None:
    body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "istio-sidecar-injector"},
        "data": {"config": CONFIG, "values": "{}"},
    }
    found = read(json.dumps(body, indent=1))
    assert found.policy is not None
    assert found.complete
    places = {found.where, found.policy.where, found.always[0].expressions[0].where}
    places |= {value.where for value in found.defaults}
    assert len(places) == 1
    assert found.where.line == 8


NAMES = {
    "istio-sidecar-injector": "default",
    "istio-sidecar-injector-1-29": "1-29",
    "istio-sidecar-injector-${REV}": None,
}


@pytest.mark.parametrize(("name", "revision"), NAMES.items())
def test_its_name_tells_the_revision(name: str, revision: str | None) -> None:
    """Its label does not: istiod finds it by name."""
    text = settings("", CONFIG).replace("name: istio-sidecar-injector", f"name: {name}")
    found = read(text.replace(f'{REV}: "default"', f"{REV}: other"))
    assert (found.revision and found.revision.text) == revision


OTHERS = [
    settings().replace("name: istio-sidecar-injector", "name: istio"),
    settings().replace("name: istio-sidecar-injector", "name: istio-sidecar-injectors"),
    settings().replace("  config:", "  other:"),
]


@pytest.mark.parametrize("text", OTHERS)
def test_other_config_maps_are_none(text: str) -> None:
    assert none_in(text)


UNREADABLE = {
    "no YAML": "policy: [",
    "no map": "- a",
    "selectors that are no list": "policy: enabled\nneverInjectSelector: {matchLabels: {}}",
    "a template of a chart": "policy: {{ .Values.global.proxy.autoInject }}\n{{- if .x }}\na: b",
}


@pytest.mark.parametrize("config", UNREADABLE.values(), ids=list(UNREADABLE))
def test_what_cannot_be_read_is_not_complete(config: str) -> None:
    found = read(settings("", config + "\ntemplates:\n  sidecar: a\n"))
    assert not found.complete
    assert (
        decision(istiod(), configuration(), settings("", config), ENABLED, deployment()).verdict
        is UNKNOWN
    )


POLICIES = {
    "policy: enabled": ("enabled", True),
    'policy: "off"': ("off", True),
    "policy: off": ("off", True),
    "policy: true": ("true", True),
    "policy:": ("", True),
    "other: x": ("", True),
    "policy: ${X}": ("${X}", False),
    "policy: {{ .Values.x }}": ("", False),
}


@pytest.mark.parametrize(("config", "policy"), POLICIES.items())
def test_the_policy_as_text(config: str, policy: tuple[str, bool]) -> None:
    found = read(settings("", f"{config}\ntemplates: {{sidecar: a}}\n")).policy
    assert found is not None
    assert (found.text, found.literal) == policy
    assert found.type is Type.STRING


BY_DEFAULT = {
    '{"sidecarInjectorWebhook": {"enableNamespacesByDefault": true}}': ("true", True),
    '{"sidecarInjectorWebhook": {"enableNamespacesByDefault": false}}': ("false", True),
    '{"sidecarInjectorWebhook": {}}': ("false", True),
    "{}": ("false", True),
    "[]": ("", False),
    "{": ("", False),
}


@pytest.mark.parametrize(("values", "expected"), BY_DEFAULT.items())
def test_the_values_beside_it_tell_whether_it_injects_by_default(
    values: str, expected: tuple[str, bool]
) -> None:
    found = read(settings(values=values)).by_default
    assert found is not None
    assert (found.text, found.literal) == expected


def test_without_values_it_is_not_known() -> None:
    text = settings()
    lost = text[: text.index("  values:")] + text[text.index("  config:") :]
    found = read(lost).by_default
    assert found is not None
    assert not found.literal


def test_templates_of_old_injectors_are_not_known() -> None:
    """Before 1.9 `template` was the one text, and the annotation was not read."""
    assert read(settings("", "policy: enabled\ntemplate: x\n#templates:\n")).templates is None


# --- values -----------------------------------------------------------------------------------

OPERATOR = (
    "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: {name: mesh}\n"
    "spec:\n  revision: 1-29\n  values: {VALUES}\n"
)
HELM_RELEASE = (
    "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: istiod}\nspec:\n"
    "  chart: {spec: {chart: istiod}}\n  values: {VALUES}\n"
)
APPLICATION = (
    "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: istiod}\nspec:\n"
    "  source:\n    chart: istiod\n    helm:\n      valuesObject: {VALUES}\n"
)
TEXT = (
    "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: istiod}\nspec:\n"
    "  source:\n    chart: istiod\n    helm:\n      values: |\n        {VALUES}\n"
)
K3S = (
    "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: istiod}\nspec:\n"
    "  chart: istio/istiod\n  valuesContent: |-\n    {VALUES}\n"
)
KUSTOMIZE = (
    "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
    "helmCharts:\n- name: istiod\n  valuesInline: {VALUES}\n"
)
SAIL = (
    "apiVersion: sailoperator.io/v1\nkind: Istio\nmetadata: {name: 1-29}\n"
    "spec:\n  version: v1.29.1\n  values: {VALUES}\n"
)
CARRIERS = {
    "IstioOperator": OPERATOR,
    "HelmRelease": HELM_RELEASE,
    "Application": APPLICATION,
    "Application, text": TEXT,
    "HelmChart": K3S,
    "Kustomization": KUSTOMIZE,
    "Sail": SAIL,
}
GIVEN = (
    "{revision: 1-29, global: {proxy: {autoInject: disabled}}, sidecarInjectorWebhook: {"
    "neverInjectSelector: [{matchLabels: {a: b}}], alwaysInjectSelector: [{matchLabels: {c: d}}],"
    " templates: {own: x}, defaultTemplates: [own], enableNamespacesByDefault: true}}"
)


@pytest.mark.parametrize("carrier", CARRIERS)
def test_all_values_of_each_carrier(carrier: str) -> None:
    found = read(CARRIERS[carrier].replace("{VALUES}", GIVEN))
    assert found.revision is not None
    assert found.policy is not None
    assert found.by_default is not None
    assert (found.revision.text, found.policy.text, found.complete) == (R, "disabled", True)
    assert [s.expressions[0].key for s in (*found.never, *found.always)] == ["a", "c"]
    assert found.templates == STOCK | {"own"}
    assert [value.text for value in found.defaults] == ["own"]
    assert found.by_default.text == "true"


@pytest.mark.parametrize("carrier", CARRIERS)
def test_what_values_leave_out_is_the_charts_own(carrier: str) -> None:
    found = read(CARRIERS[carrier].replace("{VALUES}", "{revision: 1-29}"))
    assert (found.policy, found.never, found.always, found.by_default) == (None, (), (), None)
    assert (found.templates, found.defaults, found.complete) == (STOCK, (), True)


HOOK = "sidecarInjectorWebhook"
DETAILS = {
    # values, what they say of: policy, never, templates, by_default, complete
    "null": ("{global: {proxy: {autoInject: null}}}", ("", 0, True, None, True)),
    "a placeholder": ("{global: {proxy: {autoInject: '${X}'}}}", ("${X}", 0, True, None, True)),
    "a text for a list": (f"{{{HOOK}: {{neverInjectSelector: '${{X}}'}}}}", (None, 0, True, None, False)),
    "an empty list": (f"{{{HOOK}: {{neverInjectSelector: []}}}}", (None, 0, True, None, True)),
    "templates that are no map": (f"{{{HOOK}: {{templates: '${{X}}'}}}}", (None, 0, False, None, True)),
    "a string is a yes for a chart": (
        f"{{{HOOK}: {{enableNamespacesByDefault: 'false'}}}}", (None, 0, True, "true", True)),
    "not": (f"{{{HOOK}: {{enableNamespacesByDefault: no}}}}", (None, 0, True, "false", True)),
}  # fmt: skip


@pytest.mark.parametrize(("values", "expected"), DETAILS.values(), ids=list(DETAILS))
def test_details_of_values(values: str, expected: tuple[object, ...]) -> None:
    found = read(HELM_RELEASE.replace("{VALUES}", values))
    policy = found.policy.text if found.policy else None
    default = found.by_default.text if found.by_default else None
    told = (policy, len(found.never), found.templates is not None, default, found.complete)
    assert told == expected


PARAMETERS = {
    # name, value, what they say of: policy, by_default, templates, complete
    "policy": ("global.proxy.autoInject", "disabled", ("disabled", None, True, True)),
    "yes": (f"{HOOK}.enableNamespacesByDefault", "true", (None, "true", True, True)),
    "no": (f"{HOOK}.enableNamespacesByDefault", "false", (None, "false", True, True)),
    "a part of a list": (
        f"{HOOK}.neverInjectSelector[0].matchLabels.app", "cart", (None, None, True, False)),
    "a template": (f"{HOOK}.templates.own", "x", (None, None, False, True)),
    "another that begins so": (f"{HOOK}.neverInjectSelectors", "x", (None, None, True, True)),
}  # fmt: skip


@pytest.mark.parametrize(("name", "value", "expected"), PARAMETERS.values(), ids=list(PARAMETERS))
def test_single_parameters(name: str, value: str, expected: tuple[object, ...]) -> None:
    parameters = f"{{parameters: [{{name: '{name}', value: '{value}'}}]}}"
    text = APPLICATION.replace("      valuesObject: {VALUES}\n", "").replace(
        "helm:\n", f"helm: {parameters}\n"
    )
    found = read(text)
    policy = found.policy.text if found.policy else None
    default = found.by_default.text if found.by_default else None
    assert (policy, default, found.templates is not None, found.complete) == expected


INCOMPLETE = {
    "values elsewhere": HELM_RELEASE.replace("  values: {VALUES}", "  valuesFrom: [{kind: ConfigMap, name: v}]"),
    "a value file": APPLICATION.replace("valuesObject: {VALUES}", "valueFiles: [mesh.yaml]"),
    "a profile of one's own": OPERATOR.replace("values: {VALUES}", "profile: ./mine.yaml"),
    "values to be filled in": OPERATOR.replace("{VALUES}", "${VALUES}"),
    "an alias for a version": SAIL.replace("{VALUES}", "{}").replace("v1.29.1", "v1.29-latest").replace(
        "spec:\n", "spec:\n  updateStrategy: {type: RevisionBased}\n"),
}  # fmt: skip


@pytest.mark.parametrize("text", INCOMPLETE.values(), ids=list(INCOMPLETE))
def test_what_may_be_said_elsewhere(text: str) -> None:
    found = read(text)
    assert not found.complete or found.revision is None
    assert found.complete or found.templates is None


def test_the_last_of_several_maps_wins() -> None:
    first = "values: |\n        global: {proxy: {autoInject: disabled}}\n        revision: x"
    text = APPLICATION.replace(
        "valuesObject: {VALUES}", f"{first}\n      valuesObject: {{revision: 1-29}}"
    )
    found = read(text)
    assert found.revision is not None
    assert found.policy is not None
    assert (found.revision.text, found.policy.text) == (R, "disabled")


def test_settings_that_nobody_reads() -> None:
    """A chart's revision `default` renders a ConfigMap for which no istiod looks."""
    assert none_in(HELM_RELEASE.replace("{VALUES}", "{revision: default}"))
    assert none_in(settings("default"))
    assert not none_in(HELM_RELEASE.replace("{VALUES}", "{revision: ''}"))


@pytest.mark.parametrize("profile", ["empty", "remote"])
def test_no_injector_no_settings(profile: str) -> None:
    assert none_in(OPERATOR.replace("values: {VALUES}", f"profile: {profile}"))


def test_other_charts_have_none() -> None:
    assert none_in(
        HELM_RELEASE.replace("{VALUES}", GIVEN).replace("chart: istiod}", "chart: base}")
    )


# --- what follows -----------------------------------------------------------------------------

LABELLED = namespace("shop", {REV: R})
ELSEWHERE = INCOMPLETE["values elsewhere"].replace(
    "spec:\n  chart", "spec:\n  values: {revision: 1-29}\n  chart"
)


def test_half_known_settings_leave_only_what_asks_by_itself() -> None:
    """Of the policy that is not seen nobody assumes that it is none of the two."""
    plane = (ELSEWHERE, configuration(R))
    unsure = decision(*plane, LABELLED, deployment())
    assert unsure.verdict is UNKNOWN
    assert unsure.because[-1].settle
    assert decision(*plane, LABELLED, deployment({SI: "true"})).verdict is YES
    assert decision(*plane, LABELLED, deployment(notes={SI: "false"})).verdict is NO


def test_what_is_whole_beats_what_is_not() -> None:
    plane = (ELSEWHERE, configuration(R), settings(R, "policy: disabled\n"))
    found = decision(*plane, LABELLED, deployment())
    assert found.verdict is NO
    assert "policy is disabled" in found.because[-1].text


def test_settings_of_an_unknown_revision_may_be_those_of_any() -> None:
    loose = settings("", "policy: disabled\n").replace("injector\n", "injector-${REV}\n")
    plane = (control_plane(R), loose)
    assert decision(*plane, LABELLED, deployment()).verdict is UNKNOWN
    assert decision(*plane, LABELLED, deployment({SI: "true"})).verdict is YES


def test_of_a_webhook_without_a_revision_any_settings_may_be_meant() -> None:
    hooks = configuration(R).replace(f'    {REV}: "{R}"\n', "")
    plane = (istiod(R), hooks)
    assert decision(*plane, settings(R), LABELLED, deployment()).verdict is YES
    off = settings(R, "policy: disabled\n")
    assert decision(*plane, off, LABELLED, deployment()).verdict is UNKNOWN


def test_the_reason_stands_where_the_policy_is_written() -> None:
    text = together(control_plane(R, config="policy: disabled\n"), LABELLED, deployment())
    where = decision(text).because[-1].where
    assert where is not None
    assert text.splitlines()[where.line - 1] == "    policy: disabled"


TRUE = "{sidecarInjectorWebhook: {enableNamespacesByDefault: true}}"
PLAIN = namespace("shop")
TAGGED = (
    "apiVersion: sailoperator.io/v1\nkind: IstioRevisionTag\nmetadata: {name: default}\n"
    "spec: {targetRef: {kind: IstioRevision, name: 1-29}}\n"
)
ASKED = {
    # what is installed, with `auto.` or without it, and the verdict for a pod without labels
    "said": (HELM_RELEASE.replace("{VALUES}", TRUE), YES),
    "not said": (HELM_RELEASE.replace("{VALUES}", "{}"), NO),
    "not seen": (INCOMPLETE["values elsewhere"], UNKNOWN),
    "nothing known": (istiod(), UNKNOWN),
    "of the revision behind a tag": (
        together(SAIL.replace("Istio\n", "IstioRevision\n").replace("{VALUES}", TRUE), TAGGED), YES),
    "a tag with values of its own": (
        together(SAIL.replace("{VALUES}", TRUE), configuration(R, tag="default")), NO),
    "in the ConfigMap": (
        together(istiod(), settings(values=TRUE.replace("sidecarI", '"sidecarI').replace("k:", 'k":'))), YES),
    "two that disagree": (
        together(HELM_RELEASE.replace("{VALUES}", TRUE), OPERATOR.replace("{VALUES}", "{}").replace(R, "")), UNKNOWN),
}  # fmt: skip


@pytest.mark.parametrize(("plane", "verdict"), ASKED.values(), ids=list(ASKED))
def test_injection_by_default(plane: str, verdict: Verdict) -> None:
    found = decision(plane, PLAIN, deployment())
    assert found.verdict is verdict, found.because


def test_a_tag_by_other_means_may_have_webhooks_of_its_own() -> None:
    """`istioctl tag set --auto-inject-namespaces`."""
    said = Location("config.yaml", 1, 1, 1, 2)
    tag = Tag(
        Value("default", said), Value(R, said), Origin.DECLARED, Subject("", "Tag", "", "default")
    )
    for values in ("{}", TRUE):
        text = together(OPERATOR.replace("{VALUES}", values), PLAIN, deployment())
        mesh = Mesh([*facts("a.yaml", text.encode()).resources, tag])
        assert decide(mesh, workload_of(mesh)).verdict is UNKNOWN


def test_settings_of_an_unknown_revision_may_be_those_of_the_default() -> None:
    loose = HELM_RELEASE.replace("{VALUES}", TRUE.replace("{side", "{revision: '${REV}', side", 1))
    plane = HELM_RELEASE.replace("{VALUES}", "{}")
    assert decision(plane, PLAIN, deployment()).verdict is NO
    assert decision(plane, loose, PLAIN, deployment()).verdict is UNKNOWN


def test_by_default_is_a_matter_of_the_default_revision() -> None:
    plane = OPERATOR.replace("{VALUES}", TRUE)
    found = decision(plane, istiod(), PLAIN, deployment())
    assert found.verdict is UNKNOWN
    found = decision(plane, HELM_RELEASE.replace("{VALUES}", "{}"), PLAIN, deployment())
    assert found.verdict is NO


# --- denial -----------------------------------------------------------------------------------

MODE, TEMPLATE = "sidecar.istio.io/interceptionMode", "inject.istio.io/templates"
FACES = "traffic.sidecar.istio.io/excludeInterfaces"


def test_the_reason_of_a_denial() -> None:
    text = together(control_plane(), ENABLED, deployment(notes={TEMPLATE: "sidecar,mine"}))
    found = decision(text)
    assert found.denied is not None
    assert found.denied is found.because[-1]
    assert "'mine'" in found.denied.text
    assert "the pod is denied and never appears" in found.denied.text
    assert found.denied.where is not None
    assert TEMPLATE in text.splitlines()[found.denied.where.line - 1]


MAYBE = {
    "the webhook may not be called": decision(control_plane(), deployment(notes={MODE: "x"})),
    "the template may be there": decision(
        control_plane(config=None), ENABLED, deployment(notes={TEMPLATE: "mine"})
    ),
    "the version may let it pass": decision(
        control_plane(version="nightly"), ENABLED, deployment(notes={FACES: "eth 0"})
    ),
    "the pod may decline": decision(
        control_plane(), ENABLED, deployment({SI: "${X}"}, notes={MODE: "x"})
    ),
    "the policy may": decision(
        control_plane(config="policy: ${X}\n"), ENABLED, deployment(notes={MODE: "x"})
    ),
}


@pytest.mark.parametrize("found", MAYBE.values(), ids=list(MAYBE))
def test_a_denial_that_is_not_sure(found: Decision) -> None:
    assert (found.verdict, found.denied) == (UNKNOWN, None)
    assert any(reason.settle for reason in found.because)


INTERFACES = [("1.29.3", YES), ("1.30.0", NO), ("nightly", UNKNOWN)]


@pytest.mark.parametrize(("version", "verdict"), INTERFACES)
def test_annotations_are_refused_as_of_their_version(version: str, verdict: Verdict) -> None:
    pod = deployment(notes={FACES: "eth 0"})
    found = decision(control_plane(version=version), ENABLED, pod)
    assert found.verdict is verdict
    assert (found.denied is not None) is (verdict is NO)


def test_an_annotation_to_be_filled_in_is_taken_for_right() -> None:
    found = decision(control_plane(), ENABLED, deployment(notes={MODE: "${X}", TEMPLATE: "${X}"}))
    assert (found.verdict, found.denied) == (YES, None)


def test_settings_travel_between_processes() -> None:
    import pickle

    found = read(settings(R, CONFIG))
    assert pickle.loads(pickle.dumps(found)) == found


def test_odd_input_raises_nothing() -> None:
    odd = (
        "",
        "[]",
        "{}",
        "null",
        "1",
        "{a: }",
        '"x"',
        "{metadata: {name: istio-sidecar-injector}}",
    )
    for value in odd:
        for text in (
            f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: istio-sidecar-injector}}\ndata: {value}\n",
            settings().replace("  config: |-", f"  config: {value}\n  x: |-"),
            settings("", f"policy: {value}\ntemplates: {value}\naliases: {value}\n"),
            settings("", f"neverInjectSelector: {value}\nalwaysInjectSelector: [{value or 1}]\n"),
            OPERATOR.replace("{VALUES}", value),
            HELM_RELEASE.replace(
                "{VALUES}", f"{{global: {value}, sidecarInjectorWebhook: {value}}}"
            ),
            SAIL.replace("{VALUES}", f"{{sidecarInjectorWebhook: {{templates: {value}}}}}"),
        ):
            resources = facts("a.yaml", together(text, ENABLED, deployment()).encode()).resources
            mesh = Mesh(resources)
            for workload in mesh.workloads:
                assert decide(mesh, workload).because
