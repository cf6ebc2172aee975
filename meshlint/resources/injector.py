"""What an injector is told: its policy, selectors and templates, wherever they are written."""

from __future__ import annotations

from dataclasses import dataclass

from meshlint.finding import Location, Value
from meshlint.resources.control_plane import Origin
from meshlint.resources.site import Site
from meshlint.resources.webhook import Selector


@dataclass(frozen=True, slots=True)
class Settings:
    """The injector's configuration of one revision (istio/istio pkg/kube/inject, Config).

    `revision` is None where that of the document is not known. `policy` is None where the chart's
    own (`enabled`) holds. `templates` are the names that pods may ask for, aliases among them;
    None where they are not all known. `by_default` is enableNamespacesByDefault. `complete` is
    False where more may be set elsewhere: then what is not said here is unknown.
    """

    revision: Value | None
    where: Location
    origin: Origin
    policy: Value | None = None
    never: tuple[Selector, ...] = ()
    always: tuple[Selector, ...] = ()
    templates: frozenset[str] | None = None
    by_default: Value | None = None
    complete: bool = True
    site: Site | None = None

    @property
    def at(self) -> Site:
        """From where the object reaches a cluster; by default its own file."""
        return self.site or Site(self.where.path)
