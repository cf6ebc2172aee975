"""`meshlint why`: the right workload, the whole reason, in every format."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from meshlint import cli
from meshlint.engine import survey
from meshlint.mesh.inject import Verdict, decide
from meshlint.mesh.trial import trials
from meshlint.source.files import STDIN, Collection, Source, collect
from tests.conftest import HERE, ROOT
from tests.manifests import injector, istiod, namespace, workload

R = "1-29"
MESH = (istiod(R), injector(R), injector(R, tag="prod"))


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A platform, and an application in two namespaces."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "platform.yaml").write_text("\n---\n".join([*MESH, namespace("shop", rev="prod")]))
    (tmp_path / "cart.yaml").write_text(workload())
    (tmp_path / "other.yaml").write_text(workload(ns="lost"))
    return tmp_path


def asked(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = cli.run(["why", *words])
    out, err = capfd.readouterr()
    return code, out, err


@pytest.mark.parametrize(
    "word", ["deploy/cart", "deployment/cart", "Deployment/cart", "deployments/cart", "cart"]
)
def test_names_as_for_kubectl(tree: Path, capfd: pytest.CaptureFixture[str], word: str) -> None:
    code, out, _ = asked(capfd, word, "-n", "shop")
    assert code == 0
    assert out.startswith("deployment/cart -n shop: injected\n")


WRONG = [
    (["sts/cart"], "no workload 'sts/cart' was found; near it are deployment/cart"),
    (["deploy/crat"], "near it are deployment/cart"),
    (["deploy/nothing-like-it"], "no workload 'deploy/nothing-like-it' was found"),
    (["deploy/cart"], "is the name of 2 workloads: name its namespace with -n"),
    ([], "name a workload, such as deploy/cart, or write --all"),
]


@pytest.mark.parametrize(("words", "said"), WRONG)
def test_what_cannot_be_found(
    tree: Path, capfd: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    code, out, err = asked(capfd, *words)
    assert (code, out) == (2, "")
    assert said in err


def test_the_answer_names_each_step_and_its_line(
    tree: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = asked(capfd, "cart", "-n", "shop")
    assert "  revision       1-29\n" in out
    assert "istiod Deployment istio-system/istiod-1-29" in out
    assert "namespace shop has istio.io/rev=prod (platform.yaml:" in out
    assert (
        "istio-sidecar-injector-1-29 does not match: namespaceSelector asks istio.io/rev In [1-29]"
        in out
    )
    assert "istio-revision-tag-prod matches (platform.yaml:" in out
    places = re.findall(r"\((\S+\.yaml):(\d+)\)", out)
    assert places
    for path, line in places:
        assert int(line) <= len((tree / path).read_text().splitlines())


def test_the_clause_stands_at_the_line_that_is_told(
    tree: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = asked(capfd, "cart", "-n", "shop")
    lines = (tree / "platform.yaml").read_text().splitlines()
    for key, number in re.findall(r"asks (\S+) .*\(platform\.yaml:(\d+)\)", out):
        assert f"key: {key}" in lines[int(number) - 1]


def test_unknown_says_what_is_missing(tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = asked(capfd, "cart", "-n", "lost")
    assert code == 0
    assert ": unknown\n" in out
    assert "Namespace lost is not in the scanned tree" in out


def test_all_is_a_table_with_counts(tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _, out, _ = asked(capfd, "--all")
    assert out.splitlines()[0].split() == ["workload", "verdict", "revision", "via", "because"]
    counts, head, settle = out.splitlines()[-3:]
    assert counts == "1 injected, 0 not injected, 2 unknown"
    assert head == "what would settle the unknown:"
    assert settle.startswith("  2 x declare it under namespaces: in .meshlint.yaml")
    _, out, _ = asked(capfd, "--all", "-n", "shop")
    assert out.endswith("1 injected, 0 not injected, 0 unknown\n")


def test_json(tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _, out, _ = asked(capfd, "--all", "--format", "json")
    body = json.loads(out)
    assert body["version"] == 1
    assert body["counts"] == {"injected": 1, "not_injected": 0, "unknown": 2}
    (cart,) = (w for w in body["workloads"] if w["subject"]["namespace"] == "shop")
    assert (cart["verdict"], cart["revision"]) == ("injected", "1-29")
    assert cart["steps"][0]["location"]["path"] == "platform.yaml"


def test_markdown_escapes_what_it_shows(tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tree / "odd.yaml").write_text(workload(inject='"a|b<c>`d`"'))
    _, out, _ = asked(capfd, "--all", "odd.yaml", "--format", "markdown")
    row = out.splitlines()[2]
    assert row.replace("\\|", "").count("|") == 6
    assert "<c>" not in out


def test_mermaid(tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _, out, _ = asked(capfd, "--all", "--format", "mermaid")
    assert out.startswith("flowchart LR\n")
    assert '(["revision 1-29"])' in out
    arrows = set(re.findall(r"(\w+) --> (\w+)", out))
    nodes = set(re.findall(r"^  (\w+)[\[(]", out, re.MULTILINE))
    assert {end for arrow in arrows for end in arrow} <= nodes


def test_standard_input_and_what_is_lost(tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = asked(capfd, "cart", "cart.yaml", "gone.yaml")
    assert code == 3
    assert "deployment/cart" in out
    assert "gone.yaml" in err


def test_trials_agree_with_the_decision() -> None:
    """Over the rendered platform and its applications, and the examples."""
    for folder in (HERE / "rendered", ROOT / "examples"):
        mesh, _ = survey(collect([str(folder)]))
        for item in mesh.workloads:
            matching = [t for t in trials(mesh, item) if t.answer is not False]
            calls = decide(mesh, item).calls
            assert [t.hook for t in matching] == [call.hook for call in calls]


def test_a_mesh_can_come_from_a_text() -> None:
    text = "\n---\n".join([*MESH, namespace("shop", rev="prod"), workload()])
    mesh, lost = survey(Collection([Source(STDIN, text.encode())]))
    cart = next(w for w in mesh.workloads if w.meta.subject.name == "cart")
    assert (decide(mesh, cart).verdict, lost) == (Verdict.INJECTED, [])


OVERLAYS = {
    "base/kustomization.yaml": "resources: [cart.yaml]\n",
    "base/cart.yaml": workload(ns=""),
    "dev/kustomization.yaml": "namespace: dev\nresources: [../base, ns.yaml]\n",
    "dev/ns.yaml": namespace("dev", injection="disabled"),
    "live/kustomization.yaml": "namespace: live\nresources: [../base, ns.yaml]\n",
    "live/ns.yaml": namespace("live", rev="prod"),
}


def overlays(tree: Path) -> None:
    for path, text in OVERLAYS.items():
        (tree / path).parent.mkdir(exist_ok=True)
        (tree / path).write_text(text)
    for path in ("cart.yaml", "other.yaml"):
        (tree / path).unlink()


def test_each_overlay_has_an_answer(tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    overlays(tree)
    _, out, _ = asked(capfd, "deploy/cart")
    heads = [line for line in out.splitlines() if line.startswith("deployment/")]
    assert heads == ["deployment/cart -n dev: not injected", "deployment/cart -n live: injected"]
    assert "  unit           dev\n" in out
    assert "  unit           live\n" in out
    _, out, _ = asked(capfd, "deploy/cart", "-n", "live")
    assert out.startswith("deployment/cart -n live: injected\n")
    _, out, _ = asked(capfd, "--all")
    assert "1 injected, 1 not injected, 1 unknown (2 workloads, 3 ways to a cluster)" in out


def test_fragments_are_no_workloads(tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    overlays(tree)
    patch = workload(ns="").replace(
        "    spec:\n      containers: [{name: cart, image: cart:1}]\n", ""
    )
    (tree / "live/lost.yaml").write_text(patch.replace("name: cart", "name: elsewhere"))
    _, out, _ = asked(capfd, "--all")
    assert "elsewhere" not in out


def test_json_says_what_would_settle_it(tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _, out, _ = asked(capfd, "cart", "-n", "lost", "--format", "json")
    (found,) = json.loads(out)["workloads"]
    assert any("namespaces:" in (step["settle"] or "") for step in found["because"])


def test_mermaid_separates_scopes_and_names_tags(
    tree: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    overlays(tree)
    for name in ("east", "west"):
        (tree / "clusters" / name).mkdir(parents=True)
        texts = (istiod(name), injector(name), namespace("shop", rev=name), workload())
        (tree / "clusters" / name / "all.yaml").write_text("\n---\n".join(texts))
    _, out, _ = asked(capfd, "--all", "--format", "mermaid")
    assert out.count("subgraph ") == out.count("\n  end\n") >= 2
    assert '(["tag prod"])' in out
    assert "istiod Deployment istio-system/istiod-east" in out
