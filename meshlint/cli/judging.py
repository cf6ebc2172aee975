"""`--select`, `--ignore`, `--profile`, and what a configuration says of severities."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from meshlint.cli.streams import Usage

if TYPE_CHECKING:
    from meshlint.cli.knowledge import Given
    from meshlint.config.fault import Fault
    from meshlint.config.model import Config, Setting
    from meshlint.triage.choice import Choice, Chosen
    from meshlint.triage.severity import Layer, Selection, Severities

RULES = "code, name, family, the beginning of a code, or a pattern"


def options(parser: argparse.ArgumentParser) -> None:
    """The options of commands that report findings."""
    group = parser.add_argument_group(
        "which rules report", f"RULES are separated by commas: {RULES}."
    )
    group.add_argument(
        "--select", action="append", metavar="RULES", help="only these; may be given more than once"
    )
    group.add_argument(
        "--ignore", action="append", metavar="RULES", help="not these; may be given more than once"
    )
    group.add_argument(
        "--profile",
        metavar="NAME",
        help="severities for a purpose (default: as the rules have them)",
    )


def judged(arguments: argparse.Namespace, config: Config, root: Path, work: Given) -> Given:
    """The work with a step that gives findings their severities, where somebody has chosen some.

    `root` is where the globs of the configuration begin.

    Raises:
        Usage: a rule or a profile on the command line is not there.
        Faulty: the same in the configuration.
    """
    if not hasattr(arguments, "select"):
        return work  # to diagnose, all rules are asked
    if not (_asked(arguments) or config.profile or config.rules or config.overrides):
        return work
    from meshlint.config.apply import Ground
    from meshlint.triage.choice import Choice
    from meshlint.triage.severity import judged

    book = work.terms.book
    severities = _severities(arguments, config, Choice(book.policies()))
    step = partial(judged, severities=severities, book=book, name=Ground(config, root).name)
    return replace(work, terms=replace(work.terms, steps=(*work.terms.steps, step)))


def _asked(arguments: argparse.Namespace) -> bool:
    return any(word is not None for word in (arguments.select, arguments.ignore, arguments.profile))


def _severities(arguments: argparse.Namespace, config: Config, choice: Choice) -> Severities:
    from meshlint.config.fault import Faulty
    from meshlint.config.glob import matcher
    from meshlint.triage.severity import Severities, of_profile

    faults: list[Fault] = []
    name = _profile(arguments.profile) or (config.profile.text if config.profile else "")
    layers = [of_profile(name, choice)] if name else []
    layers.append(_layer(config.rules, choice, faults))
    for override in config.overrides:
        takes = matcher(glob.text for glob in override.paths).match
        layers.append(replace(_layer(override.settings, choice, faults), paths=takes))
    if faults:
        raise Faulty(faults)
    return Severities(layers, _selection(arguments, choice))


def _layer(settings: Sequence[Setting], choice: Choice, faults: list[Fault]) -> Layer:
    """What settings say; words that name no rule, and rules that are named twice, are faults."""
    from meshlint.triage.severity import of_settings

    found = [(setting, choice.find(setting.rules.text)) for setting in settings]
    faults += _unknown(found, choice)
    faults += _repeated(found)
    return of_settings([(chosen.names, chosen.exact, s.level) for s, chosen in found if chosen])


def _unknown(found: list[tuple[Setting, Chosen | None]], choice: Choice) -> Iterator[Fault]:
    from meshlint.config.fault import Fault
    from meshlint.finding import quoted

    for setting, chosen in found:
        if chosen is None:
            word = setting.rules
            yield Fault(
                word.where, f"no rule is called {quoted(word.text)}{choice.hint(word.text)}"
            )


def _repeated(found: list[tuple[Setting, Chosen | None]]) -> Iterator[Fault]:
    from meshlint.config.fault import Fault
    from meshlint.finding import quoted

    seen: dict[frozenset[str], Setting] = {}
    for setting, chosen in found:
        first = seen.setdefault(chosen.names, setting) if chosen and chosen.exact else setting
        if first is not setting:
            other, word = first.rules, setting.rules
            text = f"{quoted(other.text)} on line {other.where.line} is the same rule"
            yield Fault(word.where, f"{text} as {quoted(word.text)}: keep one of the two")


def _profile(name: str | None) -> str:
    """The name of a profile that is there; "" where none is asked for."""
    if name is None:
        return ""
    from meshlint.config.severities import profile_test

    problem = profile_test()(name)
    if problem:
        raise Usage(f"--profile {name!r} {problem}")
    return name


def _selection(arguments: argparse.Namespace, choice: Choice) -> Selection:
    from meshlint.triage.severity import Selection

    only = list(_chosen("--select", arguments.select, choice))
    ignored = list(_chosen("--ignore", arguments.ignore, choice))
    selection = Selection(
        only=_together(only) if only else None,
        named=_together(chosen for chosen in only if chosen.exact),
        ignored=_together(ignored),
    )
    if not any(selection.takes(policy.name) for policy in choice.policies):
        raise Usage("--select and --ignore leave no rule")
    return selection


def _together(many: Iterator[Chosen] | list[Chosen]) -> frozenset[str]:
    return frozenset(name for chosen in many for name in chosen.names)


def _chosen(option: str, given: list[str] | None, choice: Choice) -> Iterator[Chosen]:
    words = [word.strip() for part in given or () for word in part.split(",")]
    if given and not any(words):
        raise Usage(f"{option} names no rule")
    for word in filter(None, words):
        chosen = choice.find(word)
        if chosen is None:
            hint = choice.hint(word) or "; 'meshlint rules' lists them"
            raise Usage(f"{option}: no rule is called {word!r}{hint}")
        yield chosen
