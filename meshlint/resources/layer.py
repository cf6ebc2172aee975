"""What a kustomization, an Application or a Flux Kustomization changes on what passes through."""

from __future__ import annotations

from dataclasses import dataclass, field

from meshlint.finding import Fields, Location, Subject, Value
from meshlint.resources.branch import Branch


@dataclass(frozen=True, slots=True)
class Labelling:
    """Labels put on every object; on pod templates too where `templates` is True.

    `selectors` is True where they are put on selectors of pods too. `further` is True where
    `fields` may put them in more places: then whether a template has them that they do not reach
    by default is unknown.
    """

    pairs: Fields
    templates: bool
    further: bool = False
    selectors: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """Which objects a patch is for; "" means any. All texts are anchored regular expressions.

    `exact` is False where something narrows it further that is not evaluated here, such as a
    label selector: then the patch may or may not change what it names.
    """

    group: str = ""
    version: str = ""
    kind: str = ""
    name: str = ""
    namespace: str = ""
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one map of an object: entries set or deleted, or nothing known (`torn`).

    `replaced` is True where all entries that were there before are gone.
    """

    set: Fields = field(default_factory=dict)
    deleted: Fields = field(default_factory=dict)
    replaced: bool = False
    torn: bool = False

    def __bool__(self) -> bool:
        return bool(self.set or self.deleted or self.replaced or self.torn)


UNCHANGED = Change()


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a patch does to the list `webhooks` of a webhook configuration.

    `operation` is that of a JSON patch, with its path below the list; or "" for what a
    strategic-merge patch has there. `value` is None where it brings nothing, or nothing known.
    """

    operation: str
    path: tuple[str, ...]
    value: Branch | None


@dataclass(frozen=True, slots=True)
class Patch:
    """A strategic-merge or JSON patch, as far as it touches what decides on injection.

    `target` is None for a JSON patch that is told its target by whoever names its file, and a
    Subject for a strategic-merge patch of the object that it names itself. `labels` and
    `annotations` are of the object itself, `pod_labels` and `pod_annotations` of its pod template.
    `name` and `namespace` are what it renames and moves the object to. `deletes` is True for
    `$patch: delete`. `other` names what else it changes (`webhooks`, `spec.path`, or `*` for
    anything), and `webhooks` how it changes these, one step after the other. `containers` are the
    names of those that get an image or environment, None where they cannot be told. `host_network`
    is what it sets `spec.hostNetwork` of the pod template to, and `own_host_network` that of a
    Pod. `replicas` is what it sets `spec.replicas` to, which is also in `other`; a null for what it
    takes away.
    """

    target: Target | Subject | None
    where: Location
    labels: Change = UNCHANGED
    annotations: Change = UNCHANGED
    pod_labels: Change = UNCHANGED
    pod_annotations: Change = UNCHANGED
    host_network: Value | None = None
    own_host_network: Value | None = None
    name: Value | None = None
    namespace: Value | None = None
    deletes: bool = False
    other: frozenset[str] = frozenset()
    webhooks: tuple[Step, ...] = ()
    replicas: Value | None = None
    containers: frozenset[str] | None = frozenset()


@dataclass(frozen=True, slots=True)
class PatchFile:
    """Patches in a file of their own: its path in the scan, and the target where one is given.

    `writes_nulls` is as kustomize treats `patchesStrategicMerge`; see `nulls_written`.
    """

    path: str
    target: Target | None = None
    writes_nulls: bool = False


@dataclass(frozen=True, slots=True)
class Image:
    """An entry of `images`: which image gets which new name, and `:tag` or `@digest`.

    None is for the old one. `literal` is False where a placeholder is among them.
    """

    image: str
    name: str | None
    tag: str | None
    where: Location
    literal: bool = True


@dataclass(frozen=True, slots=True)
class Layer:
    """One step of the way from a file to a cluster, in the order in which its fields apply.

    `patches` first, then `namespace` (put on every namespaced object, and the name of Namespaces),
    `prefix` and `suffix`, `labels`, `annotations`, `late` patches, `images`; last `fallback`, the
    namespace of what has none. `further` is True where `configurations` may put labels and
    annotations in more places than by default. `opaque` names what may change more than is said
    here, such as `transformers`; "" if nothing.
    """

    namespace: Value | None = None
    fallback: Value | None = None
    prefix: str = ""
    suffix: str = ""
    labels: tuple[Labelling, ...] = ()
    annotations: Fields = field(default_factory=dict)
    patches: tuple[Patch | PatchFile, ...] = ()
    late: tuple[Patch | PatchFile, ...] = ()
    images: tuple[Image, ...] = ()
    further: bool = False
    opaque: str = ""
