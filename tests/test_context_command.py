"""`meshlint context` and `--context` on the command line: streams, exit codes, Git, and the guide."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from meshlint import cli
from tests.conftest import ROOT
from tests.manifests import injector, istiod, namespace, workload

GUIDE = ROOT / "docs/context.md"
BLOCK = re.compile(r"(?<=```console\n).*?(?=```)", re.DOTALL)
PLATFORM = {
    "platform/istiod.yaml": istiod("a"),
    "platform/hooks.yaml": injector("a"),
    "platform/ns.yaml": namespace("shop", rev="a"),
}
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Exit code, standard output and standard error of a command line."""

    def command(*words: str) -> tuple[int, str, str]:
        code = cli.run(words)
        out, err = capfd.readouterr()
        return code, out, err

    return command


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A platform's repository and an application's, side by side; the command stands above."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767323045")  # 2026-01-02T03:04:05Z
    write(tmp_path, {**PLATFORM, "shop/cart.yaml": workload()})
    return tmp_path


def write(tree: Path, files: dict[str, str]) -> None:
    for name, body in files.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body)


def commit(folder: Path, when: int = 1767000000) -> str:
    """Commits all of a folder, and tells the commit."""
    who = {"GIT_CONFIG_GLOBAL": str(folder / "none"), "GIT_CONFIG_NOSYSTEM": "1"}
    for side in ("AUTHOR", "COMMITTER"):
        who |= {f"GIT_{side}_NAME": "x", f"GIT_{side}_EMAIL": "x@x", f"GIT_{side}_DATE": f"@{when} +0100"}  # fmt: skip
    environment = {**os.environ, **who}
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "--allow-empty", "-m", "x"]):
        subprocess.run(["git", *words], cwd=folder, env=environment, check=True)
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True)
    return done.stdout.decode().strip()


# writing


def test_it_is_written_to_standard_output(tree: Path, run: Run) -> None:
    code, out, err = run("context", "platform")
    whole = json.loads(out)
    assert (code, whole["kind"], whole["created"]) == (0, "MeshSnapshot", "2026-01-02T03:04:05Z")
    assert (whole["commit"], whole["dirty"]) == (None, False)
    assert err == (
        "meshlint: written: a; 1 cluster, 1 namespace\n"
        "  left out: the values of 1 label of namespaces, for which no webhook asks\n"
    )
    assert run("context", "platform", "--quiet")[1:] == (out, "")


def test_a_file_is_replaced_as_a_whole(tree: Path, run: Run) -> None:
    (tree / "mesh.json").write_text("old")
    assert run("context", "platform", "-o", "mesh.json")[:2] == (0, "")
    assert json.loads((tree / "mesh.json").read_text())["clusters"]
    assert sorted(path.name for path in tree.iterdir()) == ["mesh.json", "platform", "shop"]
    assert run("context", "platform", "-o", "nowhere/mesh.json")[0] == 2


def test_what_cannot_be_read_is_told_and_the_rest_is_written(tree: Path, run: Run) -> None:
    code, out, err = run("context", "platform", "gone")
    assert (code, len(json.loads(out)["clusters"])) == (3, 1)
    assert "meshlint: gone: paths that could not be read" in err


def test_nothing_to_write_is_not_green(tree: Path, run: Run) -> None:
    code, out, err = run("context", "shop")
    assert (code, json.loads(out)["clusters"]) == (3, [])
    assert "nothing was found: no namespace and no control plane" in err


def test_what_was_not_read_is_counted(tree: Path, run: Run) -> None:
    write(tree, {"platform/t.yaml": "a: {{ b }}\n{{ c }}\n", "platform/values.yaml": "a: 1\n"})
    code, out, err = run("context", "platform")
    assert (code, json.loads(out)["unread"]) == (0, {"template": 1, "values": 1})
    assert "  not read: templates not rendered (1)\n" in err


def test_options_are_kept_for_the_comparison(tree: Path, run: Run) -> None:
    whole = json.loads(run("context", "platform", "--complete", "--name", "prod")[1])
    assert whole["options"] == {"complete": True, "name": "prod"}
    assert whole["clusters"][0]["name"] == "prod"
    assert whole["clusters"][0]["declared"] == [
        {"closed": True, "default": False, "flavour": None, "meant": True}
    ]


def test_a_name_is_for_one_cluster(tree: Path, run: Run) -> None:
    write(tree, {f"platform/clusters/{c}/ns.yaml": namespace(c) for c in "xy"})
    code, _, err = run("context", "platform", "--name", "prod")
    assert (code, err) == (2, "meshlint: --name is for one cluster, and here are 3: (shared), x, y\n")  # fmt: skip


# where it comes from


def test_a_clean_commit_gives_its_time(tree: Path, run: Run) -> None:
    name = commit(tree / "platform")
    first = run("context", "platform")[1]
    whole = json.loads(first)
    assert (whole["commit"], whole["dirty"]) == (name, False)
    assert whole["created"] == "2025-12-29T09:20:00Z"
    (tree / "platform/ns.yaml").touch()
    assert run("context", "platform")[1] == first


@pytest.mark.parametrize(
    ("name", "body", "dirty"),
    [
        ("ns.yaml", namespace("shop", rev="b"), True),
        ("new.yaml", namespace("new"), True),
        ("hooks.yaml", None, True),
        ("README.md", "words", False),
        ("mesh.json", "", False),
        ("mesh.json", '{\n  "kind": "MeshSnapshot"}', False),
        (".gitignore", "x\n", False),
    ],
)
def test_what_differs_from_the_commit(
    tree: Path, run: Run, name: str, body: str | None, dirty: bool
) -> None:
    """The snapshot's own file, which the shell empties before it is written, is no change."""
    commit(tree / "platform")
    path = tree / "platform" / name
    path.unlink() if body is None else path.write_text(body)
    whole = json.loads(run("context", "platform")[1])
    assert whole["dirty"] is dirty
    assert (whole["created"] == "2026-01-02T03:04:05Z") is dirty


def test_no_program_of_the_repository_runs(tree: Path, run: Run) -> None:
    """A clean filter would run for `git status`, and a checker of signatures for `git log`."""
    write(tree, {"platform/.gitattributes": "*.yaml filter=evil\n"})
    commit(tree / "platform")
    spy = tree / "spy"
    spy.write_text(f"#!/bin/sh\ntouch '{tree}/ran'\nexec cat\n")
    spy.chmod(0o755)
    for key in ("filter.evil.clean", "filter.evil.smudge", "gpg.program", "core.fsmonitor"):
        subprocess.run(["git", "config", key, str(spy)], cwd=tree / "platform", check=True)
    subprocess.run(["git", "config", "log.showSignature", "true"], cwd=tree / "platform", check=True)  # fmt: skip
    (tree / "platform/ns.yaml").write_text(namespace("shop"))
    assert json.loads(run("context", "platform")[1])["dirty"]
    assert not (tree / "ran").exists()


# reading


@pytest.fixture
def snapshot(tree: Path, run: Run) -> Path:
    """The platform's snapshot, beside both repositories."""
    assert run("context", "platform", "-o", "mesh.json")[0] == 0
    return tree


def test_it_decides(snapshot: Path, run: Run) -> None:
    assert run("why", "deploy/cart", "shop")[1].startswith("deployment/cart -n shop: unknown")
    code, out, err = run("why", "deploy/cart", "shop", "--context", "mesh.json")
    assert (code, out.splitlines()[0]) == (0, "deployment/cart -n shop: injected")
    assert "  - namespace shop has istio.io/rev=a (mesh.json:" in out
    assert err == "meshlint: context mesh.json: written just now (a; 1 cluster, 1 namespace)\n"


def test_its_age_is_no_part_of_a_report(snapshot: Path, run: Run) -> None:
    reports = set()
    for _ in range(2):
        _, out, err = run("shop", "--context", "mesh.json", "--format", "json")
        reports.add(out)
        assert "context mesh.json: written" in err
        os.environ["SOURCE_DATE_EPOCH"] = "1768000000"
    assert len(reports) == 1
    assert run("shop", "--context", "mesh.json", "--quiet")[2] == ""


def test_findings_are_about_the_scanned_files(tree: Path, run: Run) -> None:
    """The platform's faults are found in the platform's repository."""
    faults = {
        "platform/bad.yaml": namespace("bad", injection="yes"),
        "platform/left.yaml": injector("old"),
        "platform/tag.yaml": injector("gone", tag="live"),
        "shop/ns.yaml": namespace("mine", rev="x"),
    }
    write(tree, faults)
    run("context", "platform", "-o", "mesh.json")
    code, out, _ = run("shop", "--context", "mesh.json", "--format", "json")
    whole = json.loads(out)
    assert code == 1
    assert [(f["code"], f["severity"], f["location"]["path"]) for f in whole["findings"]] == [
        ("MESH201", "error", "shop/ns.yaml")
    ]
    assert whole["counts"]["namespaces"] == 1
    both = json.loads(run("shop", "platform", "--format", "json")[1])["findings"]
    assert {f["location"]["path"].split("/")[0] for f in both} == {"shop", "platform"}


def test_a_snapshot_in_the_scanned_tree_is_no_manifest(snapshot: Path, run: Run) -> None:
    (snapshot / "mesh.json").rename(snapshot / "shop/mesh.json")
    code, out, _ = run("shop", "--context", "shop/mesh.json", "--format", "json")
    assert (code, json.loads(out)["findings"], json.loads(out)["skips"]) == (0, [], [])
    assert run("shop", "--format", "json")[0] == 0


def test_the_configuration_can_name_it(snapshot: Path, run: Run) -> None:
    write(snapshot, {"shop/.meshlint.yaml": "context: {file: ../mesh.json, platform: ../platform}\n"})  # fmt: skip
    _, out, err = run("why", "deploy/cart", "shop")
    assert out.startswith("deployment/cart -n shop: injected")
    assert "stale" not in err
    (snapshot / "other.json").write_text("{}")
    assert run("why", "deploy/cart", "shop", "--context", "other.json")[0] == 2


def test_what_the_platform_declares_is_in_it(tree: Path, run: Run) -> None:
    """Its configuration is knowledge as its files are, and so are the clusters that it names."""
    words = "revisions: [z]\nclusters: {eu: {paths: [ns.yaml], namespaces: {far: {labels: {istio.io/rev: z}}}}}\n"
    write(tree, {"platform/.meshlint.yaml": words})
    whole = json.loads(run("context", "platform", "-o", "mesh.json")[1] or (tree / "mesh.json").read_text())  # fmt: skip
    assert [cluster["name"] for cluster in whole["clusters"]] == ["", "eu"]
    assert [cluster["closed"] for cluster in whole["clusters"]] == [True, True]
    write(tree, {"shop/far.yaml": workload(ns="far"), "shop/.meshlint.yaml": "clusters: {eu: {paths: [far.yaml]}}\n"})  # fmt: skip
    out = run("why", "--all", "shop", "--context", "mesh.json", "--format", "json")[1]
    found = {w["location"]["path"]: w["verdict"] for w in json.loads(out)["workloads"]}
    assert found == {"shop/cart.yaml": "unknown", "shop/far.yaml": "injected"}


# out of date


def test_it_is_compared_with_the_platform(snapshot: Path, run: Run) -> None:
    words = ("shop", "--context", "mesh.json", "--platform", "platform", "--quiet")
    assert run(*words) == (0, "0 errors, 0 warnings, 0 notes in 1 file\n", "")
    write(snapshot, {"platform/new.yaml": namespace("returns"), "platform/hooks.yaml": ""})
    code, _, err = run(*words)
    assert (code, err) == (
        0,
        "meshlint: mesh.json is stale: run meshlint context platform > mesh.json (webhook"
        " configuration istio-sidecar-injector-a removed, namespace returns added, the revisions"
        " are no longer known to be all)\n",
    )


def test_the_comparison_knows_the_options(tree: Path, run: Run) -> None:
    run("context", "platform", "--complete", "--name", "prod", "-o", "mesh.json")
    assert run("shop", "--context", "mesh.json", "--platform", "platform", "-q")[2] == ""


def test_another_version_may_write_otherwise(snapshot: Path, run: Run) -> None:
    whole = json.loads((snapshot / "mesh.json").read_text())
    whole["clusters"][0]["later"] = 1
    (snapshot / "mesh.json").write_text(json.dumps(whole))
    err = run("shop", "--context", "mesh.json", "--platform", "platform", "-q")[2]
    assert "mesh.json: the hash does not fit the content" in err
    assert err.endswith("> mesh.json (another version of meshlint wrote it)\n")


def test_two_repositories_may_build_on_each_other(snapshot: Path, run: Run) -> None:
    """The comparison of one asks for the other, and goes no further."""
    for own, other in (("shop", "platform"), ("platform", "shop")):
        line = f"context: {{file: ../mesh.json, platform: ../{other}}}\n"
        write(snapshot, {f"{own}/.meshlint.yaml": line})
    assert run("shop")[0] == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--context", "gone.json"], "cannot read gone.json: No such file or directory"),
        (["--context", "."], "cannot read .: Is a directory"),
        (["--context", "shop/cart.yaml"], "shop/cart.yaml:1: is no mesh snapshot: it is not JSON (Expecting value)"),
        (["--platform", "platform"], "--platform is compared with one snapshot: give one --context FILE"),
        (["--context", "mesh.json", "--context", "mesh.json", "--platform", "platform"], "--platform is compared with one snapshot: give one --context FILE"),
        (["--context", "mesh.json", "--platform", "gone"], "cannot compare mesh.json with gone: no such file or folder"),
        (["--cluster", "prod"], "--cluster chooses a cluster of a snapshot: give --context FILE"),
        (["--context", "mesh.json", "--cluster", "prod"], "no snapshot has a cluster 'prod'; there are: \"\""),
    ],
)  # fmt: skip
def test_wrong_usage(snapshot: Path, run: Run, words: list[str], message: str) -> None:
    for command in (["shop", "-q"], ["why", "--all", "shop"]):
        code, out, err = run(*command, *words)
        assert (code, out) == (2, "")
        assert err.splitlines()[-1] == f"meshlint: {message}"


# the guide


def test_the_guide_shows_real_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run, update: bool
) -> None:
    """Its two repositories are those of the examples."""
    shutil.copytree(ROOT / "examples/platform", tmp_path / "platform")
    shutil.copytree(ROOT / "examples/apps", tmp_path / "shop")
    for name in ("platform", "shop"):
        commit(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(1767000000 + 3 * 86400))
    guide = GUIDE.read_text()
    errors: list[str] = []
    shown = BLOCK.sub(lambda match: _played(match.group(), run, errors), guide)
    if update:
        GUIDE.write_text(shown)
    assert shown == GUIDE.read_text()
    ages = [line for line in errors if " context mesh.json: " in line]
    (told,) = re.findall(r"^meshlint: context mesh.json: .*$", guide, re.MULTILINE)
    for line in ages:
        assert re.sub(r"commit \w{7}", "commit", line) == re.sub(r"commit \w{7}", "commit", told)
    assert ages


def _played(block: str, run: Run, errors: list[str]) -> str:
    """The commands of a block, each with what it writes to standard output."""
    played = ""
    for line in (line for line in block.splitlines() if line.startswith("$ meshlint ")):
        words = shlex.split(line)[2:]
        target = words.pop() if words[-2:-1] == [">"] else ""
        _, out, err = run(*(words[:-1] if target else words))
        errors += err.splitlines()
        if target:
            Path(target).write_text(out)
        played += f"{line}\n{'' if target else out}"
    return played
