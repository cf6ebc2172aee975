"""Mesh snapshots: what is written, what is read again, and that nothing is decided otherwise."""

from __future__ import annotations

import copy
import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from meshlint.mesh.model import PROOFS, Mesh
from meshlint.resources.control_plane import Elsewhere, Revision, Tag
from meshlint.resources.declared import Declared
from meshlint.resources.injector import Settings
from meshlint.resources.maistra import Members, MeshPlane
from meshlint.resources.namespace import Namespace
from meshlint.resources.site import Site
from meshlint.resources.webhook import Client, Configuration, Expression, Hook, Selector
from meshlint.resources.workload import Workload
from meshlint.snapshot.changes import changes, few
from meshlint.snapshot.fact import READERS
from meshlint.snapshot.form import SECTIONS, Header, digest, text
from meshlint.snapshot.join import NoCluster, joined
from meshlint.snapshot.read import BadSnapshot, snapshot
from meshlint.snapshot.words import summary
from meshlint.snapshot.write import WRITERS, content
from meshlint.units.place import place
from tests.conftest import ROOT
from tests.manifests import injector, istiod, namespace, workload
from tests.platforms import (
    HEADER,
    PATH,
    Files,
    beside,
    read,
    reread,
    shared,
    verdicts,
    written,
)

SCHEMA = json.loads((ROOT / "schemas/context.schema.json").read_text())

TAGS = """\
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: {name: mesh, namespace: istio-system}
spec:
  revision: 1-28-3
  values:
    revisionTags: [stable]
    sidecarInjectorWebhook:
      enableNamespacesByDefault: true
      neverInjectSelector:
      - matchLabels: {batch: "true"}
"""
VALUES_ELSEWHERE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: istiod, namespace: istio-system}
spec:
  chart: {spec: {chart: istiod}}
  valuesFrom: [{kind: ConfigMap, name: istiod-values}]
"""
CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: istio-sidecar-injector-a, namespace: istio-system}
data:
  config: |
    policy: disabled
    alwaysInjectSelector:
    - matchExpressions: [{key: app, operator: In, values: [cart]}]
    defaultTemplates: [sidecar]
    templates:
      sidecar: "x"
      custom: "y"
  values: |
    {"sidecarInjectorWebhook": {"enableNamespacesByDefault": false}}
"""
ODD_HOOKS = """\
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata:
  name: odd
  labels: {istio.io/rev: "${REV}"}
  annotations: {team: hidden-note}
webhooks:
- name: one.sidecar-injector.istio.io
  clientConfig:
    url: https://user:hidden-word@mesh.example.com:15017/inject/cluster/c?token=hidden-token
    caBundle: aGlkZGVuLWNh
  rules: [{operations: [UPDATE], apiGroups: [""], apiVersions: [v1], resources: [pods]}]
  namespaceSelector:
    matchLabels: {zone: eu, mesh: "${MESH}"}
    matchExpressions:
    - {key: tier, operator: NotIn, values: [1, "2", true]}
    - {operator: Exists}
    - key: region # kpt-set: ${region}
      operator: Exists
    - "${MORE}"
  matchConditions: [{name: c, expression: "object.hidden == 1"}]
- name: two.sidecar-injector.istio.io
  clientConfig: {service: {name: istiod, namespace: istio-system, path: /inject}}
  namespaceSelector: {matchLabels: {istio.io/deactivated: never-match}}
"""
NAMESPACES = """\
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  annotations: {note: hidden-note}
  labels:
    istio.io/rev: a
    zone: eu
    tier:
    owner: hidden-owner
    istio-injection: "${INJECT}"
    mesh: true
    kubernetes.io/metadata.name: shop
---
apiVersion: v1
kind: Namespace
metadata: {name: "${NAME}", labels: {istio.io/rev: a}}
---
apiVersion: v1
kind: Namespace
metadata: {name: "süd\\u0085\\u2028\\U0001F980 #: {", labels: {istio.io/rev: "x\\ty"}}
"""
MANAGED = """\
apiVersion: mesh.cloud.google.com/v1beta1
kind: ControlPlaneRevision
metadata: {name: asm-managed, namespace: istio-system}
---
apiVersion: gkehub.cnrm.cloud.google.com/v1beta1
kind: GKEHubFeatureMembership
metadata: {name: member}
spec: {mesh: {management: MANAGEMENT_AUTOMATIC}}
"""
MAISTRA = """\
apiVersion: maistra.io/v2
kind: ServiceMeshControlPlane
metadata: {name: basic, namespace: mesh-system}
spec: {version: v2.5}
---
apiVersion: maistra.io/v1
kind: ServiceMeshMemberRoll
metadata: {name: default, namespace: mesh-system}
spec:
  members: [shop, "${OTHER}"]
  memberSelectors: [{matchLabels: {meshed: "yes"}}]
"""
TEMPLATED = istiod("a").replace("namespace: istio-system", "namespace: '{{ ns }}'")

APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop, namespace: argocd}
spec:
  source: {repoURL: https://example.com/shop.git, path: deploy}
  destination: {server: https://kubernetes.default.svc, namespace: shop}
  syncPolicy:
    managedNamespaceMetadata: {labels: {istio.io/rev: a}}
    syncOptions: [CreateNamespace=true]
"""
CONDITION = '  matchConditions: [{name: c, expression: "object.x == 1"}]\n  sideEffects: None\n'
CONDITIONAL = injector("a").replace("  sideEffects: None\n", CONDITION)
PLATFORMS: dict[str, Files] = {
    "one control plane": {
        "istiod.yaml": istiod("a"),
        "hooks.yaml": injector("a"),
        "tag.yaml": injector("a", tag="prod"),
        "ns.yaml": namespace("shop", rev="prod"),
    },
    "an operator with tags": {"a.yaml": TAGS, "ns.yaml": namespace("shop", injection="enabled")},
    "values in other files": {"a.yaml": VALUES_ELSEWHERE, "ns.yaml": namespace("shop", rev="x")},
    "an injector's configuration": {
        "a.yaml": CONFIG,
        "b.yaml": istiod("a") + "---\n" + injector("a"),
        "ns.yaml": namespace("shop", rev="a"),
    },
    "odd hooks and labels": {"a.yaml": ODD_HOOKS, "b.yaml": NAMESPACES},
    "copies that disagree": {
        "a/ns.yaml": namespace("shop", rev="a"),
        "b/ns.yaml": namespace("shop", rev="b"),
        "istiod.yaml": istiod("a"),
        "hooks.yaml": injector("a"),
    },
    "a managed mesh": {"a.yaml": MANAGED, "ns.yaml": namespace("shop", rev="asm-managed")},
    "OpenShift": {"a.yaml": MAISTRA, "ns.yaml": namespace("shop")},
    "a template": {"a.yaml": TEMPLATED, "b.yaml": injector("a"), "n.yaml": namespace("shop", rev="a")},
    "an application that makes its namespace": {"a.yaml": APPLICATION, "b.yaml": istiod("a") + "---\n" + injector("a")},
    "hooks with conditions": {"a.yaml": CONDITIONAL, "b.yaml": istiod("a"), "n.yaml": namespace("shop") + "---\n" + namespace("other", rev="a")},
    "namespaces alone": {"ns.yaml": namespace("shop", rev="a") + "---\n" + namespace("other")},
}  # fmt: skip
APP: Files = {
    "app/plain.yaml": workload(),
    "app/asks.yaml": workload(inject='"true"', rev="b"),
    "app/other.yaml": workload(ns="other", rev="prod"),
    "app/none.yaml": workload(ns=""),
    "app/refuses.yaml": workload(note='"false"'),
}


@pytest.fixture(params=list(PLATFORMS.values()), ids=list(PLATFORMS))
def platform(request: pytest.FixtureRequest) -> Files:
    """Each of the platforms."""
    found: Files = request.param
    return found


ONE = PLATFORMS["one control plane"]


# what is written


def test_it_has_the_form_of_the_schema(platform: Files) -> None:
    whole = json.loads(text(HEADER, written(platform)))
    jsonschema.Draft202012Validator(SCHEMA).validate(whole)
    assert whole["clusters"]


def test_the_schema_refuses_what_it_does_not_know(platform: Files) -> None:
    whole = json.loads(text(HEADER, written(platform)))
    whole["clusters"][0]["annotations"] = {}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(whole)


def test_reading_it_and_writing_that_changes_nothing(platform: Files) -> None:
    """All that is written is read, and stands for itself."""
    first = written(platform)
    again = content(Mesh(joined([reread(first)]).facts), False)
    assert again == first


def test_nothing_is_decided_otherwise(platform: Files) -> None:
    """As if both repositories were scanned together."""
    both = {**{f"platform/{path}": body for path, body in platform.items()}, **APP}
    together = verdicts(Mesh(place(read(both))), "app/")
    assert verdicts(beside(APP, shared(platform)), "app/") == together
    assert len(together) == len(APP)


def test_an_unknown_revision_is_an_error_where_the_platform_has_all() -> None:
    """The app's namespace asks for a revision; alone that proves nothing."""
    app = {"app/ns.yaml": namespace("new", rev="z"), "app/cart.yaml": workload(ns="new")}
    alone = verdicts(Mesh(read(app)))
    known = verdicts(beside(app, shared(PLATFORMS["one control plane"])))
    open_ = verdicts(beside(app, shared(PLATFORMS["values in other files"])))
    firsts = [next(iter(found.values())).split(":")[0] for found in (alone, known, open_)]
    assert firsts == ["unknown", "not injected", "unknown"]


WRITTEN = {
    Namespace: "meta partial more",
    Configuration: "meta mutating hooks partial",
    Hook: "name client namespace_selector object_selector conditional for_pods failure_policy",
    Client: "url service_name service_namespace path",
    Selector: "expressions",
    Expression: "key operator values usable",
    Revision: "name origin subject partial explicit version label",
    Tag: "name target origin subject partial",
    Elsewhere: "why",
    Settings: "revision origin policy never always templates by_default complete defaults",
    Declared: "closed default flavour meant",
    MeshPlane: "meta partial",
    Members: "mesh plane names selectors",
}
NOT_WRITTEN = {
    "where", "site", "at", "rules",  # places are those in the snapshot
    "image", "ca_bundle", "dumped", "locked",  # decide nothing
    "source", "fragment",  # for patches, which are done with
    "service", "port",  # that of the Service is there by its name
}  # fmt: skip


@pytest.mark.parametrize("kind", WRITTEN)
def test_what_becomes_of_each_field_has_been_thought_of(kind: Any) -> None:
    """A new one may decide, and then others must be told of it."""
    names = {field.name for field in fields(kind)}
    assert names - NOT_WRITTEN == set(WRITTEN[kind].split())


def test_each_kind_of_evidence_is_written() -> None:
    assert {Configuration, *PROOFS} == WRITERS.keys()
    assert {section for section, _ in WRITERS.values()} | {"namespaces"} == set(SECTIONS)
    assert READERS.keys() == set(SECTIONS)


def test_secrets_and_what_is_like_them_stay_behind() -> None:
    secret = (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {istio.io/rev: hidden}\n"
    )
    files = {"a.yaml": ODD_HOOKS, "b.yaml": NAMESPACES, "c.yaml": secret, "d.yaml": istiod("a")}
    whole = text(HEADER, written(files))
    for word in ("hidden", "aGlkZGVu", "caBundle", "annotations", "istio/pilot", "cart:1"):
        assert word not in whole
    assert '"unknown": ["istio-injection", "mesh", "owner"]' in whole
    assert "https://mesh.example.com:15017/inject/cluster/c" in whole


def test_a_label_left_out_is_unknown_and_not_absent() -> None:
    """A webhook of the app's own repository may ask for it."""
    plain = "key: istio-injection\n      operator: DoesNotExist"
    hooks = injector("b").replace(plain, "key: owner\n      operator: NotIn\n      values: [you]")
    assert hooks.count("owner") == 2
    app = {"app/hooks.yaml": hooks, "app/cart.yaml": workload(rev="b")}
    spaces = {"ns.yaml": namespace("shop").replace("a: b", "owner: me")}
    (told,) = verdicts(beside(app, shared(spaces))).values()
    assert told.startswith("unknown")
    (told,) = verdicts(beside(app, shared({"ns.yaml": namespace("shop")}))).values()
    assert told.startswith("injected")


def test_what_is_filled_in_later_stays_unknown() -> None:
    (cluster,) = written({"a.yaml": ODD_HOOKS})
    assert "deactivated" not in json.dumps(cluster)
    mesh = Mesh(joined([reread([cluster])]).facts)
    (hook,) = (hook for each in mesh.configurations for hook in each.hooks)
    found = {e.key: e.usable for e in hook.namespace_selector.expressions}
    assert found["${region}"] is None
    assert (found["zone"], found[""]) == (True, False)


def test_the_same_bytes_whatever_the_order(platform: Files) -> None:
    back = dict(reversed(list(platform.items())))
    assert text(HEADER, written(back)) == text(HEADER, written(platform))


def test_an_object_stands_on_one_line_where_it_fits() -> None:
    whole = text(HEADER, written({"ns.yaml": namespace("shop", rev="a")}))
    line = '{"metadata": {"name": "shop", "labels": {"istio.io/rev": "a"}}, "unknown": ["a"]}'
    assert f"\n        {line}\n" in whole
    assert max(map(len, whole.splitlines())) <= 100


def test_text_that_yaml_and_json_read_differently() -> None:
    """NEL and LS end a line for libyaml, and pairs of surrogates are none of its characters."""
    (cluster,) = reread(written({"b.yaml": NAMESPACES})).clusters
    (mesh,) = (Mesh(joined([reread(written({"b.yaml": NAMESPACES}))]).facts),)
    names = {n.meta.subject.name for n in mesh.namespaces}
    assert names == {"shop", "süd\x85\u2028\U0001f980 #: {"}
    assert cluster.name == ""


# several clusters

DEV = {"clusters/dev/istiod.yaml": istiod("b"), "clusters/dev/hooks.yaml": injector("b"),
       "clusters/dev/ns.yaml": namespace("shop", rev="b") + "---\n" + namespace("same", injection="disabled")}  # fmt: skip
PROD = {"clusters/prod/istiod.yaml": istiod("a"), "clusters/prod/hooks.yaml": injector("a"),
        "clusters/prod/ns.yaml": namespace("shop", rev="a") + "---\n" + namespace("same", injection="disabled")}  # fmt: skip
BASE = {"base/ns.yaml": namespace("common", rev="a")}


def first(found: dict[str, str]) -> dict[str, str]:
    """Verdict and revision, by file."""
    return {key.split()[0]: told.split(" by ")[0] for key, told in found.items()}


@pytest.mark.parametrize(
    ("files", "names"),
    [
        ({**DEV, **PROD}, ["dev", "prod"]),
        ({**DEV, **PROD, **BASE}, ["", "dev", "prod"]),
        ({f"eu/{p}": t for p, t in DEV.items()} | {f"us/{p}": t for p, t in DEV.items()}, ["eu/clusters/dev", "us/clusters/dev"]),
        ({"one/a.yaml": injector("a"), "two/a.yaml": injector("a").replace("operator: In", "operator: NotIn", 1), "three/n.yaml": namespace("n")}, ["one", "three", "two"]),
        (BASE, [""]),
        (DEV, ["dev"]),
        ({"a.yaml": "kind: List\napiVersion: v1\nitems: []\n"}, []),
    ],
)  # fmt: skip
def test_clusters_have_short_names_of_their_own(files: Files, names: list[str]) -> None:
    assert [cluster["name"] for cluster in written(files)] == names


def test_a_cluster_that_has_a_name_keeps_it() -> None:
    """An Application's server is no directory, whatever slashes it has."""
    facts = [replace(f, site=Site("a.yaml", cluster="https://10.0.0.1/x")) for f in read({"a.yaml": TAGS}) if isinstance(f, Revision)]  # fmt: skip
    (cluster,) = content(Mesh(facts))
    assert cluster["name"] == "https://10.0.0.1/x"
    workloads = [r for r in read({"cart.yaml": workload()}) if isinstance(r, Workload)]
    app = [replace(w, meta=replace(w.meta, site=Site("cart.yaml", cluster="https://10.0.0.1/x"))) for w in workloads]  # fmt: skip
    known = joined([reread([cluster, *written(PROD)])])
    mesh = Mesh([*app, *known.facts], clusters=known.clusters)
    assert mesh.plane(app[0].meta.at).names == ("1-28-3",)


def test_a_directory_with_the_name_of_a_cluster_is_in_it() -> None:
    app = {f"overlays/{env}/cart.yaml": workload() for env in ("prod", "dev", "qa")}
    found = first(verdicts(beside({**app, "cart.yaml": workload()}, shared({**DEV, **PROD}))))
    assert found == {
        "overlays/prod/cart.yaml": "injected: a",
        "overlays/dev/cart.yaml": "injected: b",
        "overlays/qa/cart.yaml": "unknown: None",
        "cart.yaml": "unknown: None",
    }


def test_what_all_clusters_have_holds_for_every_file() -> None:
    app = {"cart.yaml": workload(ns="same"), "overlays/qa/cart.yaml": workload(ns="same")}
    found = first(verdicts(beside(app, shared({**DEV, **PROD}))))
    assert set(found.values()) == {"not injected: None"}


def test_a_cluster_that_adds_nothing_is_as_closed_as_by_itself() -> None:
    """What all share is all that it has; of files of no cluster that is not known."""
    whole = f"{istiod('a')}---\n{injector('a')}---\n{namespace('shop', rev='z')}"
    files = {f"clusters/{name}/a.yaml": whole for name in ("dev", "prod")}
    app = {"overlays/dev/cart.yaml": workload(), "cart.yaml": workload()}
    more = {**files, "clusters/prod/b.yaml": injector("a", tag="z")}
    told = first(verdicts(beside(app, shared(more))))
    assert told == {"overlays/dev/cart.yaml": "not injected: None", "cart.yaml": "unknown: None"}
    told = first(verdicts(beside(app, shared(files))))
    assert set(told.values()) == {"not injected: None"}


def test_clusters_that_agree_on_webhooks_may_differ_in_what_the_injector_does() -> None:
    whole = f"{istiod('a')}---\n{injector('a')}---\n{namespace('shop', rev='a')}"
    files = {f"clusters/{name}/a.yaml": whole for name in ("dev", "prod")}
    app = {f"{d}cart.yaml": workload() for d in ("", "overlays/dev/", "overlays/prod/")}
    told = first(verdicts(beside(app, shared(files))))
    assert set(told.values()) == {"injected: a"}
    off = CONFIG.replace("alwaysInjectSelector", "neverInjectSelector").replace("disabled", "enabled")  # fmt: skip
    told = first(verdicts(beside(app, shared({**files, "clusters/dev/b.yaml": off}))))
    assert told == {"cart.yaml": "unknown: None", "overlays/dev/cart.yaml": "not injected: a", "overlays/prod/cart.yaml": "injected: a"}  # fmt: skip


def test_a_namespace_in_both_repositories() -> None:
    """Where they differ nothing is known, unless the copy stands beside the workload."""
    known = shared(ONE)
    for folder, told in (("", "not injected"), ("spaces/", "unknown")):
        app = {"cart.yaml": workload(), f"{folder}ns.yaml": namespace("shop")}
        assert next(iter(first(verdicts(beside(app, known))).values())).startswith(told)


@pytest.mark.parametrize(("name", "told"), [("dev", "injected: b"), ("prod", "injected: a")])
def test_one_cluster_can_be_chosen_for_all_files(name: str, told: str) -> None:
    known = shared({**DEV, **PROD}, name)
    app = {"cart.yaml": workload(), "overlays/qa/cart.yaml": workload()}
    assert set(first(verdicts(beside(app, known))).values()) == {told}


def test_a_cluster_that_is_not_there() -> None:
    with pytest.raises(NoCluster, match="no snapshot has a cluster 'qa'; there are: dev, prod"):
        shared({**DEV, **PROD}, "qa")


def test_a_snapshot_of_one_cluster_is_for_all_files() -> None:
    app = {"cart.yaml": workload(), "overlays/qa/cart.yaml": workload()}
    assert set(first(verdicts(beside(app, shared(PROD)))).values()) == {"injected: a"}


def test_what_stands_outside_of_environments_is_no_other_cluster() -> None:
    """It is seen by each, and by files of no cluster; but more may exist in one of them."""
    app = {"cart.yaml": workload(ns="common"), "overlays/dev/cart.yaml": workload(ns="common")}
    told = first(verdicts(beside(app, shared({**DEV, **PROD, **BASE}))))
    assert told == {"cart.yaml": "unknown: None", "overlays/dev/cart.yaml": "not injected: None"}


def test_several_snapshots_of_clusters_by_name() -> None:
    """Equal names are joined; a single cluster without a name adds to all."""
    plane = {"i.yaml": istiod("a"), "h.yaml": injector("a")}
    spaces = {"n.yaml": namespace("shop", rev="a")}
    one = reread(written(plane, name="prod"), "one.json")
    two = reread(written(spaces, name="prod"), "two.json")
    rest = reread(written(spaces), "rest.json")
    app = {"cart.yaml": workload()}
    for given in ([one, two], [two, one], [one, rest], [rest, one]):
        assert first(verdicts(beside(app, joined(given)))) == {"cart.yaml": "injected: a"}
    other = reread(written(spaces, name="dev"), "two.json")
    assert first(verdicts(beside(app, joined([one, other])))) == {"cart.yaml": "unknown: None"}


# a live cluster

LIVE = f"""\
apiVersion: v1
kind: List
metadata: {{resourceVersion: ""}}
items:
- apiVersion: admissionregistration.k8s.io/v1
  kind: MutatingWebhookConfiguration
  metadata:
    name: istio-sidecar-injector-a
    uid: 0a
    resourceVersion: "1"
    labels: {{istio.io/rev: a}}
  webhooks:
{"".join(f"  {line}" + chr(10) for line in injector("a").partition("webhooks:" + chr(10))[2].splitlines())}\
- apiVersion: v1
  kind: Namespace
  metadata: {{name: shop, uid: 0b, labels: {{istio.io/rev: a, kubernetes.io/metadata.name: shop}}}}
- apiVersion: v1
  kind: Namespace
  metadata: {{name: other, uid: 0c, labels: {{istio.io/rev: z}}}}
- apiVersion: v1
  kind: Namespace
  metadata: {{name: plain, uid: 0d}}
"""


@pytest.mark.parametrize(
    ("complete", "expected"),
    [
        (False, {"shop": "injected: a", "other": "unknown: None", "plain": "unknown: None"}),
        (True, {"shop": "injected: a", "other": "not injected: None", "plain": "not injected: None"}),
    ],
)  # fmt: skip
def test_webhooks_of_a_live_cluster_decide(complete: bool, expected: dict[str, str]) -> None:
    """That no others exist is not proven by a list."""
    app = {ns: workload(ns=ns) for ns in expected}
    (cluster,) = written({"<stdin>": LIVE}, complete=complete, name="prod")
    assert first(verdicts(beside(app, joined([reread([cluster])])))) == expected
    assert cluster["revisions"] == [{"name": "a", "origin": "declaration"}] * complete


# what is wrong with a file

GOOD = text(HEADER, written(PLATFORMS["one control plane"]))
CUT = GOOD[: GOOD.index('"tags"')]
AGAIN = "write the snapshot again with 'meshlint context'"
HOW = "write one with 'meshlint context PATH > mesh.json'"


def edited(**header: object) -> str:
    """A good one, but for some keys, on one line."""
    return json.dumps({**json.loads(GOOD), **header})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "mesh.json:1: is no mesh snapshot: it is not JSON (Expecting value)"),
        ("a: b\n", "mesh.json:1: is no mesh snapshot: it is not JSON (Expecting value)"),
        ("[]", f"mesh.json:1: is no mesh snapshot: {HOW}"),
        ('{"kind": "List"}', f"mesh.json:1: is no mesh snapshot: {HOW}"),
        ('{"kind":\n "MeshSnapshot"}', f"mesh.json:1: is no mesh snapshot: it has no version; {HOW}"),
        (GOOD.replace('"version": 1', '"version": true'), f"mesh.json:3: is no mesh snapshot: it has no version; {HOW}"),
        (CUT, f"mesh.json:{CUT.rstrip().count(chr(10)) + 1}: the snapshot is cut off here: write it again"),
        (GOOD.replace(' "dirty"', ' dirty'), "mesh.json:7: is no mesh snapshot: it is not JSON (Expecting property name enclosed in double quotes)"),
        (edited(version=2, meshlint="9.9.9"), "mesh.json:1: this snapshot has form 2, written by meshlint 9.9.9, and this meshlint reads no later form than 1: use one as new"),
        (edited(clusters={}), f"mesh.json:1: 'clusters' must be a list: {AGAIN}"),
        (edited(clusters=None), f"mesh.json:1: 'clusters' must be a list: {AGAIN}"),
        (edited(clusters=[1]), f"mesh.json:1: a cluster must be an object with a name: {AGAIN}"),
        (edited(clusters=[{"name": "a"}, {"name": "a"}]), f"mesh.json:1: the cluster 'a' is here twice: {AGAIN}"),
        (edited(clusters=[{"name": "a", "tags": {}}]), f"mesh.json:1: 'tags' must be a list: {AGAIN}"),
        (edited(clusters=[{"name": "a", "tags": [1]}]), f"mesh.json:1: an item of 'tags' must be an object: {AGAIN}"),
        (edited(clusters=[{"name": "a", "namespaces": [{}]}]), f"mesh.json:1: an item of 'namespaces' must have 'metadata': {AGAIN}"),
        ("[" * 100_000, "mesh.json:1: is no mesh snapshot: "),
        ('{"a": ' + "[" * 300 + "]" * 300 + "}", "mesh.json:1: cannot be read: nested deeper"),
        ('{"kind": "MeshSnapshot", "version": ' + "9" * 5000 + "}", "mesh.json:1: is no mesh snapshot: "),
    ],
)  # fmt: skip
def test_what_is_no_snapshot_is_told_at_its_line(body: str, message: str) -> None:
    with pytest.raises(BadSnapshot) as caught:
        snapshot(PATH, body.encode())
    assert str(caught.value).startswith(message)


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(BadSnapshot, match=r"mesh.json:2: is no mesh snapshot: byte 0xff"):
        snapshot(PATH, b'{"kind":\n"\xff"}')


def test_odd_values_are_unknown_and_break_nothing() -> None:
    """Every value in turn is replaced by one of another type."""
    files = {"a.yaml": CONFIG, "b.yaml": TAGS, "c.yaml": ODD_HOOKS, "n.yaml": namespace("shop")}
    whole = json.loads(text(HEADER, written(files)))
    places = list(_places(whole["clusters"], ()))
    assert len(places) > 80
    app = {"cart.yaml": workload()}
    others: tuple[object, ...] = (None, True, [None], {})
    for spot in places:
        for odd in others:
            changed = copy.deepcopy(whole)
            _put(changed["clusters"], spot, odd)
            try:
                found = snapshot(PATH, json.dumps(changed).encode())
            except BadSnapshot:
                continue
            verdicts(beside(app, joined([found])))


def _places(value: Any, path: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    pairs = value.items() if isinstance(value, dict) else ()
    inside = [*pairs, *enumerate(value if isinstance(value, list) else ())]
    return [p for key, part in inside for p in ((*path, key), *_places(part, (*path, key)))]


def _put(value: Any, path: tuple[Any, ...], new: object) -> None:
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = new


def test_a_change_by_hand_shows() -> None:
    assert snapshot(PATH, GOOD.encode()).intact
    changed = snapshot(PATH, GOOD.replace('"prod"', '"live"').encode())
    assert not changed.intact
    header = snapshot(PATH, GOOD.replace("2026-01-02", "2025-01-02").encode())
    assert header.intact, "the hash is over the content alone"


def test_the_hash_is_that_of_canonical_json() -> None:
    assert digest([]) == "sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"
    assert digest([{"b": 1, "a": 2}]) == digest([{"a": 2, "b": 1}])


# words

NOW = datetime(2026, 1, 5, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (HEADER, "written 3 days ago from commit aaaaaaa"),
        (Header("1", NOW - timedelta(hours=1, minutes=59), "b" * 40, dirty=True), "written 1 hour ago from commit bbbbbbb and uncommitted changes"),
        (Header("1", NOW - timedelta(minutes=2)), "written 2 minutes ago"),
        (Header("1", NOW + timedelta(seconds=30)), "written just now"),
        (Header("1", NOW + timedelta(days=2)), "written in the future (2026-01-07)"),
        (Header("1", None), "written at an unknown time"),
    ],
)  # fmt: skip
def test_how_old_it_is(header: Header, expected: str) -> None:
    found = snapshot(PATH, text(header, written({**DEV, **PROD})).encode())
    assert summary(found, NOW) == f"{expected} (b, a; 2 clusters, 2 namespaces)"


def test_live_revisions_are_named_by_their_webhooks() -> None:
    found = reread(written({"<stdin>": LIVE}))
    assert summary(found, NOW).endswith("(a; 1 cluster, 3 namespaces)")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (ONE, ONE, []),
        (ONE, {**ONE, "new.yaml": namespace("returns")}, ["namespace returns added"]),
        ({**ONE, "new.yaml": namespace("returns")}, ONE, ["namespace returns removed"]),
        (ONE, {**ONE, "ns.yaml": namespace("shop", rev="a")}, ["namespace shop changed"]),
        (ONE, {**ONE, "hooks.yaml": "", "tag.yaml": ""}, ["webhook configuration istio-revision-tag-prod removed", "webhook configuration istio-sidecar-injector-a removed", "the revisions are no longer known to be all"]),
        (DEV, {**DEV, **PROD}, ["cluster prod added"]),
        ({**DEV, **PROD}, {**PROD, **DEV, "clusters/dev/ns.yaml": namespace("shop")}, ["namespace same removed in dev", "namespace shop changed in dev"]),
    ],
)  # fmt: skip
def test_what_has_changed(old: Files, new: Files, words: list[str]) -> None:
    assert changes(written(old), written(new)) == words


def test_at_most_five_changes_are_named() -> None:
    assert few(["a"]) == "a"
    assert few(list("abcde")) == "a, b, c, d, e"
    assert few(list("abcdefg")) == "a, b, c, d, e, and 2 more"


def test_the_examples_are_decided_alike() -> None:
    folder = ROOT / "examples"
    apps = _files(folder, "apps", "rendered")
    platform = _files(folder, "platform")
    together = verdicts(Mesh(read({**apps, **platform})), "apps/")
    assert verdicts(beside(apps, shared(platform)), "apps/") == together
    assert len(together) > 5


def _files(top: Path, *folders: str) -> Files:
    paths = (path for name in folders for path in (top / name).rglob("*.yaml"))
    return {path.relative_to(top).as_posix(): path.read_text() for path in paths}
