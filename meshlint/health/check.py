"""What one check says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How bad it is."""

    GOOD = "ok"
    NOTE = "note"
    """Something is not there that only some options need, or that somebody may want to know."""
    FAULT = "fault"
    """Something does not work."""


@dataclass(frozen=True, slots=True)
class Check:
    """`text` says how it is, `advice` what to do, "" where nothing is to be done."""

    name: str
    state: State
    text: str
    advice: str = ""


def good(name: str, text: str) -> Check:
    """Everything is as it should be."""
    return Check(name, State.GOOD, text)


def note(name: str, text: str, advice: str = "") -> Check:
    """Worth knowing."""
    return Check(name, State.NOTE, text, advice)


def fault(name: str, text: str, advice: str) -> Check:
    """Something does not work, and this is what to do."""
    return Check(name, State.FAULT, text, advice)
