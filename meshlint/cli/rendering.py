"""`--helm`, `--kustomize`: rendered by the real programs, and linted with the lines of origin."""

from __future__ import annotations

import argparse
import os
import posixpath
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from meshlint.finding import quoted
from meshlint.source.files import clean

if TYPE_CHECKING:
    from meshlint.cli.knowledge import Given
    from meshlint.finding import Value
    from meshlint.render.chart import Release
    from meshlint.render.tree import Tree
    from meshlint.resources.reader import Resource


def options(parser: argparse.ArgumentParser) -> None:
    """The options of every command that looks at manifests."""
    add = parser.add_argument
    add(
        "--helm",
        action=argparse.BooleanOptionalAction,
        help="render all charts with helm, offline (default: those of 'charts:' alone)",
    )
    add(
        "--kustomize",
        action=argparse.BooleanOptionalAction,
        help="build all kustomizations with kustomize or kubectl, offline (default: no)",
    )
    add("--no-cache", action="store_true", help="render anew what was rendered before")


def rendered(arguments: argparse.Namespace, work: Given) -> Given:
    """What a command works on, with what the user or the configuration wants to be rendered."""
    if arguments.helm is not False and (arguments.helm or work.charts):
        work = _templated(arguments, work)
    return _built(arguments, work) if arguments.kustomize else work


def _templated(arguments: argparse.Namespace, work: Given) -> Given:
    """With charts rendered."""
    from meshlint.render.rendered import render

    tree = _tree(work)
    releases = [*_told(work, tree), *(_others(work, tree) if arguments.helm else ())]
    if not releases:
        return work
    done = render(releases, tree, cached=not arguments.no_cache)
    collection, templates = done.instead(work.collection)
    adjust = work.known.adjust

    def adjusted(resources: Iterable[Resource]) -> Iterable[Resource]:
        return adjust(done.adjust(resources))

    sources = (*work.known.sources, *templates)
    known = replace(work.known, sources=sources, adjust=adjusted)
    return replace(work, collection=collection, known=known)


def _built(arguments: argparse.Namespace, work: Given) -> Given:
    """With kustomizations built."""
    from meshlint.render.overlays import overlays

    done = overlays(work.collection.sources, _tree(work), cached=not arguments.no_cache)
    known = replace(
        work.known,
        facts=(*work.known.facts, *done.facts),
        sources=(*work.known.sources, *done.origins),
    )
    return replace(work, collection=done.instead(work.collection), known=known)


def _tree(work: Given) -> Tree:
    from meshlint.render.tree import Committed, Files

    return Committed(work.stored) if work.stored else Files(_top(work))


def _top(work: Given) -> Path:
    """Where the tree ends that files may be read of: the repository around all that is linted.

    Where there is none, it is the current folder, if that holds it all; else their own.
    """
    from meshlint.source.files import STDIN
    from meshlint.source.git import root_of

    if work.stored:
        return work.stored.top
    here = Path.cwd()
    paths = [source.path for source in work.collection.sources if source.path != STDIN]
    places = [os.path.normpath(here / posixpath.dirname(path)) for path in paths]
    common = Path(os.path.commonpath(places)) if places else here
    return root_of(common) or (here if common.is_relative_to(here) else common)


def _told(work: Given, tree: Tree) -> Iterable[Release]:
    """The releases of the configuration.

    Raises:
        Faulty: a chart or a file of values is not there.
    """
    from meshlint.config.fault import Fault, Faulty
    from meshlint.render.chart import CHART, Release, plain

    present = {posixpath.dirname(source.path) for source in work.collection.sources}
    for chart in work.charts:
        folder = _shown(work, chart.path)
        if folder not in present and tree.read(posixpath.join(folder, CHART)) is not None:
            continue  # it is not under the paths that are linted
        files = [(path, tree.read(_shown(work, path))) for path in chart.values]
        own = plain(tree, folder)
        lost = [path for path, data in files if data is None]
        if own is None or lost:
            where = lost[0] if lost else chart.path
            what = "no such file in the tree" if lost else "no chart that makes objects"
            raise Faulty([Fault(where.where, f"{quoted(where.text)} is {what}")])
        yield Release(
            own.chart,
            chart.release.text if chart.release else own.name,
            chart.namespace.text if chart.namespace else None,
            tuple(data for _, data in files if data is not None),
            tuple((key, field.value.text) for key, field in chart.sets.items()),
            chart.cluster.text if chart.cluster else "",
        )


def _shown(work: Given, path: Value) -> str:
    """A path of the configuration as the scan names files."""
    return clean(os.path.relpath(work.root / path.text))


def _others(work: Given, tree: Tree) -> Iterable[Release]:
    """The charts as Applications and HelmReleases install them; the rest with their own values."""
    from meshlint.render.carried import Root, carried
    from meshlint.render.chart import charts, plain

    told = {_shown(work, chart.path) for chart in work.charts}
    root = Root(tree, clean(os.path.relpath(_top(work))))
    releases = [r for r in carried(root, work.collection.sources) if r.chart not in told]
    yield from releases
    told |= {release.chart for release in releases}
    for folder in charts(source.path for source in work.collection.sources):
        release = plain(tree, folder) if folder not in told else None
        if release:
            yield release
