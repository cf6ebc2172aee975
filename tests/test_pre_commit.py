"""The hooks, as pre-commit and prek install and run them, over commits of every kind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = [
    pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed"),
    pytest.mark.skipif(os.name == "nt", reason="names and links that Windows does not have"),
]

PROGRAMS = Path(sys.executable).parent
PACKAGED = (
    "meshlint", "policies", "schemas", "docs/man", "docs/completion",
    "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml",
)  # fmt: skip
"""What of the project goes into its package, and so what a hook's clone needs."""

NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {}\n  labels:\n    {}\n"
GOOD = NAMESPACE.format("shop", "istio-injection: enabled")
BAD = NAMESPACE.format("shop", "istio-injection: 'yes'")
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: cart, namespace: shop, labels: {sidecar.istio.io/inject: "true"}}
spec: {containers: [{name: a, image: b}]}
"""
REVISION = """\
apiVersion: sailoperator.io/v1
kind: IstioRevision
metadata: {{name: {0}}}
spec: {{version: {0}, namespace: istio-system}}
"""
TAG = """\
apiVersion: sailoperator.io/v1
kind: IstioRevisionTag
metadata: {name: prod}
spec: {targetRef: {kind: IstioRevision, name: v1.27.0}}
"""
MESH = {
    "old_yaml": REVISION.format("v1.27.0"),
    "new_yaml": REVISION.format("v1.28.0"),
    "tag_yaml": TAG,
}
"""A mesh that is broken once `old.yaml` is deleted."""


@dataclass(frozen=True)
class Repository:
    """A user's repository whose commits run a hook; `home` keeps the hooks' environments."""

    path: Path
    hooks: Path
    home: Path

    def run(self, *words: str, good: bool | None = True) -> str:
        """What a command prints; `good` is whether it must end well, None where that is open."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        environment |= {
            "PATH": f"{PROGRAMS}{os.pathsep}{environment['PATH']}",
            "PRE_COMMIT_HOME": str(self.home),
            "PREK_HOME": str(self.home / "prek"),
            "PRE_COMMIT_COLOR": "never",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": "a",
            "GIT_AUTHOR_EMAIL": "a@example.com",
            "GIT_COMMITTER_NAME": "a",
            "GIT_COMMITTER_EMAIL": "a@example.com",
        }
        done = subprocess.run(
            words, cwd=self.path, env=environment, check=False, timeout=300,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        )  # fmt: skip
        assert good is None or (done.returncode == 0) is good, done.stdout
        return done.stdout

    def write(self, **files: str) -> None:
        """Files by name, a double underscore for a slash, a single one for a dot."""
        for name, text in files.items():
            self.put(name.replace("__", "/").replace("_", "."), text)

    def put(self, name: str, text: str) -> None:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, newline="")

    def use(self, *hooks: str) -> None:
        """Has every commit run these hooks, each in YAML."""
        revision = self.run("git", "-C", str(self.hooks), "rev-parse", "HEAD").strip()
        entries = "".join(f"      - {hook}\n" for hook in hooks)
        head = f"repos:\n  - repo: {self.hooks}\n    rev: {revision}\n    hooks:\n"
        self.put(".pre-commit-config.yaml", head + entries)
        self.run("git", "add", ".pre-commit-config.yaml")
        self.run("pre-commit", "install")

    def commit(self, *words: str, good: bool | None = True) -> str:
        return self.run("git", "commit", "--message", "x", *words, good=good)

    def settled(self, **files: str) -> None:
        """Commits files without running hooks."""
        self.write(**files)
        self.run("git", "add", "--all")
        self.commit("--no-verify", "--quiet")


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as a repository that hooks are taken from, with what is not committed yet."""
    path = tmp_path_factory.mktemp("hooks")
    ignored = shutil.ignore_patterns("__pycache__")
    for name in PACKAGED:
        source, target = ROOT / name, path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=ignored)
        else:
            shutil.copy(source, target)
    repository = Repository(path, path, path)
    repository.run("git", "init", "--quiet")
    repository.run("git", "add", "--all")
    repository.commit("--quiet")
    return path


@pytest.fixture(scope="module")
def home(hooks: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Environments of the hooks, which all tests share; pip builds them, with what it downloads."""
    path = tmp_path_factory.mktemp("home")
    first = Repository(tmp_path_factory.mktemp("first"), hooks, path)
    first.run("git", "init", "--quiet")
    first.use("id: meshlint")
    out = first.run("pre-commit", "install-hooks", good=None)
    if "error" in out.lower():
        if os.environ.get("MESHLINT_PROGRAMS") == "needed" or "No matching" not in out:
            pytest.fail(out)
        pytest.skip("pip reaches no package index")
    return path


@pytest.fixture
def repository(hooks: Path, home: Path, tmp_path: Path) -> Repository:
    path = tmp_path / "a user's"
    path.mkdir()
    made = Repository(path, hooks, home)
    made.run("git", "init", "--quiet", "--initial-branch=main")
    return made


def test_manifest() -> None:
    command = [str(PROGRAMS / "pre-commit"), "validate-manifest", ".pre-commit-hooks.yaml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("text", "shown"), [(GOOD, "Passed"), (BAD, "exit code: 1")])
def test_try_repo(repository: Repository, text: str, shown: str) -> None:
    """As somebody tries it out: in an environment of its own, which pip builds anew."""
    repository.write(ns_yaml=text)
    repository.run("git", "add", "--all")
    words = ("pre-commit", "try-repo", str(repository.hooks), "meshlint", "--all-files")
    out = repository.run(*words, "--verbose", good=text is GOOD)
    assert shown in out
    assert ("ns.yaml:6:22: error MESH101 " in out) is (text is BAD)
    assert "meshlint: looked at 1 file " in out


def test_try_repo_with_a_commit_that_only_deletes(repository: Repository) -> None:
    """What is deleted is what breaks the rest; the other hook cannot see that, and says so."""
    repository.settled(**MESH)
    repository.run("git", "rm", "--quiet", "old.yaml")
    out = repository.run("pre-commit", "try-repo", str(repository.hooks), good=False)
    assert "tag.yaml:4:47: warning MESH204" in out
    assert "(no files to check)Skipped" in out


@pytest.mark.parametrize("hook", ["meshlint", "meshlint-changed"])
def test_a_commit_that_only_deletes(repository: Repository, hook: str) -> None:
    repository.use(f"id: {hook}")
    repository.settled(**MESH)
    repository.run("git", "rm", "--quiet", "old.yaml")
    out = repository.commit(good=hook == "meshlint-changed")
    assert ("MESH204" in out) is (hook == "meshlint")


def test_the_last_manifest_is_deleted(repository: Repository) -> None:
    """There is nothing to check, and nothing wrong with that."""
    repository.use("id: meshlint")
    repository.settled(ns_yaml=GOOD)
    repository.run("git", "rm", "--quiet", "ns.yaml")
    assert "Passed" in repository.commit()


def test_what_is_staged_counts(repository: Repository) -> None:
    """Of a file that is partially staged: neither faults nor mends that are not in the commit."""
    repository.use("id: meshlint")
    repository.settled(ns_yaml=GOOD)
    repository.write(ns_yaml=GOOD + "---\n" + BAD, a_yaml=GOOD)
    repository.run("git", "add", "a.yaml")
    assert "Passed" in repository.commit()
    repository.run("git", "add", "ns.yaml")
    repository.write(ns_yaml=GOOD)
    assert "ns.yaml:13:22: error MESH101" in repository.commit(good=False)
    assert (repository.path / "ns.yaml").read_text() == GOOD


def test_a_commit_of_some_files(repository: Repository) -> None:
    """`git commit FILE` has an index of its own, in which other staged files are not."""
    repository.use("id: meshlint")
    repository.settled(a_yaml=GOOD)
    repository.write(a_yaml=GOOD + "# more\n", bad_yaml=BAD)
    repository.run("git", "add", "bad.yaml")
    out = repository.commit("--", "a.yaml", good=None)
    assert "bad.yaml" not in out


def test_untracked_files_are_not_in_the_commit(repository: Repository) -> None:
    repository.use("id: meshlint")
    repository.write(ns_yaml=GOOD, bad_yaml=BAD)
    repository.run("git", "add", "ns.yaml")
    assert "Passed" in repository.commit()
    repository.run("git", "rm", "--quiet", "--cached", "ns.yaml")
    repository.write(ns_yaml=BAD)
    assert "Passed" in repository.commit()


def test_odd_names(repository: Repository) -> None:
    """Names that would be two words or two lines, or an option, in a shell."""
    repository.use("id: meshlint")
    names = ("a b.yaml", "a\nb.yaml", "--format=x.yaml", "$(exit 7)/é.yaml")
    for number, name in enumerate(names):
        repository.put(name, BAD.replace("shop", f"shop-{number}"))
    repository.run("git", "add", "--all")
    out = repository.commit(good=False)
    assert "- exit code: 1" in out
    for name in names:
        shown = name.replace("\n", "\\n")
        assert f"{shown}:6:22: error MESH101" in out


def test_many_files_are_linted_once(repository: Repository) -> None:
    """More than would fit on a command line: what is in one portion would not see the others."""
    repository.use("{id: meshlint-changed, verbose: true}")
    for number in range(5_100):
        repository.put(f"{number % 50}/{'long' * 30}-{number}.yaml", f"a: {number}\n")
    repository.write(ns_yaml=GOOD)
    repository.run("git", "add", "--all")
    out = repository.commit()
    assert out.count("meshlint: looked at") == 1
    assert "meshlint: looked at 5102 files" in out


@pytest.mark.parametrize(
    ("arguments", "configuration", "code", "shown"),
    [
        ("[]", "revisions: 7\n", 2, ".meshlint.yaml:1:12"),
        ("[--no-such-option]", "", 2, "unrecognized arguments"),
        ("[gone/]", "", 3, "gone"),
        ("[--fail-on, error]", "failOn: note\n", 0, "Passed"),
    ],
    ids=["configuration", "usage", "unread", "threshold"],
)
def test_exit_codes(
    repository: Repository, arguments: str, configuration: str, code: int, shown: str
) -> None:
    """pre-commit shows the code and the words; what users give as args comes after `entry`."""
    repository.use(f"{{id: meshlint, args: {arguments}}}")
    repository.write(pod_yaml=POD, _meshlint_yaml=configuration)
    repository.run("git", "add", "--all")
    out = repository.commit(good=code == 0)
    assert shown in out
    assert (f"- exit code: {code}" in out) is (code != 0)


def test_fix(repository: Repository) -> None:
    """The first commit fails by what was mended; added, it passes. Other bytes stay."""
    repository.use("{id: meshlint, args: [--fix]}")
    untyped = POD.replace('"true"', "true").replace("spec:", "# a comment\nspec:")
    repository.put("pod.yaml", untyped.replace("\n", "\r\n"))
    repository.put("untracked.yaml", untyped)
    repository.run("git", "add", "pod.yaml")
    assert "files were modified by this hook" in repository.commit(good=False)
    mended = untyped.replace("inject: true", 'inject: "true"').replace("\n", "\r\n")
    assert (repository.path / "pod.yaml").read_bytes() == mended.encode()
    assert (repository.path / "untracked.yaml").read_text() == untyped
    repository.run("git", "add", "pod.yaml")
    assert "Passed" in repository.commit()


def test_all_files_and_a_push(repository: Repository) -> None:
    """In CI and by hand the work tree is what is checked; before a push, too."""
    repository.use("{id: meshlint, stages: [pre-push, manual]}")
    repository.settled(ns_yaml=BAD)
    words = ("pre-commit", "run", "--all-files", "--hook-stage")
    assert "MESH101" in repository.run(*words, "manual", good=False)
    assert "MESH101" in repository.run(*words, "pre-push", good=False)
    repository.write(ns_yaml=GOOD)
    repository.run("pre-commit", "run", "--hook-stage", "manual", "--all-files")


def test_prek(repository: Repository) -> None:
    repository.use("id: meshlint")
    repository.write(ns_yaml=BAD)
    repository.run("git", "add", "--all")
    assert "ns.yaml:6:22: error MESH101" in repository.run("prek", "run", good=False)
    repository.write(ns_yaml=GOOD)
    repository.run("git", "add", "--all")
    assert "Passed" in repository.run("prek", "run")
