"""Over random meshes: a snapshot decides as its platform's files do, and never against a cluster."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from meshlint.mesh.model import Mesh
from meshlint.snapshot.join import joined
from meshlint.snapshot.write import content
from meshlint.units.place import place
from tests.manifests import injector, istiod, namespace, workload
from tests.platforms import Files, beside, read, reread, shared, verdicts, written
from tests.test_context import (
    CONFIG,
    MAISTRA,
    MANAGED,
    NAMESPACES,
    ODD_HOOKS,
    TAGS,
    VALUES_ELSEWHERE,
)

NAMES = st.sampled_from(["a", "b", "default", "asm-managed"])
SPACES = st.sampled_from(["shop", "shop", "shop", "other", "mesh-system", "kube-system"])
VALUES = st.sampled_from([None, None, None, None, "enabled", "disabled", "yes", "${X}"])
REVISIONS = st.sampled_from([None, "a", "a", "b", "default", "z", "", "${X}"])
ASKED = st.sampled_from([None, None, None, "a", "z", "${X}"])

DEFAULT_HOOKS = """\
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: istio-sidecar-injector, labels: {istio.io/rev: default}}
webhooks:
- name: namespace.sidecar-injector.istio.io
  clientConfig: {service: {name: istiod, namespace: istio-system, path: /inject}}
  namespaceSelector: {matchLabels: {istio-injection: enabled}}
  objectSelector: {matchExpressions: [{key: sidecar.istio.io/inject, operator: NotIn, values: ["false"]}]}
- name: object.sidecar-injector.istio.io
  clientConfig: {service: {name: istiod, namespace: istio-system, path: /inject}}
  namespaceSelector: {matchExpressions: [{key: istio-injection, operator: DoesNotExist}, {key: a, operator: In, values: [b]}]}
  objectSelector: {matchLabels: {sidecar.istio.io/inject: "true"}}
  matchConditions: [{name: x, expression: "true"}]
"""

SPACE = st.builds(namespace, SPACES, rev=REVISIONS, injection=VALUES)
WHOLE = st.sampled_from(["a", "b"]).map(lambda name: f"{istiod(name)}---\n{injector(name)}")
PLANE = st.one_of(
    WHOLE,
    WHOLE,
    st.builds(istiod, NAMES),
    st.builds(injector, NAMES),
    st.builds(injector, NAMES, tag=NAMES),
    st.sampled_from(
        [CONFIG, TAGS, VALUES_ELSEWHERE, ODD_HOOKS, NAMESPACES, MANAGED, MAISTRA, DEFAULT_HOOKS]
    ),
    st.builds(istiod, NAMES).map(lambda text: text.replace("istio-system", "{{ ns }}")),
)
WORKLOAD = st.builds(
    workload,
    ns=st.one_of(SPACES, st.just("")),
    rev=ASKED,
    inject=st.sampled_from([None, None, None, '"true"', '"false"', '"yes"', "true", "'${X}'"]),
    note=st.sampled_from([None, None, '"true"', '"false"']),
    host=st.sampled_from([False, False, False, True]),
)


def tree(pieces: st.SearchStrategy[str], folders: list[str], most: int) -> st.SearchStrategy[Files]:
    """Files with one piece each, in some of the folders."""
    pairs = st.lists(st.tuples(st.sampled_from(folders), pieces), min_size=1, max_size=most)
    return pairs.map(lambda found: {f"{d}/f{i}.yaml": text for i, (d, text) in enumerate(found)})


def with_core(trees: st.SearchStrategy[Files], *folders: str) -> st.SearchStrategy[Files]:
    """Files, and in half of the cases a control plane and a namespace that work, in a folder."""
    body = f"{istiod('a')}---\n{injector('a')}---\n{namespace('shop', rev='a')}"
    cores: list[Files] = [{f"{folder}/core.yaml": body} for folder in folders]
    core = st.sampled_from([*cores, *({} for _ in cores)])
    return st.tuples(core, trees).map(lambda pair: {**pair[0], **pair[1]})


PIECE = st.one_of(PLANE, SPACE)
PLATFORM = with_core(tree(PIECE, ["p", "p/q", "p/r"], 5), "p", "p/q")
DEV, PROD = "p/clusters/dev", "p/clusters/prod"
LAYERS = with_core(tree(PIECE, [DEV, PROD, "p/base"], 7), "p/base", DEV)
CLUSTERS = with_core(with_core(tree(PIECE, [DEV, PROD], 7), DEV), PROD)
APP = tree(WORKLOAD, ["app", "app/x"], 4)
NONE: Files = {}
OWN = st.one_of(st.just(NONE), tree(st.one_of(SPACE, PLANE), ["app", "app/x"], 2))


def decisions(found: dict[str, str]) -> dict[str, str]:
    """Verdict, revision and webhooks; of copies that disagree, any may be named as the reason."""
    return {key: told.split(" because ")[0] for key, told in found.items()}


@settings(max_examples=150, deadline=None)
@given(st.one_of(PLATFORM, PLATFORM, LAYERS), APP, OWN)
def test_it_decides_as_the_files_do(platform: Files, app: Files, own: Files) -> None:
    """Unless one object has two contents: then a scan keeps them apart by their places.

    Of a copy that a cluster has of what all share, a snapshot knows that it adds nothing.
    """
    mine = {**app, **{path.replace("f", "o"): text for path, text in own.items()}}
    if not _plain(platform) or _torn({**platform, **mine}):
        return
    together = verdicts(Mesh(place(read({**platform, **mine}))), "app/")
    known = verdicts(beside(mine, shared(platform)), "app/")
    assert decisions(known) == decisions(together)


def _plain(platform: Files) -> bool:
    """Whether something stands outside of clusters, and what they have is no copy of it."""
    names = [cluster["name"] for cluster in written(platform)]
    objects = [part for text in platform.values() for part in text.split("---\n")]
    return "" in names and (len(names) == 1 or len(set(objects)) == len(objects))


def _torn(files: Files) -> bool:
    """Whether some file does not share the scope of the whole tree."""
    mesh = Mesh(place(read(files)))
    sites = mesh.sites() | {workload.meta.at for workload in mesh.workloads}
    return any(mesh.scope(site)[1] for site in sites)


@settings(max_examples=60, deadline=None)
@given(CLUSTERS, APP)
def test_no_cluster_is_decided_against(platform: Files, app: Files) -> None:
    """What holds for files of no cluster holds in each."""
    found = verdicts(beside(app, shared(platform)))
    for cluster in written(platform):
        alone = verdicts(beside(app, shared(platform, str(cluster["name"]))))
        for key, told in found.items():
            verdict = told.split(":")[0]
            assert verdict in ("unknown", alone[key].split(":")[0])


@settings(max_examples=60, deadline=None)
@given(st.one_of(CLUSTERS, LAYERS), APP)
def test_a_directory_of_its_name_is_as_the_cluster_alone(platform: Files, app: Files) -> None:
    there = {path.replace("app/", "app/overlays/dev/"): text for path, text in app.items()}
    if "dev" in [cluster["name"] for cluster in written(platform)]:
        alone = verdicts(beside(there, shared(platform, "dev")))
        assert decisions(verdicts(beside(there, shared(platform)))) == decisions(alone)


@settings(max_examples=60, deadline=None)
@given(st.one_of(PLATFORM, LAYERS))
def test_writing_what_was_read_changes_nothing(platform: Files) -> None:
    """But for labels that only a webhook of another cluster asks for."""
    clusters = written(platform)
    for cluster in clusters:
        known = joined([reread([cluster])])
        (again,) = content(Mesh(known.facts), False, str(cluster["name"])) or [cluster]
        kept = {"namespaces": cluster["namespaces"]} if len(clusters) > 1 else {}
        assert {**again, "name": cluster["name"], **kept} == cluster
