"""Runs the steps of a composite action as GitHub's runner does, as far as this project's goes.

Expressions are names and comparisons with a text; a step that uses another action is not run, and
ends as the test says.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


@dataclass
class Ran:
    """What a run of an action left: outputs by name, the log, the job summary, and what was used."""

    code: int = 0
    log: str = ""
    summary: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    used: dict[str, dict[str, str]] = field(default_factory=dict)
    """By the id of a step the inputs that another action was given."""

    @property
    def commands(self) -> list[str]:
        """The lines that the runner obeys, less those between stop-commands and its token."""
        found, token = [], ""
        for line in self.log.splitlines():
            if token:
                token = "" if line == f"::{token}::" else token
            elif line.startswith("::stop-commands::"):
                token = line.removeprefix("::stop-commands::")
                assert len(token) >= 32
            elif line.lstrip().startswith(("::", "##[")):
                found.append(line)
        assert not token
        return found


@dataclass
class Action:
    """A composite action at a path, run in a workspace with a folder for temporary files."""

    path: Path
    workspace: Path
    temporary: Path
    visibility: str = "public"
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, outcome: str = "success", **inputs: str) -> Ran:
        """Runs all steps; `outcome` is that of the steps which use another action."""
        text = yaml.safe_load((self.path / "action.yml").read_text())
        names = {f"inputs.{name}": given["default"] for name, given in text["inputs"].items()}
        names |= {f"inputs.{name.replace('_', '-')}": value for name, value in inputs.items()}
        names["github.event.repository.visibility"] = self.visibility
        ran = Ran()
        for step in text["runs"]["steps"]:
            self._step(step, names, ran, outcome)
            if ran.code:
                break
        for name, given in text["outputs"].items():
            ran.outputs[name] = filled(given["value"], names)
        return ran

    def _step(self, step: dict[str, Any], names: dict[str, str], ran: Ran, outcome: str) -> None:
        key = f"steps.{step.get('id', step['name'])}"
        if not _wanted(step.get("if"), names):
            names[f"{key}.outcome"] = "skipped"
        elif "uses" in step:
            given = step.get("with", {})
            ran.used[step["id"]] = {k: filled(str(v), names) for k, v in given.items()}
            names[f"{key}.outcome"] = outcome
            ran.code = 0 if step.get("continue-on-error") or outcome == "success" else 1
        else:
            ran.code = self._bash(step, names, ran, key)

    def _bash(self, step: dict[str, Any], names: dict[str, str], ran: Ran, key: str) -> int:
        assert step["shell"] == "bash"
        script, out, summary = (self.temporary / n for n in ("step.sh", "outputs", "summary"))
        script.write_text(step["run"])
        out.write_text("")
        summary.write_text("")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.workspace, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", check=False, timeout=300,
            env={
                **{k: v for k, v in os.environ.items() if not k.startswith(("GITHUB_", "RUNNER_"))},
                "GITHUB_ACTION_PATH": str(self.path),
                "GITHUB_WORKSPACE": str(self.workspace),
                "GITHUB_OUTPUT": str(out),
                "GITHUB_STEP_SUMMARY": str(summary),
                "RUNNER_TEMP": str(self.temporary),
                **{name: filled(text, names) for name, text in step.get("env", {}).items()},
                **self.environment,
            },
        )  # fmt: skip
        ran.log += done.stdout
        ran.summary += summary.read_text()
        for line in out.read_text().splitlines():
            name, _, value = line.partition("=")
            names[f"{key}.outputs.{name}"] = value
        return done.returncode


def filled(text: str, names: dict[str, str]) -> str:
    """A text with the values of its expressions; a name that nothing has set is empty."""
    return EXPRESSION.sub(lambda found: names.get(found[1], ""), text)


def _wanted(condition: str | None, names: dict[str, str]) -> bool:
    if condition is None:
        return True
    name, value = re.fullmatch(r"([\w.-]+) == '(\w+)'", condition).groups()  # type: ignore[union-attr]
    return names.get(name, "") == value
