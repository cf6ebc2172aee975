"""Revision tags: where they point to, and names that two things have."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Hit, Related, quoted
from meshlint.mesh.agreement import agreed, plain_service
from meshlint.mesh.plane import Plane
from meshlint.resources.control_plane import Origin, Revision, Tag
from meshlint.resources.keys import REVISION, TAG
from meshlint.resources.webhook import Configuration
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.revisions.names import MANAGED
from meshlint.rules.words import listed

AIMED = frozenset({"Application", "ApplicationSet", "HelmRelease"})
"""Objects that say for themselves which cluster they install into: two may mean two."""


@mesh_rule
def tag_target_missing(view: View) -> Iterator[Hit]:
    """A tag of a revision that is gone blocks pods; an unknown tag only leaves them alone."""
    for plane, tag in _tags(view):
        target = tag.target.known if tag.target else None
        if target is None or MANAGED.match(target) or target in plane.strong:
            continue
        if plane.vague or not plane.strong:
            continue
        own = _configuration(plane, tag)
        if tag.target is not None and (own is None or _comparable(own)):
            effect = "with failurePolicy Fail, pods that use the tag cannot be created"
            yield Hit(
                f"Revision tag {quoted(tag.name.text)} points to revision {quoted(target)}, and no"
                f" control plane of that name is here, only {listed(tuple(plane.strong))}:"
                f" {effect if own else 'pods that use the tag get no sidecar'}. Point the tag to a"
                " revision that is installed.",
                tag.target.where,
                tag.subject,
                case=None if _surely_gone(view, plane, target, own) else "open",
            )


def _tags(view: View) -> Iterator[tuple[Plane, Tag]]:
    """Each tag once, with the plane that its own file sees."""
    sites = {c.meta.at for c in view.mesh.configurations}
    for site in sorted(sites | {t.at for t in view.mesh.tags}):
        plane = view.mesh.plane(site)
        for tags in plane.tags.values():
            yield from ((plane, t) for t in tags if t.at == site and not t.partial)


def _configuration(plane: Plane, tag: Tag) -> Configuration | None:
    """The webhook configuration that is the tag; other kinds only lead to one."""
    same = (c for c in plane.configurations if c.meta.subject == tag.subject)
    return next(same, None)


def _comparable(configuration: Configuration) -> bool:
    """Not for webhooks that call a URL, nor for those whose parts disagree on the revision."""
    service = all(hook.client.url is None for hook in configuration.live_hooks)
    return service and agreed(configuration)


def _surely_gone(view: View, plane: Plane, target: str, own: Configuration | None) -> bool:
    """Not where other objects of the revision are left, nor where the plain Service is called.

    Nor where its istiod stands in another part of the tree: that it is another cluster is a guess.
    """
    if not plane.told and view.mesh.everywhere(target):
        return False
    plain = own is not None and any(plain_service(hook) for hook in own.live_hooks)
    return plane.closed and target not in plane.revisions and not plain


@mesh_rule
def tag_shadows_revision(view: View) -> Iterator[Hit]:
    """A tag that has the name of a revision, or of another tag with another target."""
    done: set[Tag] = set()
    for plane, tag in _tags(view):
        revision = _namesake(plane, tag)
        if revision:
            yield _shadow(tag, revision)
        rivals = [other for other in _rivals(plane, tag) if other not in done]
        if rivals and tag not in done:
            done.update((tag, *rivals))
            yield _doubled(tag, rivals[0])


def _namesake(plane: Plane, tag: Tag) -> Revision | None:
    """The installed revision of the tag's name; not where the webhooks of both are told of.

    What is the default revision only for want of a name gives way to a tag `default`: istioctl
    switches its webhooks off (istioctl/pkg/tag/generate.go).
    """
    name = tag.name.text
    if tag.origin is Origin.WEBHOOK and any(_serves(c, name) for c in plane.injectors):
        return None
    found = (r for r in plane.strong.get(name, ()) if r.explicit and _together(plane, tag, r))
    return min(found, key=lambda r: not _certain(tag, r), default=None)


def _serves(configuration: Configuration, revision: str) -> bool:
    """Whether these are the webhooks of a revision, not of a tag for it."""
    own = configuration.meta
    return TAG not in own.labels and own.label(REVISION) == revision


def _rivals(plane: Plane, tag: Tag) -> list[Tag]:
    """Tags of the same name for another revision; of two in webhooks another rule speaks."""
    others = [
        other
        for other in plane.tags.get(tag.name.text, ())
        if not other.partial and {tag.origin, other.origin} != {Origin.WEBHOOK}
        if _target(tag) and _target(other) not in (None, _target(tag))
        if _together(plane, tag, other)
    ]
    return sorted(others, key=lambda other: not _certain(tag, other))


def _target(tag: Tag) -> str | None:
    return tag.target.known if tag.target else None


def _together(plane: Plane, tag: Tag, other: Tag | Revision) -> bool:
    """Whether the two may be meant for one cluster: two versions of one object never are."""
    if tag.at == other.at:
        return True
    names = {
        r.name.text for rs in plane.revisions.values() for r in rs if r.subject == other.subject
    }
    return tag.subject != other.subject and len(names) < 2 and not plane.vague


def _certain(tag: Tag, other: Tag | Revision) -> bool:
    """Whether both are sure to be meant for one cluster."""
    aimed = tag.subject.kind in AIMED and other.subject.kind in AIMED
    one = tag.at == other.at
    return one and (tag.subject == other.subject or not aimed)


def _shadow(tag: Tag, revision: Revision) -> Hit:
    name, sure = quoted(tag.name.text), _certain(tag, revision)
    effect = (
        "the Sail operator refuses one of the two"
        if {tag.origin, revision.origin} == {Origin.SAIL}
        else f"the webhooks of both select {quoted(f'{REVISION}: {tag.name.text}')}, so that pods"
        " are injected by both, one after the other"
    )
    return Hit(
        f"Revision tag {name} has the name of revision {name}:"
        f" {'' if sure else 'where one cluster has both, '}{effect}. Give the tag another name, or"
        " remove it.",
        tag.name.where,
        tag.subject,
        (Related(f"{revision.origin} of revision {name}", revision.name.where),),
        case=None if sure else "apart",
    )


def _doubled(tag: Tag, other: Tag) -> Hit:
    name, target, second = (quoted(t or "") for t in (tag.name.text, _target(tag), _target(other)))
    return Hit(
        f"Revision tag {name} points to revision {target} here, and to {second} in another place:"
        " in one cluster, pods that use it are injected by whichever was applied last, or by both."
        " Keep one of them.",
        tag.name.where,
        tag.subject,
        (Related(f"{other.origin} of tag {name}", other.name.where),),
        case=None if _certain(tag, other) else "apart",
    )
