"""What every format says in the same words."""

from __future__ import annotations

from collections.abc import Iterable

from meshlint.diagnose.answer import Diagnosis, Scene
from meshlint.diagnose.recognise import MOST
from meshlint.finding import printable
from meshlint.policy import policies
from meshlint.report.model import count
from meshlint.symptom.model import Cause

MOST_VALUES = 5


def unknown(scene: Scene) -> tuple[str, str]:
    """That nothing was recognised, and what to do then."""
    name = printable(scene.text) or "standard input"
    return (
        f"No error that meshlint knows was found in {name} ({count(scene.lines, 'line')}).",
        "'meshlint diagnose --list' shows those that it knows, and 'meshlint PATH' lints a tree"
        " without an error text.",
    )


def place(diagnosis: Diagnosis, scene: Scene) -> str:
    """Where the error stands, and how often."""
    name = f"{printable(scene.text)}:" if scene.text else "line "
    times = f"at least {MOST}" if diagnosis.count >= MOST else str(diagnosis.count)
    return f"{name}{diagnosis.line}{f' and on, {times} times' if diagnosis.count > 1 else ''}"


def names(diagnosis: Diagnosis) -> list[tuple[str, str]]:
    """What the error names, a field and its values."""
    return [(field, _values(values)) for field, values in diagnosis.names.items()]


def _values(values: tuple[str, ...]) -> str:
    shown = ", ".join(printable(value) for value in values[:MOST_VALUES])
    rest = len(values) - MOST_VALUES
    return f"{shown} and {rest} more" if rest > 0 else shown


def silence(diagnosis: Diagnosis, scene: Scene) -> str:
    """That the tree does not show the cause; "" where it may."""
    if diagnosis.found.explains:
        return ""
    tree = ", ".join(printable(path) for path in scene.paths)
    if not scene.objects:
        return f"There is no Kubernetes object in {tree}: the cause can only be guessed."
    return f"Nothing in {tree} ({count(scene.files, 'file')}) explains this error."


def elsewhere(diagnosis: Diagnosis) -> str:
    """The words before what is to be checked in the cluster."""
    if diagnosis.found.explains:
        return "If it is none of these, Git does not show the cause. Check:"
    return "Git does not show the cause. Check:"


def codes(cause: Cause) -> str:
    """The rules that find a cause, by their codes; `MESH640-MESH647` for those in a row."""
    return _ranges([policy.code for policy in policies() if cause.shown_by(policy.name)])


def _ranges(found: Iterable[str]) -> str:
    rows: list[list[str]] = []
    for code in found:
        if rows and int(code[4:]) == int(rows[-1][-1][4:]) + 1:
            rows[-1].append(code)
        else:
            rows.append([code])
    return ", ".join(_range(row) for row in rows)


def _range(row: list[str]) -> str:
    return f"{row[0]}-{row[-1]}" if len(row) > 2 else ", ".join(row)
