"""EnvoyFilters for some versions of proxies: expressions that Go refuses, or that match none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from functools import lru_cache

from meshlint.finding import Hit, Value, quoted
from meshlint.resources.envoy_filter import ConfigPatch, EnvoyFilter
from meshlint.resources.image import PROXY_VERSION
from meshlint.resources.re2 import refused, search
from meshlint.resources.site import Site
from meshlint.rules.proxy.committed import SUPPORTED
from meshlint.rules.proxy.envoy_reach import Applied, applied, minors, spoken
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import named

LONGEST = 1024
"""istiod compiles no longer expression: the patch is for no proxy (pilot/pkg/model)."""

PATCHES = range(41)
SUFFIXES = ("", "-asm.1", "-asm.9", "-alpha.0", "-beta.0", "-rc.0", "-dev", "-distroless")
"""What stands behind 1.MINOR.PATCH in the versions of Istio's and Google's proxies."""

LATEST = 40
"""A minor version that is not there yet: expressions are tried with those before it."""


@mesh_rule
def envoy_filter_version_regex(view: View) -> Iterator[Hit]:
    """A proxyVersion that is no regular expression of Go's, or is too long."""
    for one in spoken(view):
        for patch in one.patches:
            version = patch.match.version
            known = version.known if version and patch.context not in ("", "WAYPOINT") else None
            if version is None or known is None:
                continue
            if len(known.encode()) > LONGEST:
                yield _long(one, version)
            else:
                fault = refused(known)
                if fault:
                    yield _refused(one, version, fault)


def _refused(one: EnvoyFilter, version: Value, fault: str) -> Hit:
    return Hit(
        f"The proxyVersion {quoted(version.text)} is no regular expression of Go's (RE2): {fault}."
        f" istiod refuses {named(one.meta.subject)} with 'Envoy filter: invalid regex for proxy"
        " version'. Write one such as '^1\\.29.*'.",
        version.where,
        one.meta.subject,
    )


def _long(one: EnvoyFilter, version: Value) -> Hit:
    return Hit(
        f"The proxyVersion of {named(one.meta.subject)} is longer than {LONGEST} characters: istiod"
        " does not compile it, and the patch is for no proxy. Write one such as '^1\\.29.*'.",
        version.where,
        one.meta.subject,
        case="long",
    )


@mesh_rule
def envoy_filter_version_unmatched(view: View) -> Iterator[Hit]:
    """A proxyVersion that matches no proxy of the mesh, or more versions than it seems to."""
    every = list(applied(view))
    twins: defaultdict[Hashable, list[Applied]] = defaultdict(list)
    for one, patch in every:
        twins[_deed(patch)].append((one, patch))
    images = _images(view)
    for one, patch in every:
        version = patch.match.version
        matched = matches(version.known) if version and version.known else None
        if version is None or matched is None:
            continue
        found = minors(view, one)
        if (
            found
            and _settled(view, one)
            and matched.isdisjoint(_possible(view, one, found, images))
        ):
            if not _replaced(view, (one, patch), twins[_deed(patch)], found):
                yield _none(one, version, found)
        elif _loose(matched) and (not found or not matched.isdisjoint(found)):
            yield _more(one, version, matched)


def _settled(view: View, one: EnvoyFilter) -> bool:
    """Whether no istiod can be there of which nothing is known."""
    plane = view.mesh.plane(one.meta.at)
    return plane.closed and not plane.vague


@lru_cache(maxsize=1000)
def matches(expression: str) -> frozenset[int] | None:
    """The minor versions of proxies that an expression matches; None where that is not known."""
    test = search(expression)
    if test is None:
        return None
    ends = [f".{patch}{end}" for patch in PATCHES for end in SUFFIXES]
    return frozenset(m for m in range(LATEST) if any(test(f"1.{m}{end}") for end in ends))


def _possible(
    view: View, one: EnvoyFilter, found: tuple[int, ...], images: list[tuple[Site, int]]
) -> frozenset[int]:
    """The versions that proxies may have: of their istiod, a little older, or of an image."""
    own = (minor for site, minor in images if view.mesh.together(one.meta.at, site))
    return frozenset({*range(min(found) - SUPPORTED, max(found) + 1), *own})


def _images(view: View) -> list[tuple[Site, int]]:
    """The minor versions of proxies whose images stand in the tree, and where."""
    found: dict[tuple[Site, int], None] = {}
    for workload in view.mesh.workloads:
        for image in workload.proxy_images:
            match = PROXY_VERSION.search(image.text)
            if match:
                found[workload.meta.at, int(match.group(1))] = None
    return list(found)


def _replaced(view: View, own: Applied, twins: list[Applied], found: tuple[int, ...]) -> bool:
    """Whether the same patch is there for the proxies of now: then this one is for others."""
    one, patch = own
    for other, twin in twins:
        alike = twin is not patch and _alike(patch, twin) and _present(twin, found)
        if alike and view.mesh.together(one.meta.at, other.meta.at):
            return True
    return False


def _deed(patch: ConfigPatch) -> Hashable:
    """What a patch does and where: that of its twin for another version is the same."""
    return (patch.kind, patch.does, patch.context, patch.match.narrow)


def _alike(first: ConfigPatch, second: ConfigPatch) -> bool:
    """Whether two patches that do the same do it with the same, be it in another form."""
    one, other = first.value, second.value
    if one is None or other is None:
        return one is other
    if one.name and other.name and one.name.text == other.name.text:
        return True
    return one.digest == other.digest != ""


def _present(patch: ConfigPatch, found: tuple[int, ...]) -> bool:
    version = patch.match.version
    matched = matches(version.known) if version and version.known else None
    return matched is None or not matched.isdisjoint(found)


def _none(one: EnvoyFilter, version: Value, found: tuple[int, ...]) -> Hit:
    here = ", ".join(f"1.{minor}" for minor in sorted(set(found)))
    return Hit(
        f"The proxyVersion {quoted(version.text)} matches no proxy of this mesh, whose istiods are"
        f" Istio {here}: the patch of {named(one.meta.subject)} is never applied, and nothing says"
        " so. Write the version of the proxies, or leave it out.",
        version.where,
        one.meta.subject,
    )


def _loose(matched: frozenset[int]) -> int | None:
    """The one digit that was meant where all versions that begin with it match: 2 and 20 to 29."""
    short = [minor for minor in (1, 2, 3) if minor in matched]
    if len(short) != 1:
        return None
    first = short[0]
    return first if matched == {first, *range(10 * first, min(10 * first + 10, LATEST))} else None


def _more(one: EnvoyFilter, version: Value, matched: frozenset[int]) -> Hit:
    first = _loose(matched)
    return Hit(
        f"The proxyVersion {quoted(version.text)} of {named(one.meta.subject)} matches Istio"
        f" 1.{first} and each of 1.{first}0 to 1.{first}9 as well. Write '^1\\.{first}\\.' for"
        " the one, or both digits for one of the others.",
        version.where,
        one.meta.subject,
        case="loose",
    )
