"""What an injector does with the pods that it is called for, in every world that may be.

Source: istio/istio pkg/kube/inject/inject.go, injectRequired and RunTemplate. Worlds differ in
what the injector is told, in its version, and in what pods say where that is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import NamedTuple

from meshlint.finding import Location, Value, quoted
from meshlint.mesh.agreement import plain_service
from meshlint.mesh.decision import Call, Reason
from meshlint.mesh.plane import Plane
from meshlint.mesh.refusal import refusals
from meshlint.mesh.selector import Labels, matches
from meshlint.mesh.stock import NOWHERE
from meshlint.mesh.wish import Wish, wishes
from meshlint.resources.control_plane import Origin
from meshlint.resources.injector import Settings
from meshlint.resources.maistra import MEMBER_OF
from meshlint.resources.webhook import Selector
from meshlint.resources.workload import Workload

ENABLED, DISABLED = "enabled", "disabled"
"""The policies that the injector knows; with any other it injects nobody."""

OSSM2 = (6, 20)
"""The minor versions of Istio in OpenShift Service Mesh 2."""

SETTINGS = "scan the ConfigMap istio-sidecar-injector, or all values that the chart is given"


class Fate(IntEnum):
    """What becomes of a pod. Where several injectors are called, the greatest prevails."""

    LEFT = 0
    INJECTED = 1
    DENIED = 2


class Ending(NamedTuple):
    """One world: the fate of the pods, and the steps to it, the deciding one last."""

    fate: Fate
    steps: tuple[Reason, ...]


class Outcome(NamedTuple):
    """All worlds: the fates that are possible; where they are several, what is not known."""

    fates: frozenset[Fate]
    steps: tuple[Reason, ...]


def outcome(plane: Plane, call: Call, workload: Workload, pod: Labels) -> Outcome:
    """What the injector behind a webhook does, once it is called."""
    minors = OSSM2 if by_membership(call) else plane.minors(call.revision)
    endings = [
        ending
        for told in _told(plane, call)
        for wish in wishes(workload, pod, minors)
        for ending in _endings(told, wish, pod, list(refusals(workload, told, minors)))
    ]
    if orphaned(plane, call):
        endings.append(Ending(Fate.LEFT, (_orphan(call),)))
    fates = frozenset(ending.fate for ending in endings)
    if len(fates) == 1:
        plainest = min(endings, key=lambda e: sum(bool(step.settle) for step in e.steps))
        return Outcome(fates, plainest.steps)
    doubts = tuple(step for ending in endings for step in ending.steps if step.settle)
    return Outcome(fates, doubts or (_dispute(call, endings),))


def orphaned(plane: Plane, call: Call) -> bool:
    """Whether no istiod may be left of the revision that a webhook calls.

    Not where the plain Service `istiod` is called, nor a URL: whoever is there answers. And not
    where webhooks are all that is known of any revision, as in a list out of a cluster.
    """
    if call.configuration is None or call.revision is None or by_membership(call):
        return False
    own = call.hook.client.url is None and plain_service(call.hook) is None
    return plane.closed and bool(plane.strong) and own and not plane.sure(call.revision)


def _orphan(call: Call) -> Reason:
    text = (
        f"a webhook of revision {call.revision} is called, and no istiod of it is known: where none"
        " is left, the pods cannot be created, or run without a sidecar"
    )
    return Reason(text, call.hook.where, "remove the webhook, or declare the revision")


def _dispute(call: Call, endings: Iterable[Ending]) -> Reason:
    """Two documents tell one injector different things."""
    where = next((s.where for e in endings for s in reversed(e.steps) if s.where), None)
    who = f"revision {call.revision}" if call.revision else "the revision that is called"
    text = f"the settings of the injector of {who} differ, so what it does is not known"
    return Reason(text, where, "lint the files of one cluster at a time")


def by_membership(call: Call) -> bool:
    """Whether it is a webhook of OpenShift Service Mesh 2."""
    return call.hook.namespace_selector.mentions(MEMBER_OF)


def _told(plane: Plane, call: Call) -> tuple[Settings, ...]:
    """The ways in which the injector may be told; what nobody says is as in its chart.

    Settings of a revision that is not known may be those of this one.
    """
    policy = Value(DISABLED, NOWHERE) if by_membership(call) else None
    usual = Settings(None, NOWHERE, Origin.WEBHOOK, policy)
    if call.revision is None:
        return (*plane.settings, usual)
    return (*(plane.settings_of(call.revision) or (usual,)), *plane.settings_of(None))


def _endings(told: Settings, wish: Wish, pod: Labels, denials: list[Reason]) -> Iterator[Ending]:
    """A pod's wish through selectors, policy and templates."""
    first = (wish.step,) if wish.step else ()
    for policy, power in _policies(told):
        if policy not in (ENABLED, DISABLED):
            yield Ending(Fate.LEFT, (power,))
            continue
        for says, chosen in _decided(told, wish, pod):
            steps = (*first, *chosen) if says is not None else (*first, *chosen, power)
            if says if says is not None else policy == ENABLED:
                yield from _rendered(steps, denials)
            else:
                yield Ending(Fate.LEFT, steps)


def _rendered(steps: tuple[Reason, ...], denials: list[Reason]) -> Iterator[Ending]:
    """A pod that is to be injected, unless the injector cannot."""
    sure = next((reason for reason in denials if not reason.settle), None)
    for reason in (sure,) if sure else denials:
        yield Ending(Fate.DENIED, (*steps, reason))
    if sure is None:
        yield Ending(Fate.INJECTED, steps)


def _policies(told: Settings) -> Iterator[tuple[str, Reason]]:
    """The policies that may hold; of one that is not seen, only the legal ones are thought of."""
    value = told.policy
    if value is None and told.complete:
        yield ENABLED, Reason("the pod leaves it to the injector's policy")
    elif value is None or not value.literal:
        blank = (
            Reason("the injector's policy is not known", value.where, SETTINGS) if value else None
        )
        reason = blank or _half_told(told)
        yield from ((policy, reason) for policy in (ENABLED, DISABLED))
    else:
        yield value.text, Reason(_policy_text(value.text), _place(value.where))


def _half_told(told: Settings) -> Reason:
    return Reason("not all that the injector is told is known", _place(told.where), SETTINGS)


def _policy_text(policy: str) -> str:
    if policy == ENABLED:
        return "the pod leaves it to the injector's policy, which is enabled"
    if policy == DISABLED:
        return "the injector's policy is disabled, so that pods must ask by themselves"
    return f"the injector's policy is {quoted(policy)}, with which it injects no pod at all"


def _decided(
    told: Settings, wish: Wish, pod: Labels
) -> Iterator[tuple[bool | None, tuple[Reason, ...]]]:
    """What is decided before the policy is asked, with the step; None is left to the policy."""
    if wish.says is not None:
        yield wish.says, ()
        return
    for says, name, selectors in (
        (False, "neverInjectSelector", told.never),
        (True, "alwaysInjectSelector", told.always),
    ):
        answer, where = _selected(selectors, pod)
        if answer:
            yield says, (Reason(f"{name} of the injector matches the pod's labels", where),)
            return
        if answer is None:
            text = f"whether {name} of the injector matches the pod is not known"
            yield says, (Reason(text, where, SETTINGS),)
        elif not (told.complete or selectors):
            yield says, (_half_told(told),)
    yield None, ()


def _selected(selectors: Iterable[Selector], pod: Labels) -> tuple[bool | None, Location | None]:
    """Whether one of the selectors matches, and where; empty and invalid ones are passed over."""
    doubt: Location | None = None
    for selector in selectors:
        if selector.expressions and all(e.usable is not False for e in selector.expressions):
            answer = matches(selector, pod)
            if answer:
                return True, selector.expressions[0].where
            if answer is None:
                doubt = selector.expressions[0].where
    return (None if doubt else False), doubt


def _place(where: Location) -> Location | None:
    return where if where.path else None
