"""What is known beside the files, through the command line: each key of `.meshlint.yaml` at work."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from pathlib import Path

import pytest

from meshlint import cli
from meshlint.config.apply import Ground
from meshlint.config.read import read
from meshlint.engine import Knowledge, survey
from meshlint.finding import Location, Subject, Value
from meshlint.mesh.model import BARE
from meshlint.resources.document import Meta
from meshlint.resources.namespace import Namespace
from meshlint.resources.reader import Resource
from meshlint.resources.service import Service
from meshlint.resources.site import Site
from meshlint.source.files import STDIN, Collection, Source
from tests.manifests import injector, namespace, workload

R = "asm-1233-2"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty work tree in which the command stands."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Exit code, standard output and standard error of a command line."""

    def command(*words: str) -> tuple[int, str, str]:
        code = cli.run(words)
        out, err = capfd.readouterr()
        return code, out, err

    return command


def write(tree: Path, **files: str) -> None:
    """Files by name, `__` for a slash; all end in `.yaml`."""
    for name, text in files.items():
        path = tree / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def declare(tree: Path, text: str) -> None:
    (tree / ".meshlint.yaml").write_text(text)


def verdict(run: Run, *words: str) -> str:
    """The first line of an answer, and the namespace and verdict in it."""
    code, out, err = run("why", *words)
    assert code == 0, err
    return out.splitlines()[0].removeprefix("deployment/cart").strip(" :")


def findings(run: Run, *words: str) -> list[tuple[str, str, str]]:
    """Code, severity and path of each finding."""
    _, out, _ = run(*words, "--format", "json")
    found = json.loads(out)["findings"]
    return [(f["code"], f["severity"], f["location"]["path"]) for f in found]


# revisions, tags, defaultRevision


def test_a_declared_set_is_closed(tree: Path, run: Run) -> None:
    """The same label: nothing is known, one name is known, all names are."""
    write(tree, shop=namespace("shop", rev="asm-1226-1"))
    assert findings(run, ".") == []
    declare(tree, f"tags: {{prod: {R}}}\n")
    assert findings(run, ".") == [("MESH201", "note", "shop.yaml")]
    declare(tree, f"revisions: [{R}]\n")
    assert findings(run, ".") == [("MESH201", "error", "shop.yaml")]
    declare(tree, f"revisions: [{R}, asm-1226-1]\n")
    assert findings(run, ".") == []


def test_a_declared_tag_is_a_name(tree: Path, run: Run) -> None:
    write(tree, shop=namespace("shop", rev="prod") + "---\n" + workload())
    declare(tree, f"revisions: [{R}]\n")
    assert findings(run, ".") == [("MESH201", "error", "shop.yaml")]
    declare(tree, f"revisions: [{R}]\ntags: {{prod: {R}}}\n")
    assert findings(run, ".") == []
    _, out, _ = run("why", "cart")
    assert "  tag            prod\n" in out
    assert f"  revision       {R}\n" in out


DEFAULTS = [
    ("nobody takes it", "defaultRevision: none\n", ["MESH203"], "not injected"),
    ("a revision does", f"defaultRevision: {R}\n", [], "injected"),
    ("a tag does", f"tags: {{prod: {R}}}\ndefaultRevision: prod\n", [], "injected"),
    ("nothing is said", "", [], "unknown"),
]


@pytest.mark.parametrize(("text", "codes", "answer"), [d[1:] for d in DEFAULTS], ids=[d[0] for d in DEFAULTS])  # fmt: skip
def test_who_takes_istio_injection(
    tree: Path, run: Run, text: str, codes: list[str], answer: str
) -> None:
    write(tree, shop=namespace("shop", injection="enabled") + "---\n" + workload())
    declare(tree, f"revisions: [{R}]\n{text}")
    assert [code for code, _, _ in findings(run, ".")] == codes
    assert verdict(run, "cart") == f"-n shop: {answer}"


# namespaces


def test_a_declared_namespace(tree: Path, run: Run) -> None:
    write(tree, cart=workload())
    declare(tree, f"revisions: [{R}]\n")
    assert verdict(run, "cart") == "-n shop: unknown"
    declare(tree, f"revisions: [{R}]\nnamespaces:\n  shop: {{labels: {{istio.io/rev: {R}}}}}\n")
    assert verdict(run, "cart") == "-n shop: injected"
    assert f"namespace shop has istio.io/rev={R} (.meshlint.yaml:3)" in run("why", "cart")[1]
    declare(tree, f"revisions: [{R}]\ndefaultRevision: none\nnamespaces: {{shop: }}\n")
    assert verdict(run, "cart") == "-n shop: not injected"


def test_what_is_wrong_in_the_declaration_is_shown_there(tree: Path, run: Run) -> None:
    """Also where the configuration is no file of the scan."""
    write(tree, cart=workload())
    (tree.parent / "mesh.yaml").write_text(f"revisions: [{R}]\nnamespaces:\n  shop: {{labels: {{istio.io/rev: old}}}}\n")  # fmt: skip
    code, out, _ = run("--config", "../mesh.yaml")
    assert code == 1
    assert out.startswith("../mesh.yaml:3:33: error MESH201 Namespace shop asks for")
    assert "  3 |   shop: {labels: {istio.io/rev: old}}\n" in out
    assert run("--config", "../mesh.yaml", "--format", "sarif")[0] == 1


def test_the_summary_counts_what_stands_in_files(tree: Path, run: Run) -> None:
    write(tree, cart=workload())
    declare(tree, "namespaces: {shop: , till: }\n")
    assert "looked at 1 file with 1 object: 0 namespaces, 1 workload" in run(".")[2]


# clusters

TWO = f"""\
clusters:
  prod: {{paths: ["live/**"], revisions: [{R}], namespaces: {{shop: {{labels: {{istio.io/rev: {R}}}}}}}}}
  dev: {{paths: ["lab"], revisions: [asm-1240-0], namespaces: {{shop: {{labels: {{istio.io/rev: asm-1240-0}}}}}}}}
"""


def test_clusters_are_kept_apart(tree: Path, run: Run) -> None:
    """A revision of one is unknown in the other; a file of neither knows nothing."""
    write(
        tree,
        live__ns=namespace("a", rev="asm-1240-0"),
        lab__ns=namespace("b", rev=R),
        other__ns=namespace("c", rev="asm-1111-1"),
        live__cart=workload(),
        lab__cart=workload(),
    )
    declare(tree, TWO)
    errors = [f for f in findings(run, ".") if f[1] == "error"]
    assert errors == [("MESH201", "error", "lab/ns.yaml"), ("MESH201", "error", "live/ns.yaml")]
    _, out, _ = run("why", "cart", "live")
    assert out.startswith("deployment/cart -n shop: injected\n")
    assert f"  revision       {R}\n" in out
    assert "  unit           cluster prod\n" in out
    assert "  revision       asm-1240-0\n" in run("why", "cart", "lab")[1]


def test_a_file_that_two_clusters_claim(tree: Path, run: Run) -> None:
    write(tree, live__lab__a=workload())
    declare(tree, 'clusters:\n  prod: {paths: [live]}\n  dev: {paths: ["*/lab"]}\n')
    code, out, err = run(".")
    assert (code, out) == (2, "")
    assert ".meshlint.yaml:3:3: clusters 'prod' (line 2) and 'dev' both have the file 'live/lab/a.yaml'" in err  # fmt: skip


def meta(path: str, site: Site | None = None, ns: Value | None = None) -> Meta:
    where = Location(path, 1, 1, 1, 2)
    return Meta(Subject("v1", "Service", "", "a"), None, ns, {}, {}, where, site=site)


PLACES = [
    ("its own file", "prod/a.yaml", None, "prod"),
    ("nobody's", "x/a.yaml", None, ""),
    ("what is known of a cluster and stands in no file", "prod/a.yaml", Site("", cluster="dev"), "dev"),
    ("what is known of all clusters", "prod/a.yaml", Site(""), ""),
    ("the unit before the file", "prod/a.yaml", Site("dev/kustomization.yaml"), "dev"),
    ("the file, where the unit tells nothing", "prod/a.yaml", Site("x/kustomization.yaml"), "prod"),
    ("the unit before the destination", "x/a.yaml", Site("dev/k.yaml", "prod/app.yaml", "qa"), "dev"),
    ("the destination before who applies it", "x/a.yaml", Site("x/k.yaml", "prod/app.yaml", "qa"), "qa"),
    ("who applies it before the file", "dev/a.yaml", Site("x/k.yaml", "prod/app.yaml"), "prod"),
]  # fmt: skip
CLUSTERS = read("c", b"clusters: {prod: {paths: [prod]}, dev: {paths: [dev]}}")


@pytest.mark.parametrize(("path", "site", "cluster"), [p[1:] for p in PLACES], ids=[p[0] for p in PLACES])  # fmt: skip
def test_whose_an_object_is(path: str, site: Site | None, cluster: str) -> None:
    (item,) = Ground(CLUSTERS, Path.cwd()).adjust([Service(meta(path, site), None)])
    assert isinstance(item, Service)
    assert item.meta.at.cluster == cluster
    assert replace(item.meta.at, cluster="") == replace(site or Site(path), cluster="")


@pytest.mark.parametrize("kind", BARE, ids=lambda kind: kind.__name__)
def test_everything_that_the_mesh_keeps_can_be_moved(kind: type) -> None:
    """What is no object has its site in a field of this name."""
    assert {field.name for field in fields(kind)} & {"meta", "site"}


def test_a_whole_mesh_moves(tree: Path) -> None:
    """Objects, revisions, tags, and what is installed from elsewhere."""
    seen: list[str] = []

    def adjust(resources: Iterable[Resource]) -> Iterable[Resource]:
        items = list(Ground(read("c", b"clusters: {all: {paths: ['**']}}"), tree).adjust(resources))
        sites = [(type(i).__name__, getattr(getattr(i, "meta", i), "at", None)) for i in items]
        seen.extend(name for name, at in sites if isinstance(at, Site) and at.cluster == "all")
        return items

    operator = "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: {name: a}\nspec: {revision: b, values: {revisionTags: [c]}}\n"
    elsewhere = "apiVersion: sailoperator.io/v1\nkind: Istio\nmetadata: {name: a}\nspec: {version: latest, updateStrategy: {type: RevisionBased}}\n"
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: istiod}\n"
    parts = [injector(R), namespace("shop"), workload(), operator, elsewhere, service]
    text = "\n---\n".join(parts).encode()
    survey(Collection([Source(STDIN, text)]), Knowledge(adjust=adjust))
    assert set(seen) >= {"Configuration", "Namespace", "Workload", "Revision", "Tag", "Elsewhere", "Service"}  # fmt: skip


# paths, --namespace


def test_the_namespace_by_path(tree: Path, run: Run) -> None:
    """Of several entries the last; the object's own always."""
    write(tree, apps__cart=workload(ns=""), apps__till__cart=workload(ns=""), own__cart=workload(ns="own"))  # fmt: skip
    declare(
        tree,
        "namespaces: {shop: {labels: {istio-injection: disabled}}}\npaths:\n"
        '- {paths: ["**"], namespace: shop}\n- {paths: [apps/till], namespace: till}\n',
    )
    _, out, _ = run("why", "--all")
    rows = [line.split("  ")[0] for line in out.splitlines()[1:4]]
    assert sorted(rows) == ["deployment/cart -n own", "deployment/cart -n shop", "deployment/cart -n till"]  # fmt: skip
    assert verdict(run, "cart", "-n", "shop") == "-n shop: not injected"


def test_the_namespace_from_the_command_line(tree: Path, run: Run) -> None:
    """For what has none: after the configuration, and never before a file."""
    write(tree, cart=workload(ns=""))
    declare(tree, "namespaces: {shop: {labels: {istio-injection: disabled}}}\n")
    assert verdict(run, "cart") == ": unknown".strip(" :")
    assert verdict(run, "deploy/cart", "-n", "shop") == "-n shop: not injected"
    assert ":0" not in run("why", "deploy/cart", "-n", "kube-system")[1]
    declare(tree, "paths: [{paths: [cart.yaml], namespace: till}]\n")
    code, _, err = run("why", "cart", "-n", "shop")
    assert code == 2
    assert "near it are deployment/cart -n till" in err
    write(tree, other=workload(ns="shop"))
    declare(tree, "")
    assert verdict(run, "cart", "-n", "shop") == "-n shop: unknown"


def test_lint_takes_a_namespace_too(tree: Path, run: Run) -> None:
    write(tree, cart=workload(ns="", inject='"true"'))
    declare(tree, "namespaces: {shop: {labels: {istio-injection: disabled}}}\n")
    assert findings(run, ".") == []
    assert findings(run, ".", "--namespace", "shop") == [("MESH111", "warning", "cart.yaml")]
    code, _, err = run("--namespace", "Shop", ".")
    assert code == 2
    assert "--namespace 'Shop' cannot be a namespace" in err


def test_namespaces_have_no_namespace() -> None:
    ground = Ground(read("c", b""), Path.cwd(), Value("shop", Location("", 0, 0, 0, 0)))
    own = meta("a.yaml")
    space = Namespace(replace(own, subject=replace(own.subject, kind="Namespace")), None)
    service = Service(own, None)
    kept, put = ground.adjust([space, service])
    assert kept is space
    assert isinstance(put, Service)
    assert (put.meta.subject.namespace, put.meta.namespace and put.meta.namespace.text) == ("shop", "shop")  # fmt: skip


# exclude, failOn

BROKEN = namespace("shop", injection="true")


def test_excluded_files_are_counted(tree: Path, run: Run) -> None:
    write(tree, a=namespace("a"), vendor__b=BROKEN)
    assert run(".")[0] == 1
    declare(tree, "exclude: [vendor]\n")
    code, out, err = run("-v", ".")
    assert code == 0
    assert "MESH101" not in out
    assert "not checked: files that the configuration excludes (1)" in err
    assert "vendor/b.yaml: files that the configuration excludes" in err
    assert run("vendor")[0] == 3
    assert run("vendor/b.yaml")[0] == 1
    write(tree, cart=workload())
    assert run("why", "--all")[0] == 0


def test_the_threshold(tree: Path, run: Run) -> None:
    write(tree, a=namespace("a", injection="enabled", rev="x"))
    codes = []
    for text in ("", "failOn: error\n", "failOn: warning\n"):
        declare(tree, text)
        codes.append(run(".")[0])
    assert codes == [1, 0, 1]
    declare(tree, "failOn: error\n")
    assert run(".", "--fail-on", "warning")[0] == 1


# The file


def test_one_file_for_the_whole_work_tree(tree: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """Its paths begin at the top, wherever the command stands and however paths are written."""
    write(tree, apps__shop__cart=workload(ns=""))
    declare(tree, 'paths: [{paths: ["apps/shop/**"], namespace: shop}]\n')
    assert verdict(run, "cart", "apps/shop/cart.yaml") == "-n shop: unknown"
    assert verdict(run, "cart", str(tree / "apps")) == "-n shop: unknown"
    monkeypatch.chdir(tree / "apps")
    assert verdict(run, "cart") == "-n shop: unknown"
    assert run("-v", ".")[2].startswith("meshlint: configuration: ../.meshlint.yaml\n")
    monkeypatch.chdir(tree.parent)
    assert verdict(run, "cart", tree.name) == "-n shop: unknown"
    assert run("-v", tree.name)[2].startswith(f"meshlint: configuration: {tree.name}/.meshlint.yaml\n")  # fmt: skip


def test_outside_of_git(tree: Path, run: Run) -> None:
    """The folder that is scanned, then the current one."""
    (tree / ".git").rmdir()
    write(tree, apps__cart=workload(ns=""))
    declare(tree, "paths: [{paths: [apps], namespace: here}]\n")
    assert verdict(run, "cart", "apps") == "-n here: unknown"
    (tree / "apps/.meshlint.yml").write_text("paths: [{paths: [cart.yaml], namespace: there}]\n")
    assert verdict(run, "cart", "apps/cart.yaml") == "-n there: unknown"


def test_another_file_or_none(tree: Path, run: Run) -> None:
    write(tree, apps__cart=workload(ns=""))
    declare(tree, "paths: [{paths: [apps], namespace: a}]\n")
    (tree / "ci").mkdir()
    (tree / "ci/mesh.yaml").write_text("paths: [{paths: [apps], namespace: b}]\n")
    assert verdict(run, "cart") == "-n a: unknown"
    assert verdict(run, "cart", "--config", "ci/mesh.yaml") == "-n b: unknown"
    assert verdict(run, "cart", "--no-config") == "unknown"
    assert run("-v", "--no-config", ".")[2].startswith("meshlint: configuration: none\n")


def test_the_configuration_is_no_manifest(tree: Path, run: Run) -> None:
    write(tree, a=namespace("a"))
    declare(tree, "failOn: note\n")
    assert "looked at 1 file with 1 object" in run(".")[2]


def test_faults_end_the_run(tree: Path, run: Run) -> None:
    write(tree, a=namespace("a"))
    declare(tree, f"revision: [{R}]\nfailOn: never\n")
    for words in (["."], ["why", "--all"]):
        code, out, err = run(*words)
        assert (code, out) == (2, "")
        assert err.splitlines() == [
            "meshlint: 2 errors in the configuration",
            ".meshlint.yaml:1:1: unknown key 'revision', did you mean 'revisions'?",
            ".meshlint.yaml:2:9: 'never' is none of error, warning, note",
        ]


def both(tree: Path) -> None:
    declare(tree, "")
    (tree / ".meshlint.yml").touch()


def linked(tree: Path) -> None:
    (tree.parent / "secret").write_text("password: hunter2\n")
    (tree / ".meshlint.yaml").symlink_to(tree.parent / "secret")


UNUSABLE: list[tuple[str, Callable[[Path], object], str]] = [
    ("two files", both, "there is also .meshlint.yml: keep one of the two"),
    ("a link out of the tree", linked, "is a link out of the tree"),
    ("a link to nowhere", lambda t: (t / ".meshlint.yaml").symlink_to("gone"), "No such file or directory"),
    ("a folder", lambda t: (t / ".meshlint.yaml").mkdir(), "is no plain file"),
    ("a large file", lambda t: declare(t, "#" * 300_000), "is larger than 256 KiB"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "said"), [u[1:] for u in UNUSABLE], ids=[u[0] for u in UNUSABLE])
def test_files_that_are_not_used(
    tree: Path, run: Run, make: Callable[[Path], object], said: str
) -> None:
    write(tree, a=namespace("a"))
    make(tree)
    code, _, err = run(".")
    assert code == 2
    assert err == f"meshlint: 1 error in the configuration\n.meshlint.yaml:1:1: {said}\n"
    assert run("--no-config", ".")[0] in (0, 3)


def test_a_file_that_is_not_there(tree: Path, run: Run) -> None:
    code, _, err = run("--config", "gone.yaml", ".")
    assert code == 2
    assert "gone.yaml:1:1: No such file or directory" in err
    assert "\x1b" not in run("-v", "--config", "\x1b[31mgone.yaml", ".")[2]


def test_paths_that_match_nothing_are_told_where_the_whole_tree_is_scanned(tree: Path, run: Run) -> None:  # fmt: skip
    write(tree, apps__a=namespace("a"))
    declare(tree, 'exclude: [vendor]\nclusters:\n  p: {paths: [apps, "live/**"]}\npaths: [{paths: ["*.yml"], namespace: a}]\n')  # fmt: skip
    told = [line for line in run(".")[2].splitlines() if "matches no file" in line]
    assert told == [
        "meshlint: .meshlint.yaml:1:11: 'vendor' matches no file of this scan",
        "meshlint: .meshlint.yaml:3:21: 'live/**' matches no file of this scan",
        "meshlint: .meshlint.yaml:4:18: '*.yml' matches no file of this scan",
    ]
    assert "matches no file" not in run("apps")[2]
    assert run("-q", ".")[2] == ""


def test_a_revision_of_another_cluster_is_unknown_in_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Declared sets are closed for each cluster by itself."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".meshlint.yaml").write_text(
        "clusters:\n  east: {paths: [east], revisions: [a-1]}\n  west: {paths: [west], revisions: [b-2]}\n"
    )
    for cluster in ("east", "west"):
        (tmp_path / cluster).mkdir()
        (tmp_path / cluster / "ns.yaml").write_text(namespace("shop", rev="a-1"))
    assert cli.run(["lint", "."]) == 1
    out, _ = capfd.readouterr()
    assert [line.split(":")[0] for line in out.splitlines() if "MESH201" in line] == [
        "west/ns.yaml"
    ]
    assert "error MESH201" in out
