"""What is decided of a workload's pods, and each step that led there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from meshlint.finding import Location
from meshlint.resources.webhook import Configuration, Hook


class Verdict(StrEnum):
    """Unknown is an answer: some worlds that are compatible with the scan say yes, some no."""

    INJECTED = "injected"
    NOT_INJECTED = "not injected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reason:
    """A step of the decision; `where` is None for what no file of the tree says.

    `settle` says, where the step is something that is not known, what would make it known; it
    reads on after the text and a colon. "" for what is known.
    """

    text: str
    where: Location | None = None
    settle: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A webhook that the API server calls for the pod.

    `configuration` is None for one that the charts would render. `revision` is that of the
    istiod behind it, None where its configuration does not say. `sure` is False for a webhook
    that may or may not match, or may not be there.
    """

    hook: Hook
    configuration: Configuration | None
    revision: str | None
    sure: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict, the webhooks called (or maybe called), and why.

    `because` begins with a reason for each webhook that is sure to be called; behind them stands
    what the injector does, the deciding step last. Where none is sure to be called, the deciding
    reason stands first. For an unknown verdict, some of the reasons say what would settle it.
    `denied` is the reason why the injector refuses the pods: the verdict is not injected then,
    and the pods never appear.
    """

    verdict: Verdict
    calls: tuple[Call, ...]
    because: tuple[Reason, ...]
    denied: Reason | None = None

    @property
    def revision(self) -> str | None:
        """The one revision that is sure to be called; None if there is none, or more than one."""
        found = {call.revision for call in self.calls if call.sure}
        return found.pop() if len(found) == 1 else None
