"""A new user, with nothing but Python and git, does what the README's first steps say."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from tests.checkout import checkout
from tests.conftest import ROOT
from tests.walk import Reader, follow

STEPS = re.compile(r"^## From nothing .*?(?=^## )", re.DOTALL | re.MULTILINE)
URL, REVISION = "URL-OF-THIS-REPOSITORY", "COMMIT-OR-TAG"


@pytest.mark.packages
def test_from_nothing_to_a_hook_a_fix_and_sarif(tmp_path: Path, update: bool) -> None:
    readme = (ROOT / "README.md").read_text()
    match = STEPS.search(readme)
    assert match
    address = (tmp_path / "meshlint").as_uri()
    revision = checkout(tmp_path / "meshlint")
    document = tmp_path / "steps.md"
    document.write_text(match[0].replace(URL, address).replace(REVISION, revision))
    folder, tools = tmp_path / "shop", tmp_path / "tools"
    folder.mkdir()
    tools.mkdir()
    (tools / "python3").symlink_to(sys._base_executable)  # type: ignore[attr-defined]
    with Reader(folder, bare=True, PATH=f"{tools}:/usr/local/bin:/usr/bin:/bin") as reader:
        follow(document, reader, update=update)
    log = json.loads((folder / "meshlint.sarif").read_text())
    assert log["runs"][0]["results"] == []
    if update:
        told = document.read_text().replace(address, URL).replace(revision, REVISION)
        (ROOT / "README.md").write_text(readme.replace(match[0], told))
