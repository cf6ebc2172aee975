"""The whole decision by tables: every cell of the labels' truth table, every step of the injector.

What is expected follows from Istio's own source, not from meshlint: the selectors of the
istio-discovery chart (mutatingwebhook.yaml, revision-tags-mwc.yaml), of which the cases of
TestWebhookSelector (operator/cmd/mesh/manifest-generate_test.go) are a part, and
injectRequired and RunTemplate in pkg/kube/inject/inject.go.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import pytest

from meshlint.finding import Location
from meshlint.mesh.inject import Decision, Reason, Verdict, decide
from meshlint.mesh.model import Mesh
from tests.chart import (
    CONFIG,
    INJ,
    REV,
    SI,
    SUFFIX,
    SYSTEM,
    asks,
    configuration,
    control_plane,
    decision,
    deployment,
    istiod,
    mesh_of,
    namespace,
    settings,
    together,
    workload_of,
)

R, T, GONE = "canary-1-29", "prod", "gone"
YES, NO, UNKNOWN = Verdict.INJECTED, Verdict.NOT_INJECTED, Verdict.UNKNOWN
JUNK = ("True", "False", "yes", "")

# --- which webhook is called ----------------------------------------------------------------

Labels = dict[str, str]

COLUMNS: dict[str, list[Labels]] = {
    "none": [{}],
    "true": [{SI: "true"}],
    "false": [{SI: "false"}],
    "other": [{SI: junk} for junk in JUNK],
    "R": [{REV: R}],
    "R,true": [{REV: R, SI: "true"}],
    "R,other": [{REV: R, SI: junk} for junk in JUNK],
    "R,false": [{REV: R, SI: "false"}],
    "T": [{REV: T}, {REV: T, SI: "true"}],
    "default": [{REV: "default"}, {REV: "default", SI: "true"}],
    "unknown": [{REV: GONE}, {REV: GONE, SI: "true"}, {REV: ""}, {REV: "", SI: "true"}],
}
"""The labels of the pods."""

ROWS: dict[str, list[Labels]] = {
    "none": [{}],
    "rev=R": [{REV: R}],
    "rev=T": [{REV: T}],
    "rev=default": [{REV: "default"}],
    "rev=unknown": [{REV: GONE}, {REV: ""}, {REV: R.upper()}],
    "enabled": [{INJ: "enabled"}],
    "enabled,rev": [{INJ: "enabled", REV: rev} for rev in (R, T, "default", GONE, "")],
    "disabled": [{INJ: "disabled"}, {INJ: "disabled", REV: R}, {INJ: "disabled", REV: "default"}],
    "other": [
        *({INJ: value} for value in ("true", "Enabled", "enable", "yes", "")),
        *({INJ: value, REV: R} for value in ("true", "Enabled", "")),
    ],
}
"""The labels of the namespace."""

TABLE = """
             none true false other R  R,true R,other R,false T  default unknown
none         A    D    .     .     R  R      R       .       T  D       .
rev=R        R    R    .     R     R  R      R       .       R  R       R
rev=T        T    T    .     T     T  T      T       .       T  T       T
rev=default  D    D    .     D     D  D      D       .       D  D       D
rev=unknown  .    .    .     .     .  .      .       .       .  .       .
enabled      D    D    .     D     D  D      D       .       D  D       D
enabled,rev  D    D    .     D     D  D      D       .       D  D       D
disabled     .    .    .     .     .  .      .       .       .  .       .
other        .    .    .     .     .  .      .       .       .  .       .
"""
"""Whose webhook is called: of revision R, of tag T, of the default D; A is D, but by `auto.` only."""

PLAIN, OWN, TAG = (
    "istio-sidecar-injector",
    f"istio-sidecar-injector-{R}",
    f"istio-revision-tag-{T}",
)
DEFAULT_TAG = "istio-revision-tag-default"


@dataclass(frozen=True)
class Installed:
    """What is installed; `owners` has, by letter of the table, the configuration and its revision."""

    documents: str
    owners: Mapping[str, tuple[str, str]]


DEFAULT_ONLY = {"D": (PLAIN, "default")}
REVISION_ONLY = {"R": (OWN, R)}
ALL_TAGS = {"R": (OWN, R), "T": (TAG, R), "D": (DEFAULT_TAG, R)}
SETS = {
    "S1 default": Installed(control_plane(), DEFAULT_ONLY),
    "S2 default, by default": Installed(
        control_plane(auto=True), {**DEFAULT_ONLY, "A": DEFAULT_ONLY["D"]}
    ),
    "S3 revision": Installed(control_plane(R), REVISION_ONLY),
    "S3 revision and tag": Installed(control_plane(R, tags=(T,)), {**REVISION_ONLY, "T": (TAG, R)}),
    "S4 default tag": Installed(control_plane(R, tags=(T, "default")), ALL_TAGS),
    "S4 default tag, by default": Installed(
        control_plane(R, tags=(T, "default"), auto=True), {**ALL_TAGS, "A": ALL_TAGS["D"]}
    ),
    "S4 default tag, old default deactivated": Installed(
        control_plane(R, tags=(T, "default")) + "---\n" + configuration(off=True), ALL_TAGS
    ),
    "S5 default and revision": Installed(
        together(control_plane(), control_plane(R)), {**DEFAULT_ONLY, **REVISION_ONLY}
    ),
}


def cells() -> Mapping[tuple[str, str], str]:
    heads, *lines = (line.split() for line in TABLE.strip().splitlines())
    found = {
        (row, head): cell for row, *line in lines for head, cell in zip(heads, line, strict=True)
    }
    assert {row for row, _ in found} == set(ROWS)
    assert {head for _, head in found} == set(COLUMNS)
    return found


CELLS = cells()


def place_name(row: str, number: int) -> str:
    return f"ns-{list(ROWS).index(row)}-{number}"


def pod_name(space: str, column: str, number: int) -> str:
    return f"pod-{space}-{list(COLUMNS).index(column)}-{number}"


@cache
def world(name: str) -> tuple[str, Mesh]:
    """One cluster that has every namespace of the table, and every pod in each."""
    documents = [SETS[name].documents]
    for row, spaces in ROWS.items():
        for number, labels in enumerate(spaces):
            space = place_name(row, number)
            documents.append(namespace(space, labels))
            documents += [
                deployment(pods, name=pod_name(space, column, index), ns=space)
                for column, choices in COLUMNS.items()
                for index, pods in enumerate(choices)
            ]
    return together(*documents), mesh_of(*documents)


@pytest.mark.parametrize("installed", SETS)
@pytest.mark.parametrize("cell", CELLS, ids="/".join)
def test_every_cell_of_the_truth_table(installed: str, cell: tuple[str, str]) -> None:
    row, column = cell
    text, mesh = world(installed)
    owner = SETS[installed].owners.get(CELLS[cell])
    for number, space in enumerate(ROWS[row]):
        where = place_name(row, number)
        for index, pod in enumerate(COLUMNS[column]):
            name = pod_name(where, column, index)
            found = decide(mesh, workload_of(mesh, name))
            if owner:
                called(found, text, owner, hook_of(space, pod))
            else:
                refused(found, text, *deciding(space, pod, where, name))


def hook_of(space: Labels, pod: Labels) -> str:
    """The one hook of a configuration that takes these labels, if any does."""
    if INJ in space:
        return f"namespace.{SUFFIX}"
    if REV in space:
        return f"rev.namespace.{SUFFIX}"
    if REV in pod:
        return f"rev.object.{SUFFIX}"
    return f"object.{SUFFIX}" if SI in pod else f"auto.{SUFFIX}"


def called(found: Decision, text: str, owner: tuple[str, str], hook: str) -> None:
    """Injected by exactly this hook, which a reason names at its place."""
    calls = [
        (
            call.hook.full_name,
            call.configuration and call.configuration.meta.subject.name,
            call.sure,
        )
        for call in found.calls
    ]
    assert calls == [(hook, owner[0], True)]
    assert found.verdict is YES
    assert found.revision == owner[1]
    (reason,) = (reason for reason in found.because if hook in reason.text)
    assert reason.where is not None
    assert line(text, reason.where).endswith(f"name: {hook}")
    assert before(text, reason.where, "kind: ").endswith("MutatingWebhookConfiguration")
    assert before(text, reason.where, "  name: ") == f"  name: {owner[0]}"


def refused(found: Decision, text: str, key: str, name: str) -> None:
    """Not injected, no webhook called, and a reason names the label that decides, at its place."""
    assert found.verdict is NO
    assert [call for call in found.calls if call.sure] == []
    assert found.revision is None
    reasons = [reason for reason in found.because if key in reason.text]
    assert reasons, (key, found.because)
    if key:
        wanted = line_of(text, name, key)
        assert wanted in {reason.where and reason.where.line for reason in reasons}, (key, reasons)


def deciding(space: Labels, pod: Labels, where: str, name: str) -> tuple[str, str]:
    """The label without which the answer would be another one, and the object that has it."""
    if pod.get(SI) == "false":
        return SI, name
    for key in (INJ, REV):
        if key in space:
            return key, where
    for key in (REV, SI):
        if key in pod:
            return key, name
    return "", where


def line(text: str, where: Location) -> str:
    return text.splitlines()[where.line - 1]


def before(text: str, where: Location, start: str) -> str:
    """The nearest line above that starts so."""
    lines = text.splitlines()[: where.line]
    return next(found for found in reversed(lines) if found.startswith(start))


def line_of(text: str, name: str, key: str) -> int:
    """The line of the last such key of an object: of a Deployment, that of its pods."""
    start = text.index(f"\n  name: {name}\n")
    end = (text + "\n---\n").index("\n---\n", start)
    labels = [m.start() for m in re.finditer(rf'\n +{re.escape(key)}: "', text[start:end])]
    return text.count("\n", 0, start + labels[-1] + 1) + 1


def test_the_table_of_istios_own_test() -> None:
    """TestWebhookSelector: default and canary revision together; the same with `auto.`."""
    none: Labels = {}
    rev, enabled, both = {REV: R}, {INJ: "enabled"}, {INJ: "enabled", REV: R}
    on, on_rev = {SI: "true"}, {SI: "true", REV: R}
    default = {
        (space, pod)
        for space, pods in ((0, (on,)), (2, (none, on, rev, on_rev)), (4, (none, on, rev, on_rev)))
        for pod in map(str, pods)
    }
    canary = {(0, str(rev)), (0, str(on_rev)), *((1, str(p)) for p in (none, rev, on, on_rev))}
    spaces = [none, rev, enabled, {INJ: "disabled"}, both, {INJ: "disabled", REV: R}]
    for auto in (False, True):
        installed = together(control_plane(auto=auto), control_plane(R))
        for number, space in enumerate(spaces):
            for pod in (none, rev, on, {SI: "false"}, on_rev, {SI: "false", REV: R}):
                case = (number, str(pod))
                wanted = R if case in canary else "default" if case in default else None
                wanted = "default" if auto and not space and not pod else wanted
                found = decision(installed, namespace("shop", space), deployment(pod))
                assert found.revision == wanted, (auto, space, pod)


def test_by_default_leaves_out_the_four_system_namespaces() -> None:
    for name in (*SYSTEM, "istio-system", "default"):
        found = decision(control_plane(auto=True), namespace(name), deployment(ns=name))
        assert found.verdict is (NO if name in SYSTEM else YES), name
        assert bool(found.calls) is (name not in SYSTEM), name


def test_two_defaults_call_twice() -> None:
    """Nothing is undone by a second call: the pod is injected, and no one revision can be named."""
    both = together(control_plane(), control_plane(R, tags=("default",)))
    found = decision(both, namespace("shop", {INJ: "enabled"}), deployment())
    assert found.verdict is YES
    assert {call.revision for call in found.calls} == {"default", R}
    assert len([call for call in found.calls if call.sure]) == 2
    assert found.revision is None


def test_one_of_two_injectors_is_enough() -> None:
    off = CONFIG.replace("enabled", "disabled")
    for first, second in ((off, CONFIG), (CONFIG, off)):
        both = together(
            control_plane(config=first), control_plane(R, tags=("default",), config=second)
        )
        found = decision(both, namespace("shop", {INJ: "enabled"}), deployment())
        assert found.verdict is YES, (first, second)


# --- what the injector does -----------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """A case of the injector: a `reason` that must be given, at a line (or kind) of one of `at`."""

    verdict: Verdict
    reason: str
    at: tuple[str, ...]
    pod: str = deployment()
    space: str = namespace("shop", {INJ: "enabled"})
    plane: str = control_plane()


def with_config(config: str, version: str = "1.29.1") -> str:
    return control_plane(version=version, config=config)


def note(value: str) -> Mapping[str, str]:
    return {SI: value}


HOST = "hostNetwork: true\n"
IN_CONFIG = ("kind: ConfigMap",)
"""Anywhere in the injector's ConfigMap."""
POLICY, DISABLED = CONFIG, CONFIG.replace("enabled", "disabled")
NEVER_CART = "policy: enabled\nneverInjectSelector:\n- matchLabels:\n    app: cart\n"
ALWAYS_CART = "policy: disabled\nalwaysInjectSelector:\n- matchLabels:\n    app: cart\n"
BOTH_CART = NEVER_CART + "alwaysInjectSelector:\n- matchLabels:\n    app: cart\n"
LABEL, ANNOTATION = (SI,), (SI,)

STEPS = {
    # 1. the host's network
    "hostNetwork": Step(NO, "hostNetwork", ("hostNetwork",), deployment(spec=HOST)),
    "hostNetwork beats true": Step(
        NO, "hostNetwork", ("hostNetwork",), deployment({SI: "true"}, spec=HOST)
    ),
    "hostNetwork beats a broken annotation": Step(
        NO,
        "hostNetwork",
        ("hostNetwork",),
        deployment(notes={"sidecar.istio.io/interceptionMode": "x"}, spec=HOST),
    ),
    "hostNetwork: false": Step(YES, "", (), deployment(spec="hostNetwork: false\n")),
    # 2. namespaces that the injector ignores, though the webhook is called
    **{
        f"namespace {name}": Step(
            NO,
            name,
            (f"namespace: {name}", f"name: {name}"),
            deployment({SI: "true"}, ns=name),
            namespace(name, {INJ: "enabled"}),
        )
        for name in SYSTEM
    },
    "istio-system is none of them": Step(
        YES,
        "",
        (),
        deployment(ns="istio-system"),
        namespace("istio-system", {INJ: "enabled"}),
    ),
    "kube-system-2 is none of them": Step(
        YES,
        "",
        (),
        deployment(ns="kube-system-2"),
        namespace("kube-system-2", {INJ: "enabled"}),
    ),
    # 3. the label replaces the annotation, whatever it says
    "annotation false": Step(NO, SI, ANNOTATION, deployment(notes=note("false"))),
    "annotation true adds nothing": Step(YES, "", (), deployment(notes=note("true"))),
    "label true beats annotation false": Step(
        YES, SI, LABEL, deployment({SI: "true"}, notes=note("false"))
    ),
    "empty label silences annotation false": Step(
        YES, "policy", (), deployment({SI: ""}, notes=note("false"))
    ),
    "junk label silences annotation false": Step(
        YES, "policy", (), deployment({SI: "junk"}, notes=note("false"))
    ),
    "empty label silences annotation true": Step(
        NO, "policy", IN_CONFIG, deployment({SI: ""}, notes=note("true")), plane=with_config(DISABLED)
    ),
    "junk label silences annotation true": Step(
        NO, "policy", IN_CONFIG, deployment({SI: "no"}, notes=note("true")), plane=with_config(DISABLED)
    ),
    # 4. exactly true, exactly false
    "label true": Step(YES, SI, LABEL, deployment({SI: "true"})),
    "label true, policy disabled": Step(
        YES, SI, LABEL, deployment({SI: "true"}), plane=with_config(DISABLED)
    ),
    "annotation true, policy disabled": Step(
        YES, SI, ANNOTATION, deployment(notes=note("true")), plane=with_config(DISABLED)
    ),
    "annotation True, policy disabled": Step(
        NO, "policy", IN_CONFIG, deployment(notes=note("True")), plane=with_config(DISABLED)
    ),
    "annotation False": Step(YES, "policy", (), deployment(notes=note("False"))),
    # 5. selectors, asked only where neither label nor annotation decides
    "never": Step(NO, "neverInjectSelector", IN_CONFIG, plane=with_config(NEVER_CART)),
    "never, with an empty label": Step(
        NO, "neverInjectSelector", IN_CONFIG, deployment({SI: ""}), plane=with_config(NEVER_CART)
    ),
    "never, with a junk label": Step(
        NO, "neverInjectSelector", IN_CONFIG, deployment({SI: "False"}), plane=with_config(NEVER_CART)
    ),
    "label true beats never": Step(
        YES, SI, LABEL, deployment({SI: "true"}), plane=with_config(NEVER_CART)
    ),
    "annotation true beats never": Step(
        YES, SI, ANNOTATION, deployment(notes=note("true")), plane=with_config(NEVER_CART)
    ),
    "never of others": Step(YES, "policy", (), plane=with_config(NEVER_CART.replace("cart", "other"))),
    "never is a list of alternatives": Step(
        NO,
        "neverInjectSelector",
        IN_CONFIG,
        plane=with_config(
            "policy: enabled\nneverInjectSelector:\n- matchLabels: {app: a}\n"
            "- matchExpressions:\n  - {key: app, operator: Exists}\n"
        ),
    ),
    "all clauses of one selector must match": Step(
        YES,
        "policy",
        (),
        plane=with_config(
            "policy: enabled\nneverInjectSelector:\n- matchLabels: {app: cart, tier: x}\n"
        ),
    ),
    "always": Step(YES, "alwaysInjectSelector", IN_CONFIG, plane=with_config(ALWAYS_CART)),
    "annotation false beats always": Step(
        NO, SI, ANNOTATION, deployment(notes=note("false")), plane=with_config(ALWAYS_CART)
    ),
    "never before always": Step(
        NO, "neverInjectSelector", IN_CONFIG, plane=with_config(BOTH_CART)
    ),
    "an empty selector is ignored": Step(
        YES, "policy", (), plane=with_config("policy: enabled\nneverInjectSelector:\n- {}\n")
    ),
    "a selector of empty parts is ignored": Step(
        YES,
        "policy",
        (),
        plane=with_config(
            "policy: enabled\nneverInjectSelector:\n- {matchLabels: {}, matchExpressions: []}\n"
        ),
    ),
    "an empty always is ignored": Step(
        NO, "policy", IN_CONFIG, plane=with_config("policy: disabled\nalwaysInjectSelector:\n- {}\n")
    ),
    "an invalid operator only warns": Step(
        YES,
        "policy",
        (),
        plane=with_config(
            "policy: enabled\nneverInjectSelector:\n- matchExpressions:\n"
            "  - {key: app, operator: Is, values: [cart]}\n"
        ),
    ),
    "In without values only warns": Step(
        YES,
        "policy",
        (),
        plane=with_config(
            "policy: enabled\nneverInjectSelector:\n- matchExpressions:\n"
            "  - {key: app, operator: In, values: []}\n"
        ),
    ),
    "NotIn without values only warns": Step(
        YES,
        "policy",
        (),
        plane=with_config(
            "policy: enabled\nneverInjectSelector:\n- matchExpressions:\n"
            "  - {key: app, operator: NotIn, values: []}\n"
        ),
    ),
    "Exists with values only warns": Step(
        YES,
        "policy",
        (),
        plane=with_config(
            "policy: enabled\nneverInjectSelector:\n- matchExpressions:\n"
            "  - {key: app, operator: Exists, values: [cart]}\n"
        ),
    ),
    "an invalid selector does not hide the next": Step(
        NO,
        "neverInjectSelector",
        IN_CONFIG,
        plane=with_config(
            "policy: enabled\nneverInjectSelector:\n- matchExpressions:\n"
            "  - {key: app, operator: Is, values: [cart]}\n- matchLabels: {app: cart}\n"
        ),
    ),
    "always cannot help where no webhook is called": Step(
        NO,
        INJ,
        (INJ,),
        space=namespace("shop", {INJ: "disabled"}),
        plane=with_config(ALWAYS_CART),
    ),
    # 6. the policy
    "enabled": Step(YES, "policy", ()),
    "disabled": Step(NO, "policy", IN_CONFIG, plane=with_config(DISABLED)),
    "annotation false, disabled": Step(
        NO, SI, ANNOTATION, deployment(notes=note("false")), plane=with_config(DISABLED)
    ),
    **{
        f"policy {value} is off, even for true": Step(
            NO, "policy", IN_CONFIG, deployment({SI: "true"}), plane=with_config(f"policy: {value}\n")
        )
        for value in ('"off"', "off", "Enabled", '""', "on", "true")
    },
    "policy off beats always": Step(
        NO, "policy", IN_CONFIG, plane=with_config(ALWAYS_CART.replace("disabled", '"off"'))
    ),
    "no policy at all is off": Step(
        NO,
        "policy",
        IN_CONFIG,
        deployment({SI: "true"}),
        plane=with_config("defaultTemplates: [sidecar]\n"),
    ),
    # what has no influence
    "image auto adds nothing": Step(
        YES, "policy", (), deployment().replace("- name: cart\n        image: example/cart:1", "- name: istio-proxy\n        image: auto")
    ),
    "image auto rescues nothing": Step(
        NO,
        INJ,
        (INJ,),
        deployment().replace("- name: cart\n        image: example/cart:1", "- name: istio-proxy\n        image: auto"),
        namespace("shop", {INJ: "disabled"}),
    ),
    "dataplane-mode of the namespace": Step(
        YES, "policy", (), space=namespace("shop", {INJ: "enabled", "istio.io/dataplane-mode": "ambient"})
    ),
    "dataplane-mode of the pod": Step(
        YES, "policy", (), deployment({"istio.io/dataplane-mode": "none"})
    ),
    "the status of an earlier injection": Step(
        YES, "policy", (), deployment(notes={"sidecar.istio.io/status": "{}"})
    ),
}  # fmt: skip


@pytest.mark.parametrize("step", STEPS.values(), ids=list(STEPS))
def test_every_step_of_the_injector(step: Step) -> None:
    text = together(step.plane, step.space, step.pod)
    found = decision(text)
    assert found.verdict is step.verdict, found.because
    explained(text, found, step.reason, step.at)


def explained(text: str, found: Decision, words: str, at: tuple[str, ...]) -> None:
    """A reason has these words and, where a place is asked for, stands on such a line."""
    reasons = [reason for reason in found.because if words in reason.text]
    assert reasons, (words, found.because)
    if at:
        places = [reason.where for reason in reasons if reason.where]
        lines = [f"{line(text, where)} in {before(text, where, 'kind: ')}" for where in places]
        assert any(part in one for one in lines for part in at), (at, reasons, lines)


def test_the_host_network_and_system_namespaces_are_after_the_webhook() -> None:
    """It is called, for these pods too: where istiod is away they cannot be created."""
    enabled = namespace("shop", {INJ: "enabled"})
    host = decision(control_plane(), enabled, deployment(spec=HOST))
    system = namespace("kube-system", {INJ: "enabled"})
    ignored = decision(control_plane(), system, deployment(ns="kube-system"))
    declined = decision(control_plane(), enabled, deployment(notes=note("false")))
    assert [len(found.calls) for found in (host, ignored, declined)] == [1, 1, 1]
    assert decision(control_plane(), enabled, deployment({SI: "false"})).calls == ()


# --- what depends on the version -------------------------------------------------------------

OLD, NEW, EITHER = "1.26.8", "1.27.0", "nightly"
VERSIONS = [
    # value, policy, what Istio before 1.27 does, what 1.27 and later do
    ("true", CONFIG, YES, YES),
    ("", CONFIG, YES, YES),
    ("yes", CONFIG, YES, YES),
    ("True", CONFIG, YES, YES),
    ("Y", CONFIG, YES, YES),
    ("ON", CONFIG, YES, YES),
    ("False", CONFIG, NO, YES),
    ("no", CONFIG, NO, YES),
    ("0", CONFIG, NO, YES),
    ("junk", CONFIG, NO, YES),
    ("1", CONFIG, NO, YES),
    ("t", CONFIG, NO, YES),
    ("yes", DISABLED, YES, NO),
    ("True", DISABLED, YES, NO),
    ("junk", DISABLED, NO, NO),
    ("", DISABLED, NO, NO),
    ("False", DISABLED, NO, NO),
    ("junk", NEVER_CART, NO, NO),
    ("yes", NEVER_CART, YES, NO),
    ("", NEVER_CART, NO, NO),
    ("junk", ALWAYS_CART, NO, YES),
    ("yes", ALWAYS_CART, YES, YES),
    ("", ALWAYS_CART, YES, YES),
    ("yes", 'policy: "off"\n', NO, NO),
]


@pytest.mark.parametrize("on", ["label", "annotation"])
@pytest.mark.parametrize(("value", "config", "old", "new"), VERSIONS)
def test_junk_is_read_as_the_version_reads_it(
    on: str, value: str, config: str, old: Verdict, new: Verdict
) -> None:
    pod = deployment(
        {SI: value} if on == "label" else None, notes={SI: value} if on != "label" else None
    )
    space = namespace("shop", {INJ: "enabled"})
    either = old if old is new else UNKNOWN
    for version, wanted in (
        (OLD, old), ("1.9.8", old), ("1.26.4-asm.3", old), (NEW, new), ("1.30.0-distroless", new),
        ("1.100.0", new), (EITHER, either), ("latest", either),
    ):  # fmt: skip
        found = decision(control_plane(version=version, config=config), space, pod)
        assert found.verdict is wanted, (version, found.because)
        if wanted is UNKNOWN:
            explained("", found, SI, ())


def test_an_image_by_digest_tells_no_version() -> None:
    image = "registry.istio.io/release/pilot@sha256:" + "12" * 32
    plane = together(istiod(image=image), configuration(), settings())
    space = namespace("shop", {INJ: "enabled"})
    assert decision(plane, space, deployment({SI: "False"})).verdict is UNKNOWN
    assert decision(plane, space, deployment({SI: "yes"})).verdict is YES


# --- whose settings ---------------------------------------------------------------------------


def test_each_revision_has_settings_of_its_own() -> None:
    planes = together(control_plane(config=DISABLED), control_plane(R))
    spaces = namespace("one", {INJ: "enabled"}), namespace("two", {REV: R})
    for ns, wanted in (("one", NO), ("two", YES)):
        assert decision(planes, *spaces, deployment(ns=ns)).verdict is wanted


def test_a_tag_has_the_settings_of_its_target() -> None:
    plane = control_plane(R, tags=(T,), config=DISABLED)
    space = namespace("shop", {REV: T})
    found = decision(plane, control_plane(), space, deployment())
    assert (found.verdict, found.revision) == (NO, R)


NOT_THE_INJECTORS = {
    "of another revision": settings("other", DISABLED),
    "with another name": settings(config=DISABLED).replace(
        "name: istio-sidecar-injector", "name: mine"
    ),
}


@pytest.mark.parametrize("other", NOT_THE_INJECTORS.values(), ids=list(NOT_THE_INJECTORS))
def test_no_other_config_map_is_read(other: str) -> None:
    space = namespace("shop", {INJ: "enabled"})
    assert decision(control_plane(), other, space, deployment()).verdict is YES


VALUES = {
    "autoInject disabled": ("global: {proxy: {autoInject: disabled}}", NO),
    "autoInject enabled": ("global: {proxy: {autoInject: enabled}}", YES),
    "autoInject off": ('global: {proxy: {autoInject: "off"}}', NO),
    "never": ("sidecarInjectorWebhook: {neverInjectSelector: [{matchLabels: {app: cart}}]}", NO),
    "never others": ("sidecarInjectorWebhook: {neverInjectSelector: [{matchLabels: {app: x}}]}", YES),
}  # fmt: skip
CARRIERS = {
    "IstioOperator": (
        "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\n"
        "metadata: {name: mesh, namespace: istio-system}\n"
        "spec:\n  tag: 1.29.1\n  values: {VALUES}\n"
    ),
    "HelmRelease": (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n"
        "metadata: {name: istiod, namespace: istio-system}\nspec:\n"
        "  chart: {spec: {chart: istiod, version: 1.29.1}}\n  values: {VALUES}\n"
    ),
    "Sail": (
        "apiVersion: sailoperator.io/v1\nkind: Istio\nmetadata: {name: default}\n"
        "spec:\n  version: v1.29.1\n  namespace: istio-system\n  values: {VALUES}\n"
    ),
}


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("values", VALUES)
def test_settings_in_what_installs_istiod(carrier: str, values: str) -> None:
    body, wanted = VALUES[values]
    installed = CARRIERS[carrier].replace("{VALUES}", "{" + body + "}")
    space = namespace("shop", {INJ: "enabled"})
    assert decision(installed, space, deployment()).verdict is wanted


@pytest.mark.parametrize("carrier", CARRIERS)
def test_by_default_in_what_installs_istiod(carrier: str) -> None:
    for value, wanted in (("true", YES), ("false", NO)):
        body = f"{{sidecarInjectorWebhook: {{enableNamespacesByDefault: {value}}}}}"
        installed = CARRIERS[carrier].replace("{VALUES}", body)
        found = decision(installed, namespace("shop"), deployment()).verdict
        assert found is wanted or (wanted is NO and found is UNKNOWN), value


# --- denial ------------------------------------------------------------------------------------

MODE = "sidecar.istio.io/interceptionMode"
TEMPLATE = "inject.istio.io/templates"
DENIED = {
    "interceptionMode": {MODE: "redirect"},
    "ranges without a mask": {"traffic.sidecar.istio.io/includeOutboundIPRanges": "10.0.0.1"},
    "ports": {"traffic.sidecar.istio.io/excludeInboundPorts": "http"},
    "quantity": {"sidecar.istio.io/proxyCPU": "lots"},
    "bool": {"prometheus.istio.io/merge-metrics": "maybe"},
    "number": {"readiness.status.sidecar.istio.io/periodSeconds": "-1"},
    "template that nobody has": {TEMPLATE: "mine"},
    "one of two templates": {TEMPLATE: "sidecar,mine"},
    "empty template": {TEMPLATE: ""},
    "trailing comma": {TEMPLATE: "sidecar,"},
}


@pytest.mark.parametrize("notes", DENIED.values(), ids=list(DENIED))
def test_what_the_injector_refuses_is_denied(notes: Mapping[str, str]) -> None:
    text = together(control_plane(), namespace("shop", {INJ: "enabled"}), deployment(notes=notes))
    found = decision(text)
    assert found.denied
    assert found.verdict is NO
    (key,) = notes
    explained(text, found, key, (key,))


ACCEPTED = {
    "interceptionMode": {MODE: "TPROXY"},
    "every range": {"traffic.sidecar.istio.io/includeOutboundIPRanges": "*"},
    "gateway": {TEMPLATE: "gateway"},
    "two templates with blanks": {TEMPLATE: "sidecar , grpc-agent"},
}


@pytest.mark.parametrize("notes", ACCEPTED.values(), ids=list(ACCEPTED))
def test_what_the_injector_accepts_is_injected(notes: Mapping[str, str]) -> None:
    found = decision(control_plane(), namespace("shop", {INJ: "enabled"}), deployment(notes=notes))
    assert (found.verdict, bool(found.denied)) == (YES, False)


UNTOUCHED = {
    "no webhook": (namespace("shop", {INJ: "disabled"}), deployment(notes={MODE: "x"})),
    "pod says false": (namespace("shop", {INJ: "enabled"}), deployment({SI: "false"}, notes={MODE: "x"})),
    "annotation says false": (
        namespace("shop", {INJ: "enabled"}),
        deployment(notes={MODE: "x", SI: "false"}),
    ),
    "host network": (namespace("shop", {INJ: "enabled"}), deployment(notes={MODE: "x"}, spec=HOST)),
}  # fmt: skip


@pytest.mark.parametrize("documents", UNTOUCHED.values(), ids=list(UNTOUCHED))
def test_nothing_is_denied_that_is_not_injected(documents: tuple[str, str]) -> None:
    found = decision(control_plane(), *documents)
    assert (found.verdict, bool(found.denied)) == (NO, False)


def test_templates_that_the_config_map_brings() -> None:
    own = "policy: enabled\ntemplates:\n  mine: |\n    metadata: {}\naliases:\n  both: [mine]\n"
    plane = with_config(own)
    space = namespace("shop", {INJ: "enabled"})
    for asked, denied in (
        ("mine", False),
        ("both", False),
        ("mine,both", False),
        ("gateway", True),
    ):
        found = decision(plane, space, deployment(notes={TEMPLATE: asked}))
        assert bool(found.denied) is denied, asked
    assert decision(plane, space, deployment()).denied, "the default template is `sidecar`"
    with_default = with_config(own + "defaultTemplates: [mine]\n")
    assert decision(with_default, space, deployment()).verdict is YES


def test_a_template_is_not_judged_without_the_config_map() -> None:
    """Custom templates are common, and they may stand in a ConfigMap that is not in the scan."""
    plane = control_plane(config=None)
    space = namespace("shop", {INJ: "enabled"})
    found = decision(plane, space, deployment(notes={TEMPLATE: "mine"}))
    assert found.verdict is not NO
    assert not found.denied


# --- what is known in part ------------------------------------------------------------------

ABSENT = ""
"""The Namespace is not in the scan."""

PARTIAL = {
    # plane, Namespace, pod, verdict
    "nothing known of the namespace": (control_plane(), ABSENT, deployment(), UNKNOWN),
    "label true does not settle it": (control_plane(), ABSENT, deployment({SI: "true"}), UNKNOWN),
    "revision of the pod does not settle it": (control_plane(R), ABSENT, deployment({REV: R}), UNKNOWN),
    "label false": (control_plane(), ABSENT, deployment({SI: "false"}), NO),
    "annotation false": (control_plane(), ABSENT, deployment(notes=note("false")), NO),
    "annotation False, 1.29": (control_plane(), ABSENT, deployment(notes=note("False")), UNKNOWN),
    "annotation False, 1.26": (control_plane(version=OLD), ABSENT, deployment(notes=note("False")), NO),
    "host network": (control_plane(), ABSENT, deployment(spec=HOST), NO),
    "system namespace": (control_plane(), ABSENT, deployment(ns="kube-system"), NO),
    "policy disabled": (with_config(DISABLED), ABSENT, deployment(), NO),
    "policy disabled, label true": (with_config(DISABLED), ABSENT, deployment({SI: "true"}), UNKNOWN),
    "policy off, label true": (with_config('policy: "off"\n'), ABSENT, deployment({SI: "true"}), NO),
    "never": (with_config(NEVER_CART), ABSENT, deployment(), NO),
    "policy disabled in one of two revisions": (
        together(with_config(DISABLED), control_plane(R)), ABSENT, deployment(), UNKNOWN),
    "policy disabled in both": (
        together(with_config(DISABLED), control_plane(R, config=DISABLED)), ABSENT, deployment(), NO),
    "no namespace given": (control_plane(), namespace("shop", {INJ: "enabled"}), deployment(ns=""), UNKNOWN),
    "no namespace given, false": (control_plane(), ABSENT, deployment({SI: "false"}, ns=""), NO),
    # placeholders: a value that is there, and not known
    "namespace's revision": (control_plane(R), namespace("shop", {REV: "${X}"}), deployment(), UNKNOWN),
    "namespace's revision, pod's revision": (
        control_plane(R), namespace("shop", {REV: "${X}"}), deployment({REV: R}), UNKNOWN),
    "namespace disabled, revision open": (
        control_plane(R), namespace("shop", {INJ: "disabled", REV: "${X}"}), deployment(), NO),
    "namespace enabled, revision open": (
        control_plane(), namespace("shop", {INJ: "enabled", REV: "${X}"}), deployment(), YES),
    "istio-injection open, a default revision": (
        control_plane(), namespace("shop", {INJ: "${X}"}), deployment(), UNKNOWN),
    "istio-injection open, no default revision": (
        control_plane(R), namespace("shop", {INJ: "${X}"}), deployment({REV: R}), NO),
    "istio-injection open, no default revision, revision given": (
        control_plane(R), namespace("shop", {INJ: "${X}", REV: R}), deployment(), NO),
    "pod's revision, namespace's revision": (
        control_plane(R), namespace("shop", {REV: R}), deployment({REV: "${X}"}), YES),
    "pod's revision, namespace enabled": (
        control_plane(), namespace("shop", {INJ: "enabled"}), deployment({REV: "${X}"}), YES),
    "pod's revision, namespace disabled": (
        control_plane(), namespace("shop", {INJ: "disabled"}), deployment({REV: "${X}"}), NO),
    "pod's revision": (control_plane(R), namespace("shop"), deployment({REV: "${X}"}), UNKNOWN),
    "pod's label": (control_plane(R), namespace("shop", {REV: R}), deployment({SI: "${X}"}), UNKNOWN),
    "pod's label, namespace disabled": (
        control_plane(), namespace("shop", {INJ: "disabled"}), deployment({SI: "${X}"}), NO),
    "pod's label, policy off": (
        with_config('policy: "off"\n'), namespace("shop", {INJ: "enabled"}), deployment({SI: "${X}"}), NO),
    "pod's label, by default": (control_plane(auto=True), namespace("shop"), deployment({SI: "${X}"}), UNKNOWN),
    "another label": (control_plane(), namespace("shop", {INJ: "enabled"}), deployment({"x": "${X}"}), YES),
    "another label of the namespace": (
        control_plane(), namespace("shop", {INJ: "enabled", "x": "${X}"}), deployment(), YES),
    "annotation": (
        control_plane(), namespace("shop", {INJ: "enabled"}), deployment(notes=note("${X}")), UNKNOWN),
    "annotation behind a label": (
        control_plane(), namespace("shop", {INJ: "enabled"}), deployment({SI: "true"}, notes=note("${X}")), YES),
    "annotation, policy off": (
        with_config('policy: "off"\n'), namespace("shop", {INJ: "enabled"}), deployment(notes=note("${X}")), NO),
    "policy": (with_config("policy: ${X}\n"), namespace("shop", {INJ: "enabled"}), deployment(), UNKNOWN),
    "policy, namespace disabled": (
        with_config("policy: ${X}\n"), namespace("shop", {INJ: "disabled"}), deployment(), NO),
    "selector": (
        with_config("policy: enabled\nneverInjectSelector:\n- matchLabels: {app: '${X}'}\n"),
        namespace("shop", {INJ: "enabled"}), deployment(), UNKNOWN),
    "selector of a label that the pod lacks": (
        with_config("policy: enabled\nneverInjectSelector:\n- matchLabels: {tier: '${X}'}\n"),
        namespace("shop", {INJ: "enabled"}), deployment(), YES),
    # Namespaces in several copies
    "copies that agree": (
        control_plane(), namespace("shop", {INJ: "enabled"}) + "---\n" + namespace("shop", {INJ: "enabled"}),
        deployment(), YES),
    "copies that disagree": (
        control_plane(), namespace("shop", {INJ: "enabled"}) + "---\n" + namespace("shop"), deployment(), UNKNOWN),
    "copies that disagree, false": (
        control_plane(), namespace("shop", {INJ: "enabled"}) + "---\n" + namespace("shop"),
        deployment({SI: "false"}), NO),
    "copies that differ in what decides nothing": (
        control_plane(), namespace("shop", {INJ: "enabled", "x": "a"}) + "---\n"
        + namespace("shop", {INJ: "enabled", "x": "b"}), deployment(), YES),
    "copies that differ, and are disabled both": (
        control_plane(), namespace("shop", {INJ: "disabled", REV: "a"}) + "---\n"
        + namespace("shop", {INJ: "disabled", REV: "b"}), deployment({SI: "true"}), NO),
}  # fmt: skip


@pytest.mark.parametrize("case", PARTIAL.values(), ids=list(PARTIAL))
def test_unknown_exactly_where_the_possible_worlds_disagree(
    case: tuple[str, str, str, Verdict],
) -> None:
    *documents, wanted = case
    found = decision(*(document for document in documents if document))
    assert found.verdict is wanted, found.because
    assert found.because
    if wanted is UNKNOWN:
        assert any(asks_for_more(reason) for reason in found.because), found.because


def asks_for_more(reason: Reason) -> bool:
    """Whether a reason says what is not known."""
    return bool(
        re.search(
            r"not in the scan|not known|placeholder|disagree|unknown|may |differ|not say",
            reason.text,
        )
    )


def test_a_hook_that_asks_nothing_of_the_namespace_needs_none() -> None:
    everywhere = configuration().replace(INJ, "team").replace(REV, "team")
    hook = everywhere[: everywhere.index("webhooks:\n")] + (
        f"webhooks:\n- name: x.{SUFFIX}\n  clientConfig: {{service: {{name: istiod,"
        " namespace: istio-system, path: /inject}}\n  sideEffects: None\n"
        "  rules: [{operations: [CREATE], apiGroups: [''], apiVersions: [v1], resources: [pods]}]\n"
        "  objectSelector: {matchLabels: {app: cart}}\n"
    )
    hook = hook.replace("    team: ", f"    {REV}: ")
    plane = together(istiod(), hook, settings())
    assert decision(plane, deployment()).verdict is YES
    assert decision(plane, deployment(ns="kube-system")).verdict is NO
    assert decision(plane, deployment(name="other"), name="other").verdict is NO


def test_a_hook_that_asks_for_the_name_alone_needs_no_namespace() -> None:
    named = configuration(R).replace(
        asks(f"{REV} In {R}", f"{INJ} DoesNotExist").replace("\n", "\n    ").strip(),
        asks("kubernetes.io/metadata.name In shop").replace("\n", "\n    ").strip(),
    )
    assert "metadata.name" in named
    plane = together(istiod(R), named, settings(R))
    assert decision(plane, deployment()).verdict is YES
    assert decision(plane, deployment(ns="other")).verdict is NO
    assert decision(plane, deployment({REV: R}, ns="other")).verdict is UNKNOWN, "rev.object."
    assert decision(plane, namespace("other"), deployment({REV: R}, ns="other")).verdict is YES
