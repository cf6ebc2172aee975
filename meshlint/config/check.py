"""What the parts of a configuration say of each other: names told twice, and names untold."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.config.fault import Fault
from meshlint.config.model import NOBODY, Cluster, Config
from meshlint.finding import Value, quoted
from meshlint.resources.control_plane import DEFAULT


def check(config: Config) -> Iterator[Fault]:
    """Contradictions; in a cluster, what stands at the top counts too."""
    for cluster in config.clusters:
        yield from _repeated(cluster, config.everywhere)
    yield from _elsewhere(config)
    for view in config.views:
        yield from _shadows(view)
        yield from _defaults(view)
        if view.revisions is not None and view.sound:
            yield from _untold(view, {name.text for name in view.revisions})


def _repeated(cluster: Cluster, top: Cluster) -> Iterator[Fault]:
    """What stands at the top holds in every cluster, so none may say it again, or otherwise."""
    first = {name.text: name for name in top.revisions or ()}
    pairs = [(name, first.get(name.text)) for name in cluster.revisions or ()]
    pairs += [(f.key, top.tags[n].key if n in top.tags else None) for n, f in cluster.tags.items()]
    pairs += [
        (own.name, top.namespaces[name].name if name in top.namespaces else None)
        for name, own in cluster.namespaces.items()
    ]
    for value, given in ((cluster.default, top.default), (cluster.flavour, top.flavour)):
        pairs += [(value, given)] if value else []
    for value, given in pairs:
        if given is not None:
            text = f"line {given.where.line} gives {quoted(given.text)} to every cluster"
            yield Fault(value.where, f"{text} already: leave one of the two out")


def _elsewhere(config: Config) -> Iterator[Fault]:
    """Charts for clusters that nobody declares, where some are."""
    known = {cluster.name for cluster in config.clusters}
    for chart in config.charts if known else ():
        if chart.cluster is not None and chart.cluster.text not in known:
            text = (
                f"{quoted(chart.cluster.text)} is none of the clusters {', '.join(sorted(known))}"
            )
            yield Fault(chart.cluster.where, text)


def _shadows(view: Cluster) -> Iterator[Fault]:
    """A tag must not have a revision's name; `default` may, for it then replaces the revision."""
    revisions = {name.text: name for name in view.revisions or ()}
    for name, tag in view.tags.items():
        if name in revisions and name != DEFAULT:
            line = revisions[name].where.line
            yield Fault(tag.key.where, f"tag {quoted(name)} is a revision on line {line}")


def _defaults(view: Cluster) -> Iterator[Fault]:
    """`defaultRevision` and a tag `default` say one thing twice."""
    if view.default is None:
        return
    named = [tag.key for name, tag in view.tags.items() if name == DEFAULT]
    if view.default.text == NOBODY:
        named += [name for name in view.revisions or () if name.text == DEFAULT]
    for other in named:
        text = f"'default' on line {other.where.line} says already who the default is"
        yield Fault(view.default.where, f"{text}: leave one of the two out")


def _untold(view: Cluster, revisions: set[str]) -> Iterator[Fault]:
    """Names that are none of the revisions, where those are all there are."""
    for name, tag in view.tags.items():
        if tag.value.text not in revisions:
            yield _unknown(tag.value, revisions, f"tag {quoted(name)} points to", view)
    default = view.default
    if default is not None and default.text not in {NOBODY, *revisions, *view.tags}:
        yield _unknown(default, {*revisions, *view.tags}, "the default is", view)


def _unknown(value: Value, known: set[str], words: str, view: Cluster) -> Fault:
    import difflib  # most configurations have no fault

    near = difflib.get_close_matches(value.text, sorted(known), 1)
    hint = f", did you mean {quoted(near[0])}?" if near else ""
    what = "a tag, and must be a revision" if value.text in view.tags else "not declared"
    place = f" in cluster {quoted(view.name)}" if view.name else ""
    return Fault(value.where, f"{words} {quoted(value.text)}, which is {what}{place}{hint}")
