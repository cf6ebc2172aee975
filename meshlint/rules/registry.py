"""How a rule is registered: under its function's name, with dashes. No other list exists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from meshlint.clock import now
from meshlint.finding import Hit, Location
from meshlint.mesh.inject import Decision, decide
from meshlint.mesh.model import Mesh
from meshlint.resources.document import Document
from meshlint.resources.ignore import Flaw
from meshlint.resources.workload import Workload
from meshlint.rules.parameter import Parameter


@dataclass(frozen=True, slots=True)
class Fault:
    """A document or file that could not be read: the place and the reader's words."""

    where: Location
    why: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What a suppression has come to in a run.

    `flaws` are parts of it that do not work. `expired` is the last day on which it held, "" while
    it holds; `late` are the rules (as it names them) of findings that it would suppress then.
    `idle` are those that are proven to find nothing where it stands, and `busy` is whether any
    other is left.
    """

    where: Location
    flaws: tuple[Flaw, ...] = ()
    expired: str = ""
    late: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    busy: bool = False


class View:
    """What a mesh rule sees: the mesh, and the decision for each workload, made once.

    `settings` are parameters that users have set, by rule and name.
    """

    def __init__(self, mesh: Mesh, settings: Mapping[str, Mapping[str, int]] | None = None) -> None:
        self.mesh = mesh
        self.now = now
        self._settings = settings or {}
        self.decide: Callable[[Workload], Decision] = cache(lambda workload: decide(mesh, workload))

    def value(self, parameter: Parameter) -> int:
        """What a parameter of a rule is set to."""
        return self._settings.get(parameter.rule, {}).get(parameter.name, parameter.default)


FaultRule: TypeAlias = Callable[[Fault], Iterator[Hit]]
DocumentRule: TypeAlias = Callable[[Document], Iterator[Hit]]
MeshRule: TypeAlias = Callable[[View], Iterator[Hit]]
EffectRule: TypeAlias = Callable[[Effect], Iterator[Hit]]

FAULT_RULES: dict[str, FaultRule] = {}
DOCUMENT_RULES: dict[str, DocumentRule] = {}
KEY_RULES: dict[str, DocumentRule] = {}
MESH_RULES: dict[str, MeshRule] = {}
EFFECT_RULES: dict[str, EffectRule] = {}


def name_of(function: Callable[..., object]) -> str:
    """`namespace_conflicting_labels` is the rule `namespace-conflicting-labels`."""
    return function.__name__.replace("_", "-")


def fault_rule(rule: FaultRule) -> FaultRule:
    """Registers a rule on what could not be read."""
    FAULT_RULES[name_of(rule)] = rule
    return rule


def document_rule(rule: DocumentRule) -> DocumentRule:
    """Registers a rule that needs one document and nothing else."""
    DOCUMENT_RULES[name_of(rule)] = rule
    return rule


def key_rule(rule: DocumentRule) -> DocumentRule:
    """Registers a document rule on Istio's keys: it runs where the text may hold one."""
    KEY_RULES[name_of(rule)] = rule
    return rule


def mesh_rule(rule: MeshRule) -> MeshRule:
    """Registers a rule on the facts of all files."""
    MESH_RULES[name_of(rule)] = rule
    return rule


def effect_rule(rule: EffectRule) -> EffectRule:
    """Registers a rule on what suppressions have come to, when all other rules have run."""
    EFFECT_RULES[name_of(rule)] = rule
    return rule
