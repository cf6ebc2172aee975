"""For what the injector denies pods: annotations that it refuses, templates that it lacks.

Source: istio/istio pkg/kube/inject/inject.go, RunTemplate, which is asked only for pods that are
to be injected. The API server then refuses the pod (webhook.go, toAdmissionResponse).
"""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.finding import Location, quoted
from meshlint.mesh.decision import Reason
from meshlint.resources.annotation import heard, problem
from meshlint.resources.injector import STOCK, Settings
from meshlint.resources.keys import TEMPLATES
from meshlint.resources.workload import Workload

GONE = "the pod is denied and never appears"


def refusals(
    workload: Workload, told: Settings, minors: tuple[int, int] | None
) -> Iterator[Reason]:
    """Why the pods are denied; reasons that say what would settle them are only possible ones."""
    yield from _annotations(workload, minors)
    yield from _templates(workload, told)


def _annotations(workload: Workload, minors: tuple[int, int] | None) -> Iterator[Reason]:
    for key, field in workload.pod.annotations.items():
        value = heard(field)
        found = problem(key, value) if value is not None else None
        if found is None or (minors and minors[1] < found.since):
            continue
        since = found.since
        text = f"the injector refuses {quoted(key)}: {found.text}; {GONE}"
        sure = since == 0 or (minors is not None and minors[0] >= since)
        settle = "scan the Deployment of istiod, whose image tells its version"
        unsure = f"Istio 1.{since} and later deny the pod for {quoted(key)}: {found.text}, and the"
        unsure += " version of istiod is not known"
        yield Reason(text if sure else unsure, field.value.where, "" if sure else settle)


def _templates(workload: Workload, told: Settings) -> Iterator[Reason]:
    """Names that the injector does not know, cut out of the list as it cuts them."""
    for name, where in _asked(workload, told):
        if told.templates is not None and name not in told.templates:
            text = f"the injector has no template {quoted(name)} ({TEMPLATES}): {GONE}"
            yield Reason(text, where)
        elif told.templates is None and name not in STOCK:
            text = f"whether the injector has a template {quoted(name)} ({TEMPLATES}) is not known"
            yield Reason(text, where, "scan the ConfigMap istio-sidecar-injector, which lists them")


def _asked(workload: Workload, told: Settings) -> Iterator[tuple[str, Location]]:
    field = workload.pod.annotations.get(TEMPLATES)
    if field is None:
        yield from ((v.text, v.where) for v in told.defaults if v.known is not None)
    else:
        names = heard(field)
        listed = names.split(",") if names is not None else ()
        yield from ((name.strip(), field.value.where) for name in listed)
