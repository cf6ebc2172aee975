"""`meshlint policies`: tries policies of one's own on their examples, and lists what there is."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from meshlint.cli import book, own_policies
from meshlint.cli.help import formatter
from meshlint.cli.streams import CLEAN, FOUND, Usage, put

if TYPE_CHECKING:
    from meshlint.checks.read import Entry
    from meshlint.report.model import Report
    from meshlint.rulebook import Rulebook

ABOUT = """\
Policies of your own are named under 'policies' in .meshlint.yaml.

  test    lints the examples in policies: 'fails' must have a finding, 'passes' none
  list    lists the policies
  checks  lists the checks that policies are made of, and what each can be told
"""
EXAMPLE = "example.yaml"
VERSION = 1


def parser() -> argparse.ArgumentParser:
    """The options of `meshlint policies`."""
    made = argparse.ArgumentParser(
        prog="meshlint policies",
        usage="meshlint policies [options] {test,list,checks} [PATH ...]",
        description=ABOUT,
        formatter_class=formatter,
    )
    add = made.add_argument
    add("action", choices=tuple(ACTIONS), metavar="{test,list,checks}", help="what to do")
    words = "files or folders with policies (default: those of the configuration)"
    add("paths", nargs="*", metavar="PATH", help=words)
    add("--format", choices=("text", "json"), default="text", help="default: text")
    book.options(made)
    return made


def policies(words: Sequence[str]) -> int:
    """Does one of the actions; returns the exit code."""
    arguments = parser().parse_args(words)
    return ACTIONS[arguments.action](arguments)


@dataclass(frozen=True, slots=True)
class Trial:
    """A policy, and what is wrong with its examples. `tried` is False where it has none."""

    entry: Entry
    problems: tuple[str, ...]

    @property
    def word(self) -> str:
        return "FAIL" if self.problems else "ok" if self.entry.tried else "-"

    @property
    def words(self) -> str:
        untold = "" if self.entry.tried else " (changed, without examples of its own)"
        return f"{self.entry.policy.code} {self.entry.policy.name}{untold}"


def _test(arguments: argparse.Namespace) -> int:
    from meshlint.checks.book import of_entries

    found = _entries(arguments)
    rules = of_entries(found)
    trials = [Trial(entry, tuple(_problems(entry, rules))) for entry in found]
    put(_as_json(trials) if arguments.format == "json" else _text(trials))
    return FOUND if any(trial.problems for trial in trials) else CLEAN


def _entries(arguments: argparse.Namespace) -> list[Entry]:
    from meshlint.config.model import NOWHERE
    from meshlint.finding import Value

    asked = [Value(Path(path).as_posix(), NOWHERE) for path in arguments.paths]
    found = own_policies.entries(asked or own_policies.configured(arguments))
    if not found:
        raise Usage("no policies: name files, or name them under 'policies' in .meshlint.yaml")
    return found


def _problems(entry: Entry, rules: Rulebook) -> Iterator[str]:
    """What is wrong with the examples of a policy."""
    policy = entry.policy
    if not entry.tried:
        return
    for key, text in (("fails", policy.fails), ("passes", policy.passes)):
        report = _report(text, policy.name, rules)
        yield from (f"{key}: {problem}" for problem in _unread(report))
        if key == "fails" and not report.findings:
            yield "fails: the rule finds nothing"
        for finding in report.findings if key == "passes" else ():
            where = finding.where
            yield f"passes: the rule finds, in line {where.line}: {finding.message}"


def _report(text: str, name: str, rules: Rulebook) -> Report:
    from meshlint.engine import Terms, run
    from meshlint.source.files import Collection, Source

    source = Source(EXAMPLE, text.encode())
    return run(Collection([source]), frozenset({name}), terms=Terms(rules))


def _unread(report: Report) -> Iterator[str]:
    """Why an example would prove nothing."""
    yield from report.failures
    for skip in report.skips:
        detail = f": {skip.detail}" if skip.detail else ""
        yield f"line {skip.line} is not looked at, among {skip.reason.value}{detail}"
    if not report.counts.objects:
        yield "there is no object in it"


def _text(trials: list[Trial]) -> str:
    lines = []
    for trial in trials:
        lines.append(f"{trial.word:<4} {trial.words}")
        where = trial.entry.where
        lines += [f"     {where.path}:{where.line}: {problem}" for problem in trial.problems]
    failed = sum(bool(trial.problems) for trial in trials)
    number = f"{len(trials)} {'policy' if len(trials) == 1 else 'policies'}"
    lines.append(f"{number}, {failed} of them fail")
    return "".join(f"{line}\n" for line in lines)


def _as_json(trials: list[Trial]) -> str:
    return _json(
        {
            "policies": [
                {
                    "code": trial.entry.policy.code,
                    "name": trial.entry.policy.name,
                    "path": trial.entry.where.path,
                    "line": trial.entry.where.line,
                    "tried": trial.entry.tried,
                    "problems": list(trial.problems),
                }
                for trial in trials
            ]
        }
    )


def _json(body: dict[str, object]) -> str:
    from meshlint import __version__

    told = {"version": VERSION, "tool": {"name": "meshlint", "version": __version__}, **body}
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _list(arguments: argparse.Namespace) -> int:
    """The policies, a line each; as JSON in the form of `meshlint rules`."""
    from meshlint.explain import as_json, text

    rows = [(entry.policy, entry.policy.worst) for entry in _entries(arguments)]
    put(as_json.table(rows) if arguments.format == "json" else text.table(rows))
    return CLEAN


def _checks(arguments: argparse.Namespace) -> int:
    """The checks, with what each can be told."""
    import meshlint.checks
    from meshlint.checks.registry import CHECKS

    assert meshlint.checks  # imported, so that all are registered
    if arguments.paths:
        raise Usage("'meshlint policies checks' takes no paths")
    told = [
        {
            "name": check.name,
            "finds": check.words,
            "parameters": [
                {"name": name, "needed": one.needed, "words": one.words}
                for name, one in check.parameters.items()
            ],
            "cases": dict(check.cases),
        }
        for check in CHECKS.values()
    ]
    put(_json({"checks": told}) if arguments.format == "json" else "\n".join(_shown()))
    return CLEAN


def _shown() -> Iterator[str]:
    from meshlint.checks.registry import CHECKS

    for check in CHECKS.values():
        yield f"{check.name}: {check.words}"
        width = max(map(len, check.parameters))
        for name, one in check.parameters.items():
            yield f"  {name:<{width}}  {one.words.replace('`', '')}{' *' if one.needed else ''}"
        yield from (f"  case {name}: {words}" for name, words in check.cases.items())
        yield ""
    yield "* must be given\n"


ACTIONS = {"test": _test, "list": _list, "checks": _checks}
