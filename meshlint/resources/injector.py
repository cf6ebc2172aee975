"""What an injector is told: its policy, selectors and templates, wherever they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from meshlint.finding import Field, Location, Type, Value
from meshlint.resources.control_plane import DEFAULT, Origin, Revision, operator, sail
from meshlint.resources.document import Document
from meshlint.resources.nested import nested
from meshlint.resources.reader import reads
from meshlint.resources.site import Site
from meshlint.resources.values import Values
from meshlint.resources.webhook import Expression, Selector, selector
from meshlint.source.node import Node
from meshlint.source.parse import Unparsable

STOCK = frozenset(
    "sidecar gateway grpc-simple grpc-agent waypoint kube-gateway agentgateway"
    " agentgateway-waypoint".split()
)
"""The templates that some version of Istio's chart gives to every injector."""

SIDECAR = "sidecar"
"""The template of pods that name none (SidecarTemplateName)."""

MAP_NAME = re.compile(r"istio-sidecar-injector(?:-(.+))?\Z")
PROFILES = frozenset(
    "default demo minimal external preview stable ambient openshift openshift-ambient".split()
)
"""Profiles of istioctl that say nothing of the injector (manifests/profiles)."""

HOOK = "sidecarInjectorWebhook"
BY_DEFAULT = (HOOK, "enableNamespacesByDefault")
YES = frozenset({"true", "yes", "y", "on"})


@dataclass(frozen=True, slots=True)
class Settings:
    """The injector's configuration of one revision (istio/istio pkg/kube/inject, Config).

    `revision` is None where that of the document is not known. `policy` is None where the chart's
    own (`enabled`) holds; what is there and cannot be known is no literal. `never` and `always`
    are the selectors by which pods that say nothing are passed over, or injected. `templates` are
    the names that pods may ask for, aliases among them; None where they are not all known.
    `defaults` are those of pods that ask for none; empty for the stock one. `by_default` is
    enableNamespacesByDefault, `true` or `false`; None where the chart's own (`false`) holds.
    `complete` is False where more may be set elsewhere: then what is not said here is unknown.
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
    defaults: tuple[Value, ...] = ()

    @property
    def at(self) -> Site:
        """From where the object reaches a cluster; by default its own file."""
        return self.site or Site(self.where.path)


def charted(values: Values, revision: Value | None, where: Location, origin: Origin) -> Settings:
    """What Istio's chart makes of its values (templates/istiod-injector-configmap.yaml)."""
    never, always = (_listed(values, HOOK, f"{side}InjectSelector") for side in ("never", "always"))
    policy = values.field("global", "proxy", "autoInject")
    by_default = values.field(*BY_DEFAULT)
    defaults = values.node(HOOK, "defaultTemplates")
    return Settings(
        revision=revision if revision and revision.known else None,
        where=where,
        origin=origin,
        policy=_text(policy.value) if policy else None,
        never=never or (),
        always=always or (),
        templates=_charted_templates(values),
        by_default=_truth(by_default, spelled=".".join(BY_DEFAULT) in values.parameters),
        complete=values.complete and never is not None and always is not None,
        defaults=() if defaults is None else tuple(item.value() for item in defaults.items()),
    )


def _listed(values: Values, *keys: str) -> tuple[Selector, ...] | None:
    """The selectors of a list; None where they cannot be read."""
    return None if values.pieced(*keys) else selectors(values.node(*keys))


def selectors(node: Node | None) -> tuple[Selector, ...] | None:
    """A list of label selectors; None where it cannot be read."""
    if node is None or node.value().type is Type.NULL:
        return ()
    return tuple(map(selector, node.items())) if node.is_list else None


def _charted_templates(values: Values) -> frozenset[str] | None:
    """The chart's own and those added; None where there may be others."""
    nodes = list(values.nodes(HOOK, "templates"))
    if not values.complete or values.pieced(HOOK, "templates") or not all(map(_plain, nodes)):
        return None
    return STOCK.union(*(node.entries() for node in nodes))


def _plain(node: Node) -> bool:
    """Whether a node is a map with keys that are no placeholders."""
    fields = (child.as_field.key for child in node.children())
    return node.is_map and node.value().literal and all(key.text for key in fields)


def _text(value: Value) -> Value:
    """A value as the text that it is for the chart; what is null renders as nothing."""
    text = "" if value.type is Type.NULL else value.text
    return Value(text, value.where, Type.STRING, value.literal)


def _truth(field: Field | None, *, spelled: bool = False) -> Value | None:
    """A boolean as `true` or `false`; for a chart each string is a yes, unless `--set` reads it."""
    if field is None:
        return None
    value = _text(field.value)
    string = field.value.type is Type.STRING and not spelled
    yes = bool(value.text) if string else value.text.lower() in YES
    return replace(value, text="true" if yes else "false")


@reads("ConfigMap", hints=("istio",))
def injector_map(document: Document) -> Iterator[Settings]:
    """istiod finds it by its name (pilot/pkg/bootstrap, getInjectorConfigMapName)."""
    name, config = document.meta.name, document.root.get("data", "config")
    match = MAP_NAME.match(name.text) if name else None
    if name is None or match is None or config is None or match.group(1) == DEFAULT:
        return  # with `default` at its end it is read by nobody
    revision = replace(name, text=match.group(1) or DEFAULT) if name.known else None
    body = _inside(config)
    found = Settings(revision, config.where, Origin.CONFIG_MAP, complete=False)
    if body is not None and body.is_map:
        # in a quoted text the injector's own templates look like ours
        found = _configured(body, found, document.partial is None or config.block is None)
    values = document.root.get("data", "values")
    found = replace(found, by_default=_by_default(values, config.where))
    yield found if config.block is not None else _gathered(found, config.where)


def _configured(body: Node, found: Settings, whole: bool) -> Settings:
    """The key `config`. What it does not say has Go's zero value, and no default of the chart's."""
    policy = body.field("policy")
    never, always = (selectors(body.get(f"{side}InjectSelector")) for side in ("never", "always"))
    templates = body.get("templates")
    return replace(
        found,
        policy=_text(policy.value) if policy else Value("", found.where),
        never=never or (),
        always=always or (),
        templates=_named(templates, body.get("aliases")) if templates is not None else None,
        complete=whole and never is not None and always is not None,
        defaults=body.scalars("defaultTemplates") or (Value(SIDECAR, found.where),),
    )


def _named(templates: Node, aliases: Node | None) -> frozenset[str]:
    """What pods may ask for: an alias goes before a template of its name (resolveAliases)."""
    own = frozenset(templates.entries())
    pairs = {} if aliases is None else aliases.entries()
    led = {name: {value.text for value in node.scalars()} for name, node in pairs.items()}
    return (own - led.keys()) | {name for name, leads in led.items() if leads <= own}


def _by_default(values: Node | None, where: Location) -> Value | None:
    """What the chart's values said, of which the ConfigMap keeps a copy, as JSON."""
    body = _inside(values) if values is not None else None
    if body is None or not body.is_map:
        return Value("", where, literal=False)
    return _truth(body.field(*BY_DEFAULT)) or Value("false", where)


def _inside(node: Node) -> Node | None:
    """Text that is YAML by itself; None where it is not."""
    try:
        return nested(node)
    except Unparsable:
        return None


def _gathered(found: Settings, where: Location) -> Settings:
    """Settings from a text without lines of its own: all of them stand where the text does."""

    def value(old: Value) -> Value:
        return replace(old, where=where)

    def clause(old: Expression) -> Expression:
        return replace(old, values=tuple(map(value, old.values)), where=where)

    def moved(old: Selector) -> Selector:
        return Selector(tuple(map(clause, old.expressions)), where)

    return replace(
        found,
        policy=value(found.policy) if found.policy else None,
        never=tuple(map(moved, found.never)),
        always=tuple(map(moved, found.always)),
        by_default=value(found.by_default) if found.by_default else None,
        defaults=tuple(map(value, found.defaults)),
    )


@reads("IstioOperator")
def operator_values(document: Document) -> Iterator[Settings]:
    """The values of an IstioOperator; those of a profile of one's own are not seen."""
    profile = document.root.field("spec", "profile")
    stock = profile is None or profile.value.known in PROFILES
    yield from _of_values(document, operator(document), Origin.OPERATOR, stock)


@reads("Istio", "IstioRevision")
def sail_values(document: Document) -> Iterator[Settings]:
    """The values of the Sail operator's resources, whose profiles say nothing of the injector."""
    yield from _of_values(document, sail(document), Origin.SAIL, True)


def _of_values(
    document: Document, installed: Iterator[object], origin: Origin, stock: bool
) -> Iterator[Settings]:
    """Settings for the one revision that a document installs."""
    first = next(installed, None)
    if first is not None:
        node = document.root.get("spec", "values")
        maps = (node,) if node is not None and node.is_map else ()
        lost = node is not None and not maps and node.value().type is not Type.NULL
        values = Values(maps, {}, stock and document.partial is None and not lost)
        revision = first.name if isinstance(first, Revision) else None
        yield charted(values, revision, document.meta.where, origin)
