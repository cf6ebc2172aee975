"""The proxy that an injector gives to pods, against istiod and against the pods that have one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from meshlint.finding import Field, Hit, Related, Value, quoted
from meshlint.resources.control_plane import DEFAULT
from meshlint.resources.image import plain, proxy_minor
from meshlint.resources.injector_map import InjectorMap
from meshlint.resources.istiod_sources import Purpose, map_name
from meshlint.resources.keys import INJECTION, PROXY_IMAGE, REVISION
from meshlint.resources.workload import Workload
from meshlint.rules.control_plane.injector_readers import Reader, Readers, minors
from meshlint.rules.proxy.committed import SUPPORTED
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.words import named


@mesh_rule
def injector_image_skew(view: View) -> Iterator[Hit]:
    """Proxies that are newer than their istiod, or too old; and pods with another one."""
    whole = [found for found in view.mesh.every(InjectorMap) if found.partial is None]
    readers = Readers(view)
    for found in whole:
        proxy = found.proxy
        minor = proxy_minor(proxy.known or "") if proxy else None
        reading = readers.of(found.meta)
        versions = minors(reading)
        if proxy and minor is not None and versions:
            if minor > max(versions):
                yield _newer(found, proxy, minor, reading[0])
            elif minor < min(versions) - SUPPORTED:
                yield _older(found, proxy, minor, reading[0])
    by_name: defaultdict[str, list[InjectorMap]] = defaultdict(list)
    for found in whole:
        by_name[found.meta.subject.name].append(found)
    for workload in view.mesh.workloads if whole else ():
        yield from _stale(view, workload, by_name)


def _newer(found: InjectorMap, proxy: Value, minor: int, reader: Reader) -> Hit:
    return Hit(
        f"This injector gives pods the proxy {quoted(proxy.text)}, and its istiod is"
        f" 1.{reader.minor}: a proxy of 1.{minor} is newer than the istiod that configures it,"
        " which is never supported. Give it the version of istiod, or upgrade istiod first.",
        proxy.where,
        found.meta.subject,
        (reader.related,),
    )


def _older(found: InjectorMap, proxy: Value, minor: int, reader: Reader) -> Hit:
    return Hit(
        f"This injector gives pods the proxy {quoted(proxy.text)}, and its istiod is"
        f" 1.{reader.minor}: Istio supports proxies that are at most {SUPPORTED} minor versions"
        f" behind, and 1.{minor} is more. Give it the version of istiod.",
        proxy.where,
        found.meta.subject,
        (reader.related,),
        case="older",
    )


def _stale(view: View, pod: Workload, whole: Mapping[str, list[InjectorMap]]) -> Iterator[Hit]:
    """A Pod with another proxy than it would get today (IST0158 of istioctl analyze)."""
    image = next((i for i in pod.proxy_images if i.known not in (None, "", "auto")), None)
    if not pod.is_pod or image is None or PROXY_IMAGE in pod.pod.annotations:
        return
    maps = whole.get(_injector(view, pod) or "", [])
    near = [m for m in maps if view.mesh.together(pod.meta.at, m.meta.at)]
    given = [m.proxy for m in near if m.proxy]
    proxy = given[0] if len(given) == 1 else None
    if proxy and proxy.known and plain(proxy.text) != plain(image.text):
        yield Hit(
            f"{named(pod.meta.subject)} has the proxy {quoted(image.text)}, and the injector of its"
            f" namespace would give it {quoted(proxy.text)}: it is from before an upgrade. Restart"
            " what makes the pod.",
            image.where,
            pod.meta.subject,
            (Related("the injector's image", proxy.where),),
            case="stale",
        )


def _injector(view: View, pod: Workload) -> str | None:
    """The ConfigMap of the injector that the labels of the pod's namespace lead to."""
    labels = [copy.meta.labels for copy in view.mesh.home(pod).copies if copy.partial is None]
    asked = {DEFAULT if INJECTION in one else _named(one.get(REVISION)) for one in labels}
    off = any(one[INJECTION].value.known != "enabled" for one in labels if INJECTION in one)
    name = asked.pop() if len(asked) == 1 and not off else None
    if name is None:
        return None
    tags = view.mesh.plane(pod.meta.at).tags.get(name, ())
    targets = {tag.target.known if tag.target else None for tag in tags} or {name}
    revision = targets.pop() if len(targets) == 1 else None
    return map_name(Purpose.INJECTOR, revision) if revision is not None else None


def _named(label: Field | None) -> str | None:
    return label.value.known if label else None
