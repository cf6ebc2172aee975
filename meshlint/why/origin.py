"""Answers about rendered workloads, told at the lines that these were rendered from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from meshlint.finding import Location
from meshlint.mesh.inject import Reason
from meshlint.origin.trace import places
from meshlint.source.files import Source
from meshlint.why.answer import Answer
from meshlint.why.changes import State, Turn

At = Callable[[Location], Location]


def original(answers: Iterable[Answer], sources: Iterable[Source]) -> list[Answer]:
    """The answers with all places where they come from; `sources` are the files of the run."""
    at = places(sources)
    return [_moved(answer, at) for answer in answers]


def _moved(answer: Answer, at: At) -> Answer:
    meta = answer.workload.meta
    workload = replace(answer.workload, meta=replace(meta, where=at(meta.where)))
    because, steps = (_told(reasons, at) for reasons in (answer.because, answer.steps))
    return replace(answer, workload=workload, because=because, steps=steps)


def turned(turns: Iterable[Turn], before: Iterable[Source], after: Iterable[Source]) -> list[Turn]:
    """What changed, with all places where they come from; of each state the files are given."""
    then, now = places(before), places(after)
    return [
        replace(turn, before=_state(turn.before, then), after=_state(turn.after, now))
        for turn in turns
    ]


def _state(state: State | None, at: At) -> State | None:
    return replace(state, steps=_told(state.steps, at)) if state else None


def _told(reasons: Iterable[Reason], at: At) -> tuple[Reason, ...]:
    return tuple(replace(r, where=at(r.where)) if r.where else r for r in reasons)
