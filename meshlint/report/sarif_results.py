"""Findings as SARIF results."""

from __future__ import annotations

from collections.abc import Iterable

from meshlint.finding import Finding, Location, Related, Subject, Suppression, printable
from meshlint.report.mended import edits, safe
from meshlint.report.model import Report
from meshlint.report.names import marks
from meshlint.report.sarif_places import Files, Json, uri_of
from meshlint.report.sarif_rules import MESSAGE

LIMIT = 25_000
"""GitHub refuses a file with more results than that."""

WIDE = str.maketrans("{}", "\uff5b\uff5d")

MOST_RELATED = 100
"""GitHub keeps that many places of a result."""


def chosen(report: Report) -> tuple[list[Finding], int]:
    """The findings that a file can hold, by URI, place and rule, and how many are left out.

    One for each rule and line of a file, since more would be the same alert on GitHub: a link and
    what it leads to can both have been linted. Where there are too many, the worst are kept.
    """
    every = (*report.findings, *(report.suppressed if report.show_suppressed else ()))
    uris = {path: uri_of(path, report.root) for path in {f.where.path for f in every}}

    def place(finding: Finding) -> tuple[object, ...]:
        return (uris[finding.where.path], *finding.order[1:])

    single: dict[tuple[str, int, str], Finding] = {}
    for finding in (*sorted(report.findings, key=place), *every[len(report.findings) :]):
        key = (uris[finding.where.path], finding.where.line, finding.code)
        single.setdefault(key, finding)
    worst = sorted(single.values(), key=lambda finding: finding.severity.rank)[:LIMIT]
    return sorted(worst, key=place), len(single) - len(worst)


def results(report: Report, findings: Iterable[Finding]) -> tuple[list[Json], Files]:
    """The results, and the files that they point to."""
    findings = tuple(findings)
    related = (other.where.path for finding in findings for other in _related(finding))
    told = (f.suppression.where.path for f in findings if f.suppression)
    files = Files(report, [*(finding.where.path for finding in findings), *related, *told])
    rules = {policy.code: index for index, policy in enumerate(report.policies)}
    ordered = sorted(findings, key=lambda finding: finding.suppression is not None)
    prints = marks(ordered, lambda path: files.of(path).uri)  # as they are without the suppressed
    mark = {id(finding): own for finding, own in zip(ordered, prints, strict=True)}
    return [_result(finding, rules, files, mark[id(finding)]) for finding in findings], files


def _related(finding: Finding) -> tuple[Related, ...]:
    return finding.related[:MOST_RELATED]


def _result(finding: Finding, rules: dict[str, int], files: Files, mark: str) -> Json:
    result: Json = {
        "ruleId": finding.code,
        "ruleIndex": rules[finding.code],
        "level": finding.severity.value,
        "message": message(finding),
        "locations": [_location(finding, files)],
    }
    if finding.related:
        result["relatedLocations"] = [
            _other(number, related, files) for number, related in enumerate(_related(finding), 1)
        ]
    result["partialFingerprints"] = _marks(finding, files, mark)
    if finding.suppression:
        result["suppressions"] = [_suppression(finding.suppression, files)]
    if safe(files.report, finding):
        result["fixes"] = [_fix(finding, files)]
    if finding.origin:
        level, source = finding.origin.level.value, printable(finding.origin.source)
        result["properties"] = {"origin": {"level": level, "source": source}}
    return result


def _fix(finding: Finding, files: Files) -> Json:
    """What `--fix` does with the file (SARIF 3.55)."""
    by_path: dict[str, list[Json]] = {}
    for edit in edits(files.report, finding):
        region, inserted = files.region(edit.where), {"text": edit.text}
        one: Json = {"deletedRegion": region, "insertedContent": inserted}
        by_path.setdefault(edit.where.path, []).append(one)
    changes = [
        {"artifactLocation": files.artifact(path), "replacements": replacements}
        for path, replacements in by_path.items()
    ]
    words = printable(files.report.changes[finding].words)
    return {"description": {"text": words}, "artifactChanges": changes}


def _suppression(told: Suppression, files: Files) -> Json:
    """Who wants it not to be reported, and why (SARIF 3.35); without a reason, nothing is said."""
    return {
        "kind": "inSource" if told.inside else "external",
        "status": "accepted",
        **({"justification": printable(told.reason)} if told.reason else {}),
        "location": {"physicalLocation": files.physical(told.where)},
    }


def message(finding: Finding) -> Json:
    """The words of the finding, and where else to look, as links to the related locations.

    `id` and `arguments` say it in the rule's general words. Beside arguments, braces in the text
    would be placeholders (SARIF 3.11.5), so wide ones stand for them.
    """
    text = printable(finding.message)
    text = text if text.endswith(".") else f"{text}."
    links = [f"[{_link(r.text)}]({number})" for number, r in enumerate(_related(finding), 1)]
    if links:
        head = ", ".join(links[:-1])
        text += f" See {head} and {links[-1]}." if head else f" See {links[-1]}."
    about = str(finding.subject) if finding.subject else finding.where.path
    return {"text": text.translate(WIDE), "id": MESSAGE, "arguments": [printable(about)]}


def _link(words: str) -> str:
    """Words in which nothing ends the link (SARIF 3.11.6)."""
    text = printable(words) or "this"
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _location(finding: Finding, files: Files) -> Json:
    location: Json = {"physicalLocation": files.physical(finding.where)}
    if finding.subject:
        location["logicalLocations"] = [_logical(finding.subject, finding.where)]
    return location


def _logical(subject: Subject, where: Location) -> Json:
    """The object, and the key or value in it."""
    path = (subject.api_version, subject.kind, subject.namespace, subject.name)
    full = "/".join(part for part in path if part)
    last = where.pointer.rpartition("/")[2]
    return {
        "name": last or subject.name or subject.kind,
        "fullyQualifiedName": f"{full}{where.pointer}",
        "kind": "property" if last else "object",
    }


def _other(number: int, related: Related, files: Files) -> Json:
    return {
        "id": number,
        "physicalLocation": files.physical(related.where),
        "message": {"text": printable(related.text) or "this"},
    }


def _marks(finding: Finding, files: Files, mark: str) -> Json:
    """What tells a result from others in the next run: GitHub's mark, and one without lines."""
    file, line = files.of(finding.where.path), finding.where.line
    known = line <= len(file.hashes)
    hashed: Json = {"primaryLocationLineHash": file.hashes[line - 1]} if known else {}
    return {**hashed, "meshlint/identity/v1": mark}
