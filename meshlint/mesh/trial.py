"""Why a webhook is called for a pod, or not: the clause of its selectors that decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.mesh.calls import candidates, completed
from meshlint.mesh.model import Mesh
from meshlint.mesh.pod import labels_of_pods
from meshlint.mesh.selector import Labels, holds
from meshlint.resources.webhook import Configuration, Expression, Hook
from meshlint.resources.workload import Workload


@dataclass(frozen=True, slots=True)
class Trial:
    """One webhook put to the test. `answer` is None where it cannot be said.

    `clause` is the first requirement that fails, or else the first that is unknown; `side` is the
    selector that holds it. Both are empty for a webhook that matches.
    """

    hook: Hook
    configuration: Configuration | None
    revision: str | None
    answer: bool | None
    clause: Expression | None
    side: str


def trials(mesh: Mesh, workload: Workload) -> Iterator[Trial]:
    """Every injection webhook of the workload's cluster, in the tree or assumed."""
    namespace, pod = completed(mesh.home(workload).labels), labels_of_pods(workload)
    for call in candidates(mesh.plane(workload.meta.at), namespace, pod):
        answer, clause, side = _judged(call.hook, namespace, pod)
        sure = None if answer and not call.sure else answer
        yield Trial(call.hook, call.configuration, call.revision, sure, clause, side)


def _judged(
    hook: Hook, namespace: Labels, pod: Labels
) -> tuple[bool | None, Expression | None, str]:
    """The answer of both selectors, and the clause that gives it."""
    doubt: tuple[Expression | None, str] | None = (None, "") if hook.conditional else None
    for side, selector, labels in (
        ("namespaceSelector", hook.namespace_selector, namespace),
        ("objectSelector", hook.object_selector, pod),
    ):
        for expression in selector.expressions:
            answer = holds(expression, labels)
            if answer is False:
                return False, expression, side
            if answer is None and doubt is None:
                doubt = (expression, side)
    return (None, *doubt) if doubt else (True, None, "")
