"""What is no finding but limits what findings mean, as SARIF notifications."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from meshlint.finding import printable
from meshlint.policy import HOME
from meshlint.report.model import Report
from meshlint.report.sarif_places import BASE, Json, uri_below
from meshlint.report.sarif_rules import pascal
from meshlint.unread import LISTED, Skip, Unread

FAULTS = LISTED | {Unread.BROKEN, Unread.ENCODING, Unread.DEEP}
"""Named one by one, as errors: results may be missing (SARIF, appendix I). Of everything else
that was not read, the number is given."""

INTERNAL, CUT, NOTHING, ASTRAY = "internal-error", "results-cut", "nothing-checked", "link-astray"
MANY = "results-many"

SHOWN = 5_000
"""Of the results of a run GitHub shows that many, by severity."""


def _name(reason: Unread) -> str:
    return f"unread-{reason.name.lower().replace('_', '-')}"


def _level(reason: Unread) -> str:
    return "error" if reason in FAULTS else "note"


NOTICES = {
    **{_name(reason): (f"Not checked: {reason.value}.", _level(reason)) for reason in Unread},
    INTERNAL: ("An error inside of meshlint, which cost a file or a rule.", "error"),
    CUT: ("There are more findings than GitHub takes, and the worst of them are here.", "warning"),
    MANY: (f"There are more findings than the {SHOWN} that GitHub shows.", "note"),
    NOTHING: ("No Kubernetes object was found, so nothing was checked.", "warning"),
    ASTRAY: ("A linted file is a link out of the tree, and is named by the link.", "note"),
}
"""Words and level by identifier."""

NUMBERS = {name: index for index, name in enumerate(NOTICES)}


def descriptors() -> list[Json]:
    """All kinds of notifications."""
    return [_descriptor(name, *NOTICES[name]) for name in NOTICES]


def _descriptor(name: str, words: str, level: str) -> Json:
    return {
        "id": name,
        "name": pascal(name),
        "shortDescription": {"text": words},
        "fullDescription": {"text": words},
        "help": {"text": words},
        "helpUri": HOME,
        "defaultConfiguration": {"level": level},
    }


def notifications(
    report: Report, astray: Iterable[str], results: int, left_out: int
) -> Iterator[Json]:
    """What was not checked and why; `left_out` findings are not among the `results`."""
    for failure in report.failures:
        yield _notification(INTERNAL, f"{printable(failure)}.")
    for skip in report.skips:
        if skip.reason in FAULTS:
            yield _skipped(report, skip)
    for reason, number in report.counts.unread.items():
        if reason not in FAULTS:
            yield _notification(_name(reason), f"Not checked: {number} {reason.value}.")
    for path in astray:
        text = f"'{printable(path)}' is a link out of the tree, and is named by the link."
        yield _notification(ASTRAY, text)
    if left_out:
        yield _notification(CUT, f"Findings left out: {left_out}. Those here are the worst.")
    if results > SHOWN:
        yield _notification(MANY, f"GitHub shows the {SHOWN} worst of these {results} findings.")
    if report.empty:
        yield _notification(NOTHING, NOTICES[NOTHING][0])


def _skipped(report: Report, skip: Skip) -> Json:
    detail = f": {printable(skip.detail)}" if skip.detail else ""
    text = f"Not checked: '{printable(skip.path)}' ({skip.reason.value}{detail})."
    notification = _notification(_name(skip.reason), text)
    uri = uri_below(skip.path, report.root)
    if uri:
        place: Json = {"artifactLocation": {"uri": uri, "uriBaseId": BASE}}
        region: Json = {"region": {"startLine": skip.line}} if skip.line else {}
        notification["locations"] = [{"physicalLocation": {**place, **region}}]
    return notification


def _notification(name: str, text: str) -> Json:
    return {
        "descriptor": {"id": name, "index": NUMBERS[name]},
        "level": NOTICES[name][1],
        "message": {"text": text},
    }
