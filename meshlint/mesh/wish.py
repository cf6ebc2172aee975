"""What pods say of injection themselves: the label, else the annotation, as istiod reads them.

Source: istio/istio pkg/kube/inject/inject.go, injectRequired. Since 1.27 only `true` and `false`
count there (istio/istio#56737); earlier versions take y, yes, true and on for a yes, in capitals
too, and anything else for a no.
"""

from __future__ import annotations

from typing import NamedTuple

from meshlint.finding import Field, Type, quoted
from meshlint.mesh.decision import Reason
from meshlint.mesh.selector import Labels
from meshlint.resources.keys import INJECT
from meshlint.resources.workload import Workload
from meshlint.unread import Unread

EXACT_SINCE = 27
YES = frozenset({"y", "yes", "true", "on"})
FILL_IN = "fill the value in, or lint what is rendered"


class Wish(NamedTuple):
    """What the injector hears: True, False, or None where the pod leaves it to the injector."""

    says: bool | None
    step: Reason | None = None


def wishes(workload: Workload, pod: Labels, minors: tuple[int, int] | None) -> tuple[Wish, ...]:
    """All that pods may say, as far as is known. `minors` are the versions that istiod may have.

    The label replaces the annotation wherever its key is there, even with an empty value.
    """
    label, note = workload.pod.labels.get(INJECT), workload.pod.annotations.get(INJECT)
    if label is None and pod.open:
        text, settle = "the pod's labels are not fully known", whole_of(workload)
        return _any(Reason(text, workload.pod.where, settle))
    field = label or note
    value = _heard(field) if field else ""
    if field is None or value == "":
        return (Wish(None),)
    if value is None:
        what = "a placeholder" if not field.value.literal else "not a string"
        return _any(Reason(f"{INJECT} of the pod is {what}", field.value.where, FILL_IN))
    if value in ("true", "false"):
        return (Wish(value == "true", Reason(f'{INJECT} is "{value}"', field.value.where)),)
    return _junk(field, value, minors)


def _any(doubt: Reason) -> tuple[Wish, ...]:
    return tuple(Wish(says, doubt) for says in (None, True, False))


def whole_of(workload: Workload) -> str:
    """What has the labels that a fragment, or a reference, leaves out."""
    if workload.borrowed:
        return "scan the workload that this one refers to"
    if workload.partial is Unread.PATCH:
        return "scan the object that this is a fragment of"
    return FILL_IN


def _heard(field: Field) -> str | None:
    """The value; None where it is not known. A null is an empty string."""
    return "" if field.value.type is Type.NULL else field.value.known


def _junk(field: Field, value: str, minors: tuple[int, int] | None) -> tuple[Wish, ...]:
    """What is neither true nor false, by the version that reads it."""
    old, where = value.lower() in YES, field.value.where
    heard = "a yes" if old else "a no"
    if minors is None or minors[0] < EXACT_SINCE <= minors[1]:
        text = (
            f"{INJECT} is neither true nor false: Istio before 1.{EXACT_SINCE} takes it for"
            f" {heard}, later ones leave it to the injector's policy, and which it is is not known"
        )
        doubt = Reason(text, where, 'scan the Deployment of istiod, or write "true" or "false"')
        return (Wish(old, doubt), Wish(None, doubt))
    if minors[0] >= EXACT_SINCE:
        text = f"{INJECT} is {quoted(value)}, which Istio 1.{EXACT_SINCE} and later ignore"
        return (Wish(None, Reason(text, where)),)
    text = f"{INJECT} is {quoted(value)}, which Istio before 1.{EXACT_SINCE} takes for {heard}"
    return (Wish(old, Reason(text, where)),)
