"""What reports say of places, read back by readers that know each format's own way to count."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree as ET

from meshlint.report import render
from meshlint.report.model import Report
from meshlint.source.text import NotText, decode

Place = tuple[str, int, str | None]
"""A file by its path from the root, a line, and the text of the region, if the format tells its end."""

BREAK = re.compile("\r\n|\n|\r")
GITHUB = re.compile(r"::\w+ file=(.*?),line=(\d+),endLine=(\d+),col=(\d+),endColumn=(\d+),title=")
AZURE = re.compile(
    r"##vso\[task\.logissue type=\w+;sourcepath=(.*?);linenumber=(\d+);columnnumber=(\d+);"
)


def line_of(root: Path, path: str, number: int) -> str:
    """A line of a file, without its end and without a BOM."""
    data = (root / path).read_bytes()
    try:
        text = decode(data)
    except NotText:
        text = data.decode("utf-8", "replace")
    return BREAK.split(text.removeprefix("\ufeff"))[number - 1]


def units(line: str, start: int, end: int, encoding: str, width: int) -> str:
    """The text between two columns that count units of an encoding."""
    data = line.encode(encoding, "surrogatepass")
    return data[(start - 1) * width : (end - 1) * width].decode(encoding, "surrogatepass")


def of_findings(report: Report) -> Iterator[Place]:
    """What the findings themselves say."""
    from meshlint.report.names import from_root

    for finding in report.findings:
        where, path = finding.where, from_root(report, finding.where.path)
        line = line_of(report.root, path, where.line)
        yield path, where.line, line[where.column - 1 : where.end_column - 1]


def of_json(report: Report) -> Iterator[Place]:
    """Code points."""
    for finding in json.loads(render("json", report))["findings"]:
        place = finding["location"]
        path = Path.cwd().joinpath(place["path"]).relative_to(report.root).as_posix()
        line = line_of(report.root, path, place["line"])
        yield path, place["line"], line[place["column"] - 1 : place["end_column"] - 1]


def of_sarif(report: Report) -> Iterator[Place]:
    """UTF-16 code units, as `columnKind` says."""
    (run,) = json.loads(render("sarif", report))["runs"]
    assert run["columnKind"] == "utf16CodeUnits"
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]
        path = unquote_to_bytes(place["artifactLocation"]["uri"]).decode("utf-8", "surrogateescape")
        region = place["region"]
        line = line_of(report.root, path, region["startLine"])
        ends = region["startColumn"], region["endColumn"]
        yield path, region["startLine"], units(line, *ends, "utf-16-le", 2)


def of_rdjson(report: Report) -> Iterator[Place]:
    """Bytes of UTF-8."""
    for finding in json.loads(render("rdjson", report))["diagnostics"]:
        place = finding["location"]
        first, last = place["range"]["start"], place["range"]["end"]
        line = line_of(report.root, place["path"], first["line"])
        yield place["path"], first["line"], units(line, first["column"], last["column"], "utf-8", 1)


def of_github(report: Report) -> Iterator[Place]:
    """Code points."""
    for line in render("github", report).splitlines():
        if found := GITHUB.match(line):
            path = found[1].replace("%2C", ",").replace("%3A", ":").replace("%25", "%")
            text = line_of(report.root, path, int(found[2]))
            yield path, int(found[2]), text[int(found[4]) - 1 : int(found[5]) - 1]


def of_azure(report: Report) -> Iterator[Place]:
    """Only a line and a column, which must be in it."""
    for line in render("azure", report).splitlines():
        if found := AZURE.match(line):
            path = found[1].replace("%3B", ";").replace("%5D", "]").replace("%AZP25", "%")
            assert int(found[3]) <= len(line_of(report.root, path, int(found[2]))) + 1
            yield path, int(found[2]), None


def of_gitlab(report: Report) -> Iterator[Place]:
    """Lines alone."""
    for issue in json.loads(render("gitlab", report)):
        yield issue["location"]["path"], issue["location"]["lines"]["begin"], None


def of_junit(report: Report) -> Iterator[Place]:
    """Lines alone."""
    for case in ET.fromstring(render("junit", report)).iter("testcase"):
        if case.find("failure") is not None or case.find("system-out") is not None:
            yield case.attrib["file"], int(case.attrib["line"]), None


READERS = {
    "json": of_json,
    "sarif": of_sarif,
    "rdjson": of_rdjson,
    "github": of_github,
    "azure": of_azure,
    "gitlab": of_gitlab,
    "junit": of_junit,
}
