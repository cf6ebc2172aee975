"""How a check is registered: under its function's name, with dashes, and what it can be told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from meshlint.config.form import Form
from meshlint.finding import Hit
from meshlint.rules.registry import MeshRule, View, name_of
from meshlint.source.node import Node


@dataclass(frozen=True, slots=True)
class Given:
    """What a policy tells a check: parameters by name, and the cases that it wants reported."""

    values: Mapping[str, Any]
    cases: frozenset[str] = frozenset()

    def get(self, name: str) -> Any:
        """A parameter; None where the policy leaves it out."""
        return self.values.get(name)


class Kind(Protocol):
    """Reads a value; of what is faulty it tells the form, and answers None."""

    def __call__(self, form: Form, node: Node) -> object: ...


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that a check can be told. `words` say what it is, as docs/policies.md does."""

    kind: Kind
    words: str
    needed: bool = False


Function = Callable[[View, Given], Iterator[Hit]]
Clash = Callable[[Mapping[str, Any]], Iterator[tuple[str, str]]]
"""Parameters that do not go together: the name of one, and what is wrong."""


def no_clash(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Any parameters go together."""
    return iter(())


@dataclass(frozen=True, slots=True)
class Check:
    """A check. `cases` are what it reports only where the policy gives them a severity.

    `fixable` is as in Policy.
    """

    name: str
    function: Function
    parameters: Mapping[str, Parameter]
    cases: Mapping[str, str] = field(default_factory=dict)
    fixable: str = ""
    clash: Clash = no_clash

    @property
    def words(self) -> str:
        """What it finds."""
        return (self.function.__doc__ or "").strip().splitlines()[0]

    def rule(self, given: Given) -> MeshRule:
        """The check as a rule, told what a policy says."""
        function = self.function
        return lambda view: function(view, given)


CHECKS: dict[str, Check] = {}


def check(
    parameters: Mapping[str, Parameter],
    cases: Mapping[str, str] | None = None,
    fixable: str = "",
    clash: Clash = no_clash,
) -> Callable[[Function], Function]:
    """Registers a check."""

    def registered(function: Function) -> Function:
        name = name_of(function)
        CHECKS[name] = Check(name, function, parameters, cases or {}, fixable, clash)
        return function

    return registered
