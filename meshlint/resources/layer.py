"""What a kustomization, an Application or a Flux Kustomization changes on what passes through."""

from __future__ import annotations

from dataclasses import dataclass, field

from meshlint.finding import Fields, Location, Value


@dataclass(frozen=True, slots=True)
class Labelling:
    """Labels put on every object; on pod templates too where `templates` is True."""

    pairs: Fields
    templates: bool


@dataclass(frozen=True, slots=True)
class Target:
    """Which objects a patch is for; "" and empty mean any. Names are anchored regular expressions.

    `exact` is False where a label or annotation selector narrows it further.
    """

    group: str = ""
    kind: str = ""
    name: str = ""
    namespace: str = ""
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one map of an object: entries set, keys deleted, or nothing known (`torn`).

    `replaced` is True where all entries that were there before are gone.
    """

    set: Fields = field(default_factory=dict)
    deleted: frozenset[str] = frozenset()
    replaced: bool = False
    torn: bool = False


@dataclass(frozen=True, slots=True)
class Patch:
    """A strategic-merge or JSON patch, as far as it touches what decides on injection.

    `labels` and `annotations` are of the object itself, `pod_labels` and `pod_annotations` of its
    pod template. `deletes` is True for `$patch: delete`. `other` is True where it changes anything
    else of the object. `host_network` is what it sets `spec.hostNetwork` of the pods to.
    """

    target: Target
    where: Location
    labels: Change = field(default_factory=Change)
    annotations: Change = field(default_factory=Change)
    pod_labels: Change = field(default_factory=Change)
    pod_annotations: Change = field(default_factory=Change)
    host_network: Value | None = None
    deletes: bool = False
    other: bool = False


@dataclass(frozen=True, slots=True)
class Layer:
    """One step of the way from a file to a cluster, in the order in which its fields apply.

    `patches` first, then `namespace` (put on every namespaced object, and the name of Namespaces),
    `prefix` and `suffix`, `labels`, `annotations`; last `fallback`, the namespace of what has none.
    `opaque` names what may change more than is said here, such as `transformers`; "" if nothing.
    """

    namespace: Value | None = None
    fallback: Value | None = None
    prefix: str = ""
    suffix: str = ""
    labels: tuple[Labelling, ...] = ()
    annotations: Fields = field(default_factory=dict)
    patches: tuple[Patch, ...] = ()
    patch_files: tuple[tuple[str, Target | None], ...] = ()
    """Patches in files of their own: path in the scan, and the target where one is given."""
    opaque: str = ""
