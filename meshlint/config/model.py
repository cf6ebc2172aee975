"""A configuration as it was read: every value with its place in the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from meshlint.finding import Fields, Location, Severity, Value

NOBODY = "none"
"""As `defaultRevision`: there is no default revision, and no tag `default`."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """A Namespace that stands in no scanned file, with all of its labels that matter here."""

    name: Value
    labels: Fields


@dataclass(frozen=True, slots=True)
class Cluster:
    """What is known of one cluster; of all of them, and outside of them, where `name` is "".

    `revisions` are all there are; None where others may exist. `tags` lead to revisions. `default`
    is a revision, a tag or NOBODY, and `flavour` one of resources.declared.Flavour. `paths` are the
    globs of its files. `where` is the line to show for the cluster as a whole. `sound` is False
    where some of the names could not be read.
    """

    name: str
    where: Location
    revisions: tuple[Value, ...] | None = None
    tags: Fields = field(default_factory=dict)
    default: Value | None = None
    flavour: Value | None = None
    namespaces: Mapping[str, Declaration] = field(default_factory=dict)
    paths: tuple[Value, ...] = ()
    sound: bool = True

    def joined(self, other: Cluster) -> Cluster:
        """With what another one knows besides; nothing is said by both (see config/check)."""
        lists = [r for r in (self.revisions, other.revisions) if r is not None]
        return Cluster(
            self.name,
            self.where,
            revisions=tuple(name for names in lists for name in names) if lists else None,
            tags={**other.tags, **self.tags},
            default=self.default or other.default,
            flavour=self.flavour or other.flavour,
            namespaces={**other.namespaces, **self.namespaces},
            sound=self.sound and other.sound,
        )


@dataclass(frozen=True, slots=True)
class Placed:
    """Files (by globs) whose objects get a namespace, where they have none."""

    paths: tuple[Value, ...]
    namespace: Value


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A mesh snapshot's file, and a folder to compare it with; paths from the configuration."""

    file: Value
    platform: Value | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart's folder and how it is installed; `values` are files. Paths from the tree's root."""

    path: Value
    release: Value | None = None
    namespace: Value | None = None
    values: tuple[Value, ...] = ()
    sets: Fields = field(default_factory=dict)
    cluster: Value | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """Findings that are not reported: of rules, in files (by globs), or about objects.

    Without `paths` they may stand in any file, without `objects` be about anything. `reason` and
    `until` (the last day, as 2027-01-31) are "" where they are not given.
    """

    where: Location
    rules: tuple[Value, ...]
    paths: tuple[Value, ...] = ()
    objects: tuple[Value, ...] = ()
    reason: str = ""
    until: str = ""


OFF = "off"
"""In place of a severity: nothing of the rule is reported."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Rules as the user names them (see triage/choice), and their severity, or None for OFF."""

    rules: Value
    level: Severity | None


@dataclass(frozen=True, slots=True)
class Override:
    """Files (by globs) in which rules have other severities."""

    paths: tuple[Value, ...]
    settings: tuple[Setting, ...]


NOWHERE = Location("", 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Config:
    """A whole `.meshlint.yaml`; without arguments, what an empty one says."""

    path: str = ""
    everywhere: Cluster = field(default_factory=lambda: Cluster("", NOWHERE))
    clusters: tuple[Cluster, ...] = ()
    placed: tuple[Placed, ...] = ()
    exclude: tuple[Value, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    symptoms: tuple[Value, ...] = ()
    """Files and folders with error texts, from the configuration's folder: see meshlint.symptom."""
    policies: tuple[Value, ...] = ()
    """Files and folders with policies of users' own, from there too: see meshlint.checks."""
    charts: tuple[Chart, ...] = ()
    profile: Value | None = None
    rules: tuple[Setting, ...] = ()
    overrides: tuple[Override, ...] = ()
    baseline: Value | None = None
    """A file of known findings, from the configuration's folder: see triage/baseline."""
    ignored: tuple[Ignored, ...] = ()
    reasoned: bool = False
    """Whether each suppression must have a reason."""
    fail_on: Severity | None = None

    @property
    def globs(self) -> tuple[Value, ...]:
        """All paths of the configuration, in the order of their places."""
        owners: tuple[Cluster | Placed | Override | Ignored, ...]
        owners = (*self.clusters, *self.placed, *self.overrides, *self.ignored)
        lists = (self.exclude, *(owner.paths for owner in owners))
        found = [glob for globs in lists for glob in globs]
        return tuple(sorted(found, key=lambda glob: (glob.where.line, glob.where.column)))

    @property
    def views(self) -> tuple[Cluster, ...]:
        """What holds outside of all clusters, and in each of them, that taken in."""
        inside = (cluster.joined(self.everywhere) for cluster in self.clusters)
        return (self.everywhere, *inside)
