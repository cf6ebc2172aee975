"""Policies of one's own: those that a configuration names, for every command that needs them."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from meshlint.cli.streams import Usage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meshlint.checks.read import Entry
    from meshlint.cli.knowledge import Given
    from meshlint.config.find import Place
    from meshlint.config.model import Config
    from meshlint.finding import Value
    from meshlint.rulebook import Rulebook


def ruled(config: Config, place: Place, work: Given) -> Given:
    """The work with the policies that the configuration names, and without their files.

    What a configuration in Git names is in Git too.

    Raises:
        Faulty: one of them is faulty.
    """
    if not config.policies:
        return work
    from meshlint.checks.book import entries, of_entries

    found = entries(config.policies, work.stored if place.stored is not None else None)
    files = {entry.where.path for entry in found}
    sources = [source for source in work.collection.sources if source.path not in files]
    collection = replace(work.collection, sources=sources)
    terms = replace(work.terms, book=of_entries(found))
    return replace(work, collection=collection, terms=terms)


def book(arguments: argparse.Namespace) -> Rulebook:
    """All rules, for commands that read no manifests: `explain`, `rules` and `policies`.

    `arguments` has `config` and `no_config`. The names of shipped rules stay with them.

    Raises:
        Usage: the configuration, or one of the policies, is faulty.
    """
    from meshlint.rulebook import SHIPPED

    found = entries(configured(arguments))
    if not found:
        return SHIPPED
    from meshlint.checks.book import of_entries

    return of_entries(found)


def configured(arguments: argparse.Namespace) -> Sequence[Value]:
    """The files and folders that the configuration names.

    Raises:
        Usage: it is faulty.
    """
    from meshlint.config.fault import Faulty, told
    from meshlint.config.find import find, load, named
    from meshlint.config.read import read

    if arguments.no_config:
        return ()
    try:
        place = named(arguments.config, ["."]) if arguments.config else find(["."])
        return read(place.file, load(place)).policies if place.file else ()
    except Faulty as error:
        raise Usage(told(error)) from None


def entries(names: Sequence[Value]) -> list[Entry]:
    """The policies in files and folders.

    Raises:
        Usage: one of them is faulty; all faults are told.
    """
    if not names:
        return []
    from meshlint.checks.book import entries
    from meshlint.config.fault import Faulty, told

    try:
        return entries(names)
    except Faulty as error:
        raise Usage(told(error)) from None
