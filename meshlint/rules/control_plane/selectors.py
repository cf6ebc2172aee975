"""Whether istiod's Deployment takes its own pods for its own."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Hit, Related, quoted
from meshlint.mesh.selector import holds, labels_of
from meshlint.resources.label_selector import Expression
from meshlint.rules.control_plane.standing import Standing, standing
from meshlint.rules.registry import View, mesh_rule
from meshlint.rules.spelling import meant
from meshlint.rules.webhooks.serving import beside, called, selects
from meshlint.rules.words import named


@mesh_rule
def istiod_selector_mismatch(view: View) -> Iterator[Hit]:
    """A selector that the pod template does not have all labels of: no such object can be."""
    for one in standing(view):
        labels = labels_of(one.pods.pod.labels)
        asked = one.own.selector.expressions if one.own.selector else ()
        missed = next((e for e in asked if holds(e, labels) is False), None)
        if missed and not _said(view, one, missed.key):
            yield _mismatch(one, missed)


def _said(view: View, one: Standing, key: str) -> bool:
    """Whether the label is misspelled, or a Service lacks it too: other rules speak of these."""
    if any(meant(label) == key for label in one.pods.pod.labels):
        return True
    services = {c.service.meta.where: c.service for c in called(view)}.values()
    near = (s for s in services if one.pods in beside(view, s) and not selects(s, one.pods))
    return any(key in (service.selector or {}) for service in near)


def _mismatch(one: Standing, missed: Expression) -> Hit:
    own = one.pods.pod.labels.get(missed.key)
    label = own.value.where if own else one.pods.pod.where
    places = [Related("the selector", missed.where), Related("the labels of its pods", label)]
    if own and label.path != one.own.meta.where.path:
        places.reverse()  # what somebody else put there is what is wrong
    has = f"have {quoted(f'{missed.key}: {own.value.text}')}" if own else "have no such label"
    return Hit(
        f"{named(one.subject)} selects pods with {quoted(_words(missed))}, and those of its own"
        f" template {has}: the API server refuses it with '`selector` does not match template"
        " `labels`', and istiod is never there, or stays as it was. Make both agree.",
        places[0].where,
        one.subject,
        (places[1],),
    )


def _words(expression: Expression) -> str:
    """A requirement as people write it."""
    values = [value.text for value in expression.values]
    if expression.operator == "In" and len(values) == 1:
        return f"{expression.key}: {values[0]}"
    listed = f" ({', '.join(values)})" if values else ""
    return f"{expression.key} {expression.operator}{listed}"
