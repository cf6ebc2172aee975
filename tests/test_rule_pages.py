"""`docs/rules/`: a page for each rule, made of its policy, and what they say is true."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from meshlint.explain import markdown
from meshlint.explain.entry import entry
from meshlint.policy import Policy, policies
from meshlint.report.text import headline
from meshlint.rulebook import SHIPPED
from meshlint.rules import FAMILIES
from tests.conftest import ROOT
from tests.lint import lint_text

PAGES = ROOT / "docs/rules"
POLICIES = {policy.code: policy for policy in policies()}
LINK = re.compile(r"\]\((?!https?://)([^)#]+)")
SHOWN = re.compile(r"```console\n\$ meshlint --quiet example.yaml\n(.*?)\n```", re.DOTALL)


def kept(path: Path, text: str, update: bool) -> None:
    """A generated file has this text; with --update, from now on."""
    if update:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert path.read_text() == text, "pytest tests/test_rule_pages.py --update writes it anew"


@pytest.mark.parametrize("code", sorted(POLICIES))
def test_page_is_that_of_the_policy(code: str, update: bool) -> None:
    kept(PAGES / f"{code}.md", markdown.page(entry(POLICIES[code], SHIPPED)), update)


def test_index_has_every_rule(update: bool) -> None:
    kept(PAGES / "README.md", markdown.index(policies()), update)


def test_no_page_is_left_over() -> None:
    assert {path.stem for path in PAGES.iterdir()} == {*POLICIES, "README"}


def test_every_family_has_a_title() -> None:
    assert set(markdown.FAMILIES) == set(FAMILIES)


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.md")), ids=lambda path: path.stem)
def test_links_resolve(path: Path) -> None:
    for target in LINK.findall(path.read_text()):
        assert (path.parent / target).exists(), target


@pytest.mark.parametrize("code", sorted(POLICIES))
def test_shown_output_is_that_of_the_example(code: str) -> None:
    """Judged by all rules, as a user would see it: not just by the one that the page is about."""
    policy = POLICIES[code]
    match = SHOWN.search((PAGES / f"{code}.md").read_text())
    assert match
    heads = [line for line in match[1].splitlines() if line.startswith("example.yaml:")]
    found = [headline(finding) for finding in lint_text(policy.fails).findings]
    assert heads == [head.replace("<stdin>", "example.yaml", 1) for head in found]


@pytest.mark.parametrize("code", ["MESH003", "MESH104", "MESH315"])
def test_shown_output_is_that_of_the_command(code: str, tmp_path: Path) -> None:
    (tmp_path / "example.yaml").write_text(POLICIES[code].fails)
    command = [sys.executable, "-I", "-m", "meshlint", "--quiet", "example.yaml"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    match = SHOWN.search((PAGES / f"{code}.md").read_text())
    assert match
    assert done.stdout == f"{match[1]}\n"


def everything(policy: Policy) -> list[str]:
    """The words of a policy that a page must not lose."""
    prose = (policy.summary, policy.symptom, policy.why, policy.fix)
    words = [word for text in prose for word in re.findall(r"[A-Za-z]{4,}", text)]
    return [*words, *policy.references, *policy.cases, policy.severity.value]


@pytest.mark.parametrize("code", sorted(POLICIES))
def test_a_page_loses_nothing(code: str) -> None:
    text = (PAGES / f"{code}.md").read_text()
    missing = [word for word in everything(POLICIES[code]) if word not in text]
    assert missing == []
    assert POLICIES[code].fails.strip() in text
    assert POLICIES[code].passes.strip() in text


def test_the_address_of_a_page_ends_in_its_name() -> None:
    for policy in policies():
        assert policy.page == f"https://meshlint.dev/rules/{policy.code}"
        assert (PAGES / f"{policy.code}.md").is_file()


def test_what_no_comment_can_silence() -> None:
    """Only what is said of suppressions themselves; each other page shows one that was tried."""
    silent = {code for code in POLICIES if "## How to leave" in (PAGES / f"{code}.md").read_text()}
    names = {POLICIES[code].name for code in POLICIES.keys() - silent}
    assert names == {"suppression-unused", "suppression-expired", "suppression-malformed"}


def test_where_no_comment_can_stand() -> None:
    """A line of a ConfigMap's text: the comment would be a part of the text."""
    page = (PAGES / "MESH533.md").read_text()
    assert (
        "```yaml\n# meshlint: ignore-document[MESH533] why it is meant\napiVersion: v1\n```" in page
    )


def test_what_meshlint_mends_itself() -> None:
    """Each page says so, and the index has it in its column."""
    index = (PAGES / "README.md").read_text()
    for code, policy in POLICIES.items():
        said = {"safe": "`meshlint --fix` does", "unsafe": "`meshlint --fix=unsafe` does"}
        page = (PAGES / f"{code}.md").read_text()
        assert [word for word in said if said[word] in page] == [policy.fixable][
            : bool(policy.fixable)
        ]
        column = {"safe": "`--fix`", "unsafe": "`--fix=unsafe`", "": ""}[policy.fixable]
        assert re.search(rf"^\| \[{code}\]\({code}\.md\) .* \| {column} \| [^|]*\|$", index, re.M)
    assert {policy.fixable for policy in POLICIES.values()} == {"", "safe", "unsafe"}


MENDED = re.compile(
    r"```console\n\$ meshlint (--quiet --fix\S* --diff example.yaml)\n(.*?)```", re.DOTALL
)


@pytest.mark.parametrize("code", ["MESH102", "MESH103", "MESH106"])
def test_shown_diff_is_that_of_the_command(code: str, tmp_path: Path) -> None:
    match = MENDED.search((PAGES / f"{code}.md").read_text())
    assert match
    (tmp_path / "example.yaml").write_text(POLICIES[code].fails)
    command = [sys.executable, "-I", "-m", "meshlint", *match[1].split()]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout == match[2]


def test_diffs_are_shown_where_a_rule_is_fixable() -> None:
    """An example may be one that only somebody who knows it can mend."""
    shown = {code for code in POLICIES if MENDED.search((PAGES / f"{code}.md").read_text())}
    fixable = {code for code, policy in POLICIES.items() if policy.fixable}
    assert shown <= fixable
    assert len(shown) > len(fixable) // 2
