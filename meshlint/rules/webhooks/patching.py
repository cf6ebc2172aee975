"""Whether istiod, or somebody else, will give each hook its caBundle."""

from __future__ import annotations

import re
from collections.abc import Iterator

from meshlint.finding import Field, Fix, Hit, Type, quoted
from meshlint.mesh.plane import Plane
from meshlint.resources.certificate import private
from meshlint.resources.control_plane import DEFAULT
from meshlint.resources.keys import HOOK_SUFFIX, REVISION, TAG
from meshlint.resources.webhook import Configuration, Hook, istios
from meshlint.rules.mending import add, rewrite, stands
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.spelling import meant
from meshlint.rules.webhooks.fillers import filled
from meshlint.rules.webhooks.fillers import filled_elsewhere as filled_elsewhere
from meshlint.rules.words import named

CERTIFICATE = re.compile(rb"-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----")
UNKNOWN_AUTHORITY = "calls fail with 'x509: certificate signed by unknown authority'"

NEEDS_LABEL = 11
"""Since Istio 1.11 istiod finds its webhooks by the label istio.io/rev."""

OLD_NAMES = frozenset({"istiod-istio-system", "istio-galley"})
"""Validating configurations of Istio up to 1.10 and 1.4; later ones do not patch or remove them."""

BEFORE_ISTIOD = frozenset({"istio-galley", "istio-pilot", "istio-sidecar-injector"})
"""Services of Istio up to 1.5, whose webhooks never needed a label."""


def written(view: View) -> Iterator[tuple[Configuration, Plane]]:
    """These, and what patches say of configurations that are not here."""
    yield from whole(view)
    for configuration in view.mesh.configurations:
        if configuration.fragment:
            yield configuration, view.mesh.plane(configuration.meta.at)


def whole(view: View) -> Iterator[tuple[Configuration, Plane]]:
    """Configurations that say whom to call: what only sets a caBundle is part of a patch."""
    for configuration in view.mesh.configurations:
        clients = [hook.client for hook in configuration.live_hooks]
        if configuration.partial is None and any(c.service or c.url for c in clients):
            yield configuration, view.mesh.plane(configuration.meta.at)


def empty(field: Field | None) -> bool:
    return field is None or field.value.type is Type.NULL or field.value.text == ""


def leaked(text: str) -> bool:
    """Whether a caBundle holds a private key, encoded or not: another rule says so."""
    return private(text.encode()) or private(decoded(text) or b"")


def decoded(text: str) -> bytes | None:
    """What Go's decoder makes of base64: it takes line ends, and no other space."""
    import base64  # few webhooks have a caBundle in Git

    try:
        return base64.b64decode(re.sub(r"[\r\n]", "", text), validate=True)
    except ValueError:
        return None


def patched(configuration: Configuration, hook: Hook) -> bool:
    """Whether an istiod of the configuration's revision would repair the caBundle.

    Of what a patch says of an object that is not here, that is taken for granted.
    """
    if configuration.fragment:
        return True
    named_so = not configuration.mutating or hook.full_name.endswith(HOOK_SUFFIX)
    return configuration.revision is not None and named_so


@mesh_rule
def webhook_revision_label_missing(view: View) -> Iterator[Hit]:
    """Without the label istio.io/rev no istiod patches the configuration's caBundle."""
    for configuration, plane in whole(view):
        own = configuration.meta
        labelled = REVISION in own.labels or REVISION in own.strays
        if labelled or any(meant(key) == REVISION for key in own.labels):
            continue
        if not filled(view, configuration) and not _ancient(configuration, plane):
            bare = any(empty(hook.client.ca_bundle) for hook in configuration.live_hooks)
            yield _unlabelled(configuration, bare, _age(plane, bare))


def _ancient(configuration: Configuration, plane: Plane) -> bool:
    """Whether the label would be the wrong advice: for what nobody should have any more."""
    services = (hook.client.service_name for hook in configuration.live_hooks)
    galley = any(s and s.value.text in BEFORE_ISTIOD for s in services)
    return galley or obsolete(configuration, plane)


def obsolete(configuration: Configuration, plane: Plane) -> bool:
    """Whether a configuration has a name of Istio up to 1.10, while every istiod here is later."""
    later = min(minors(plane), default=0) >= NEEDS_LABEL
    return later and configuration.meta.subject.name in OLD_NAMES


def minors(plane: Plane) -> tuple[int, ...]:
    """The minor versions of the istiods in sight, as far as their images tell."""
    return tuple(r.version[1] for rs in plane.revisions.values() for r in rs if r.version)


def _unlabelled(configuration: Configuration, bare: bool, case: str | None) -> Hit:
    own = configuration.meta
    note = own.annotations.get(REVISION)
    when = "once istiod is upgraded to that, " if case == "old" else ""
    late = "" if bare else " as soon as the root certificate changes"
    return Hit(
        f"{named(own.subject)} has no label 'istio.io/rev'{' (but an annotation)' if note else ''},"
        f" by which istiod 1.11 and later finds what to patch: {when}nobody"
        f" {'fills in' if bare else 'renews'} its caBundle, and {UNKNOWN_AUTHORITY}{late}. Add"
        f" 'istio.io/rev: {_guess(configuration)}' to its labels.",
        note.key.where if note else own.where,
        own.subject,
        case=case,
        fix=_labelled(configuration, note, case is None),
    )


LABELS = ("metadata", "labels")


def _labelled(configuration: Configuration, note: Field | None, safe: bool) -> Fix | None:
    """The label, where Service and selectors agree; safe where a caBundle is all that comes."""
    own, revision = configuration.meta, _guess(configuration)
    if _agreed(configuration) != {revision} or own.labels.keys() & {TAG}:
        return None
    if note is None:
        return add(own.where, LABELS, REVISION, revision, safe=safe)
    there = stands(note, own, ("metadata", "annotations")) and note.value.known == revision
    return rewrite(note, to=LABELS, safe=safe) if there else None


def _agreed(configuration: Configuration) -> set[str]:
    """The revisions that the file names: by the Services of hooks, and by what they select."""
    found: set[str] = set()
    for hook in configuration.live_hooks:
        service = hook.client.service_name
        file = service.value.where.path if service else ""
        name = service.value.known if service and file == configuration.meta.where.path else None
        sides = (hook.namespace_selector, hook.object_selector)
        selected = {value.text for side in sides for value in side.values_of(REVISION)}
        plain = DEFAULT if name == "istiod" else None
        called = name.removeprefix("istiod-") if name and name.startswith("istiod-") else plain
        found |= {called or "", *selected}
    return found


def _guess(configuration: Configuration) -> str:
    """The revision of the Service that is called; of a plain one, that of the selectors."""
    for hook in configuration.live_hooks:
        field = hook.client.service_name
        if field and field.value.text.startswith("istiod-"):
            return field.value.text.removeprefix("istiod-")
    selected = (hook.namespace_selector.values_of(REVISION) for hook in configuration.live_hooks)
    own = () if TAG in configuration.meta.labels else next((s for s in selected if s), ())
    return own[0].text if own else DEFAULT


def _age(plane: Plane, bare: bool) -> str | None:
    """An error only where every istiod in sight needs the label."""
    versions = minors(plane)
    if versions and max(versions) < NEEDS_LABEL:
        return "old"
    return None if bare and min(versions, default=0) >= NEEDS_LABEL else "unsure"


@mesh_rule
def webhook_hook_name_unpatchable(view: View) -> Iterator[Hit]:
    """istiod patches injection hooks by the end of their names."""
    for configuration, _ in whole(view):
        if not configuration.mutating or filled(view, configuration):
            continue
        for hook in configuration.live_hooks:
            named_so = hook.full_name.endswith(HOOK_SUFFIX) or not istios(hook, mutating=True)
            if not named_so and empty(hook.client.ca_bundle):
                yield Hit(
                    f"istiod patches only hooks whose names end in '{HOOK_SUFFIX}', so the"
                    f" caBundle of {quoted(hook.full_name)} stays empty, and {UNKNOWN_AUTHORITY}."
                    " Rename the hook.",
                    hook.where,
                    configuration.meta.subject,
                )
