"""`meshlint init`: what it proposes is seen in the tree, sound, and changes nothing by itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from meshlint import cli
from meshlint.config.find import find, load
from meshlint.config.read import read
from tests.conftest import ROOT
from tests.lint import golden, lint_paths
from tests.manifests import injector, istiod, namespace, workload

CHART = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"
KEY = re.compile(r"^#(?=\S)", re.MULTILINE)


def grow(root: Path, files: dict[str, str]) -> Path:
    """A tree of files, at the top of a work tree."""
    (root / ".git").mkdir(parents=True)
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


PLATFORM = {
    "platform/istiod.yaml": istiod("1-29"),
    "platform/webhooks.yaml": injector("1-29") + "---\n" + injector("1-29", tag="prod"),
    "apps/ns.yaml": namespace("shop", rev="prod") + "---\n" + namespace("old", rev="1-27"),
    "apps/cart.yaml": workload(),
    "apps/pay.yaml": workload(ns="pay"),
    "apps/jobs/nameless.yaml": workload(ns=""),
    "vendor/x/a.yaml": workload(ns="pay"),
    "vendor/x/broken.yaml": "apiVersion: v1\nkind: Pod\n\tx: 1\n",
    "charts/shop/Chart.yaml": CHART,
    "charts/shop/templates/a.yaml": "kind: {{ .Values.kind }}\n",
}
APPS = {
    "clusters/prod/ns.yaml": namespace("shop", rev="asm-managed"),
    "clusters/dev/ns.yaml": namespace("shop", rev="asm-managed"),
    "clusters/dev/web.yaml": namespace("web", injection="enabled"),
}
ODD = {
    "a b/*star*/x.yaml": workload(ns=""),
    "quo'\"te/x.yaml": workload(ns=""),
    "new\nline/x.yaml": workload(ns="${NS}"),
    "new\nline/ns.yaml": namespace("nl", rev="canary"),
    "[x]/x.yaml": workload(ns=""),
    "ünï/x.yaml": workload(ns=""),
    "top.yaml": workload(ns=""),
    "yes/x.yaml": workload(ns="no", rev="true"),
    "ns.yaml": namespace("shop", rev="${REVISION}") + "---\n" + namespace("x", rev="Not A Name"),
    "tags.yaml": injector("${REVISION}", tag="t") + "---\n" + injector("1", tag="default"),
    "one.yaml": injector("1", tag="both") + "---\n" + injector("both"),
    "chain.yaml": injector("x1", tag="t2") + "---\n" + injector("t2", tag="t3"),
    "illegal.yaml": istiod("Not.Legal"),
}
TREES = {"platform": PLATFORM, "apps": APPS, "odd": ODD, "nothing": {}}


@pytest.fixture(params=sorted(TREES))
def tree(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = grow(tmp_path / "tree", TREES[request.param])
    monkeypatch.chdir(root)
    return root


def proposed(capfd: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.run(["init", "--stdout", *words]) in (0, 3)
    return capfd.readouterr().out


def keys(text: str) -> set[str]:
    """The keys that are proposed."""
    return set(re.findall(r"^#([a-zA-Z]+):", text, re.MULTILINE))


def test_platform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(grow(tmp_path / "tree", PLATFORM))
    text = proposed(capfd)
    lines = text.splitlines()
    assert lines[0].startswith("# yaml-language-server: $schema=https://meshlint.dev/")
    assert "#   1-29: istiod Deployment, platform/istiod.yaml:11 and 1 more" in lines
    assert "#   tag prod of 1-29: webhook configuration, platform/webhooks.yaml:55" in lines
    asked = "#   1-27: labels ask for it, and nothing here installs it: apps/ns.yaml:15"
    assert asked in lines
    assert '#revisions: ["1-29"]' in lines
    assert '#tags: {prod: "1-29"}' in lines
    assert "#  pay: {labels: {}}  # 2 workloads" in lines
    assert not [line for line in lines if line.startswith(("#  shop:", "#  istio-system:"))]
    assert '#  - {paths: ["apps/jobs/**"], namespace: fill-me-in}  # 1 workload' in lines
    assert '#  - "vendor/**"  # 2 files' in lines
    assert "#  - {path: charts/shop, namespace: fill-me-in}" in lines
    assert lines[-1] == "failOn: warning"
    assert keys(text) == {"exclude", "revisions", "tags", "namespaces", "paths", "charts"}


def test_applications(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(grow(tmp_path / "tree", APPS))
    text = proposed(capfd)
    lines = text.splitlines()
    assert "#flavour: csm-managed" in lines
    assert "# Whose mesh it is. Evidence: 'asm-managed', clusters/dev/ns.yaml:7." in lines
    assert '#  dev: {paths: ["clusters/dev/**"]}    # 2 objects' in lines
    assert '#  prod: {paths: ["clusters/prod/**"]}  # 1 object' in lines
    assert "#context: mesh.json" in lines
    assert keys(text) == {"revisions", "flavour", "clusters", "context"}


OSSM2 = """\
apiVersion: maistra.io/v1
kind: ServiceMeshMemberRoll
metadata: {name: default, namespace: istio-system}
spec: {members: [shop]}
"""
SAIL = """\
apiVersion: sailoperator.io/v1
kind: Istio
metadata: {name: default}
spec: {version: v1.26.0, namespace: istio-system}
"""
FLAVOURS = [
    (OSSM2, "ossm2", "a.yaml:3"),
    (SAIL, "sail", "Istio, a.yaml:3"),
    (namespace("a", rev="asm-managed-rapid"), "csm-managed", "'asm-managed-rapid', a.yaml:7"),
    (OSSM2 + "---\n" + SAIL, None, ""),
    (istiod("1-29"), None, ""),
]


@pytest.mark.parametrize(("text", "flavour", "evidence"), FLAVOURS)
def test_whose_mesh_it_is(
    text: str,
    flavour: str | None,
    evidence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Told with its evidence; where two are seen, none."""
    monkeypatch.chdir(grow(tmp_path / "tree", {"a.yaml": text}))
    shown = proposed(capfd)
    assert re.findall(r"^#flavour: (.*)$", shown, re.MULTILINE) == ([flavour] if flavour else [])
    if flavour:
        assert f"# Whose mesh it is. Evidence: {evidence}.\n" in shown


DEFAULTS = [
    ("nobody shown", {"a.yaml": istiod("1-29")}, "none"),
    ("a tag", {"a.yaml": injector("1-29", tag="default")}, '"1-29"'),
    ("an installation without a name", {"a.yaml": istiod("default")}, "default"),
    ("a managed mesh has one", {"a.yaml": namespace("b", rev="asm-managed")}, None),
]


@pytest.mark.parametrize(
    ("files", "default"), [c[1:] for c in DEFAULTS], ids=[c[0] for c in DEFAULTS]
)
def test_who_takes_the_older_label(
    files: dict[str, str],
    default: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    asking = {"web.yaml": namespace("web", injection="enabled")}
    monkeypatch.chdir(grow(tmp_path / "tree", {**files, **asking}))
    text = proposed(capfd)
    found = re.findall(r"^#defaultRevision: (.*)$", text, re.MULTILINE)
    assert found == ([default] if default else [])
    assert ("1 namespace, web.yaml:7" in text) is bool(default)


def test_what_is_written_is_sound_and_changes_nothing(
    tree: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = golden(lint_paths(["."]).findings)
    assert cli.run(["init"]) in (0, 3)
    text = (tree / ".meshlint.yaml").read_text()
    config = read(".meshlint.yaml", text.encode())
    assert config.fail_on == "warning"
    assert config.everywhere.revisions is None
    assert not config.clusters
    capfd.readouterr()
    cli.run(["--format", "concise", "-q"])
    shown = capfd.readouterr().out
    heads = [line for line in before.splitlines() if not line.startswith("  see ")]
    assert len(shown.splitlines()) == len(heads)


def test_without_their_marks_all_keys_are_sound_together(
    tree: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    read(".meshlint.yaml", KEY.sub("", proposed(capfd)).encode())


def test_without_its_mark_each_key_is_sound(tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A tag may need the revisions that stand above it, and nothing else any other key."""
    text = proposed(capfd)
    for key in keys(text) - {"tags"}:
        block = re.compile(rf"^#{key}:.*\n(?:#  .*\n)*", re.MULTILINE)
        read("x", block.sub(lambda match: KEY.sub("", match[0]), text).encode())


def test_odd_names_are_not_proposed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """What is a revision is no tag; a tag leads to no tag; and a star is no name."""
    monkeypatch.chdir(grow(tmp_path / "tree", ODD))
    lines = proposed(capfd).splitlines()
    assert "#revisions: [both, x1]" in lines
    assert "#tags: {t2: x1}" in lines
    assert not [line for line in lines if "star" in line or "Legal" in line or "[x]" in line]
    assert not [line for line in lines if "${" in line]


def test_it_is_the_same_wherever_one_stands(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    text = proposed(capfd)
    (tree / "inside").mkdir()
    monkeypatch.chdir(tree / "inside")
    assert proposed(capfd) == text
    monkeypatch.chdir("/")
    assert proposed(capfd, str(tree)) == text


def test_a_configuration_is_kept(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    root = grow(tmp_path / "tree", APPS)
    own = root / ".meshlint.yml"
    own.write_text("failOn: error\n")
    assert cli.run(["init", str(root)]) == 2
    assert "is there already: see --stdout and --force" in capfd.readouterr().err
    assert own.read_text() == "failOn: error\n"
    text = proposed(capfd, str(root))
    assert "has read 3\n# files with 3 objects" in text, "its own file is not counted"
    assert own.read_text() == "failOn: error\n"
    assert cli.run(["init", "--force", str(root)]) == 0
    assert own.read_text() == text
    assert not (root / ".meshlint.yaml").exists(), "two of them are a fault"
    assert [path.name for path in root.iterdir() if path.name.endswith(".tmp")] == []


def test_it_stands_where_it_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    root = grow(tmp_path / "tree", APPS)
    monkeypatch.chdir(root / "clusters/dev")
    assert cli.run(["init"]) == 0
    err = capfd.readouterr().err
    assert "meshlint: written: ../../.meshlint.yaml" in err
    assert "meshlint why --all ." in err
    place = find(["."])
    assert Path(place.file).resolve() == root / ".meshlint.yaml"
    assert read(place.file, load(place)).fail_on == "warning"


@pytest.mark.parametrize("path", ["no/such", "file.yaml"])
def test_what_is_no_folder_is_wrong_usage(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.yaml").write_text("")
    assert cli.run(["init", path]) == 2
    assert f"{path} is no folder" in capfd.readouterr().err


SHOWN = re.compile(r"(?<=```yaml\n).*?(?=```\n)", re.DOTALL)


def test_the_document_shows_a_real_one(
    update: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(grow(tmp_path / "tree", APPS))
    text = proposed(capfd)
    document = ROOT / "docs/commands.md"
    if update:
        document.write_text(SHOWN.sub(lambda _: text, document.read_text(), count=1))
    match = SHOWN.search(document.read_text())
    assert match
    assert match[0] == text


CORPUS = ("kubeflow+manifests", "xunholy+k8s-gitops", "stefanprodan+gitops-istio")


@pytest.mark.parametrize("name", CORPUS)
def test_of_real_repositories(name: str, shared: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Sound as it is and without its marks, and all that is named is there."""
    root = shared.parent / "corpus" / name
    if not root.is_dir():
        pytest.skip("the corpus is not here")
    text = proposed(capfd, str(root))
    read("x", text.encode())
    config = read("x", KEY.sub("", text).encode())
    for glob in config.globs:
        assert (root / glob.text.removesuffix("/**")).exists()
    for path, line in re.findall(r"(\S+\.ya?ml):(\d+)", text):
        assert len((root / path).read_text().splitlines()) >= int(line)
