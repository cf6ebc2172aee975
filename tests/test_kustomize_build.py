"""Kustomizations built by kustomize: the real one where it is, and ones that misbehave."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from meshlint import cli
from meshlint.finding import Level
from meshlint.origin.overlay import Overlay
from meshlint.origin.walk import Files as Documents
from meshlint.origin.walk import parts
from meshlint.render.confined import Failed
from meshlint.render.kustomize import build, kustomize
from meshlint.render.note import Note, note, noted
from meshlint.render.overlays import Built, overlays
from meshlint.render.place import Places
from meshlint.render.reach import reach
from meshlint.render.tree import Files
from meshlint.source.files import collect
from meshlint.source.node import Node
from tests.conftest import Run, write
from tests.manifests import injector, istiod, namespace, workload
from tests.test_git import Repository

real = pytest.mark.kustomize


def found(report: Any) -> list[tuple[str, str, int, str | None]]:
    """Code, place and how sure the place is."""
    return [
        (f["code"], f["location"]["path"], f["location"]["line"], (f["origin"] or {}).get("level"))
        for f in report["findings"]
    ]


def fake(tree: Path, monkeypatch: pytest.MonkeyPatch, script: str, name: str = "kustomize") -> None:
    """A program, which answers what is asked for its version; it is all that is on the PATH."""
    folder = tree.parent / "bin"
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f'#!/bin/sh\n[ "$1" = version ] && {{ echo v0; exit 0; }}\n{script}\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    for tool in ("sh", "env", "cat", "sleep", "yes", "git"):
        if not (folder / tool).exists():
            (folder / tool).symlink_to(str(shutil.which(tool)))
    monkeypatch.setenv("PATH", str(folder))


def built(*, cached: bool = False) -> Built:
    return overlays(collect(["."]).sources, Files(Path.cwd()), cached=cached)


BASE = {
    "base/kustomization.yaml": "resources: [ns.yaml, cart.yaml]\n",
    "base/ns.yaml": namespace("shop", injection="enabled"),
    "base/cart.yaml": workload(),
}
KEY = "sidecar.istio.io/inject"

PLACES: list[tuple[str, dict[str, str], list[tuple[str, str, int, str]]]] = [
    ("the base", {"base/ns.yaml": namespace("shop", injection="true"), "prod/kustomization.yaml": "resources: [../base]\nnamePrefix: a-\n"},
     [("MESH101", "base/ns.yaml", 7, "exact")]),
    ("a patch in a file", {"prod/kustomization.yaml": "resources: [../base]\npatches: [{path: p.yaml}]\n",
                           "prod/p.yaml": namespace("shop", injection="true")},
     [("MESH101", "prod/p.yaml", 7, "exact")]),
    ("an old list of patches", {"prod/kustomization.yaml": "resources: [../base]\npatchesStrategicMerge: [p.yaml]\n",
                                "prod/p.yaml": namespace("shop", injection="true")},
     [("MESH101", "prod/p.yaml", 7, "exact")]),
    ("an inline patch", {"prod/kustomization.yaml": "resources: [../base]\npatches:\n- patch: |\n    apiVersion: v1\n    kind: Namespace\n    metadata:\n      name: shop\n      labels:\n        istio-injection: 'true'\n"},
     [("MESH101", "prod/kustomization.yaml", 9, "exact")]),
    ("a JSON patch", {"prod/kustomization.yaml": "resources: [../base]\npatches:\n- target: {kind: Namespace}\n  patch: |\n    - op: replace\n      path: /metadata/labels/istio-injection\n      value: 'true'\n"},
     [("MESH101", "prod/kustomization.yaml", 6, "exact")]),
    ("a JSON patch of a map", {"prod/kustomization.yaml": "resources: [../base]\npatches:\n- target: {kind: Namespace}\n  patch: |\n    - op: replace\n      path: /metadata/labels\n      value:\n        istio-injection: 'true'\n"},
     [("MESH101", "prod/kustomization.yaml", 8, "exact")]),
    ("a label for all", {"prod/kustomization.yaml": "resources: [../base]\nlabels:\n- pairs:\n    istio-injection: 'true'\n"},
     [("MESH101", "prod/kustomization.yaml", 4, "exact")]),
    ("a common label", {"prod/kustomization.yaml": "resources: [../base]\ncommonLabels:\n  istio-injection: 'true'\n"},
     [("MESH101", "prod/kustomization.yaml", 3, "exact")]),
    ("a component", {"prod/kustomization.yaml": "resources: [../base]\ncomponents: [../part]\n",
                     "part/kustomization.yaml": "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nlabels:\n- pairs: {istio-injection: 'true'}\n"},
     [("MESH101", "part/kustomization.yaml", 4, "exact")]),
    ("two that say the same", {"prod/kustomization.yaml": "resources: [../base]\nlabels:\n- pairs:\n    istio-injection: 'true'\n- pairs:\n    istio-injection: 'true'\n"},
     [("MESH101", "prod/kustomization.yaml", 6, "template")]),
    ("the patch of another", {"prod/kustomization.yaml": "resources: [../base]\npatches: [{path: p.yaml}, {path: q.yaml}]\n",
                              "base/ns.yaml": namespace("shop", injection="enabled") + "---\n" + namespace("till"),
                              "prod/q.yaml": namespace("shop", injection="true"), "prod/p.yaml": namespace("till", injection="true")},
     [("MESH101", "prod/p.yaml", 7, "exact"), ("MESH101", "prod/q.yaml", 7, "exact")]),
]  # fmt: skip


@real
@pytest.mark.parametrize(("files", "wanted"), [p[1:] for p in PLACES], ids=[p[0] for p in PLACES])
def test_findings_stand_where_the_value_is_set(
    files: dict[str, str], wanted: list[tuple[str, str, int, str]], tree: Path, run: Run
) -> None:
    write(tree, {**BASE, **files})
    code, report, words = run("--kustomize")
    assert "could not be rendered" not in words
    assert [f for f in found(report) if f[0] == "MESH101"] == wanted
    assert code == 1
    assert not any("<" in f["location"]["path"] for f in report["findings"])


@real
def test_lines_of_texts_inside(tree: Path, run: Run) -> None:
    """A finding in a block of text stands at the line of the block that it is from."""
    values = "data:\n  values: |\n    global:\n      tag: 1.20.1\n"
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: istio-sidecar-injector\n  namespace: istio-system\n"
    write(
        tree,
        {"base/cm.yaml": head + "data: {}\n", "base/kustomization.yaml": "resources: [cm.yaml]\n"},
    )
    write(tree, {"prod/kustomization.yaml": "resources: [../base]\npatches: [{path: p.yaml}]\n", "prod/p.yaml": head + values})  # fmt: skip
    done = built()
    files = Documents({s.path: s.read().decode() for s in (*done.sources, *done.origins)}.get)
    (source,) = done.sources
    (root,) = files.roots(source.path)
    block = root.get("data", "values")
    assert block is not None
    where = replace(block.key_where, line=block.key_where.line + 2, column=7, end_column=10)
    place = Overlay(files).find(where)
    assert place is not None
    assert (place.level, place.where.path, place.where.line) == (Level.EXACT, "prod/p.yaml", 9)


@real
def test_a_base_that_helm_rendered(tree: Path, run: Run) -> None:
    """From the output to the base, and from there to the template of the chart."""
    template = namespace("shop").replace("a: b", "istio-injection: {{ .Values.x | quote }}")
    output = "---\n# Source: ns/templates/ns.yaml\n" + namespace("shop", injection="true")
    write(tree, {"chart/Chart.yaml": "name: ns\n", "chart/templates/ns.yaml": template})
    write(tree, {"base/out.yaml": output, "kustomization.yaml": "resources: [base/out.yaml]\n"})
    _, report, _ = run("--kustomize")
    assert found(report) == [("MESH101", "chart/templates/ns.yaml", 6, "exact")]
    assert report["findings"][0]["origin"]["source"] == "ns/templates/ns.yaml"


@real
def test_each_root_is_its_own_scope(tree: Path, run: Run) -> None:
    """Two environments of one base keep apart, as they do unrendered."""
    write(tree, {**BASE, "base/ns.yaml": namespace("shop", rev="1-29")})
    for env in ("dev", "prod"):
        mesh = [istiod("1-29"), injector("1-29")] if env == "dev" else [istiod("1-30"), injector("1-30")]  # fmt: skip
        write(tree, {f"envs/{env}/kustomization.yaml": "resources: [../../base, mesh.yaml]\n"})
        write(tree, {f"envs/{env}/mesh.yaml": "---\n".join(mesh)})
    for options in ((), ("--kustomize",)):
        answers = run("why", "--all", ".", *options)[1]["workloads"]
        told = [(a["unit"], a["verdict"]) for a in answers if a["subject"]["name"] == "cart"]
        assert told == [("envs/dev", "injected"), ("envs/prod", "not_injected")], options
    steps = [step["location"]["path"] for step in answers[0]["steps"] if step["location"]]
    assert steps
    assert not any("<" in path for path in steps)


FLUX = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec: {path: ./base, targetNamespace: %s, prune: true, interval: 1m, sourceRef: {kind: GitRepository, name: x}}
"""


@real
def test_who_applies_a_folder_applies_what_is_built(tree: Path, run: Run) -> None:
    """A base that an overlay includes and Flux applies, too, is built for both."""
    write(tree, {**BASE, "base/kustomization.yaml": "resources: [cart.yaml]\n", "base/cart.yaml": workload(ns="")})  # fmt: skip
    write(tree, {"prod/kustomization.yaml": "resources: [../base]\nnamespace: prod\n"})
    write(tree, {"flux.yaml": FLUX % "flux", "ns.yaml": namespace("flux", injection="enabled")})
    for options in ((), ("--kustomize",)):
        answers = run("why", "--all", ".", *options)[1]["workloads"]
        told = sorted((a["subject"]["namespace"], a["unit"]) for a in answers)
        assert told == [("flux", "base, applied by flux.yaml"), ("prod", "prod")], options


CLAIMS = [
    ("an overlay that fails includes it", {"base/kustomization.yaml": "resources: [cart.yaml]\n", "bad/kustomization.yaml": "resources: [../base, gone.yaml]\nnamespace: bad\n"}),
    ("it is no kustomization's folder", {"kustomization.yaml": "resources: [base/cart.yaml]\nnamespace: top\n"}),
    ("the patches of another", {"base/kustomization.yaml": "resources: [cart.yaml]\n", "prod/kustomization.yaml": "resources: [../base]\nnamespace: prod\npatches: [{path: p.yaml}]\n", "prod/p.yaml": workload(ns="", inject='"false"')}),
]  # fmt: skip


@real
@pytest.mark.parametrize("files", [c[1] for c in CLAIMS], ids=[c[0] for c in CLAIMS])
def test_what_several_claim(files: dict[str, str], tree: Path, run: Run) -> None:
    """What is applied twice is there twice, and no oftener, as it is without kustomize."""
    write(tree, {"base/cart.yaml": workload(ns=""), "flux.yaml": FLUX % "flux", **files})
    write(tree, {"ns.yaml": namespace("flux", injection="enabled")})
    told = []
    for options in ((), ("--kustomize",)):
        answers = run("why", "--all", ".", *options)[1]["workloads"]
        units = [(a["subject"]["namespace"], a["unit"], a["verdict"]) for a in answers]
        told.append(sorted(units))
    assert len(told[0]) == 2
    assert told[0] == told[1]


@real
def test_what_fails_stays_as_it_is(tree: Path, run: Run) -> None:
    """What a root that is not built includes is read as without kustomize, and so it is told."""
    write(tree, {**BASE, "base/ns.yaml": namespace("shop", injection="true")})
    write(tree, {"bad/kustomization.yaml": "resources: [../base, gone.yaml]\n"})
    write(tree, {"good/kustomization.yaml": "resources: [../base]\nnamePrefix: x-\n"})
    code, report, words = run("--kustomize")
    assert code == 4
    assert "bad/kustomization.yaml: charts and kustomizations that could not be rendered" in words
    assert "gone.yaml" in words
    assert str(tree.parent) not in words
    assert "/tmp" not in words
    assert ("MESH101", "base/ns.yaml", 7, None) in found(report)
    (tree / "bad/gone.yaml").write_text(namespace("gone"))
    code, report, _ = run("--kustomize")
    assert code == 1
    assert found(report) == [("MESH101", "base/ns.yaml", 7, "exact")]


REMOTES = [
    ("a repository", "resources: ['https://github.com/x/y//base?ref=v1']\n", "https://github.com/x/y//base"),
    ("in its short form", "resources: [github.com/x/y]\n", "github.com/x/y"),
    ("over ssh", "resources: ['git@github.com:x/y.git']\n", "git@github.com:x/y.git"),
    ("on this machine", "resources: ['file:///etc']\n", "file:///etc"),
    ("a file", "resources: ['http://127.0.0.1:1/x.yaml']\n", "http://127.0.0.1:1/x.yaml"),
    ("a patch", "resources: []\npatches: [{path: 'http://localhost/p.yaml'}]\n", "http://localhost/p.yaml"),
    ("a generator's file", "configMapGenerator: [{name: a, files: ['k=https://a.example/x']}]\n", "k=https://a.example/x"),
    ("in a plugin's text", "transformers:\n- |\n  apiVersion: builtin\n  kind: PatchTransformer\n  metadata: {name: x}\n  path: http://localhost:1/p.yaml\n", "http://localhost:1/p.yaml"),
    ("of a component", "components: ['https://a.example/x.git']\n", "https://a.example/x.git"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name"), [r[1:] for r in REMOTES], ids=[r[0] for r in REMOTES])
def test_nothing_is_fetched(
    text: str, name: str, tree: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The remote is named, and kustomize is not even asked."""
    fake(tree, monkeypatch, f"echo ran >> {tree.parent}/ran; exit 1")
    write(tree, {"over/kustomization.yaml": "resources: [../base]\n", "base/kustomization.yaml": text})  # fmt: skip
    code, _, words = run("--kustomize")
    assert code == 4
    assert f"it includes '{name}" in words
    assert not (tree.parent / "ran").exists()


@real
def test_git_may_fetch_nothing(tree: Path) -> None:
    """What is not known to be remote ends at git, which may use no way at all."""
    other = Repository(tree.parent / "tree")
    write(tree, {"secret/kustomization.yaml": "resources: []\n"})
    other.commit()
    text = json.dumps({"resources": [f"{tree}//secret?ref=main", "host.example:x/y.git"]})
    write(tree, {"over/kustomization.yaml": text})
    done = built()
    assert "over/kustomization.yaml" in {skip.path for skip in done.skips}


HOSTILE = [
    ("a path out of it", {"a/kustomization.yaml": "resources: [../../secret.yaml]\n"}),
    ("a path of the machine", {"a/kustomization.yaml": "resources: [%s/secret.yaml]\n"}),
    ("a generator's file", {"a/kustomization.yaml": "configMapGenerator: [{name: a, files: [../../secret.yaml]}]\n"}),
    ("a file of a neighbour", {"a/kustomization.yaml": "resources: [../b/x.yaml]\n", "b/x.yaml": namespace("x")}),
    ("it includes itself", {"a/kustomization.yaml": "resources: [../a]\n"}),
    ("two that include each other", {"a/kustomization.yaml": "resources: [../b]\n", "b/kustomization.yaml": "resources: [../a, ../c]\n", "c/kustomization.yaml": "resources: [../gone]\n"}),
    ("a plugin that is a program", {"a/kustomization.yaml": "generators: [g.yaml]\n", "a/g.yaml": "apiVersion: x/v1\nkind: Run\nmetadata: {name: x, annotations: {config.kubernetes.io/function: 'exec: {path: ./run.sh}'}}\n"}),
    ("a function in a container", {"a/kustomization.yaml": "transformers: [g.yaml]\n", "a/g.yaml": "apiVersion: x/v1\nkind: Run\nmetadata: {name: x, annotations: {config.kubernetes.io/function: 'container: {image: x}'}}\n"}),
    ("a chart", {"a/kustomization.yaml": "helmCharts: [{name: x, repo: 'https://a.example'}]\n"}),
    ("no YAML", {"a/kustomization.yaml": "resources: [\n"}),
    ("two files", {"a/kustomization.yaml": "resources: []\n", "a/Kustomization": "resources: []\n"}),
]  # fmt: skip


@real
@pytest.mark.parametrize("files", [h[1] for h in HOSTILE], ids=[h[0] for h in HOSTILE])
def test_hostile_trees(files: dict[str, str], tree: Path) -> None:
    """Nothing outside of the tree is read, and nothing of it is run; what kustomize refuses, fails."""
    (tree.parent / "secret.yaml").write_text(namespace("secret"))
    write(tree, {name: text.replace("%s", str(tree.parent)) for name, text in files.items()})
    write(tree, {"a/run.sh": f"#!/bin/sh\ntouch {tree.parent}/ran\n", "good/kustomization.yaml": "resources: [n.yaml]\n", "good/n.yaml": namespace("n")})  # fmt: skip
    (tree / "a/run.sh").chmod(0o755)
    done = built()
    assert [source.path for source in done.sources] == ["good/<kustomize build>"]
    assert not any(b"secret" in source.read() for source in done.sources)
    assert not (tree.parent / "ran").exists()
    assert "a/kustomization.yaml" not in done.gone


@real
def test_links(tree: Path) -> None:
    """They are links in the copy, too: kustomize follows those that stay, and others lead nowhere."""
    write(tree.parent / "out", {"kustomization.yaml": "resources: [n.yaml]\n"})
    write(tree.parent / "out", {"n.yaml": namespace("secret")})
    write(tree, {"shared/kustomization.yaml": "resources: [n.yaml]\n", "shared/n.yaml": namespace("n")})  # fmt: skip
    write(tree, dict.fromkeys(("a/kustomization.yaml", "b/kustomization.yaml", "c/kustomization.yaml", "d/kustomization.yaml"), "resources: [x]\n"))  # fmt: skip
    (tree / "a/x").symlink_to("../shared")
    (tree / "b/x").symlink_to("../../out")
    (tree / "c/x").symlink_to(tree.parent / "out")
    (tree / "d/x").symlink_to("x")
    done = built()
    assert [source.path for source in done.sources] == ["a/<kustomize build>", "shared/<kustomize build>"]  # fmt: skip
    (line,) = re.findall(r"# kustomize: (.*)", done.sources[0].read().decode())
    assert json.loads(line)["path"] == "shared/n.yaml"


def test_more_than_can_be_meant(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tree, {"kustomization.yaml": "resources: [n.yaml]\n", "n.yaml": "a" * 2000})
    monkeypatch.setattr("meshlint.render.reach.MAX_BYTES", 1000)
    with pytest.raises(Failed, match="too many files"):
        reach(Places(Files(tree), []), "")


def test_what_is_reached(tree: Path) -> None:
    """Objects and what changes them are taken from the scan; what is only read stays in it."""
    text = """\
resources: [r.yaml, sub, r.yaml]
bases: [old]
components: [part]
patches: [{path: p1.yaml}, {patch: 'x', target: {kind: Pod}}]
patchesStrategicMerge: [p2.yaml, "a: b\\nc: d\\n"]
patchesJson6902: [{path: p3.yaml, target: {kind: Pod}}]
configMapGenerator: [{name: a, files: [f.txt, k=g.txt], envs: [e.env], literals: [l.yaml]}]
secretGenerator: [{name: b, env: s.env}]
transformers: [t.yaml]
generators: ["kind: PatchTransformer\\npath: p4.yaml\\n"]
configurations: [c.yaml]
crds: [crd.json]
openapi: {path: o.json}
replacements: [{path: rep.yaml}]
labels: [{pairs: {app: l.yaml}}]
"""
    every = "r p1 p2 p3 p4 c rep l t5".split()
    write(tree, {f"{name}.yaml": "a: b\n" for name in every})
    write(tree, dict.fromkeys(("f.txt", "g.txt", "e.env", "s.env", "crd.json", "o.json", "no.txt"), "x"))  # fmt: skip
    write(tree, {"kustomization.yaml": text, "t.yaml": "kind: PatchTransformer\npath: t5.yaml\n"})
    write(tree, {f"{name}/kustomization.yaml": "resources: [x.yaml]\n" for name in ("sub", "old", "part", "no")})  # fmt: skip
    write(tree, {f"{name}/x.yaml": "a: b\n" for name in ("sub", "old", "part", "no")})
    got = reach(Places(Files(tree), []), "")
    included = {f"{folder}/{name}" for folder in ("sub", "old", "part") for name in ("kustomization.yaml", "x.yaml")}  # fmt: skip
    taken = {"kustomization.yaml", "r.yaml", "p1.yaml", "p2.yaml", "p3.yaml", *included}
    read = {"f.txt", "g.txt", "e.env", "s.env", "t.yaml", "t5.yaml", "p4.yaml", "c.yaml", "crd.json", "o.json", "rep.yaml"}  # fmt: skip
    assert got.taken == taken
    assert set(got.files) == taken | read


OUTPUT = """\
apiVersion: v1
data:
  x: |
    alpha.config.kubernetes.io/transformations: kept
metadata:
  annotations:
    alpha.config.kubernetes.io/transformations: |
      - configuredIn: ../../tree/prod/kustomization.yaml
        configuredBy:
          kind: LabelTransformer
    config.kubernetes.io/origin: |
      path: ../../tree/base/a.yaml
    note: |
      config.kubernetes.io/origin: kept

    z: last
  name: a
---
kind: ConfigMap
metadata:
  annotations:
    config.kubernetes.io/origin: "configuredIn: ../../tree/k.yaml\\nconfiguredBy:\\n  kind: ConfigMapGenerator\\n"
  name: b
"""
NOTED = """\
apiVersion: v1
data:
  x: |
    alpha.config.kubernetes.io/transformations: kept
metadata:
  annotations:
    note: |
      config.kubernetes.io/origin: kept

    z: last
  name: a
---
kind: ConfigMap
metadata:
  name: b
"""


def test_origins_become_comments() -> None:
    """The annotations go, and nothing else does, whatever it looks like."""
    text = noted(OUTPUT, lambda path: path.removeprefix("../../tree/"))
    notes = [found for found in map(note, text.splitlines()) if found]
    changed = (("prod/kustomization.yaml", "LabelTransformer"),)
    assert notes == [
        Note("base/a.yaml", changes=changed),
        Note(maker="k.yaml", kind="ConfigMapGenerator"),
    ]
    bare = "".join(f"{line}\n" for line in text.splitlines() if not note(line))
    assert bare.removeprefix("---\n") == NOTED


def test_without_any_program(tree: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tree))
    write(tree, {"a/kustomization.yaml": "resources: [n.yaml]\n", "a/n.yaml": namespace("n", injection="true")})  # fmt: skip
    write(tree, {"b/kustomization.yaml": "resources: []\n"})
    code, report, words = run("--kustomize")
    assert code == 4
    names = "a/kustomization.yaml, b/kustomization.yaml"
    assert (
        f"{names}: charts and kustomizations that could not be rendered (kustomize is not" in words
    )
    assert found(report) == [("MESH101", "a/n.yaml", 7, None)]
    assert run("--no-kustomize")[0] == 1


def test_kubectl_where_kustomize_is_missing(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = namespace("n").replace("\n", "\\n")
    fake(tree, monkeypatch, f"[ $1 = kustomize ] && printf '{output}'", "kubectl")
    write(tree, {"kustomization.yaml": "resources: []\n"})
    (source,) = built().sources
    assert source.path == "<kustomize build>"
    assert source.made == "kustomization.yaml"
    assert "name: n" in source.read().decode()


FAKES = [
    ("it fails", "echo 'Error: no such thing' >&2; exit 1", "no such thing"),
    ("it says nothing", "exit 3", "it ended with 3"),
    ("it hangs", "sleep 60", "it took too long, and was stopped"),
    ("it floods", "yes", "it wrote too much, and was stopped"),
]


@pytest.mark.parametrize(("script", "why"), [f[1:] for f in FAKES], ids=[f[0] for f in FAKES])
def test_programs_that_misbehave(
    script: str, why: str, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tree, monkeypatch, script)
    monkeypatch.setattr("meshlint.render.kustomize.SECONDS", 0.5)
    monkeypatch.setattr("meshlint.render.kustomize.LIMIT", 1_000_000)
    with pytest.raises(Failed, match=why):
        build(kustomize(tree), "a", 0, tree)


def test_output_that_is_no_yaml(tree: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tree, monkeypatch, "printf 'metadata:\\n  annotations:\\n    a: |\\n\\377: [\\n---\\n- {'")
    write(tree, {"kustomization.yaml": "resources: []\n", "n.yaml": namespace("n", rev="x")})
    code, report, _ = run("--kustomize")
    assert code in (0, 1)
    assert {f["location"]["path"] for f in report["findings"]} <= {"kustomization.yaml", "n.yaml"}


def test_a_program_that_does_not_run(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tree / "bin"
    folder.mkdir()
    (folder / "kustomize").write_text("#!/bin/sh\nexit 1\n")
    (folder / "kustomize").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(Failed, match="does not run"):
        kustomize(tree)


def test_what_kustomize_is_told(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No plugins, functions or charts are allowed; of the environment it gets the PATH."""
    fake(tree, monkeypatch, 'env; echo "$@"; cat "$2/kustomization.yaml"')
    monkeypatch.setenv("KUSTOMIZE_PLUGIN_HOME", "/evil")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    out = build(kustomize(tree), "a/b", 7, tree).decode()
    assert "evil" not in out
    assert "hidden" not in out
    for line in (
        "HTTPS_PROXY=http://127.0.0.1:9",
        "GIT_ALLOW_PROTOCOL=none",
        f"build {tree}/roots/7",
    ):
        assert line in out.splitlines()
    wrapper = json.loads(out.splitlines()[-1])
    assert wrapper["resources"] == ["../../tree/a/b"]
    assert wrapper["buildMetadata"] == ["originAnnotations", "transformerAnnotations"]


def test_an_interrupt_ends_the_children(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C reaches the main thread alone: those that wait are not begun."""
    import threading
    import time
    from signal import SIGINT

    from meshlint.source.program import RUNNING

    fake(tree, monkeypatch, "sleep 60")
    write(tree, {f"{n}/kustomization.yaml": "resources: []\n" for n in range(20)})
    threading.Timer(0.9, os.kill, [os.getpid(), SIGINT]).start()
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        built()
    assert time.monotonic() - begin < 30
    assert not RUNNING


@real
def test_a_commit_is_built_too(tree: Path, run: Run) -> None:
    """Links and files beyond the paths among it; and what it has is not new."""
    bad = namespace("shop", injection="true")
    write(tree, {**BASE, "base/ns.yaml": bad, "prod/kustomization.yaml": "resources: [../link]\n"})
    (tree / "link").symlink_to("base")
    repository = Repository(tree)
    repository.commit()
    write(tree, {"base/ns.yaml": namespace("more") + "---\n" + bad, "base/till.yaml": namespace("till", injection="yes"),
                 "base/kustomization.yaml": "resources: [ns.yaml, cart.yaml, till.yaml]\n"})  # fmt: skip
    assert found(run("--kustomize", "--rev", "HEAD", "prod")[1]) == [("MESH101", "base/ns.yaml", 7, "exact")]  # fmt: skip
    _, report, _ = run("--kustomize", "--new-since", "HEAD")
    assert found(report) == [("MESH101", "base/till.yaml", 7, "exact")]
    repository.git("add", ".")
    assert len(found(run("--kustomize", "--staged")[1])) == 2
    changes = run("why", "--since", "HEAD", ".", "--kustomize")
    assert changes[0] == 0


@real
def test_what_was_built_is_kept(tree: Path, run: Run) -> None:
    write(tree, {**BASE, "base/ns.yaml": namespace("shop", injection="true")})
    first = run("--kustomize")
    kept = list((tree.parent / "cache/meshlint/renders").iterdir())
    assert len(kept) == 1
    kept[0].write_text(kept[0].read_text().replace('"true"', "enabled"))
    assert found(run("--kustomize")[1]) == []
    assert run("--kustomize", "--no-cache") == first
    (tree / "base/cart.yaml").write_text(workload(ns="other"))
    assert len(found(run("--kustomize")[1])) == 1


@real
def test_both_programs(tree: Path, run: Run) -> None:
    if shutil.which("helm") is None:
        pytest.skip("helm is not on the PATH")
    write(tree, {"chart/Chart.yaml": "apiVersion: v2\nname: ns\nversion: 1.0.0\n", "chart/templates/ns.yaml": namespace("a", injection="true")})  # fmt: skip
    write(tree, {"base/ns.yaml": namespace("b", injection="true"), "base/kustomization.yaml": "resources: [ns.yaml]\n"})  # fmt: skip
    _, report, _ = run("--helm", "--kustomize")
    places = [(path, level) for _, path, _, level in found(report)]
    assert places == [("base/ns.yaml", "exact"), ("chart/templates/ns.yaml", "exact")]


@real
def test_snapshots_know_what_is_built(
    tree: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    write(tree, {**BASE, "prod/kustomization.yaml": "resources: [../base]\nlabels: [{pairs: {istio.io/rev: x}}]\n"})  # fmt: skip
    assert cli.run(["context", ".", "--kustomize", "-q"]) == 0
    (cluster,) = json.loads(capsysbinary.readouterr().out)["clusters"]
    assert cluster["namespaces"][0]["metadata"]["labels"]["istio.io/rev"] == "x"


def test_the_words_of_the_text_report(tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    origin = "config.kubernetes.io/origin: 'path: ../../tree/n.yaml'"
    output = namespace("n", injection="true").replace("metadata:\n", f"metadata:\n  annotations:\n    {origin}\n")  # fmt: skip
    fake(tree, monkeypatch, f"cat <<'E'\n{output}E")
    write(tree, {"kustomization.yaml": "resources: [n.yaml]\n", "n.yaml": namespace("n", injection="true")})  # fmt: skip
    assert cli.run(["--kustomize"]) == 1
    assert "  from kustomize build .: rendered from this line\n" in capsys.readouterr().out


def nodes(node: Node) -> Iterator[Node]:
    for child in parts(node):
        yield child
        yield from nodes(child)


def keyed(node: Node) -> str:
    """The innermost key of a node: items have that of their list."""
    while node.parent is not None and node.parent.is_list:
        node = node.parent
    return node.name


@pytest.fixture(scope="module")
def corpus(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Real repositories, unpacked."""
    folder = tmp_path_factory.mktemp("corpus")

    def unpacked(name: str) -> Path:
        if not (folder / name).is_dir():
            with tarfile.open(shared / "corpus" / f"{name}.tar.xz") as files:
                files.extractall(folder / name, filter="data")
        return folder / name

    return unpacked


CORPUS = ("kubeflow+manifests", "onepanelio+manifests", "stefanprodan+gitops-istio")


@real
@pytest.mark.parametrize("name", CORPUS)
def test_exact_lines_hold_the_key(
    name: str, corpus: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over real roots: whatever a finding names in the output, its exact line has that key."""
    monkeypatch.chdir(corpus(name))
    monkeypatch.setenv("XDG_CACHE_HOME", str(corpus(name).parent / "cache"))
    done = built(cached=True)
    texts = {s.path: s.read().decode("utf-8", "replace") for s in (*done.origins, *done.sources)}
    lines = {path: text.split("\n") for path, text in texts.items()}
    files = Documents(texts.get)
    overlay, exact = Overlay(files), 0
    for root in (root for source in done.sources for root in files.roots(source.path)):
        for node in nodes(root) if len(root.page.text) < 20_000 else ():
            where = replace(node.key_where, pointer=node.pointer)
            place = overlay.find(where)
            if place is None or place.level is not Level.EXACT:
                continue
            exact += 1
            line = lines[place.where.path][place.where.line - 1].replace("~1", "/")
            lone = node.parent is not None and node.parent.is_list and not parts(node)
            head = line[: place.where.column - 1].strip()
            begins = not head or head.endswith(("-", "[", ","))
            assert keyed(node) in line or (lone and begins), (node.pointer, place)
    assert exact > 100


@real
@pytest.mark.parametrize("name", CORPUS)
def test_objects_are_those_of_a_plain_build(
    name: str, corpus: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy and the way through the wrapper change nothing but the annotations."""
    monkeypatch.chdir(corpus(name))
    monkeypatch.setenv("XDG_CACHE_HOME", str(corpus(name).parent / "cache"))
    for source in built(cached=True).sources[:20]:
        folder = str(Path(source.made).parent)
        plain = subprocess.run(["kustomize", "build", folder], capture_output=True, check=True)
        texts = re.split(r"(?m)^---\n", source.read().decode())[1:]
        ours = sorted(text.partition("\n")[2].strip() for text in texts)
        theirs = (t.strip() for t in re.split(r"(?m)^---\n", plain.stdout.decode()))
        assert ours == sorted(text for text in theirs if text), folder
