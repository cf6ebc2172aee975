"""Answers as text, Markdown, JSON, and as a picture that GitHub draws."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from meshlint.finding import Location, printable
from meshlint.mesh.inject import Reason, Verdict
from meshlint.why.answer import Answer, decisive
from meshlint.why.find import full_name
from meshlint.why.picture import mermaid

COLUMNS = ("workload", "verdict", "revision", "via", "because")


def text(answers: Sequence[Answer], table: bool) -> str:
    """One answer in full, or a table of all with their counts."""
    if not table:
        return "\n".join(_full(answer) for answer in answers)
    rows = [COLUMNS, *(_row(answer) for answer in answers)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(COLUMNS) - 1)]
    lines = ["  ".join(c.ljust(w) for c, w in zip(r, [*widths, 0], strict=True)) for r in rows]
    return (
        "".join(f"{line.rstrip()}\n" for line in lines) + f"\n{_counted(answers)}\n{_open(answers)}"
    )


def _full(answer: Answer) -> str:
    lines = [f"{full_name(answer.workload)}: {answer.verdict}"]
    lines += [f"  {name:<14} {value}" for name, value in _facts(answer) if value]
    lines += ["", "  step by step:"]
    for step in answer.steps:
        lines.append(f"  - {printable(step.text)}{at(step.where)}")
        lines += [f"    to settle it: {printable(step.settle)}"] if step.settle else []
    return "".join(f"{line}\n" for line in lines)


def _facts(answer: Answer) -> list[tuple[str, str]]:
    planes = [f"{p.origin} {p.subject.namespace}/{p.subject.name}" for p in answer.planes[:1]]
    return [
        ("unit", printable(answer.unit)),
        ("webhook", printable(answer.via)),
        ("tag", printable(answer.tag or "")),
        ("revision", printable(answer.revision or "")),
        ("control plane", printable("".join(planes))),
        ("scope", printable(answer.scope)),
    ]


def at(where: Location | None) -> str:
    """A place in brackets; "" for what stands in no file."""
    return f" ({printable(where.path)}:{where.line})" if where and where.path else ""


def _row(answer: Answer) -> tuple[str, ...]:
    step = decisive(answer)
    reason = step.text if step else ""
    revision = f"{answer.revision or '-'}" + (f" (tag {answer.tag})" if answer.tag else "")
    cells = (_named(answer), answer.verdict, revision, answer.via or "-")
    return (*(printable(cell) for cell in cells), printable(reason))


def _named(answer: Answer) -> str:
    """The workload as one would ask for it, and the unit where several may apply it."""
    return full_name(answer.workload) + (f" [{answer.unit}]" if answer.unit else "")


def _counted(answers: Sequence[Answer]) -> str:
    counts = Counter(answer.verdict for answer in answers)
    shown = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict)
    number = len({answer.workload.meta.where for answer in answers})
    ways = f" ({number} workloads, {len(answers)} ways to a cluster)"
    return shown + (ways if number < len(answers) else "")


def _open(answers: Sequence[Answer]) -> str:
    """What would settle the unknown ones, what helps most first."""
    unknown = [answer for answer in answers if answer.verdict is Verdict.UNKNOWN]
    first = (next((step.settle for step in a.because if step.settle), "") for a in unknown)
    counts = Counter(settle for settle in first if settle)
    lines = [f"  {number} x {printable(settle)}" for settle, number in counts.most_common(8)]
    return (
        "".join(f"{line}\n" for line in ("what would settle the unknown:", *lines)) if lines else ""
    )


def markdown(answers: Sequence[Answer], table: bool) -> str:
    """A table, or one answer as a list."""
    if not table:
        return "\n".join(_list(answer) for answer in answers)
    head = f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}\n"
    rows = (f"| {' | '.join(cell(c) for c in _row(answer))} |\n" for answer in answers)
    settle = "".join(f"- {cell(line.strip())}\n" for line in _open(answers).splitlines()[1:])
    more = f"\nWhat would settle the unknown:\n\n{settle}" if settle else ""
    return head + "".join(rows) + f"\n{_counted(answers)}\n{more}"


def _list(answer: Answer) -> str:
    facts = [f"{name}: {cell(value)}" for name, value in _facts(answer) if value]
    steps = [f"{cell(s.text)}{cell(at(s.where))}{cell(_settle(s))}" for s in answer.steps]
    head = f"### {cell(full_name(answer.workload))}: {answer.verdict}\n\n"
    return head + "".join(f"- {line}\n" for line in (*facts, *steps))


def _settle(step: Reason) -> str:
    return f"; to settle it: {step.settle}" if step.settle else ""


def cell(value: str) -> str:
    """Text that Markdown shows as it is."""
    shown = printable(value).replace("\\", "\\\\")
    for mark in "|`<*_[]":
        shown = shown.replace(mark, "&lt;" if mark == "<" else f"\\{mark}")
    return shown


def as_json(answers: Sequence[Answer], _: bool) -> str:
    """`{"version": 1, "workloads": [...], "counts": {...}}`."""
    counts = Counter(answer.verdict for answer in answers)
    body = {
        "version": 1,
        "workloads": [_object(answer) for answer in answers],
        "counts": {verdict.name.lower(): counts[verdict] for verdict in Verdict},
    }
    shown = json.dumps(body, ensure_ascii=False, indent=2)
    return shown.encode("utf-8", "backslashreplace").decode() + "\n"


def _object(answer: Answer) -> dict[str, object]:
    own = answer.workload.meta
    return {
        "subject": asdict(own.subject),
        "location": asdict(own.where),
        "verdict": answer.verdict.name.lower(),
        "tag": answer.tag,
        "revision": answer.revision,
        "webhook": answer.via or None,
        "unit": answer.unit or None,
        "scope": answer.scope,
        "because": [as_step(reason) for reason in answer.because],
        "steps": [as_step(reason) for reason in answer.steps],
    }


def as_step(reason: Reason) -> dict[str, object]:
    """A step with its place, and what would settle it."""
    where = reason.where if reason.where and reason.where.path else None
    return {
        "text": reason.text,
        "location": asdict(where) if where else None,
        "settle": reason.settle or None,
    }


SHOWS = {"text": text, "markdown": markdown, "json": as_json, "mermaid": mermaid}
