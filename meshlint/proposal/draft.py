"""The text of a first configuration: what is sure is said, the rest is a comment with evidence.

What a tree shows need not be declared, and what it does not show nobody here knows. So all but the
threshold is a comment. A line that begins with `#` and no space is a key: without its `#` it
counts, and all of them together are a sound configuration, which tests hold them to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from meshlint.config import names
from meshlint.finding import printable
from meshlint.proposal.layout import MOST, block, few, most, prose, scalar
from meshlint.proposal.places import Places
from meshlint.proposal.seen import Seen, Sight
from meshlint.report.model import count
from meshlint.resources.declared import Flavour

SCHEMA = "https://meshlint.dev/schemas/config.schema.json"
UNSAID = "fill-me-in"


@dataclass(frozen=True, slots=True)
class Counts:
    """How much of the tree was read."""

    files: int
    objects: int


def draft(seen: Seen, places: Places, counts: Counts) -> str:
    """A whole `.meshlint.yaml`."""
    sections = (
        _head(counts),
        _exclude(places),
        _revisions(seen),
        _default(seen),
        _flavour(seen),
        _namespaces(places.undeclared),
        _nameless(places.nameless),
        _clusters(places.clusters),
        _charts(places.charts),
        _context(seen),
        _threshold(),
    )
    return "\n".join(filter(None, sections))


def _head(counts: Counts) -> str:
    read = f"{count(counts.files, 'file')} with {count(counts.objects, 'object')}"
    return f"# yaml-language-server: $schema={SCHEMA}\n#\n" + prose(
        f"What Git does not show of the clusters that this repository is for. 'meshlint init' has"
        f" read {read}. What the tree shows need not be said again, and what it does not show is a"
        f" guess: so it is commented out, with its evidence. Take the # away from what is true."
        f" docs/configuration.md of meshlint has all keys."
    )


def _revisions(seen: Seen) -> str:
    """Together with the tags, as each must lead to one of the revisions."""
    shown = list(_shown(seen))
    if not shown:
        return ""
    head = prose(
        "All revisions that are installed, and tags with their revisions. With 'revisions' a label"
        " that asks for any other is an error (MESH201): give all of them, or none. Seen here:"
    )
    leading = {tag: target for tag, (target, _) in seen.tags.items() if target}
    listed = dict.fromkeys((*seen.revisions, *leading.values())) or _likely(seen)
    sound = [name for name in listed if name not in seen.tags]
    kept = {tag: target for tag, target in leading.items() if target in sound}
    pairs = ", ".join(f"{scalar(tag)}: {scalar(target)}" for tag, target in kept.items())
    return "".join(
        (
            head,
            *(f"#   {printable(line)}\n" for line in few(shown)),
            f"#revisions: [{', '.join(map(scalar, sound))}]\n" if sound else "",
            f"#tags: {{{pairs}}}\n" if pairs else "",
        )
    )


def _shown(seen: Seen) -> Iterator[str]:
    """The evidence, a line each."""
    yield from (f"{name}: {_told(sight)}" for name, sight in seen.revisions.items())
    for tag, (target, sight) in seen.tags.items():
        yield f"tag {tag}{f' of {target}' if target else ''}: {_told(sight)}"
    for name, sight in seen.asked.items():
        yield f"{name}: labels ask for it, and nothing here installs it: {_place(sight)}"


def _likely(seen: Seen) -> list[str]:
    """What labels ask for, where it can be a revision: a guess where nothing is installed."""
    return [name for name in seen.asked if names.revision(name) is None]


def _default(seen: Seen) -> str:
    """Google's webhooks take it where the mesh is managed, and nobody need say so."""
    if seen.wanting is None or (seen.default is None and Flavour.CSM_MANAGED in seen.flavours):
        return ""
    asked = f"{count(seen.wanting.number, 'namespace')}, {seen.wanting.place}"
    ask = f"Who takes istio-injection=enabled, which is the label of {asked}."
    told = "The tree shows it:" if seen.default else "The tree shows nobody:"
    default = f"#defaultRevision: {scalar(seen.default or 'none')}\n"
    return prose(f"{ask} It is a revision, a tag, or none. {told}") + default


def _flavour(seen: Seen) -> str:
    if len(seen.flavours) != 1:
        return ""
    ((flavour, evidence),) = seen.flavours.items()
    return prose(f"Whose mesh it is. Evidence: {evidence}.") + f"#flavour: {flavour.value}\n"


def _namespaces(undeclared: Mapping[str, int]) -> str:
    head = (
        "Namespaces of workloads here that no file here makes. With all their labels meshlint"
        " can tell whether those pods are injected; {} says that there are none."
    )
    lines = [
        (f"#  {scalar(name)}: {{labels: {{}}}}", count(undeclared[name], "workload"))
        for name in most(undeclared)
    ]
    return block(head, "#namespaces:", lines, len(undeclared))


def _nameless(nameless: Mapping[str, int]) -> str:
    head = (
        "Where workloads here go that name no namespace, and get none from a kustomization,"
        " Argo CD or Flux."
    )
    lines = [
        (
            f"#  - {{paths: [{scalar(path)}], namespace: {UNSAID}}}",
            count(nameless[path], "workload"),
        )
        for path in most(nameless)
    ]
    return block(head, "#paths:", lines, len(nameless))


def _clusters(clusters: Mapping[str, int]) -> str:
    """Only where there are two, as one has nothing to be kept apart from."""
    head = (
        "Folders that meshlint takes for a cluster each, by their names: nothing of one is joined"
        " with another. If that is wrong, say which files each cluster has; if it is right, this"
        " is where its own revisions, tags and namespaces go."
    )
    ends = _ends(clusters)
    lines = [
        (
            f"#  {scalar(ends[folder])}: {{paths: [{scalar(f'{folder}/**')}]}}",
            count(clusters[folder], "object"),
        )
        for folder in most(clusters)
        if names.cluster(ends[folder]) is None
    ]
    return block(head, "#clusters:", lines, len(clusters)) if len(lines) > 1 else ""


def _ends(folders: Iterable[str]) -> dict[str, str]:
    """For each folder its last name, where no other has it; else the whole path."""
    last = {folder: folder.rpartition("/")[2] for folder in folders}
    many = [*last.values()]
    return {folder: end if many.count(end) == 1 else folder for folder, end in last.items()}


def _exclude(places: Places) -> str:
    """Folders by their names, and broken files that are in none of them, and in no chart."""
    head = (
        "Files to leave out. By their names these folders hold what others wrote, or what tests"
        " read, and these files have a document that is no valid YAML. What follows counts them"
        " in: without them, run 'meshlint init --force' again."
    )
    foreign = places.foreign
    covered = tuple(f"{folder}/" for folder in (*foreign, *places.charts))
    broken = [path for path in places.broken if not path.startswith(covered)]
    lines = [
        (f"#  - {scalar(f'{folder}/**')}", count(foreign[folder], "file"))
        for folder in most(foreign)
    ]
    lines += [(f"#  - {scalar(path)}", "no valid YAML") for path in broken[:MOST]]
    return block(head, "#exclude:", lines, len(foreign) + len(broken))


def _charts(charts: tuple[str, ...]) -> str:
    head = (
        "Charts here, of which nothing is known as they stand. Each release that is named here is"
        " rendered with helm; docs/rendered.md of meshlint tells of values and releases."
    )
    lines = [(f"#  - {{path: {scalar(path)}, namespace: {UNSAID}}}", "") for path in charts[:MOST]]
    return block(head, "#charts:", lines, len(charts))


def _context(seen: Seen) -> str:
    if seen.whole:
        return ""
    head = (
        "No control plane stands in this tree. If one stands in another repository, run"
        " 'meshlint context PATH > mesh.json' there, and name the file here."
    )
    return prose(head) + "#context: mesh.json\n"


def _threshold() -> str:
    return prose("From which severity on the exit code is 1: error, warning or note.") + (
        "failOn: warning\n"
    )


def _told(sight: Sight) -> str:
    return f"{sight.words}, {_place(sight)}"


def _place(sight: Sight) -> str:
    return sight.place + (f" and {sight.number - 1} more" if sight.number > 1 else "")
