"""An injector's ConfigMap as an object: what it is called, which keys it has, how old its form is.

What its configuration says is in Settings (see `injector`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from meshlint.finding import Location, Type, Value
from meshlint.resources.document import Document, Meta
from meshlint.resources.gotemplate.functions import GONE, SINCE
from meshlint.resources.gotemplate.parsing import parsed
from meshlint.resources.injector_shape import CONFIG
from meshlint.resources.injector_text import Text, is_injector_map, sentinel, templates, text
from meshlint.resources.keys import REVISION
from meshlint.resources.passage import within
from meshlint.resources.reader import reads
from meshlint.resources.shape import misfits
from meshlint.source.node import MERGE, Node
from meshlint.unread import Unread


@dataclass(frozen=True, slots=True)
class InjectorMap:
    """A ConfigMap `istio-sidecar-injector` or `istio-sidecar-injector-REVISION`.

    `keys` are those of its data, None where these are not all known. `config` is the place of a
    configuration that can be read, `empty` that of one in which nothing is written. `single` is
    the one `template` of the form before 1.9, `several` the key `templates` of the later form.
    `calls` are functions in the templates that only some versions of Istio have. `hub`, `image`
    and `tag` are those of the proxy in its values, and `rendered` tells that it has the label that
    charts give it.
    """

    meta: Meta
    partial: Unread | None
    keys: frozenset[str] | None
    rendered: bool
    config: Location | None = None
    empty: Location | None = None
    single: Location | None = None
    several: Location | None = None
    calls: tuple[Value, ...] = ()
    hub: Value | None = None
    image: Value | None = None
    tag: Value | None = None

    @property
    def proxy(self) -> Value | None:
        """The image that its values give to a proxy, as `proxyImageURL` of inject.go puts it."""
        name = self.image.known if self.image else "proxyv2"
        if name and "/" in name:
            return self.image
        if self.tag is None or not self.tag.literal or self.hub is None or not self.hub.known:
            return None
        return replace(self.tag, text=f"{self.hub.text}/{name}:{self.tag.text}", type=Type.STRING)


@reads("ConfigMap", hints=("istio-sidecar-injector",))
def injector_object(document: Document) -> Iterator[InjectorMap]:
    """istiod finds it by its name (pilot/pkg/bootstrap, getInjectorConfigMapName)."""
    if not is_injector_map(document):
        return
    labels = document.meta.labels
    found = InjectorMap(
        meta=document.meta,
        partial=document.partial,
        keys=_keys(document),
        rendered=REVISION in labels,
    )
    config, values = text(document, "config"), text(document, "values")
    if config:
        found = _formed(found, config)
    if values and values.root:
        found = _imaged(found, values, values.root)
    yield found


def _keys(document: Document) -> frozenset[str] | None:
    """The keys of `data`, None where more may come."""
    node = document.root.get("data")
    if node is None or node.value().type is Type.NULL:
        return frozenset() if not document.root.page.directed else None
    if not node.is_map or not node.value().literal or document.root.page.directed:
        return None
    names = [child.name for child in node.children()]
    if any(name == MERGE or "{{" in name or "${" in name for name in names):
        return None
    return frozenset(names)


def _formed(found: InjectorMap, config: Text) -> InjectorMap:
    """What tells the age of a configuration."""
    root = config.root
    if root is None:
        return found if config.broken else replace(found, empty=config.holder.key_where)
    single, several = root.get("template"), root.get("templates")
    old = single is not None and _filled(single) and not sentinel(single)
    new = several is not None and several.is_map and bool(several.entries())
    return replace(
        found,
        config=None if any(misfits(root, CONFIG)) else config.holder.where,
        single=config.place(single.key_where) if single is not None and old else None,
        several=config.place(several.key_where) if several is not None and new else None,
        calls=tuple(_calls(config)),
    )


def _filled(node: Node) -> bool:
    value = node.value()
    return value.type is Type.STRING and bool(value.text.strip())


def _calls(config: Text) -> Iterator[Value]:
    """The first call in each template of a function that not all versions have."""
    for _, node in templates(config):
        uses = {use.name: use for use in reversed(parsed(node.value().text).uses)}
        for name in sorted(uses.keys() & (SINCE.keys() | GONE.keys())):
            at = uses[name].at
            yield Value(name, config.whole or within(node, at, at + len(name)))


def _imaged(found: InjectorMap, values: Text, root: Node) -> InjectorMap:
    """Hub, name and tag of the proxy's image."""

    def value(*keys: str) -> Value | None:
        field = root.field("global", *keys)
        return replace(field.value, where=values.place(field.value.where)) if field else None

    return replace(found, hub=value("hub"), image=value("proxy", "image"), tag=value("tag"))
