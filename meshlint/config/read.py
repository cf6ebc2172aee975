"""A configuration's text into a Config, or all that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from meshlint.config import glob, names, severities
from meshlint.config.check import check
from meshlint.config.fault import Fault, Faulty, whole
from meshlint.config.form import Endless, Form, Test, blank, choice, place
from meshlint.config.ignored import flag, ignored
from meshlint.config.model import Chart, Cluster, Config, Declaration, Placed, Snapshot
from meshlint.finding import Field, Fields, Location, Severity, Value, quoted
from meshlint.resources.declared import Flavour
from meshlint.source.node import Node
from meshlint.source.parse import Unparsable, parse
from meshlint.source.split import split
from meshlint.source.text import NotText, decode

KNOWN = ("revisions", "tags", "defaultRevision", "flavour", "namespaces")
"""What can be declared of every cluster, and of one."""

KEYS = (
    *KNOWN,
    "clusters",
    "paths",
    "exclude",
    "context",
    "symptoms",
    "policies",
    "charts",
    "profile",
    "rules",
    "overrides",
    "baseline",
    "ignore",
    "requireReasons",
    "failOn",
)
CLUSTER_KEYS = ("paths", *KNOWN)
CHART_KEYS = ("path", "release", "namespace", "values", "set", "cluster")


def read(path: str, data: bytes) -> Config:
    """The configuration in a file's bytes; an empty one declares nothing.

    Raises:
        Faulty: it is no YAML, or says what it cannot say.
    """
    root = _root(path, data)
    if root is None:
        return Config(path)
    form = Form()
    try:
        config = _config(form, root, path)
    except Endless:
        raise whole(path, "more values than anybody declares") from None
    for fault in check(config):
        form.wrong(fault.where, fault.text)
    if form.faults:
        raise Faulty(form.faults)
    return config


def _root(path: str, data: bytes) -> Node | None:
    """The root of the one document; None where there is none, or an empty one."""
    try:
        pieces = list(split(decode(data)))
        root = parse(path, pieces[0]) if pieces else None
    except (NotText, Unparsable) as error:
        raise Faulty([_fault(path, error.line, error.column, str(error))]) from None
    if len(pieces) > 1:
        raise Faulty([_fault(path, pieces[1].first_line, 1, "a second document: one is read")])
    return None if blank(root) else root


def _fault(path: str, line: int, column: int, text: str) -> Fault:
    return Fault(Location(path, line, column, line, column + 1), text)


def _config(form: Form, root: Node, path: str) -> Config:
    found = form.entries(root, KEYS)
    severity = form.text(found.get("failOn"), choice([s.value for s in Severity]))
    return Config(
        path=path,
        everywhere=_cluster(form, "", root.where, found),
        clusters=tuple(_clusters(form, found.get("clusters"))),
        placed=tuple(_placed(form, found.get("paths"))),
        exclude=form.texts(found.get("exclude"), glob.fault),
        snapshots=tuple(_snapshots(form, found.get("context"))),
        symptoms=form.texts(found.get("symptoms"), names.relative),
        policies=form.texts(found.get("policies"), names.relative),
        charts=tuple(_charts(form, found.get("charts"))),
        profile=severities.profile(form, found.get("profile")),
        rules=severities.settings(form, found.get("rules")),
        overrides=tuple(severities.overrides(form, found.get("overrides"))),
        baseline=form.text(found.get("baseline"), names.relative),
        ignored=tuple(ignored(form, found.get("ignore"))),
        reasoned=flag(form, found.get("requireReasons")),
        fail_on=Severity(severity.text) if severity else None,
    )


def _clusters(form: Form, node: Node | None) -> Iterator[Cluster]:
    for name, child in form.entries(node).items():
        form.tested(Value(name, child.key_where), names.cluster)
        found = form.entries(child, CLUSTER_KEYS)
        if child.is_map or blank(child):
            paths = _paths(form, found, child.key_where, f"cluster {quoted(name)}")
            yield replace(_cluster(form, name, child.key_where, found), paths=paths)


def _cluster(form: Form, name: str, where: Location, found: dict[str, Node]) -> Cluster:
    """What is declared under the keys of KNOWN."""
    before = len(form.faults)
    revisions = form.texts(found.get("revisions"), names.revision)
    tags = _fields(form, found.get("tags"), names.tag, names.revision)
    sound = len(form.faults) == before
    if _empty(found.get("revisions")):
        form.wrong(
            found["revisions"].where, "no revision: leave the key out, if they are not known"
        )
    return Cluster(
        name=name,
        where=next((found[key].key_where for key in KNOWN if key in found), where),
        revisions=revisions if _filled(found.get("revisions")) else None,
        tags=tags,
        default=form.text(found.get("defaultRevision"), names.default),
        flavour=form.text(found.get("flavour"), choice([f.value for f in Flavour])),
        namespaces=dict(_namespaces(form, found.get("namespaces"))),
        sound=sound,
    )


def _namespaces(form: Form, node: Node | None) -> Iterator[tuple[str, Declaration]]:
    for name, child in form.entries(node).items():
        value = form.tested(Value(name, child.key_where), names.namespace)
        labels = form.entries(child, ("labels",)).get("labels")
        fields = _fields(form, labels, names.label_key, names.label_value)
        if value is not None:
            yield name, Declaration(value, fields)


def _fields(form: Form, node: Node | None, key_test: Test, value_test: Test) -> Fields:
    """A map of strings to strings."""
    found = {}
    for name, child in form.entries(node).items():
        key = form.tested(Value(name, child.key_where), key_test)
        value = form.text(child, value_test)
        if blank(child):
            form.wrong(child.key_where, f"{quoted(name)} has no value")
        if key is not None and value is not None:
            found[name] = Field(key, value)
    return found


def _placed(form: Form, node: Node | None) -> Iterator[Placed]:
    for item in form.items(node):
        found = form.entries(item, ("paths", "namespace"))
        namespace = form.text(found.get("namespace"), names.namespace)
        if item.is_map or blank(item):
            paths = _paths(form, found, place(item), "an entry")
            if _absent(found, "namespace"):
                form.wrong(place(item), "an entry has no namespace")
            elif namespace is not None:
                yield Placed(paths, namespace)


def _paths(form: Form, found: dict[str, Node], where: Location, owner: str) -> tuple[Value, ...]:
    """The globs of somebody who must have some."""
    node = found.get("paths")
    if _absent(found, "paths") or _empty(node):
        form.wrong(where, f"{owner} has no paths: which files are meant?")
    return form.texts(node, glob.fault)


def _snapshots(form: Form, node: Node | None) -> Iterator[Snapshot]:
    """One, or a list: files, or maps of a file and the platform that it was made from."""
    if node is None or blank(node):
        return
    for item in form.items(node) if node.is_list else [node]:
        found = form.entries(item, ("file", "platform")) if item.is_map else {"file": item}
        file = form.text(found.get("file"), names.relative)
        if _absent(found, "file"):
            form.wrong(place(item), "an entry has no file: name that of the snapshot")
        platform = form.text(found.get("platform"), names.relative)
        if file is not None:
            yield Snapshot(file, platform)


def _charts(form: Form, node: Node | None) -> Iterator[Chart]:
    for item in form.items(node):
        found = form.entries(item, CHART_KEYS)
        path = form.text(found.get("path"), names.inside)
        if _absent(found, "path") and (item.is_map or blank(item)):
            form.wrong(place(item), "an entry has no path: name the chart's folder")
        chart = Chart(
            path=path or Value("", place(item)),
            release=form.text(found.get("release"), names.release),
            namespace=form.text(found.get("namespace"), names.namespace),
            values=form.texts(found.get("values"), names.inside),
            sets=_fields(form, found.get("set"), names.setting, names.setting),
            cluster=form.text(found.get("cluster"), names.cluster),
        )
        if path is not None:
            yield chart


def _absent(found: dict[str, Node], key: str) -> bool:
    return key not in found or blank(found[key])


def _empty(node: Node | None) -> bool:
    return node is not None and node.is_list and not node.raw.value


def _filled(node: Node | None) -> bool:
    return node is not None and node.is_list and not _empty(node)
