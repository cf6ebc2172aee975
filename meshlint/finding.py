"""What travels between all parts: places in files, values with their place, hits and findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How sure and how bad: an error holds in every world that is compatible with the scan."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return list(Severity).index(self)


class Type(StrEnum):
    """What a YAML value is for Kubernetes, which reads YAML 1.1 (sigs.k8s.io/yaml)."""

    STRING = "string"
    BOOL = "boolean"
    INT = "integer"
    FLOAT = "float"
    NULL = "null"
    MAP = "map"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Location:
    """A key or a one-line value: 1-based lines, columns in code points, the end exclusive.

    `pointer` is the JSON pointer in the document, list items named by their `name` where they
    have one: `/webhooks/rev.namespace.sidecar-injector.istio.io/clientConfig/caBundle`.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """A scalar as Kubernetes sees it. For what is not a string, `text` is the YAML source."""

    text: str
    where: Location
    type: Type = Type.STRING
    literal: bool = True
    """False for a placeholder, which some tool fills in later: the value is not known."""

    @property
    def known(self) -> str | None:
        """The string that reaches the API server, or None where that cannot be said."""
        return self.text if self.literal and self.type is Type.STRING else None


@dataclass(frozen=True, slots=True)
class Field:
    """One entry of a map; `key.where` is always a place in a file."""

    key: Value
    value: Value


Fields = Mapping[str, Field]


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """The Kubernetes object that something is said about; `namespace` is "" where none is given."""

    api_version: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        parts = (self.kind, self.namespace, self.name)
        return "/".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that a finding speaks of, and the words for it."""

    text: str
    where: Location


@dataclass(frozen=True, slots=True)
class Rename:
    """Gives an entry of a map another key; one that its map has already makes it impossible.

    In all edits, `entry` is the place of an entry's key, or of its scalar value.
    """

    entry: Location
    key: str


@dataclass(frozen=True, slots=True)
class Assign:
    """Gives an entry of a map a scalar value: a string that Kubernetes reads as one.

    `plain` writes the text without quotes, as a number or a boolean.
    """

    entry: Location
    value: str
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Remove:
    """Takes an entry out of its map; of a map that is empty then, the map's own entry too.

    Of entries with equal keys it is the one that the place is of.
    """

    entry: Location


@dataclass(frozen=True, slots=True)
class Add:
    """Puts an entry with a string into a map: the value of `holder`, or what `path` leads to in it.

    Where the value of `holder` is a scalar, such as the name of an object, `path` leads from the
    root of the object that it is in. Maps of `path` that are not there are made. An entry of that
    key that is there already makes the edit impossible.
    """

    holder: Location
    path: tuple[str, ...]
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Append:
    """Puts a string at the end of the list that `path` leads to, as in Add.

    A list that is not there is made. A string that it has already makes the edit impossible.
    """

    holder: Location
    path: tuple[str, ...]
    item: str


@dataclass(frozen=True, slots=True)
class Move:
    """Moves an entry to another map of its object: `to` leads there from the object's root.

    The root is that of the document, or an item of a list kind. Maps of `to` that are not there
    are made. Another entry of that key there makes it impossible. A map that is empty without the
    entry goes, as in Remove.
    """

    entry: Location
    to: tuple[str, ...]


Edit = Rename | Assign | Remove | Add | Append | Move


@dataclass(frozen=True, slots=True)
class Fix:
    """How a finding is mended: edits of YAML that are made together, or not at all.

    They are made one after the other, and each place is one of the file as it was found: several
    edits of one entry name it by the same place. `words` is a sentence for people: "Rename the
    label to 'sidecar.istio.io/inject'.". A fix is `safe` where what the author meant is certain and
    there is one way to write it; where the result changes what runs in a way that somebody should
    look at first, it is not.

    meshlint.fix makes the edits, and no fix is offered where it cannot prove that they, and nothing
    else, change what the file says.
    """

    words: str
    edits: tuple[Edit, ...]
    safe: bool = True


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why a finding is not reported: where somebody said so, and with which reason ("" for none).

    `inside` is False where that is the configuration and not the file that the finding is in.
    """

    where: Location
    reason: str
    inside: bool = True


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule yields: what and where. Who says it and how bad it is, the engine adds.

    `case` names one of the severities that the rule's policy lists under `cases`.
    """

    message: str
    where: Location
    subject: Subject | None = None
    related: tuple[Related, ...] = ()
    case: str | None = None
    fix: Fix | None = None


class Level(StrEnum):
    """How sure the place of a finding in rendered output is."""

    EXACT = "exact"
    """The line of the template, or of the file that a kustomization includes, has the key."""
    TEMPLATE = "template"
    """The line is in the template that brings the key, around it or above it."""
    RENDERED = "rendered"
    """The place is in the output: what it was rendered from is not in the scan."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a document was rendered from, as its renderer names it: `chart/templates/x.yaml`."""

    level: Level
    source: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A hit with its rule (code such as MESH104, and name) and severity."""

    code: str
    rule: str
    severity: Severity
    message: str
    where: Location
    subject: Subject | None = None
    related: tuple[Related, ...] = ()
    origin: Origin | None = None
    fix: Fix | None = None
    suppression: Suppression | None = None

    @property
    def order(self) -> tuple[object, ...]:
        """The one total order of findings: by place, then by rule, then by words."""
        where = self.where
        return (where.path, where.line, where.column, self.code, self.message, where.pointer)

    def identity(self, file: str) -> str:
        """What stays when lines move: rule, file, object and key; of its API only the group.

        `file` is the finding's, by a name that is the same in every run.
        """
        import json  # only reports and comparisons ask

        subject = self.subject or Subject("", "", "", "")
        group = subject.api_version.rpartition("/")[0]
        names = (group, subject.kind, subject.namespace, subject.name)
        return json.dumps([self.code, file, *names, self.where.pointer])


def quoted(text: str, limit: int = 80) -> str:
    """User text for a message: in quotes, one line, no control characters, at most `limit` long."""
    shown = text if len(text) <= limit else text[: limit - 1] + "…"
    return f"'{printable(shown)}'"


COMMANDS = ("##vso[", "##[")
"""What agents of Azure Pipelines, and GitHub's runners, obey wherever it stands in a line."""


def printable(text: str) -> str:
    """The text with everything a terminal or a log could obey made visible (`\\x1b`, `\\n`)."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    for command in COMMANDS if "##" in text else ():
        text = text.replace(command, f"#\\x23{command[2:]}")
    return f"\\x3a{text[1:]}" if text.startswith("::") else text
