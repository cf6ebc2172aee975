"""Changes of injection as text, as Markdown for a pull request, and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from meshlint.finding import printable
from meshlint.why.answer import unit
from meshlint.why.changes import Change, State, Turn
from meshlint.why.find import full_name
from meshlint.why.show import as_step, at, cell


def text(turns: Sequence[Turn], alike: int, since: str) -> str:
    """Each workload with what it was and is, and the lines that decide; then the counts."""
    blocks = ["\n".join(_block(turn)) + "\n" for turn in turns]
    return "".join(f"{block}\n" for block in blocks) + f"{_counted(turns, alike, since)}\n"


def _block(turn: Turn) -> Iterator[str]:
    yield f"{_named(turn)} {turn.change}: {_course(turn)}"
    if turn.change is not Change.REMOVED:
        yield from (f"  before: {printable(line)}" for line in _lines(turn.before))
        yield from (f"  after:  {printable(line)}" for line in _lines(turn.after))


def _named(turn: Turn) -> str:
    way = unit(turn.workload)
    return printable(full_name(turn.workload) + (f" [{way}]" if way else ""))


def _course(turn: Turn) -> str:
    states = (turn.before, turn.after)
    return " -> ".join(printable(state.words) for state in states if state)


def _lines(state: State | None) -> list[str]:
    """The steps that lead there, each with its place."""
    return [f"{step.text}{at(step.where)}" for step in state.steps] if state else []


def _counted(turns: Sequence[Turn], alike: int, since: str) -> str:
    counts = Counter(turn.change for turn in turns)
    shown = ", ".join(f"{counts[change]} {change}" for change in Change if counts[change])
    return f"since {printable(since)}: {shown or 'nothing changes'} ({alike} unchanged)"


def markdown(turns: Sequence[Turn], alike: int, since: str) -> str:
    """A table that GitHub and GitLab show in a comment."""
    head = "| workload | change | before | after | because |\n|---|---|---|---|---|\n"
    rows = "".join(f"| {' | '.join(map(cell, _row(turn)))} |\n" for turn in turns)
    summary = cell(_counted(turns, alike, since))
    return f"{head}{rows}\n{summary}\n" if turns else f"{summary}\n"


def _row(turn: Turn) -> tuple[str, ...]:
    states = (turn.before.words if turn.before else "-", turn.after.words if turn.after else "-")
    lines = _lines(turn.after) or _lines(turn.before)
    return (_named(turn), turn.change, *states, "; ".join(lines))


def as_json(turns: Sequence[Turn], alike: int, since: str) -> str:
    """`{"version": 1, "since": ..., "changes": [...], "unchanged": N}`."""
    changes = [_object(turn) for turn in turns]
    body = {"version": 1, "since": since, "changes": changes, "unchanged": alike}
    shown = json.dumps(body, ensure_ascii=False, indent=2)
    return shown.encode("utf-8", "backslashreplace").decode() + "\n"


def _object(turn: Turn) -> dict[str, object]:
    own = turn.workload.meta
    return {
        "change": turn.change.name.lower(),
        "subject": asdict(own.subject),
        "location": asdict(own.where),
        "unit": unit(turn.workload) or None,
        "before": _state(turn.before),
        "after": _state(turn.after),
    }


def _state(state: State | None) -> dict[str, object] | None:
    if state is None:
        return None
    return {
        "verdict": state.verdict.name.lower(),
        "revision": state.revision,
        "denied": state.denied,
        "because": [as_step(step) for step in state.steps],
    }


TELLS = {"text": text, "markdown": markdown, "json": as_json}
