"""Numbers of shipped rules that users may set: a limit that differs from place to place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parameter:
    """A whole number, `least` to `most`, that a rule asks its view for. `words` say what it is."""

    rule: str
    name: str
    default: int
    least: int
    most: int
    words: str


PARAMETERS: dict[str, dict[str, Parameter]] = {}
"""All of them, by rule and name."""


def parameter(rule: str, name: str, default: int, limits: tuple[int, int], words: str) -> Parameter:
    """Registers a parameter; policies set it under `with`."""
    made = Parameter(rule, name, default, *limits, words)
    PARAMETERS.setdefault(rule, {})[name] = made
    return made
