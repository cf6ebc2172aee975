"""Whose mesh it is, and what is declared of it: Google's, Azure's, Red Hat's; ambient, gateways."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from meshlint.engine import Knowledge, run
from meshlint.facts import facts
from meshlint.finding import Fields, Location, Subject, Value
from meshlint.mesh.inject import Decision, Verdict, decide
from meshlint.mesh.model import Mesh
from meshlint.mesh.plane import Plane
from meshlint.resources.control_plane import Origin, Revision, Tag
from meshlint.resources.declared import Declared, Flavour
from meshlint.resources.document import Meta
from meshlint.resources.namespace import Namespace
from meshlint.resources.reader import Resource
from meshlint.resources.site import Site
from meshlint.source.files import STDIN, Collection, Source
from meshlint.unread import Unread
from tests.chart import (
    INJ,
    REV,
    SI,
    configuration,
    control_plane,
    deployment,
    istiod,
    namespace,
    settings,
    together,
    workload_of,
)

YES, NO, UNKNOWN = Verdict.INJECTED, Verdict.NOT_INJECTED, Verdict.UNKNOWN
ENABLED, PLAIN = namespace("shop", {INJ: "enabled"}), namespace("shop")
SAID = Location("config.yaml", 1, 1, 1, 2)


def declared(
    *,
    closed: bool = False,
    default: bool | None = None,
    flavour: Flavour | None = None,
    cluster: str = "",
) -> Declared:
    return Declared(SAID, Site("", cluster=cluster), closed, default, flavour)


def revision(name: str, cluster: str = "") -> Revision:
    subject = Subject("", "Revision", "", name)
    site = Site("", cluster=cluster)
    return Revision(Value(name, SAID), Origin.DECLARED, subject, site=site)


def tag(name: str, target: str) -> Tag:
    subject = Subject("", "Tag", "", name)
    return Tag(Value(name, SAID), Value(target, SAID), Origin.DECLARED, subject, site=Site(""))


def mesh(known: Iterable[Resource], *documents: str, path: str = "all.yaml") -> Mesh:
    return Mesh([*facts(path, together(*documents).encode()).resources, *known])


def decided(known: Iterable[Resource], *documents: str) -> Decision:
    found = mesh(known, *documents)
    return decide(found, workload_of(found))


def plane_of(known: Iterable[Resource], *documents: str) -> Plane:
    return mesh(known, *documents).plane(Site("all.yaml"))


def reasons(found: Decision) -> str:
    return "; ".join(f"{r.text}: {r.settle}" if r.settle else r.text for r in found.because)


# --- what is declared ---------------------------------------------------------------------------

CLOSED = (declared(closed=True), revision("a"))
DECLARED = {
    # what is declared, the Namespace, the pod's labels, the verdict
    "a revision": (CLOSED, {REV: "a"}, {}, YES),
    "an unknown revision": (CLOSED, {REV: "b"}, {}, NO),
    "an unknown revision, open": ((revision("a"),), {REV: "b"}, {}, UNKNOWN),
    "the pod's revision": (CLOSED, {}, {REV: "a"}, YES),
    "a placeholder may be the revision": (
        (*CLOSED, declared(default=False)), {REV: "${X}"}, {}, UNKNOWN),
    "a placeholder may be the pod's revision": (
        (*CLOSED, declared(default=False)), {}, {REV: "${X}"}, UNKNOWN),
    "a placeholder, and no revision at all": (
        (declared(closed=True, default=False),), {REV: "${X}"}, {}, NO),
    "a tag": ((*CLOSED, tag("prod", "a")), {REV: "prod"}, {}, YES),
    "the default is left open": (CLOSED, {INJ: "enabled"}, {}, UNKNOWN),
    "there is no default": ((*CLOSED, declared(default=False)), {INJ: "enabled"}, {}, NO),
    "there is no default, open": ((declared(default=False),), {INJ: "enabled"}, {}, NO),
    "there is no default, by name": ((declared(default=False),), {REV: "default"}, {}, NO),
    "there is no default, asked by the pod": ((declared(default=False),), {}, {SI: "true"}, NO),
    "there is no default, nobody asks": ((declared(default=False),), {}, {}, NO),
    "a default, of whatever revision": ((declared(default=True),), {INJ: "enabled"}, {}, YES),
    "a default tag": ((*CLOSED, tag("default", "a")), {INJ: "enabled"}, {}, YES),
    "a default revision": ((declared(closed=True), revision("default")), {INJ: "enabled"}, {}, YES),
    "two that disagree on the default": (
        (declared(default=True), declared(default=False)), {INJ: "enabled"}, {}, UNKNOWN),
    "a default, nobody asks": ((*CLOSED, tag("default", "a")), {}, {}, UNKNOWN),
    "an empty revision, which nobody has": ((), {REV: ""}, {SI: "true"}, NO),
    "no default, disabled": ((declared(default=False),), {INJ: "disabled"}, {SI: "true"}, NO),
}  # fmt: skip


@pytest.mark.parametrize(
    ("known", "space", "pod", "verdict"), DECLARED.values(), ids=list(DECLARED)
)
def test_what_is_declared(
    known: tuple[Resource, ...], space: dict[str, str], pod: dict[str, str], verdict: Verdict
) -> None:
    found = decided(known, namespace("shop", space), deployment(pod))
    assert found.verdict is verdict, found.because
    assert (verdict is UNKNOWN) == any(reason.settle for reason in found.because)


def test_a_default_tag_leads_to_its_revision() -> None:
    found = decided((*CLOSED, tag("default", "a")), ENABLED, deployment())
    assert found.revision == "a"


def test_what_the_tree_proves_holds_against_what_is_said() -> None:
    """A default istiod that stands here is here."""
    found = decided((declared(default=False),), control_plane(), ENABLED, deployment())
    assert found.verdict is YES
    installed = decided((declared(default=False),), istiod(), ENABLED, deployment())
    assert installed.verdict is YES


def test_a_whole_control_plane_has_no_other_default_for_all_that_is_declared() -> None:
    found = decided((declared(closed=True),), control_plane("a"), ENABLED, deployment())
    assert found.verdict is NO


def test_possible_and_sure_names() -> None:
    one = plane_of(CLOSED)
    assert one.closed
    assert [one.possible(name) for name in ("a", "b", "default")] == [True, False, True]
    assert [one.sure(name) for name in ("a", "b", "default")] == [True, False, False]
    assert not plane_of((*CLOSED, declared(default=False))).possible("default")
    assert plane_of(()).possible("anything")
    assert plane_of((declared(default=True),)).sure("default")


def rules(*documents: str, known: tuple[Resource, ...] = ()) -> set[str]:
    collection = Collection([Source(STDIN, together(*documents).encode())])
    report = run(collection, known=Knowledge(known))
    assert not report.failures
    return {finding.rule for finding in report.findings}


BOTH = namespace("shop", {INJ: "enabled", REV: "a"})


def test_rules_speak_of_a_missing_default_only_where_it_is_sure() -> None:
    for known, told in (
        (CLOSED, False),
        ((*CLOSED, declared(default=True)), False),
        ((*CLOSED, declared(default=False)), True),
        ((declared(default=False),), True),
        ((revision("a"),), False),
    ):
        assert ("injection-without-default" in rules(ENABLED, known=known)) is told, known


def test_rules_name_no_other_winner_where_the_default_is_left_open() -> None:
    def severity(known: tuple[Resource, ...]) -> str:
        report = run(Collection([Source(STDIN, BOTH.encode())]), known=Knowledge(known))
        (found,) = report.findings
        assert found.rule == "namespace-conflicting-labels"
        return found.severity

    assert severity(CLOSED) == "warning"
    assert severity((*CLOSED, declared(default=False))) == "error"


def space(name: str, cluster: str, labels: Fields) -> Namespace:
    subject = Subject("v1", "Namespace", "", name)
    site = Site("", cluster=cluster)
    return Namespace(Meta(subject, Value(name, SAID), None, labels, {}, SAID, site=site), None)


def labels_of(text: str) -> Fields:
    (found,) = (r for r in facts("x.yaml", text.encode()).resources if isinstance(r, Namespace))
    return found.meta.labels


def test_a_declared_namespace_is_there_for_every_site_of_its_cluster() -> None:
    known = (*CLOSED, space("shop", "", labels_of(namespace("shop", {REV: "a"}))))
    assert decided(known, deployment()).verdict is YES
    eu = space("shop", "eu", labels_of(namespace("shop", {REV: "a"})))
    assert decided((*CLOSED, eu), deployment()).verdict is UNKNOWN, "of another cluster"


def test_the_tree_is_nearer_than_what_is_declared() -> None:
    said = space("shop", "", labels_of(namespace("shop", {INJ: "disabled"})))
    found = decided((*CLOSED, said), namespace("shop", {REV: "a"}), deployment())
    assert found.verdict is YES


def test_a_key_that_a_patch_touches_may_be_gone() -> None:
    patch = Namespace(
        Meta(Subject("v1", "Namespace", "", "shop"), None, None, labels_of(ENABLED), {}, SAID),
        Unread.PATCH,
    )
    found = mesh((patch,), namespace("shop", {INJ: "disabled", REV: "a"}), deployment())
    labels = found.home(workload_of(found)).labels
    assert (labels.has(INJ), labels.has(REV), labels.has("none")) == (None, True, False)


def test_webhooks_are_enough_where_nothing_else_is_known_of_a_closed_set() -> None:
    asked = namespace("shop", {REV: "a"})
    known = (declared(closed=True),)
    assert decided(known, configuration("a"), asked, deployment()).verdict is YES
    both = (*known, revision("b"))
    assert decided(both, configuration("a"), asked, deployment()).verdict is UNKNOWN


def test_two_declarations_that_disagree() -> None:
    copies = (
        space("shop", "", labels_of(namespace("shop", {REV: "a"}))),
        space("shop", "", labels_of(namespace("shop", {REV: "b"}))),
    )
    assert decided((*CLOSED, *copies), deployment()).verdict is UNKNOWN


# --- managed Cloud Service Mesh -----------------------------------------------------------------


def channel(name: str) -> str:
    return (
        "apiVersion: mesh.cloud.google.com/v1beta1\nkind: ControlPlaneRevision\n"
        f"metadata: {{name: {name}, namespace: istio-system}}\n"
        "spec: {type: managed_service}\n"
    )


MEMBERSHIP = (
    "apiVersion: gkehub.cnrm.cloud.google.com/v1beta1\nkind: GKEHubFeatureMembership\n"
    "metadata: {name: mesh}\nspec: {mesh: {management: MANAGEMENT_AUTOMATIC}}\n"
)
RAPID = channel("asm-managed-rapid")
GOOGLE = declared(flavour=Flavour.CSM_MANAGED)
MANAGED = {
    # known, documents, the Namespace's labels, the verdict, the revision
    "its channel": ((), RAPID, {REV: "asm-managed-rapid"}, YES, "asm-managed-rapid"),
    "by default": ((), RAPID, {INJ: "enabled"}, YES, "asm-managed-rapid"),
    "default by name": ((), RAPID, {REV: "default"}, YES, "asm-managed-rapid"),
    "another channel": ((), RAPID, {REV: "asm-managed"}, UNKNOWN, None),
    "an unlabelled namespace": ((), RAPID, {}, NO, None),
    "beside a control plane of one's own": (
        (), together(RAPID, control_plane("a")), {INJ: "enabled"}, YES, "asm-managed-rapid"),
    "two channels": (
        (), together(RAPID, channel("asm-managed")), {INJ: "enabled"}, YES, "default"),
    "a fleet": ((), MEMBERSHIP, {INJ: "enabled"}, YES, "default"),
    "a fleet's channel": ((), MEMBERSHIP, {REV: "asm-managed"}, UNKNOWN, None),
    "a fleet, beside a control plane": (
        (), together(MEMBERSHIP, control_plane("a")), {REV: "asm-managed"}, UNKNOWN, None),
    "a fleet, and no such channel": (
        (), together(MEMBERSHIP, control_plane("a")), {REV: "asm-managed-x"}, NO, None),
    "a fleet that is managed by hand": (
        (), MEMBERSHIP.replace("AUTOMATIC", "MANUAL"), {INJ: "enabled"}, UNKNOWN, None),
    "declared": ((GOOGLE,), istiod("x"), {INJ: "enabled"}, YES, "default"),
    "declared, a channel": ((GOOGLE,), istiod("x"), {REV: "asm-managed-stable"}, YES, "asm-managed-stable"),
    "declared, another than the known": ((GOOGLE,), RAPID, {REV: "asm-managed"}, UNKNOWN, None),
    "declared, the one that is known": (
        (GOOGLE, revision("asm-managed")), istiod("x"), {REV: "asm-managed"}, YES, "asm-managed"),
    "declared, other labels": ((GOOGLE,), istiod("x"), {REV: "a"}, UNKNOWN, None),
}  # fmt: skip


@pytest.mark.parametrize("case", MANAGED.values(), ids=list(MANAGED))
def test_managed_cloud_service_mesh(
    case: tuple[tuple[Resource, ...], str, dict[str, str], Verdict, str | None],
) -> None:
    known, documents, space_labels, verdict, name = case
    found = decided(known, documents, namespace("shop", space_labels), deployment())
    assert (found.verdict, found.revision) == (verdict, name), found.because


def test_a_managed_default_is_none_of_a_missing_one() -> None:
    assert "injection-without-default" not in rules(control_plane("a"), RAPID, ENABLED)
    assert "injection-without-default" in rules(control_plane("a"), ENABLED)


@pytest.mark.parametrize("flavour", [Flavour.ISTIO, Flavour.CSM_INCLUSTER, Flavour.SAIL])
def test_plain_istio(flavour: Flavour) -> None:
    """These go by Istio's own webhooks, and no name is known of them beforehand."""
    known = (declared(flavour=flavour),)
    assert decided(known, ENABLED, deployment()).verdict is UNKNOWN
    assert decided(known, control_plane(), ENABLED, deployment()).verdict is YES
    asked = namespace("shop", {REV: "asm-managed"})
    assert decided(known, control_plane("a"), asked, deployment()).verdict is NO


# --- AKS ------------------------------------------------------------------------------------------

AKS = configuration(
    "asm-1-22", name="istio-sidecar-injector-asm-1-22-aks-istio-system"
).replace('namespace: "istio-system"', "namespace: aks-istio-system")  # fmt: skip
ADDON = {
    "its webhooks": ((), AKS),
    "the namespace of its Service": ((), AKS.replace("-aks-istio-system\n", "\n")),
    "its name": ((), AKS.replace("namespace: aks-istio-system", "namespace: istio-system")),
    "declared": ((declared(flavour=Flavour.AKS),), istiod("x")),
    "a declared revision": ((revision("asm-1-22"),), istiod("x")),
}


@pytest.mark.parametrize(("known", "documents"), ADDON.values(), ids=list(ADDON))
def test_aks_has_no_default_revision(known: tuple[Resource, ...], documents: str) -> None:
    for labels in ({INJ: "enabled"}, {REV: "default"}, {}):
        found = decided(known, documents, namespace("shop", labels), deployment({SI: "true"}))
        assert found.verdict is NO, labels
    assert Flavour.AKS in plane_of(known, documents).flavours


def test_aks_goes_by_its_revisions() -> None:
    asked = namespace("shop", {REV: "asm-1-22"})
    assert decided((), AKS, asked, deployment()).verdict is YES
    assert decided((revision("asm-1-22"),), asked, deployment()).verdict is YES
    later = namespace("shop", {REV: "asm-1-23"})
    assert decided((), AKS, later, deployment()).verdict is UNKNOWN
    assert "injection-without-default" in rules(AKS, ENABLED)


def test_what_is_declared_beats_what_shows() -> None:
    known = (declared(flavour=Flavour.ISTIO),)
    assert decided((), smcp(), ENABLED, deployment()).verdict is NO
    assert decided(known, smcp(), ENABLED, deployment()).verdict is UNKNOWN


def test_a_default_that_is_proven_is_not_denied_by_a_flavour() -> None:
    aks = (declared(flavour=Flavour.AKS),)
    assert plane_of(aks).default is False
    assert plane_of(aks, control_plane()).default is None


def test_what_only_looks_like_aks() -> None:
    google = (revision("asm-1233-2"),)
    assert decided(google, ENABLED, deployment()).verdict is UNKNOWN
    own = control_plane("asm-1-22").replace("1.29.1", "1.22.8")
    assert Flavour.AKS not in plane_of((), own).flavours
    both = decided((declared(flavour=Flavour.AKS),), control_plane(), ENABLED, deployment())
    assert both.verdict is YES, "an istiod of its own is installed"


# --- OpenShift Service Mesh 2 ---------------------------------------------------------------------


def smcp(spec: str = "{version: v2.6}") -> str:
    return (
        "apiVersion: maistra.io/v2\nkind: ServiceMeshControlPlane\n"
        f"metadata: {{name: basic, namespace: mesh}}\nspec: {spec}\n"
    )


def roll(*members: str, selectors: str = "[]", ns: str = "mesh") -> str:
    return (
        "apiVersion: maistra.io/v1\nkind: ServiceMeshMemberRoll\n"
        f"metadata: {{name: default, namespace: {ns}}}\n"
        f"spec: {{members: [{', '.join(members)}], memberSelectors: {selectors}}}\n"
    )


def member(ns: str, mesh_ns: str = "mesh") -> str:
    return (
        "apiVersion: maistra.io/v1\nkind: ServiceMeshMember\n"
        f"metadata: {{name: default, namespace: {ns}}}\n"
        f"spec: {{controlPlaneRef: {{name: basic, namespace: {mesh_ns}}}}}\n"
    )


LABEL, NOTE = {SI: "true"}, {SI: "true"}
JOINED = together(smcp(), roll("shop"))
AUTO = "{proxy: {injection: {autoInject: true}}}"
NEVER = (
    "{proxy: {injection: {autoInject: true, neverInjectSelector: [{matchLabels: {app: cart}}]}}}"
)
MAISTRA = {
    # documents, the Namespace, the pod, the verdict
    "by annotation": (JOINED, PLAIN, deployment(notes=NOTE), YES),
    "by label": (JOINED, PLAIN, deployment(LABEL), YES),
    "the annotation alone, as before": (JOINED, PLAIN, deployment(notes={SI: "yes"}), YES),
    "pods opt in": (JOINED, PLAIN, deployment(), NO),
    "what is neither": (JOINED, PLAIN, deployment(notes={SI: "junk"}), NO),
    "the label of Istio is not needed, and does nothing": (JOINED, ENABLED, deployment(), NO),
    "it does no harm": (JOINED, ENABLED, deployment(notes=NOTE), YES),
    "disabled": (JOINED, namespace("shop", {INJ: "disabled"}), deployment(notes=NOTE), NO),
    "the host's network": (JOINED, PLAIN, deployment(notes=NOTE, spec="hostNetwork: true\n"), NO),
    "ignored": (
        JOINED, namespace("shop", {"maistra.io/ignore-namespace": "true"}), deployment(notes=NOTE), NO),
    "joined by itself": (together(smcp(), member("shop")), PLAIN, deployment(notes=NOTE), YES),
    "joined to another mesh": (
        together(smcp(), member("shop", "other")), PLAIN, deployment(notes=NOTE), UNKNOWN),
    "all are members": (together(smcp(), roll("'*'")), PLAIN, deployment(notes=NOTE), YES),
    "all but the system's": (
        together(smcp(), roll("'*'")), namespace("openshift-x"), deployment(notes=NOTE, ns="openshift-x"), UNKNOWN),
    "by selector": (
        together(smcp(), roll(selectors="[{matchLabels: {team: a}}]")), PLAIN, deployment(notes=NOTE), YES),
    "by a selector that does not match": (
        together(smcp(), roll(selectors="[{matchLabels: {team: b}}]")), PLAIN, deployment(notes=NOTE), UNKNOWN),
    "no roll names it": (together(smcp(), roll("other")), PLAIN, deployment(notes=NOTE), UNKNOWN),
    "no roll at all": (smcp(), PLAIN, deployment(notes=NOTE), UNKNOWN),
    "whoever is a member, pods opt in": (smcp(), PLAIN, deployment(), NO),
    "labelled by hand": (
        smcp(), namespace("shop", {"maistra.io/member-of": "mesh"}), deployment(notes=NOTE), YES),
    "two rolls": (
        together(smcp(), roll("shop"), roll("shop", ns="other")), PLAIN, deployment(notes=NOTE), UNKNOWN),
    "another roll may name it": (
        together(smcp(), roll("shop"), roll("'${X}'", ns="other")), PLAIN, deployment(notes=NOTE), UNKNOWN),
    "of the control plane itself": (JOINED, namespace("mesh"), deployment(notes=NOTE, ns="mesh"), NO),
    "no Namespace in the scan": (JOINED, "", deployment(notes=NOTE), UNKNOWN),
    "injection is on": (together(smcp(AUTO), roll("shop")), PLAIN, deployment(), YES),
    "but not for these": (together(smcp(NEVER), roll("shop")), PLAIN, deployment(), NO),
    "a profile of one's own": (
        together(smcp("{profiles: [mine]}"), roll("shop")), PLAIN, deployment(), UNKNOWN),
    "a profile of one's own, asked": (
        together(smcp("{profiles: [mine]}"), roll("shop")), PLAIN, deployment(notes=NOTE), YES),
    "the operator's profiles": (
        together(smcp("{profiles: [default, small]}"), roll("shop")), PLAIN, deployment(), NO),
    "v1": (
        together(smcp("{istio: {global: {proxy: {autoInject: enabled}}}}"), roll("shop")), PLAIN, deployment(), YES),
    "the control plane is elsewhere": (member("shop"), PLAIN, deployment(notes=NOTE), UNKNOWN),
}  # fmt: skip


@pytest.mark.parametrize("case", MAISTRA.values(), ids=list(MAISTRA))
def test_openshift_service_mesh_2(case: tuple[str, str, str, Verdict]) -> None:
    documents, home, pod, verdict = case
    found = decided((), *filter(None, (documents, home)), pod)
    assert found.verdict is verdict, found.because
    assert (verdict is UNKNOWN) == any(reason.settle for reason in found.because)
    if verdict is YES:
        assert found.revision == "basic"


def test_its_webhook_in_the_tree_is_asked_itself() -> None:
    hooks = configuration("basic", name="istiod-basic-mesh")
    own = hooks[: hooks.index("webhooks:\n")] + (
        "webhooks:\n- name: sidecar-injector.istio.io\n"
        "  clientConfig: {service: {name: istiod-basic, namespace: mesh, path: /inject}}\n"
        "  namespaceSelector:\n    matchExpressions:\n"
        "    - {key: maistra.io/member-of, operator: In, values: [mesh]}\n"
        "    - {key: team, operator: NotIn, values: [a]}\n"
    )
    assert decided((), JOINED, own, PLAIN, deployment(notes=NOTE)).verdict is NO
    other = decided((), JOINED, own.replace("[a]", "[b]"), PLAIN, deployment(notes=NOTE))
    assert (other.verdict, len(other.calls)) == (YES, 1)
    alone = own.replace("[a]", "[b]")
    by_hand = namespace("shop", {"maistra.io/member-of": "mesh"})
    assert decided((), alone, by_hand, deployment()).verdict is NO, "pods opt in there too"


def test_declared_without_any_object() -> None:
    known = (declared(flavour=Flavour.OSSM2),)
    assert decided(known, ENABLED, deployment()).verdict is NO
    unsure = decided(known, PLAIN, deployment(notes=NOTE))
    assert unsure.verdict is UNKNOWN
    assert "ServiceMeshMember" in reasons(unsure)
    assert decided(known, roll("shop"), PLAIN, deployment(notes=NOTE)).verdict is UNKNOWN


def test_no_rule_takes_a_member_for_left_out() -> None:
    assert rules(JOINED, ENABLED, deployment(notes=NOTE)) <= {"inject-annotation-deprecated"}


# --- ambient, gateways ----------------------------------------------------------------------------

MODE, TEMPLATE = "istio.io/dataplane-mode", "inject.istio.io/templates"
LEFT, TAKEN = "leave ambient mode", "takes part in ambient mode, which needs no sidecar"
AMBIENT = {
    # the Namespace's labels, the pod's, the verdict, the words
    "a namespace": ({MODE: "ambient"}, {}, NO, f"namespace shop {TAKEN}"),
    "a pod": ({}, {MODE: "ambient"}, NO, f"the pod {TAKEN}"),
    "a pod that stays out": ({MODE: "ambient"}, {MODE: "none"}, NO, ""),
    "a namespace that is out": ({MODE: "none"}, {}, NO, ""),
    "with a sidecar label": ({MODE: "ambient", INJ: "enabled"}, {}, YES, LEFT),
    "with a revision": ({MODE: "ambient", REV: "default"}, {}, YES, LEFT),
    "a pod that asks": ({MODE: "ambient"}, {SI: "true"}, YES, LEFT),
    "a pod that declines": ({MODE: "ambient", INJ: "enabled"}, {SI: "false"}, NO, TAKEN),
    "out, with a sidecar": ({MODE: "none", INJ: "enabled"}, {}, YES, ""),
    "to be filled in": ({MODE: "${X}"}, {}, NO, ""),
}


@pytest.mark.parametrize(
    ("space_labels", "pod", "verdict", "words"), AMBIENT.values(), ids=list(AMBIENT)
)
def test_ambient(
    space_labels: dict[str, str], pod: dict[str, str], verdict: Verdict, words: str
) -> None:
    found = decided((), control_plane(), namespace("shop", space_labels), deployment(pod))
    assert found.verdict is verdict
    if words:
        (reason,) = (r for r in found.because if "ambient" in r.text)
        assert words in reason.text
        assert reason.where is not None
    else:
        assert "ambient" not in reasons(found)


def test_pods_that_the_injector_passes_over_stay_in_ambient() -> None:
    both = namespace("shop", {MODE: "ambient", INJ: "enabled"})
    found = decided((), control_plane(), both, deployment(notes={SI: "false"}))
    assert found.verdict is NO
    assert TAKEN in reasons(found)
    assert 'is "false"' in found.because[-1].text


def test_ambient_without_a_mesh_in_sight() -> None:
    found = decided((), namespace("shop", {MODE: "ambient"}), deployment())
    assert found.verdict is UNKNOWN, "pods may be injected by default"
    assert TAKEN in reasons(found)


def test_the_template_of_a_gateway_is_named() -> None:
    pod = deployment({SI: "true"}, notes={TEMPLATE: "gateway"})
    auto = pod.replace(
        "- name: cart\n        image: example/cart:1", "- name: istio-proxy\n        image: auto"
    )
    for text in (pod, auto):
        found = decided((), control_plane(), PLAIN, text)
        assert found.verdict is YES
        (reason,) = (r for r in found.because if "gateway" in r.text)
        assert reason.where is not None
        assert ("its image" in reason.text) is (text is auto)
    assert found.because[-1].text == f'{SI} is "true"'


# --- webhooks -------------------------------------------------------------------------------------


def test_switched_off_webhooks_call_nobody_whatever_is_not_known() -> None:
    off = configuration(off=True)
    plane = (control_plane("a"), off)
    found = decided((), *plane, deployment())
    assert {call.revision for call in found.calls} == {"a"}
    assert decided((), *plane, ENABLED, deployment()).verdict is NO


def test_two_leftovers_of_one_revision_are_told_apart() -> None:
    """The plain Service is answered by whoever is there; the revision's own by nobody."""
    plain = configuration("b", name="other").replace("name: istiod-b", "name: istiod")
    asked = namespace("shop", {REV: "b"})
    for hooks in ((configuration("b"), plain), (plain, configuration("b"))):
        found = decided((), control_plane("a"), *hooks, asked, deployment())
        assert (found.verdict, len(found.calls)) == (YES, 2)
    alone = decided((), control_plane("a"), configuration("b"), asked, deployment())
    assert alone.verdict is UNKNOWN


def test_the_successor_of_a_switched_off_default_may_be_elsewhere() -> None:
    off = configuration(off=True)
    found = decided((), istiod(), off, ENABLED, deployment())
    assert found.verdict is UNKNOWN
    assert "switched off" in reasons(found)


def test_a_hook_of_another_name_counts_if_it_calls_the_injector_by_url() -> None:
    by_url = configuration("a").replace(
        '    service:\n      name: istiod-a\n      namespace: "istio-system"\n      path: "/inject"\n      port: 443\n',
        "    url: https://mesh.example.com/inject/cluster/x\n",
    )
    assert "url:" in by_url
    asked = namespace("shop", {REV: "a"})
    assert decided((), istiod("a"), by_url, asked, deployment()).verdict is YES
    renamed = by_url.replace("rev.namespace.sidecar-injector.istio.io", "mine.example.com")
    assert decided((), istiod("a"), renamed, asked, deployment()).verdict is YES
    other = renamed.replace("/inject/", "/other/")
    assert decided((), istiod("a"), other, asked, deployment()).verdict is NO


def test_the_name_of_a_namespace_is_a_label_even_where_nothing_else_is_known() -> None:
    named = configuration("a").replace(
        f"key: {REV}\n      operator: In", "key: kubernetes.io/metadata.name\n      operator: NotIn"
    )
    assert "metadata.name" in named
    found = decided((), istiod("a"), named, settings("a"), deployment(ns="a"))
    assert [call.hook.full_name for call in found.calls] == ["rev.object.sidecar-injector.istio.io"]


SETTLED = {
    "no namespace": ((), (control_plane(), deployment(ns="")), "metadata.namespace is not set: no kustomization sets one either; use --namespace, or paths: in .meshlint.yaml"),
    "a namespace to be filled in": ((), (control_plane(), deployment(ns='"${NS}"')), "it is a placeholder: fill the value in"),
    "a namespace elsewhere": ((), (control_plane(), deployment()), "Namespace shop is not in the scanned tree: declare it under namespaces: in .meshlint.yaml, or scan the repository that holds it"),
    "a revision elsewhere": ((), (namespace("shop", {REV: "a"}), deployment()), "revision a is not in the scanned tree: declare it under revisions: in .meshlint.yaml, or scan the platform repository"),
    "a default elsewhere": ((), (ENABLED, deployment()), "revision default is not in the scanned tree: say defaultRevision: in .meshlint.yaml, or scan the platform repository"),
    "a label to be filled in": ((), (control_plane("a"), namespace("shop", {REV: "${X}"}), deployment()), f"{REV} of namespace shop is a placeholder: fill the value in, or lint what is rendered"),
    "a pod's label": ((), (control_plane("a"), PLAIN, deployment({REV: "${X}"})), f"{REV} of the pod is a placeholder: fill the value in"),
    "no string": ((), (control_plane(), ENABLED, deployment({SI: "X"}).replace('"X"', "true")), f"{SI} of the pod is no string"),
    "copies": ((), (control_plane(), ENABLED, PLAIN, deployment()), f"disagree on {INJ}: lint the files of one cluster at a time, or name them under clusters:"),
    "a version": ((), (control_plane(version="x"), ENABLED, deployment({SI: "no"})), "before 1.27 takes it for a no, later ones leave it"),
    "settings": ((), (control_plane(), settings(config="policy: disabled\n"), ENABLED, deployment()), "the settings of the injector of revision default differ"),
    "a policy": ((), (control_plane(config="policy: ${X}\n"), ENABLED, deployment()), "the injector's policy is not known: scan the ConfigMap"),
    "by default": (CLOSED, (istiod(), PLAIN, deployment()), "(enableNamespacesByDefault) is not known: scan the platform repository"),
    "a webhook to be rendered": ((), (control_plane("a").replace('- "a"', '- "${REV}"'), namespace("shop", {REV: "a"}), deployment()), "has a placeholder: fill the value in"),
    "a gone revision": ((), (control_plane("a"), configuration("b"), namespace("shop", {REV: "b"}), deployment()), "no istiod of it is known: where none is left, the pods cannot be created, or run without a sidecar: remove the webhook"),
    "a selector of what controllers add": ((), (control_plane().replace(f"key: {SI}\n      operator: NotIn", "key: pod-template-hash\n      operator: NotIn"), ENABLED, deployment()), "pod-template-hash, which the pod is given when it is made, is not known"),
    "a condition": ((), (control_plane().replace("  failurePolicy", "  matchConditions: [{name: a, expression: b}]\n  failurePolicy"), ENABLED, deployment()), "matchConditions, which are not evaluated: ask the cluster"),
}  # fmt: skip


@pytest.mark.parametrize(("known", "documents", "words"), SETTLED.values(), ids=list(SETTLED))
def test_what_would_settle_it(
    known: tuple[Resource, ...], documents: tuple[str, ...], words: str
) -> None:
    found = decided(known, *documents)
    assert found.verdict is UNKNOWN
    assert words in reasons(found)
