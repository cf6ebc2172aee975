"""Facts of small trees after placing, and what tests say of them."""

from __future__ import annotations

from collections.abc import Iterable

from meshlint.facts import facts
from meshlint.finding import Fields, Type
from meshlint.resources.namespace import Namespace
from meshlint.resources.reader import Resource
from meshlint.resources.site import Site
from meshlint.resources.workload import Workload
from meshlint.units.place import place


def read(files: dict[str, str]) -> list[Resource]:
    """The facts of files by their paths."""
    return [fact for path, text in files.items() for fact in facts(path, text.encode()).resources]


def placed(files: dict[str, str]) -> list[Resource]:
    """The facts as clusters get them."""
    return list(place(read(files)))


def shown(resources: Iterable[Resource], site: str | None = None) -> tuple[str, ...]:
    """Namespaces and workloads, one line each: identity, labels, those of the pods, and doubts.

    `site` is the path of those that are meant; without it, all are shown with their sites.
    """
    objects = (r for r in resources if isinstance(r, Namespace | Workload))
    wanted = ((r, r.meta.at) for r in objects if site is None or r.meta.at.path == site)
    return tuple(sorted(_line(r) + (f" @ {_site(at)}" if site is None else "") for r, at in wanted))


def _line(item: Namespace | Workload) -> str:
    own = item.meta.subject
    known = item.meta.namespace is None or item.meta.namespace.literal
    line = f"{own.kind} {own.namespace if known else '?'}/{own.name} {_map(item.meta.labels)}"
    if isinstance(item, Workload):
        line += f" pods {_map(item.pod.labels)}"
        line += f" notes {_map(item.pod.annotations)}" if item.pod.annotations else ""
        line += " host" if item.host_network else ""
    return line + (" ..." if item.partial else "")


def _map(fields: Fields) -> str:
    texts = {
        key: "?" if not f.value.literal else "" if f.value.type is Type.NULL else f.value.text
        for key, f in sorted(fields.items())
    }
    return "{" + ", ".join(f"{key}: {text}" for key, text in texts.items()) + "}"


def _site(site: Site) -> str:
    by = f" by {site.by}" if site.by else ""
    return f"{site.path}{by}" + (f" in {site.cluster}" if site.cluster else "")
