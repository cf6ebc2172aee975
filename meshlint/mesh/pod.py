"""The labels of pods as the API server sees them: those of the template, and what is added."""

from __future__ import annotations

from meshlint.mesh.selector import Labels, labels_of
from meshlint.resources.workload import Workload

ALWAYS = {
    "Deployment": "pod-template-hash",
    "StatefulSet": "controller-revision-hash statefulset.kubernetes.io/pod-name",
    "DaemonSet": "controller-revision-hash pod-template-generation",
    "Job": "controller-uid job-name",
    "CronJob": "controller-uid job-name",
    "DeploymentConfig": "deployment deploymentconfig",
    "Rollout": "rollouts-pod-template-hash",
    "Service": "serving.knative.dev/revision serving.knative.dev/configuration pod-template-hash",
    "Configuration": "serving.knative.dev/revision serving.knative.dev/configuration",
}
"""Labels that controllers put on the pods of a kind, in every version."""

SOMETIMES = {
    "StatefulSet": "apps.kubernetes.io/pod-index",
    "Job": "batch.kubernetes.io/controller-uid batch.kubernetes.io/job-name"
    " batch.kubernetes.io/job-completion-index",
    "Service": "app serving.knative.dev/service serving.knative.dev/serviceUID"
    " serving.knative.dev/configurationGeneration serving.knative.dev/configurationUID"
    " serving.knative.dev/revisionUID",
}
SOMETIMES |= {"CronJob": SOMETIMES["Job"], "Configuration": SOMETIMES["Service"]}
"""Labels that they put there in some versions, or where the template has none."""


def labels_of_pods(workload: Workload) -> Labels:
    """The labels of a workload's pods; those of a fragment may be more than are written."""
    whole = workload.partial is None and not workload.borrowed
    own = labels_of(workload.pod.labels, partial=not whole)
    kind = workload.meta.subject.kind
    always, maybe = (words.get(kind, "").split() for words in (ALWAYS, SOMETIMES))
    unknown = own.unknown.union(key for key in maybe if key not in own.given)
    return Labels(own.given, unknown, own.open, own.present.union(always))
