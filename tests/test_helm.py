"""Charts rendered by helm: the real one where it is, and one that misbehaves."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest

from meshlint import cli
from meshlint.render.carried import Root, carried
from meshlint.render.chart import Release, charts, contents, plain
from meshlint.render.confined import Failed
from meshlint.render.helm import Helm, helm, template
from meshlint.render.tree import Files, TooLarge, gather
from meshlint.source.files import Source
from tests.conftest import Run, write
from tests.manifests import injector, istiod, namespace

CHART = "apiVersion: v2\nname: {}\nversion: 1.0.0\n"
NAMESPACE = """\
apiVersion: v1
kind: Namespace
metadata:
  name: {{ .Values.name }}
  labels:
    istio-injection: {{ .Values.injection | quote }}
{{- with .Values.more }}
{{ toYaml . }}
{{- end }}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata:
      labels:
        app: cart
        {{- include "cart.labels" . | nindent 8 }}
    spec:
      containers: [{name: cart, image: cart}]
"""
HELPERS = '{{- define "cart.labels" }}\nistio.io/rev: {{ .Values.rev | quote }}\n{{- end }}\n'


def chart(folder: str, name: str, values: str = "", **templates: str) -> dict[str, str]:
    files = {f"{folder}/templates/{key}.yaml": text for key, text in templates.items()}
    return {f"{folder}/Chart.yaml": CHART.format(name), f"{folder}/values.yaml": values, **files}


def found(report: Any) -> list[tuple[str, str, int, str | None]]:
    """Code, place and how sure the place is."""
    return [
        (f["code"], f["location"]["path"], f["location"]["line"], (f["origin"] or {}).get("level"))
        for f in report["findings"]
    ]


def fake(tree: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """A program called helm, which answers what is asked for its version."""
    folder = tree.parent / "bin"
    folder.mkdir(exist_ok=True)
    path = folder / "helm"
    path.write_text(f'#!/bin/sh\n[ "$1" = version ] && {{ echo v0; exit 0; }}\n{script}\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


real = pytest.mark.helm


@real
def test_charts_are_rendered_and_linted(tree: Path, run: Run) -> None:
    write(tree, chart("charts/ns", "ns", "name: shop\ninjection: 'true'\n", ns=NAMESPACE))
    code, report, words = run()
    assert (code, found(report)) == (3, [])
    assert "nothing was checked" in words
    assert "1 file of charts: use --helm" in words
    code, report, words = run("--helm")
    assert (code, found(report)) == (1, [("MESH101", "charts/ns/templates/ns.yaml", 6, "exact")])
    assert "templates not rendered" not in words
    assert report["findings"][0]["related"] == []


@pytest.mark.helm4
def test_the_next_version(tree: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "bin").mkdir()
    (tree / "bin/helm").symlink_to(str(shutil.which("helm4")))
    monkeypatch.setenv("PATH", f"{tree / 'bin'}{os.pathsep}{os.environ['PATH']}")
    assert helm().version.startswith("v4.")
    write(tree, chart("charts/ns", "ns", "name: shop\ninjection: 'true'\n", ns=NAMESPACE))
    code, report, _ = run("--helm")
    assert (code, found(report)) == (1, [("MESH101", "charts/ns/templates/ns.yaml", 6, "exact")])


@real
def test_the_configuration_says_how(tree: Path, run: Run) -> None:
    """Each entry is a release of its own; the values in files come before what is set."""
    write(tree, chart("ns", "ns", "name: shop\ninjection: enabled\n", ns=NAMESPACE))
    entries = [
        "{path: ns}",
        "{path: ns, values: [prod.yaml]}",
        "{path: ns, values: [prod.yaml], set: {injection: disabled}}",
    ]
    for entry, number in zip(entries, (0, 1, 0), strict=True):
        write(tree, {".meshlint.yaml": f"charts: [{entry}]\n", "prod.yaml": "injection: 'yes'\n"})
        _, report, _ = run()
        assert len(found(report)) == number, entry
    assert run("--no-helm")[1]["counts"]["unread"]["template"] == 1


@real
def test_the_namespace_of_a_release(tree: Path, run: Run) -> None:
    """Where nobody tells it, nothing is known of it; else it is that of all that name none."""
    mesh = [istiod("1-29"), injector("1-29"), namespace("shop", rev="1-29")]
    write(
        tree, {"mesh.yaml": "---\n".join(mesh), **chart("cart", "cart", "rev: x\n", a=DEPLOYMENT)}
    )
    write(tree, {"cart/templates/_helpers.tpl": HELPERS})
    verdict = run("why", "deploy/cart", ".", "--helm")[1]["workloads"][0]
    assert verdict["verdict"] == "unknown"
    assert verdict["subject"]["namespace"] == ""
    write(tree, {".meshlint.yaml": "charts: [{path: cart, namespace: shop, release: till}]\n"})
    verdict = run("why", "deploy/till", ".")[1]["workloads"][0]
    assert (verdict["verdict"], verdict["revision"]) == ("injected", "1-29")


@real
def test_clusters_are_told_apart(tree: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    entries = "[{path: ns, cluster: a}, {path: ns, cluster: b, set: {injection: disabled}}]"
    clusters = "{a: {paths: [a], revisions: [default]}, b: {paths: [b], revisions: [default]}}"
    write(tree, {".meshlint.yaml": f"charts: {entries}\nclusters: {clusters}\n"})
    write(tree, {"a/x.yaml": namespace("x"), "b/x.yaml": namespace("x")})
    write(tree, chart("ns", "ns", "name: shop\ninjection: enabled\n", ns=NAMESPACE))
    cli.run(["context", ".", "-q"])
    snapshot = json.loads(capsysbinary.readouterr().out)
    names = {
        c.get("name", ""): [n["metadata"]["name"] for n in c["namespaces"]]
        for c in snapshot["clusters"]
    }
    assert {"a", "b"} <= names.keys()
    assert all("shop" in names[name] for name in ("a", "b"))


APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop, namespace: argocd}
spec:
  destination: {server: https://kubernetes.default.svc, namespace: apps}
  source:
    repoURL: https://example.com/repo.git
    path: charts/ns
    helm:
"""
HELM_RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: shop, namespace: flux}
spec:
  interval: 1m
  chart: {spec: {chart: ./charts/ns, sourceRef: {kind: GitRepository, name: repo}%s}}
"""
CARRIERS = [
    ("valuesObject", APPLICATION + "      valuesObject: {injection: 'true', more: {a: yes, b: 1.5, c: [~]}}\n", 1),
    ("values", APPLICATION + "      values: |\n        injection: 'true'\n", 1),
    ("parameters", APPLICATION + "      parameters: [{name: injection, value: 'off'}]\n", 1),
    ("files beside the chart", APPLICATION + "      valueFiles: [../../bad.yaml]\n", 1),
    ("files of the repository", APPLICATION + "      valueFiles: [/bad.yaml]\n", 1),
    ("parameters win", APPLICATION + "      valueFiles: [/bad.yaml]\n      parameters: [{name: injection, value: enabled}]\n", 0),
    ("values from elsewhere", APPLICATION + "      valueFiles: [$other/bad.yaml]\n", 0),
    ("a HelmRelease", HELM_RELEASE % "" + "  values: {injection: 'true'}\n", 1),
    ("its files", HELM_RELEASE % ", valuesFiles: [bad.yaml]", 1),
    ("its other sources", HELM_RELEASE % ", valuesFiles: [bad.yaml]" + "  valuesFrom: [{kind: ConfigMap, name: x}]\n", 0),
    ("a chart from a registry", HELM_RELEASE.replace("GitRepository", "HelmRepository") % "" + "  values: {injection: 'true'}\n", 0),
]  # fmt: skip


@real
@pytest.mark.parametrize(
    ("text", "number"), [c[1:] for c in CARRIERS], ids=[c[0] for c in CARRIERS]
)
def test_values_of_those_who_install(text: str, number: int, tree: Path, run: Run) -> None:
    """What an Application or a HelmRelease gives is what is rendered."""
    write(tree, chart("charts/ns", "ns", "name: shop\ninjection: enabled\n", ns=NAMESPACE))
    write(tree, {"app.yaml": text, "bad.yaml": "injection: 'yes'\n"})
    _, report, words = run("--helm", ".")
    assert "could not be rendered" not in words
    assert [code for code, *_ in found(report)].count("MESH101") == number


@real
def test_helpers_bring_keys(tree: Path, run: Run) -> None:
    """What a helper renders is in no line of the template: the place is that around it."""
    files = chart("cart", "cart", "rev: Nope.\n", a=DEPLOYMENT)
    write(tree, {**files, "cart/templates/_helpers.tpl": HELPERS})
    _, report, _ = run("--helm", ".")
    places = [(path, line, level) for _, path, line, level in found(report)]
    assert set(places) <= {("cart/templates/a.yaml", 10, "template")}


@real
def test_charts_beside_and_below(tree: Path, run: Run) -> None:
    """A library makes nothing; what is below `charts` is a part; `file://` needs no network."""
    write(tree, chart("lib", "lib"))
    (tree / "lib/Chart.yaml").write_text(CHART.format("lib") + "type: library\n")
    write(tree, chart("app/charts/part", "part", "name: p\ninjection: 'no'\n", ns=NAMESPACE))
    write(tree, chart("app", "app", "", ns="# nothing\n"))
    write(tree, chart("beside", "beside", "name: b\ninjection: 'on'\n", ns=NAMESPACE))
    needs = "dependencies: [{name: beside, version: 1.0.0, repository: 'file://../beside'}]\n"
    (tree / "app/Chart.yaml").write_text(CHART.format("app") + needs)
    assert charts(str(p.relative_to(tree)) for p in tree.rglob("*.yaml")) == [
        "app",
        "beside",
        "lib",
    ]
    assert plain(Files(tree), "lib") is None
    _, report, words = run("--helm")
    assert "could not be rendered" not in words
    places = [(path, level) for _, path, _, level in found(report)]
    assert places == [
        ("app/charts/part/templates/ns.yaml", "exact"),
        ("beside/templates/ns.yaml", "exact"),
    ]


@real
def test_the_network_is_not_asked(tree: Path, run: Run) -> None:
    needs = "dependencies: [{name: far, version: 1.0.0, repository: 'https://example.com'}]\n"
    write(tree, {**chart("app", "app"), "app/Chart.yaml": CHART.format("app") + needs})
    write(tree, {"ns.yaml": namespace("shop")})
    code, _, words = run("--helm")
    assert code == 4
    assert "app: charts and kustomizations that could not be rendered" in words
    assert "missing in charts/ directory: far" in words


@real
def test_failures_name_the_chart_and_go_on(tree: Path, run: Run) -> None:
    write(tree, chart("bad", "bad", a="{{ .Values.a.b.c }}\n"))
    write(tree, chart("worse", "worse", a="{{ if }}\n"))
    write(tree, chart("good", "good", "name: shop\ninjection: 'true'\n", ns=NAMESPACE))
    code, report, words = run("--helm")
    assert code == 4
    assert [path for _, path, _, _ in found(report)] == ["good/templates/ns.yaml"]
    skipped = [skip["path"] for skip in report["skips"] if skip["reason"] == "unrendered"]
    assert skipped == ["bad", "worse"]
    assert str(tree.parent) not in words


@real
def test_a_commit_is_rendered_too(tree: Path, run: Run) -> None:
    from tests.test_git import Repository

    write(tree, chart("ns", "ns", "name: shop\ninjection: 'true'\n", ns=NAMESPACE))
    repository = Repository(tree)
    repository.commit()
    shutil.rmtree(tree / "ns")
    code, report, _ = run("--helm", "--rev", "HEAD")
    assert (code, found(report)) == (1, [("MESH101", "ns/templates/ns.yaml", 6, "exact")])


@real
def test_what_was_rendered_is_kept(tree: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tree, chart("ns", "ns", "name: shop\ninjection: 'true'\n", ns=NAMESPACE))
    first = run("--helm")
    kept = list((tree.parent / "cache/meshlint/renders").iterdir())
    assert len(kept) == 1
    kept[0].write_text(kept[0].read_text().replace('"true"', '"enabled"'))
    assert found(run("--helm")[1]) == []
    assert run("--helm", "--no-cache") == first
    write(tree, {"ns/values.yaml": "name: other\ninjection: 'true'\n"})
    assert len(found(run("--helm")[1])) == 1
    assert len(list((tree.parent / "cache/meshlint/renders").iterdir())) == 2


HOSTILE = [
    ("it never ends", '{{- define "x" }}{{ include "x" . }}{{ end }}{{ include "x" . }}'),
    ("it reads the machine", '{{ .Files.Get "../../../../etc/hostname" }}{{ fail "x" }}'),
    (
        "it is endless",
        "{{ range $i := until 100000 }}{{ range $j := until 100000 }}x{{ end }}{{ end }}",
    ),
]


@real
@pytest.mark.parametrize("text", [text for _, text in HOSTILE], ids=[name for name, _ in HOSTILE])
def test_hostile_charts_are_bounded(
    text: str, tree: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meshlint.render.helm.SECONDS", 5)
    monkeypatch.setattr("meshlint.render.helm.LIMIT", 1_000_000)
    write(tree, {**chart("bad", "bad", a=text), "ns.yaml": namespace("shop")})
    code, _, words = run("--helm")
    assert code == 4
    assert "bad: charts and kustomizations that could not be rendered" in words


@real
def test_links_out_of_the_tree_are_not_followed(tree: Path) -> None:
    secret = tree.parent / "secret"
    secret.write_text("kind: Secret\n")
    write(tree, chart("bad", "bad", a="a: b\n"))
    (tree / "bad/templates/b.yaml").symlink_to(secret)
    (tree / "bad/files").symlink_to(tree.parent)
    assert sorted(gather(Files(tree), "bad")) == ["Chart.yaml", "templates/a.yaml", "values.yaml"]


def test_folders_that_are_too_large(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tree, chart("big", "big", a="x" * 2000))
    monkeypatch.setattr("meshlint.render.tree.MAX_BYTES", 1000)
    with pytest.raises(TooLarge):
        contents(Files(tree), "big")


def test_without_helm(tree: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tree))
    write(tree, {**chart("a", "a"), **chart("b", "b"), "ns.yaml": namespace("shop", rev="x")})
    code, report, words = run("--helm", "-n", "shop")
    assert code == 4
    assert (
        "a, b: charts and kustomizations that could not be rendered (helm is not installed" in words
    )
    assert report["complete"] is False


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
    monkeypatch.setattr("meshlint.render.helm.SECONDS", 0.5)
    monkeypatch.setattr("meshlint.render.helm.LIMIT", 1_000_000)
    with pytest.raises(Failed, match=why):
        template(helm(), Release("a", "a"), {"Chart.yaml": b""})


def test_what_helm_is_told(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the environment it gets the PATH, and a home, plugins and a proxy that lead nowhere."""
    fake(tree, monkeypatch, 'env; echo "$@"; cat "$9"')
    monkeypatch.setenv("HELM_PLUGINS", "/evil")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    release = Release("a", "web", "shop", (b"one: 1\n",), (("a.b", "c"),))
    out = template(helm(), release, {"Chart.yaml": b""}).decode()
    assert "evil" not in out
    assert "hidden" not in out
    assert "HTTPS_PROXY=http://127.0.0.1:9" in out
    command = next(line for line in out.splitlines() if line.startswith("template "))
    assert " --namespace shop --set a.b=c --values " in command
    assert command.split()[-2] == "web"


def test_an_interrupt_ends_the_children(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C reaches the main thread alone: the programs of the others are stopped by it."""
    import threading
    import time
    from signal import SIGINT

    from meshlint.render.rendered import render
    from meshlint.source.program import RUNNING

    fake(tree, monkeypatch, "sleep 60")
    write(tree, {**chart("a", "a"), **chart("b", "b")})
    threading.Timer(0.7, os.kill, [os.getpid(), SIGINT]).start()
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        render([Release("a", "a"), Release("b", "b")], Files(tree), cached=False)
    assert time.monotonic() - begin < 30
    assert not RUNNING


CONFIGURED = [
    ("{path: gone}", "'gone' is no chart that makes objects"),
    ("{path: a, values: [gone.yaml]}", "'gone.yaml' is no such file in the tree"),
]


@pytest.mark.parametrize(("entry", "said"), CONFIGURED)
def test_faults_of_the_configuration(entry: str, said: str, tree: Path, run: Run) -> None:
    write(tree, {**chart("a", "a"), ".meshlint.yaml": f"charts: [{entry}]\n"})
    code, _, words = run(".")
    assert code == 2
    assert said in words


def test_charts_out_of_sight_are_left_alone(tree: Path, run: Run) -> None:
    """Only what is under the paths is rendered."""
    write(tree, {**chart("a", "a"), "ns.yaml": namespace("shop")})
    write(tree, {".meshlint.yaml": "charts: [{path: a}]\n"})
    assert run("ns.yaml")[0] == 0


def test_no_such_version(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tree / "bin"
    folder.mkdir()
    (folder / "helm").write_text("#!/bin/sh\nexit 1\n")
    (folder / "helm").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(Failed, match="does not run"):
        helm()
    assert Helm("x", "y").version == "y"


def test_values_that_are_too_many(tree: Path) -> None:
    """Anchors make a million values of a few lines: such a release is left out."""
    levels = ["      valuesObject:", "        a: &a {x: y}"]
    for last, name in zip("abcdef", "bcdefg", strict=True):
        many = ", ".join(f"k{number}: *{last}" for number in range(10))
        levels.append(f"        {name}: &{name} {{{many}}}")
    write(tree, chart("charts/ns", "ns"))
    source = Source("app.yaml", (APPLICATION + "\n".join(levels) + "\n").encode())
    plain_source = Source("app.yaml", (APPLICATION + "\n".join(levels[:3]) + "\n").encode())
    root = Root(Files(tree), ".")
    assert list(carried(root, [source])) == []
    assert len(list(carried(root, [plain_source]))) == 1
