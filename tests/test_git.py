"""Trees that Git has stored: commits, the index, bare and shallow clones, and what is new in them."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from meshlint import cli
from meshlint.source import git
from meshlint.source.files import collect as collect_files
from meshlint.source.stored import NotStored, base, commit, index, renames
from meshlint.source.stored_files import collect
from meshlint.unread import Unread
from tests.conftest import ROOT, Run
from tests.manifests import namespace, workload

GOOD, BAD = namespace("shop", injection="enabled"), namespace("shop", injection="true")
POINTER = (
    "version https://git-lfs.github.com/spec/v1\n"
    "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
)
ODD = ["a b.yaml", "-n.yaml", 'q"uote.yaml', "new\nline.yaml", "tab\there.yaml", "ü/é.yaml", ":(top).yaml"]  # fmt: skip
WHO = {
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
}


def deployment(name: str, inject: str | None = None) -> str:
    return workload(inject=inject).replace("name: cart", f'name: "{name}"', 1)


def git_in(folder: Path, *words: str) -> str:
    options = ("-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always")
    command = ["git", *options, *words]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **WHO}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


class Repository:
    """A scratch repository to stand in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "--quiet")

    def git(self, *words: str) -> str:
        return git_in(self.folder, *words)

    def write(self, files: dict[str, str | bytes]) -> None:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def commit(self, files: dict[str, str | bytes] | None = None) -> str:
        self.write(files or {})
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "x")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    folder = tmp_path / "repo"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return Repository(folder)


def found(report: Any) -> list[tuple[str, str, int]]:
    places = [(f["code"], f["location"]) for f in report["findings"]]
    return [(code, place["path"], place["line"]) for code, place in places]


def test_a_commit_is_linted_without_a_checkout(repo: Repository, run: Run) -> None:
    first = repo.commit({"ns.yaml": BAD})
    repo.commit({"ns.yaml": GOOD, "other.yaml": BAD})
    for name in (first, "HEAD~1", first[:9]):
        code, report, _ = run("--rev", name)
        assert (code, found(report)) == (1, [("MESH101", "ns.yaml", 7)])
    assert (repo.folder / "ns.yaml").read_text() == GOOD
    assert found(run("--rev", "HEAD")[1]) == found(run()[1])


def test_paths_name_what_is_stored(repo: Repository, run: Run, monkeypatch: Any) -> None:
    repo.commit({"a/ns.yaml": BAD, "b/ns.txt": BAD, "b/c/ns.yaml": BAD})
    assert [p for _, p, _ in found(run("--rev", "HEAD", "b")[1])] == ["b/c/ns.yaml"]
    assert [p for _, p, _ in found(run("--rev", "HEAD", "b/ns.txt")[1])] == ["b/ns.txt"]
    monkeypatch.chdir(repo.folder / "b")
    assert [p for _, p, _ in found(run("--rev", "HEAD")[1])] == ["c/ns.yaml"]
    assert [p for _, p, _ in found(run("--rev", "HEAD", "../a")[1])] == ["../a/ns.yaml"]
    code, _, words = run("--rev", "HEAD", "gone")
    assert code == 3
    assert "gone: paths that could not be read (not in HEAD" in words


def test_a_kustomization_without_suffix_is_read_in_every_state(repo: Repository, run: Run) -> None:
    """It brings the namespace by which the label is a fault."""
    base = BAD.replace("name: shop", "name: other")
    head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
    repo.commit({"Kustomization": f"{head}resources: [pod.yaml]\nnamespace: shop\n", "pod.yaml": deployment("cart"), "ns.yaml": base})  # fmt: skip
    for options in ((), ("--tracked",), ("--staged",), ("--rev", "HEAD")):
        assert run(*options)[1]["counts"]["files"] == 3


def test_the_index_is_not_the_work_tree(repo: Repository, run: Run) -> None:
    repo.commit({"ns.yaml": GOOD, "gone.yaml": BAD})
    repo.write({"ns.yaml": BAD})
    repo.git("add", "ns.yaml")
    repo.write({"ns.yaml": GOOD, "untracked.yaml": BAD})
    repo.git("rm", "--quiet", "--cached", "gone.yaml")
    assert found(run("--staged")[1]) == [("MESH101", "ns.yaml", 7)]
    assert found(run()[1]) == [("MESH101", "gone.yaml", 7), ("MESH101", "untracked.yaml", 7)]
    assert found(run("--tracked")[1]) == []


def test_the_index_of_a_commit_in_the_making(repo: Repository, run: Run, monkeypatch: Any) -> None:
    """`git commit FILE` gives its hooks an index of its own."""
    repo.commit({"ns.yaml": GOOD})
    other = repo.folder / ".git" / "next"
    other.write_bytes((repo.folder / ".git" / "index").read_bytes())
    repo.write({"ns.yaml": BAD})
    with monkeypatch.context() as patched:
        patched.setenv("GIT_INDEX_FILE", ".git/next")
        repo.git("add", "ns.yaml")
        assert found(run("--staged")[1]) == [("MESH101", "ns.yaml", 7)]
    assert found(run("--staged")[1]) == []


def test_a_conflict_is_told(repo: Repository, run: Run) -> None:
    repo.commit({"ns.yaml": GOOD})
    repo.git("checkout", "--quiet", "-b", "other")
    repo.commit({"ns.yaml": BAD})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"ns.yaml": namespace("shop", injection="disabled"), "b.yaml": BAD})
    with pytest.raises(subprocess.CalledProcessError):
        repo.git("merge", "--quiet", "other")
    code, report, words = run("--staged")
    assert (code, found(report)) == (3, [("MESH101", "b.yaml", 7)])
    assert "ns.yaml: paths that could not be read (it has a merge conflict)" in words


@pytest.mark.parametrize("name", ODD)
def test_odd_names_survive(name: str, repo: Repository, run: Run) -> None:
    repo.commit({name: BAD})
    for words in ([], ["--tracked"], ["--staged"], ["--rev", "HEAD"]):
        assert found(run(*words)[1]) == [("MESH101", name, 7)]
    repo.commit({name: "# one more line\n" + BAD})
    assert found(run("--new-since", "HEAD~1")[1]) == []


def test_names_that_are_no_text(repo: Repository, run: Run) -> None:
    raw = os.fsdecode(b"\xff.yaml")
    repo.commit({raw: BAD})
    assert run("--rev", "HEAD")[1]["counts"]["files"] == 1


def test_links_are_followed_inside(repo: Repository, run: Run) -> None:
    (repo.folder / "in.yaml").symlink_to("data/ns.txt")
    (repo.folder / "out.yaml").symlink_to("/etc/hostname.yaml")
    (repo.folder / "up.yaml").symlink_to("../ns.yaml")
    (repo.folder / "loop.yaml").symlink_to("loop.yaml")
    repo.commit({"data/ns.txt": BAD})
    stored = collect(commit(repo.folder, "HEAD"), ["."])
    assert [s.path for s in stored.sources] == ["in.yaml"]
    assert [(s.reason, s.path) for s in stored.skips] == [
        (Unread.LINK, name) for name in ("loop.yaml", "out.yaml", "up.yaml")
    ]
    assert found(run("--rev", "HEAD")[1]) == [("MESH101", "in.yaml", 7)]


def test_pointers_of_lfs_are_counted(repo: Repository, run: Run) -> None:
    repo.commit({"big.yaml": POINTER, "ns.yaml": GOOD})
    for words in ([], ["--rev", "HEAD"], ["--staged"]):
        _, report, told = run(*words)
        assert report["counts"]["unread"] == {"lfs": 1}
        assert "big.yaml: files whose content is in Git LFS" in told


def test_submodules_are_counted(repo: Repository, run: Run, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    Repository(tmp_path / "other").commit({"ns.yaml": BAD})
    repo.commit({"ns.yaml": GOOD})
    repo.git("submodule", "--quiet", "add", str(tmp_path / "other"), "vendor/mesh")
    repo.commit()
    for words in ([], ["--tracked"], ["--rev", "HEAD"], ["--staged"]):
        _, report, told = run(*words)
        assert report["counts"]["unread"] == {"submodule": 1}
        assert "vendor/mesh: submodules" in told


def test_what_a_sparse_checkout_leaves_out_is_counted(repo: Repository, run: Run) -> None:
    repo.commit({"a/ns.yaml": GOOD, "b/ns.yaml": BAD})
    repo.git("sparse-checkout", "set", "a")
    _, report, _ = run()
    assert (found(report), report["counts"]["unread"]) == ([], {"sparse": 1})
    assert found(run("--rev", "HEAD")[1]) == [("MESH101", "b/ns.yaml", 7)]


def test_a_bare_repository(repo: Repository, run: Run, tmp_path: Path, monkeypatch: Any) -> None:
    repo.commit({"ns.yaml": BAD, ".meshlint.yaml": "exclude: [old]\n", "old/ns.yaml": BAD})
    git_in(tmp_path, "clone", "--quiet", "--bare", str(repo.folder), "bare")
    monkeypatch.chdir(tmp_path / "bare")
    assert found(run("--rev", "main")[1]) == [("MESH101", "ns.yaml", 7)]
    assert found(run("--rev", "main", "--new-since", "main")[1]) == []
    code, _, words = run("--staged")
    assert code == 3
    assert "not in the index" in words


def test_a_shallow_clone(repo: Repository, run: Run, tmp_path: Path, monkeypatch: Any) -> None:
    first = repo.commit({"ns.yaml": BAD})
    repo.commit({"b.yaml": BAD})
    where = f"file://{repo.folder}"
    git_in(tmp_path, "clone", "--quiet", "--depth", "1", where, "shallow")
    monkeypatch.chdir(tmp_path / "shallow")
    assert len(found(run("--rev", "HEAD")[1])) == 2
    code, report, words = run("--new-since", first)
    assert (code, report) == (2, None)
    assert "the clone is shallow" in words


def test_a_partial_clone_fetches_nothing(
    repo: Repository, run: Run, tmp_path: Path, monkeypatch: Any
) -> None:
    repo.commit({"ns.yaml": BAD})
    repo.git("config", "uploadpack.allowFilter", "true")
    where = f"file://{repo.folder}"
    git_in(tmp_path, "clone", "--quiet", "--no-checkout", "--filter=blob:none", where, "part")
    monkeypatch.chdir(tmp_path / "part")
    code, _, words = run("--rev", "HEAD")
    assert code == 3
    assert "ns.yaml: paths that could not be read (its content is not in this clone)" in words


FAULTS = [
    (["--rev", "no-such"], "'no-such' is no commit here"),
    (["--rev", "--version"], "expected one argument"),
    (["--rev=--help"], "'--help' is no commit here"),
    (["--new-since", "no-such"], "'no-such' is no commit here"),
    (["--rev", "HEAD", "-"], "standard input is in no commit"),
    (["--new-since", "HEAD", "-"], "standard input has no older state"),
    (["--new-since", "HEAD", ".", "../other"], "is outside of the repository"),
    (["--rev", "HEAD", "--staged"], "not allowed with"),
]


@pytest.mark.parametrize(("words", "said"), FAULTS)
def test_wrong_usage(words: list[str], said: str, repo: Repository, capsys: Any) -> None:
    repo.commit({"ns.yaml": GOOD})
    try:
        code: object = cli.run(words)
    except SystemExit as left:
        code = left.code
    assert code == 2
    assert said in capsys.readouterr().err


def test_outside_of_repositories(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotStored, match="is in no Git repository"):
        commit(tmp_path, "HEAD")
    with pytest.raises(NotStored, match="is in no Git repository"):
        index(tmp_path)


def test_histories_without_an_ancestor(repo: Repository) -> None:
    repo.commit({"ns.yaml": GOOD})
    repo.git("checkout", "--quiet", "--orphan", "other")
    repo.commit({"ns.yaml": BAD})
    with pytest.raises(NotStored, match=r"no common history here\Z"):
        base(repo.folder, "main")


def test_one_program_reads_all(repo: Repository, run: Run, monkeypatch: Any) -> None:
    repo.commit({f"{number}.yaml": namespace(f"n{number}", rev="x") for number in range(50)})
    calls: list[str] = []
    for name in ("run", "start"):
        real: Any = getattr(git, name)

        def counted(folder: Path, *words: str, real: Any = real, **more: Any) -> Any:
            calls.append(" ".join(words[:2]))
            return real(folder, *words, **more)

        monkeypatch.setattr(git, name, counted)
    assert run("--rev", "HEAD")[1]["counts"]["files"] == 50
    assert calls.count("cat-file --batch") == calls.count("cat-file --batch-check") == 1
    assert len(calls) <= 6


def test_nothing_of_the_repository_runs(repo: Repository, run: Run, tmp_path: Path) -> None:
    """Its configuration and attributes name programs: none of them may be called."""
    first = repo.commit({"ns.yaml": BAD, ".gitattributes": "*.yaml diff=evil filter=evil\n"})
    mark = tmp_path / "ran"
    evil = f"touch '{mark}'; cat"
    for key in (
        "core.fsmonitor", "diff.external", "diff.evil.textconv", "diff.evil.command",
        "filter.evil.clean", "filter.evil.smudge", "core.pager", "core.sshCommand",
    ):  # fmt: skip
        repo.git("config", key, evil)
    hooks = repo.folder / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("post-index-change", "reference-transaction", "fsmonitor-watchman"):
        (hooks / hook).write_text(f"#!/bin/sh\ntouch '{mark}'\n")
        (hooks / hook).chmod(0o755)
    repo.write({"ns.yaml": BAD + "# more\n", "b.yaml": BAD})
    for words in ([], ["--tracked"], ["--staged"], ["--rev", "HEAD"], ["--new-since", first]):
        run(*words)
        assert not mark.exists(), words


def test_a_commit_has_its_own_configuration(repo: Repository, run: Run) -> None:
    repo.commit({"ns.yaml": BAD, ".meshlint.yaml": "exclude: [ns.yaml]\n"})
    repo.commit({".meshlint.yaml": "failOn: error\n"})
    assert found(run("--rev", "HEAD~1", ".")[1]) == []
    assert len(found(run("--rev", "HEAD", ".")[1])) == 1
    repo.write({".meshlint.yaml": "failOn: nonsense\n"})
    assert run()[0] == 2
    assert run("--staged", ".")[0] == 1


def test_reports_name_the_commit(repo: Repository, capsysbinary: Any) -> None:
    repo.git("remote", "add", "origin", "https://example.com/team/mesh.git")
    first = repo.commit({"ns.yaml": BAD})
    repo.commit({"ns.yaml": GOOD})
    cli.run(["--rev", "HEAD~1", "--format", "sarif"])
    (origin,) = json.loads(capsysbinary.readouterr().out)["runs"][0]["versionControlProvenance"]
    assert origin["revisionId"] == first
    assert "branch" not in origin


def shifted(text: str) -> str:
    return f"# a comment\n\n{text}"


def test_only_what_is_new_is_reported(repo: Repository, run: Run) -> None:
    """Lines that move, and a file that gets another name, are not new; another fault there is."""
    repo.commit({"ns.yaml": BAD, "b.yaml": namespace("b", injection="true")})
    repo.git("checkout", "--quiet", "-b", "work")
    repo.write(
        {
            "ns.yaml": shifted(BAD),
            "c.yaml": namespace("c", injection="true") + f"---\n{deployment('c')}",
        }
    )
    code, report, words = run("--new-since", "main")
    assert (code, found(report)) == (1, [("MESH101", "c.yaml", 7)])
    assert report["base"] == {"words": report["base"]["words"], "hidden": 2}
    assert "not shown: 2 findings that the merge base with main (" in words
    repo.git("mv", "b.yaml", "d.yaml")
    repo.write({"d.yaml": shifted(namespace("b", injection="true"))})
    repo.git("add", "d.yaml")
    assert [path for _, path, _ in found(run("--new-since", "main")[1])] == ["c.yaml"]
    repo.commit()
    assert [path for _, path, _ in found(run("--new-since", "main")[1])] == ["c.yaml"]
    repo.git("rm", "--quiet", "c.yaml")
    code, report, _ = run("--new-since", "main")
    assert (code, found(report)) == (0, [])
    repo.write({"ns.yaml": namespace("shop", injection="yes")})
    assert [path for _, path, _ in found(run("--new-since", "main")[1])] == ["ns.yaml"]


def test_the_state_is_that_of_the_merge_base(repo: Repository, run: Run) -> None:
    """What the other branch has mended since is no fault of ours."""
    repo.commit({"ns.yaml": BAD})
    repo.git("checkout", "--quiet", "-b", "work")
    repo.commit({"b.yaml": namespace("b", injection="true")})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"ns.yaml": GOOD})
    repo.git("checkout", "--quiet", "work")
    assert [path for _, path, _ in found(run("--new-since", "main")[1])] == ["b.yaml"]
    repo.git("merge", "--quiet", "--no-edit", "main")
    assert [path for _, path, _ in found(run("--new-since", "main")[1])] == ["b.yaml"]
    assert found(run("--rev", "work", "--new-since", "work~1")[1]) == []


def test_a_cause_in_another_file(repo: Repository, run: Run) -> None:
    """The file with the finding is as it was: what made it one has changed."""
    opted = deployment("cart", inject='"true"')
    repo.commit({"ns.yaml": GOOD, "cart.yaml": opted})
    repo.write({"ns.yaml": namespace("shop", injection="disabled")})
    assert ("MESH111", "cart.yaml") in [f[:2] for f in found(run("--new-since", "HEAD")[1])]


def test_line_ends_do_not_matter(repo: Repository, run: Run) -> None:
    repo.commit({"ns.yaml": BAD})
    repo.write({"ns.yaml": BAD.replace("\n", "\r\n")})
    assert found(run("--new-since", "HEAD")[1]) == []


def test_equal_findings_are_counted(repo: Repository, run: Run) -> None:
    repo.commit({"ns.yaml": BAD})
    repo.write({"ns.yaml": f"{BAD}---\n{BAD}"})
    assert len(found(run("--new-since", "HEAD")[1])) == 1


def test_what_was_faulty_then(repo: Repository, run: Run) -> None:
    """A configuration that could not be read then does not stop what is better now."""
    repo.commit({"ns.yaml": BAD, ".meshlint.yaml": "failOn: nonsense\n"})
    repo.write({".meshlint.yaml": "failOn: error\n"})
    code, report, words = run("--new-since", "HEAD")
    assert (code, found(report)) == (0, [])
    assert "it is read with the configuration of now" in words


def test_a_folder_that_was_not_there(repo: Repository, run: Run) -> None:
    repo.commit({"ns.yaml": GOOD})
    repo.write({"new/ns.yaml": namespace("b", injection="true")})
    code, report, words = run("--new-since", "HEAD", "new")
    assert (code, found(report)) == (1, [("MESH101", "new/ns.yaml", 7)])
    assert "could not be read" not in words


def test_renames_are_those_of_git(repo: Repository) -> None:
    first = repo.commit({"a.yaml": BAD, "b b.yaml": shifted(GOOD)})
    repo.git("mv", "a.yaml", "c.yaml")
    second = repo.commit()
    repo.git("mv", "b b.yaml", "d.yaml")
    old = commit(repo.folder, first)
    assert renames(old, commit(repo.folder, second)) == {"a.yaml": "c.yaml"}
    assert renames(old, None) == {"a.yaml": "c.yaml", "b b.yaml": "d.yaml"}


def test_stored_and_files_are_named_alike(repo: Repository) -> None:
    repo.commit({"a/ns.yaml": BAD, "a/b/ns.yaml": BAD, "c.yaml": GOOD})
    tree = commit(repo.folder, "HEAD")
    for paths in (
        ["."],
        ["a"],
        ["a/", "c.yaml"],
        [str(repo.folder)],
        [f"{repo.folder}/a/../c.yaml"],
    ):
        here = [source.path for source in collect_files(paths).sources]
        assert [source.path for source in collect(tree, paths).sources] == here


CHANGES = [
    ("loses", GOOD, namespace("shop", injection="disabled"), "lost", "not_injected"),
    ("gains", namespace("shop", injection="disabled"), GOOD, "gained", "injected"),
    ("moves", GOOD, namespace("shop", rev="1-29"), "moved", "injected"),
]


@pytest.mark.parametrize(("before", "after", "change", "verdict"), [c[1:] for c in CHANGES])
def test_what_becomes_of_injection(
    before: str, after: str, change: str, verdict: str, repo: Repository, run: Run
) -> None:
    declared = "revisions: ['1-29', default]\ndefaultRevision: default\n"
    other = deployment("same", inject='"false"')
    repo.commit({"ns.yaml": before, "cart.yaml": deployment("cart"), "same.yaml": other})
    repo.commit({".meshlint.yaml": declared})
    repo.write({"ns.yaml": after})
    code, told, _ = run("why", "--since", "HEAD")
    assert code == 0
    (turn,) = told["changes"]
    assert (turn["change"], turn["after"]["verdict"]) == (change, verdict)
    assert (turn["subject"]["name"], told["unchanged"]) == ("cart", 1)
    assert run("why", "--since", "HEAD", "-n", "other")[1]["changes"] == []


def test_workloads_come_and_go(repo: Repository, run: Run, capsysbinary: Any) -> None:
    repo.commit({"ns.yaml": GOOD, "cart.yaml": deployment("cart")})
    (repo.folder / "cart.yaml").unlink()
    repo.write({"pay.yaml": deployment("pay"), "odd.yaml": deployment("a|b")})
    told = run("why", "--since", "HEAD")[1]
    names = [(turn["change"], turn["subject"]["name"]) for turn in told["changes"]]
    assert names == [("added", "a|b"), ("added", "pay"), ("removed", "cart")]
    for form in ("text", "markdown"):
        assert cli.run(["why", "--since", "HEAD", "--format", form]) == 0
    shown = capsysbinary.readouterr().out.decode()
    assert "deployment/pay -n shop is new" in shown
    assert "| deployment/pay -n shop | is new | - |" in shown
    assert "a\\|b" in shown
    assert cli.run(["why", "--since", "HEAD", "--format", "mermaid"]) == 2


def documented() -> list[list[str]]:
    """The commands of docs/git.md."""
    text = (ROOT / "docs/git.md").read_text()
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = [line.partition("#")[0].split() for block in blocks for line in block.splitlines()]
    assert all(line[0] == "meshlint" for line in lines)
    return [line[1:] for line in lines]


@pytest.mark.parametrize("words", documented(), ids=" ".join)
def test_the_commands_of_the_guide(words: list[str], repo: Repository) -> None:
    repo.commit({"overlays/ns.yaml": BAD, "cart.yaml": deployment("cart")})
    repo.commit({"overlays/ns.yaml": GOOD})
    assert cli.run(words) in (0, 1)


def test_the_output_in_the_guide(
    repo: Repository, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    declared = "revisions: ['1-29', default]\ndefaultRevision: default\n"
    repo.commit({".meshlint.yaml": declared, "ns.yaml": GOOD, "cart.yaml": deployment("cart")})
    repo.write({"ns.yaml": namespace("shop", injection="disabled")})
    cli.run(["why", "--since", "main"])
    shown = re.sub(r"\([0-9a-f]{10}\)", "(1f3c5a9b20)", capsysbinary.readouterr().out.decode())
    assert f"```text\n{shown}```" in (ROOT / "docs/git.md").read_text()
