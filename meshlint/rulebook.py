"""The rules of a run: what is said of them, and the functions of those that users add."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from meshlint.policy import Policy, policies, shipped

if TYPE_CHECKING:
    from meshlint.rules.registry import MeshRule


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rules. `changed` has policies by name: shipped ones that users say otherwise, and theirs.

    `checks` are the functions of users' own rules, by the names of their policies. `settings` are
    parameters of shipped rules that users set, by rule and name: see meshlint.rules.parameter.
    """

    changed: Mapping[str, Policy] = field(default_factory=dict)
    checks: Mapping[str, MeshRule] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def policy(self, name: str) -> Policy:
        """The policy of a rule by its name; a rule without one is a bug."""
        return self.changed.get(name) or shipped(name)

    def policies(self) -> tuple[Policy, ...]:
        """All policies, by code."""
        every = {**{policy.name: policy for policy in policies()}, **self.changed}
        return tuple(sorted(every.values(), key=lambda policy: policy.code))


SHIPPED = Rulebook()
