"""How bad findings are here: what a profile, a configuration and a command line make of rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from meshlint.finding import Finding, Severity
from meshlint.policy import Policy, moderated
from meshlint.report.model import Report, Unreported
from meshlint.rulebook import SHIPPED, Rulebook
from meshlint.triage.choice import Choice
from meshlint.triage.profiles import profile

Level = Severity | None
"""None is off: nothing is reported."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What one source says of rules, by their names.

    `named` are rules that it names one by one, and `grouped` those that it means by a family, the
    beginning of a code or a glob. `least` switches off whatever is milder. Where `paths` is given,
    all that holds only for files that it takes.
    """

    named: Mapping[str, Level] = field(default_factory=dict)
    grouped: Mapping[str, Level] = field(default_factory=dict)
    least: Severity | None = None
    paths: Callable[[str], object] | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """What a command line chooses, by names of rules.

    `only` are the rules that may report, None for all; `named` those that it names one by one,
    which report even if somebody has switched them off; `ignored` may not.
    """

    only: frozenset[str] | None = None
    named: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()

    def takes(self, name: str) -> bool:
        return name not in self.ignored and (self.only is None or name in self.only)


class Severities:
    """Layers, of which a later one has more to say, and then the selection."""

    def __init__(self, layers: Iterable[Layer] = (), selection: Selection | None = None) -> None:
        self._layers = tuple(layers)
        self._selection = selection or Selection()
        self._files: dict[str, tuple[Layer, ...]] = {}

    def level(self, policy: Policy, severity: Severity, path: str) -> Level:
        """The severity here of a finding that has one by its rule, in a file by its path."""
        return self._level(policy, severity, self._of(path))

    def _of(self, path: str) -> tuple[Layer, ...]:
        if path not in self._files:
            self._files[path] = tuple(
                layer for layer in self._layers if layer.paths is None or layer.paths(path)
            )
        return self._files[path]

    def _level(self, policy: Policy, severity: Severity, layers: tuple[Layer, ...]) -> Level:
        if not self._selection.takes(policy.name):
            return None
        level = _layered(layers, policy, severity)
        return severity if level is None and policy.name in self._selection.named else level

    def worst(self, policy: Policy) -> Level:
        """The worst that a rule can report where no path has a say; None where it is off."""
        layers = tuple(layer for layer in self._layers if layer.paths is None)
        return self._worst(policy, layers)

    def _worst(self, policy: Policy, layers: tuple[Layer, ...]) -> Level:
        own = {policy.severity, *policy.cases.values()}
        found = [level for s in own if (level := self._level(policy, s, layers)) is not None]
        return min(found, key=lambda severity: severity.rank) if found else None

    def off(self, policy: Policy) -> bool:
        """Whether a rule can report nothing, wherever it may find something."""
        plain = tuple(layer for layer in self._layers if layer.paths is None)
        return all(
            self._worst(policy, chosen) is None
            for chosen in (plain, *((*plain, layer) for layer in self._layers if layer.paths))
        )


def _layered(layers: Sequence[Layer], policy: Policy, severity: Severity) -> Level:
    """What is left of a severity; a rule switched off by its name must be named to be on again."""
    level: Level = severity
    struck = False
    for layer in layers:
        named = policy.name in layer.named
        said = layer.named if named else layer.grouped
        if policy.name in said and (named or not struck):
            chosen = said[policy.name]
            struck = named and chosen is None
            level = None if chosen is None else moderated(policy, severity, chosen)
        elif level is not None and layer.least and level.rank > layer.least.rank:
            level = None
    return level


def judged(
    report: Report, severities: Severities, book: Rulebook, name: Callable[[str], str]
) -> Report:
    """The report with its severities; `name` gives files the paths that globs are written for."""
    kept: list[Finding] = []
    hidden: list[Finding] = []

    def leveled(finding: Finding) -> Finding | None:
        policy = book.policy(finding.rule)
        level = severities.level(policy, finding.severity, name(finding.where.path))
        if level is None or level is finding.severity:
            return finding if level else None
        return replace(finding, severity=level)

    for finding in report.findings:
        new = leveled(finding)
        (hidden if new is None else kept).append(new or finding)
    off = frozenset(policy.code for policy in report.policies if severities.off(policy))
    every = report.catalogue
    return replace(
        report,
        findings=tuple(kept),
        suppressed=tuple(new for f in report.suppressed if (new := leveled(f)) is not None),
        unreported=Unreported(tuple(sorted(off)), tuple(hidden)),
        catalogue=lambda: tuple(policy for policy in every() if policy.code not in off),
    )


def profiled(name: str, book: Rulebook = SHIPPED) -> dict[str, Level]:
    """The worst that each rule can report with a profile, by the rules' names; None is off.

    Raises:
        KeyError: there is no profile of this name.
    """
    severities = Severities([of_profile(name, Choice(book.policies()))])
    return {policy.name: severities.worst(policy) for policy in book.policies()}


def of_profile(name: str, choice: Choice) -> Layer:
    """What a profile says; words in it that name no rule of a book are passed over."""
    chosen = profile(name)
    pairs = [(choice.find(setting.rules.text), setting.level) for setting in chosen.rules]
    return of_settings([(c.names, c.exact, level) for c, level in pairs if c], chosen.least)


def of_settings(
    said: Iterable[tuple[Iterable[str], bool, Level]],
    least: Severity | None = None,
    paths: Callable[[str], object] | None = None,
) -> Layer:
    """A layer of (names, whether they are named one by one, their level); the last one counts."""
    named: dict[str, Level] = {}
    grouped: dict[str, Level] = {}
    for names, exact, level in said:
        (named if exact else grouped).update(dict.fromkeys(names, level))
    return Layer(named, grouped, least, paths)
