"""One fault at a time in a mesh of two revisions: webhooks, Services and istiods.

`two_revisions` is what Istio's charts give for revision 1-28-3 with the tags `prod` and `default`,
and for revision 1-29-1 with the tag `canary`.
"""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.certificates import block, bundle, ed25519, made, secret
from tests.conftest import HERE
from tests.lint import golden, lint_paths
from tests.test_mutations import (
    Edit,
    Mutation,
    Place,
    error,
    note,
    rows,
    told,
    wanted,
    warning,
)

TWO = HERE / "two_revisions"
OLD, NEW, BASE = "platform/istiod-1-28-3.yaml", "platform/istiod-1-29-1.yaml", "platform/base.yaml"
NAMESPACES, WORKLOADS, COPY = "apps/namespaces.yaml", "apps/workloads.yaml", "platform/copy.yaml"
NOW = datetime(2026, 8, 1, tzinfo=UTC)


def document(place: Place) -> str:
    """The text of a place as it is before any edit."""
    text = (TWO / place.path).read_text()
    start, end = place.bounds(text)
    return text[start:end]


def changed(place: Place, *pairs: tuple[str, str]) -> str:
    """The text of a place with every occurrence of some texts replaced."""
    text = document(place)
    for before, after in pairs:
        assert before in text
        text = text.replace(before, after)
    return text


def rewritten(place: Place, *pairs: tuple[str, str]) -> Edit:
    return Edit(Place(place.path), document(place), changed(place, *pairs))


def removed(place: Place) -> Edit:
    return Edit(Place(place.path), document(place), "")


def followed(place: Place, more: str) -> Edit:
    """A document with another one behind it."""
    return Edit(Place(place.path), document(place), document(place) + more)


MUTATING = "kind: MutatingWebhookConfiguration\nmetadata:\n  name: istio-"
VALIDATING = "kind: ValidatingWebhookConfiguration\n"
INJECTOR = Place(NEW, f"{MUTATING}sidecar-injector-1-29-1\n")
OLD_INJECTOR = Place(OLD, f"{MUTATING}sidecar-injector-1-28-3\n")
CANARY = Place(NEW, f"{MUTATING}revision-tag-canary\n")
PROD = Place(OLD, f"{MUTATING}revision-tag-prod\n")
DEFAULT = Place(OLD, f"{MUTATING}revision-tag-default\n")
VALIDATOR, OLD_VALIDATOR = Place(NEW, VALIDATING), Place(OLD, VALIDATING)
BASE_VALIDATOR = Place(BASE, VALIDATING)

CATALOG = Place(NAMESPACES, "name: catalog\n")
DELIVERY = Place(NAMESPACES, "name: delivery\n")
EVENTS = Place(NAMESPACES, "name: events\n")
FLEET = Place(NAMESPACES, "name: fleet\n")
DEPOT = Place(WORKLOADS, "name: depot\n")

NAME = "name: istio-sidecar-injector-1-29-1"
LABEL, OLD_LABEL, LOST_LABEL = (
    f'istio.io/rev: "{revision}"' for revision in ("1-29-1", "1-28-3", "1-27-9")
)
HOOK = "rev.namespace.sidecar-injector.istio.io"
CLIENT = f"- name: {HOOK}\n  clientConfig:\n"
SECOND_CLIENT = CLIENT.replace("namespace", "object")
SERVICE = "    service:\n      name: istiod-1-29-1\n"
ADDRESS = f'{SERVICE}      namespace: "istio-system"\n      path: "/inject"\n      port: 443\n'
CALL, SECOND_CALL = CLIENT + ADDRESS, SECOND_CLIENT + ADDRESS
URL = "https://istiod.example.com:15017/inject"

SPACE = "  namespaceSelector:\n    matchExpressions:\n"
ASKED = "    - key: istio.io/rev\n      operator: In\n      values:\n"
CHOSEN = f'{SPACE}{ASKED}      - "1-29-1"\n'
CHOSEN_BY_TAG = f'{SPACE}{ASKED}      - "canary"'
UNLABELLED = "    - key: istio-injection\n      operator: DoesNotExist\n"
PODS = "  objectSelector:\n    matchExpressions:\n    - key: sidecar.istio.io/inject\n"
REFUSING = f'{PODS}      operator: NotIn\n      values:\n      - "false"\n'
SELECTORS = CHOSEN + UNLABELLED + REFUSING
CHOSEN_PODS = f'      - "false"\n{ASKED}      - "1-29-1"'
NEVER = "    matchLabels: {istio.io/deactivated: never-match}\n"
SWITCHED_OFF = f"  namespaceSelector:\n{NEVER}  objectSelector:\n{NEVER}"

LABEL_ROWS = rows(
    INJECTOR,
    ("label: none", f"    {LABEL}\n", "", error("MESH302", NAME)),
    ("label: rve", "istio.io/rev: ", "istio.io/rve: ", error("MESH103", "istio.io/rve")),
    (
        "label: an annotation",
        f"  labels:\n    {LABEL}\n",
        f"  annotations:\n    {LABEL}\n  labels:\n",
        error("MESH302", LABEL),
    ),
    (
        "label: in the metadata itself",
        f"  labels:\n    {LABEL}\n",
        f"  {LABEL}\n  labels:\n",
        error("MESH112", LABEL),
    ),
    ("label: the other revision", LABEL, OLD_LABEL, error("MESH303", OLD_LABEL)),
    ("label: a revision that is gone", LABEL, LOST_LABEL, error("MESH303", LOST_LABEL)),
    ("label: the tag", LABEL, "istio.io/rev: canary", error("MESH303", "istio.io/rev: canary")),
    ("label: a number", LABEL, "istio.io/rev: 129", error("MESH003", "istio.io/rev: 129\n")),
    ("label: no value", LABEL, "istio.io/rev:", warning("MESH003", "istio.io/rev:")),
)

HOOK_ROWS = rows(
    INJECTOR,
    (
        "hook: a name of one's own",
        HOOK,
        "rev.namespace.example.com",
        error("MESH304", "rev.namespace.example.com"),
    ),
    ("hook: injecter", HOOK, HOOK.replace("or", "er"), error("MESH304", "injecter")),
    ("hook: a longer name with the right end", HOOK, f"eu.{HOOK}"),
    (
        "hook: matchConditions",
        CLIENT,
        CLIENT.replace("  client", "  matchConditions: [{name: a, expression: 'true'}]\n  client"),
    ),
    (
        "hook: filled by cert-manager",
        "  labels:\n",
        "  annotations:\n    cert-manager.io/inject-ca-from: istio-system/istiod\n  labels:\n",
        note("MESH709", "cert-manager.io/inject-ca-from"),
    ),
    (
        "service: of the other revision",
        CLIENT + SERVICE,
        CLIENT + SERVICE.replace("29-1", "28-3"),
        error("MESH303", "istiod-1-28-3"),
    ),
    (
        "service: of the other revision, in the second hook",
        SECOND_CLIENT + SERVICE,
        SECOND_CLIENT + SERVICE.replace("29-1", "28-3"),
        error("MESH303", "istiod-1-28-3"),
    ),
    (
        "service: of the default revision",
        CLIENT + SERVICE,
        CLIENT + SERVICE.replace("-1-29-1", ""),
        error("MESH306", "name: istiod\n"),
    ),
    (
        "service: istoid",
        CLIENT + SERVICE,
        CLIENT + SERVICE.replace("istiod", "istoid"),
        error("MESH306", "istoid-1-29-1"),
    ),
    (
        "service: of the tag",
        CLIENT + SERVICE,
        CLIENT + SERVICE.replace("1-29-1", "revision-tag-canary"),
        warning("MESH312", "istiod-revision-tag-canary"),
    ),
    (
        "service: in a misspelled namespace",
        CALL,
        CALL.replace("istio-system", "istio-sytem"),
        warning("MESH306", "istio-sytem"),
    ),
    (
        "service: in a misspelled namespace, in the second hook",
        SECOND_CALL,
        SECOND_CALL.replace("istio-system", "istio-sytem"),
        warning("MESH306", "istio-sytem"),
    ),
    ("service: in a namespace to be filled in", CALL, CALL.replace("istio-system", "${NAMESPACE}")),
    ("path: misspelled", CALL, CALL.replace("/inject", "/injcet"), error("MESH311", "injcet")),
    (
        "path: misspelled in the second hook",
        SECOND_CALL,
        SECOND_CALL.replace("/inject", "/injcet"),
        error("MESH311", "injcet"),
    ),
    (
        "path: of the validator",
        CALL,
        CALL.replace("/inject", "/validate"),
        error("MESH311", "validate"),
    ),
    ("path: none", CALL, CALL.replace('      path: "/inject"\n', ""), error("MESH311", HOOK)),
    (
        "path: with a cluster in one hook of two",
        SECOND_CALL,
        SECOND_CALL.replace("/inject", "/inject/cluster/east"),
        warning("MESH314", "/inject/cluster/east"),
    ),
    ("port: of the pods", CALL, CALL.replace("443", "15017"), error("MESH309", "15017")),
    (
        "port: one that serves no webhooks",
        SECOND_CALL,
        SECOND_CALL.replace("443", "15012"),
        warning("MESH309", "15012"),
    ),
    ("port: none, which is 443", CALL, CALL.replace("      port: 443\n", "")),
    ("url: beside the Service", CLIENT, f"{CLIENT}    url: {URL}\n", error("MESH305", URL)),
    ("url: instead of the Service", CALL, f"{CLIENT}    url: {URL}\n"),
    (
        "url: without encryption",
        CALL,
        f"{CLIENT}    url: {URL.replace('https', 'http')}\n",
        error("MESH305", "http://istiod.example.com:15017/inject"),
    ),
    ("url: with a query", CALL, f"{CLIENT}    url: {URL}?a=b\n", error("MESH305", "?a=b")),
    (
        "url: neither it nor a Service",
        CALL,
        CLIENT.replace("Config:", "Config: {}"),
        error("MESH305", HOOK),
    ),
)

SELECTOR_ROWS = [
    *rows(
        INJECTOR,
        (
            "selector: namespaces of another revision",
            CHOSEN,
            CHOSEN.replace("1-29-1", "1-29-2"),
            error("MESH303", "1-29-2"),
        ),
        (
            "selector: pods of another revision",
            CHOSEN_PODS,
            CHOSEN_PODS.replace("1-29-1", "1-29-2"),
            error("MESH303", "1-29-2"),
        ),
        (
            "selector: a key that nobody has",
            CHOSEN,
            CHOSEN.replace("io/rev", "io/rve"),
            error("MESH103", "istio.io/rve"),
        ),
        (
            "selector: all other revisions",
            CHOSEN,
            CHOSEN.replace("In", "NotIn"),
            error("MESH402", NAME),
            note("MESH133", "name: fleet", FLEET),
        ),
        (
            "selector: all namespaces",
            CHOSEN + UNLABELLED,
            "  namespaceSelector: {}\n",
            error("MESH402", NAME),
            note("MESH133", "name: fleet", FLEET),
        ),
        (
            "selector: enabled namespaces too",
            CHOSEN + UNLABELLED,
            CHOSEN,
            warning("MESH402", NAME),
            warning("MESH402", "name: istio-revision-tag-default", DEFAULT),
        ),
        (
            "selector: one inside of the other",
            SELECTORS,
            CHOSEN + UNLABELLED + re.sub("(?m)^(?=.)", "  ", REFUSING),
            error("MESH316", "    objectSelector:"),
        ),
        ("selector: no refusal of pods", SELECTORS, CHOSEN + UNLABELLED),
        ("selector: one hook switched off", SELECTORS, SWITCHED_OFF),
        ("selector: to be filled in", CHOSEN, CHOSEN.replace("1-29-1", "${REVISION}")),
    ),
    Mutation(
        "selector: both of another revision",
        (
            Edit(INJECTOR, CHOSEN, CHOSEN.replace("1-29-1", "1-29-2")),
            Edit(INJECTOR, CHOSEN_PODS, CHOSEN_PODS.replace("1-29-1", "1-29-2")),
        ),
        (error("MESH303", CHOSEN.replace("1-29-1", "1-29-2").rstrip()),),
    ),
]

TAG_ROWS = [
    *rows(
        CANARY,
        ("tag: canry", "io/tag: canary", "io/tag: canry", error("MESH303", "io/tag: canry")),
        (
            "tag: not said to be one",
            "    istio.io/tag: canary\n",
            "",
            error("MESH303", CHOSEN_BY_TAG),
        ),
        (
            "tag: namespaces of another tag",
            CHOSEN_BY_TAG,
            CHOSEN_BY_TAG.replace("canary", "canry"),
            error("MESH303", '"canry"'),
        ),
        (
            "tag: no revision",
            f"    {LABEL}\n",
            "",
            error("MESH302", "name: istio-revision-tag-canary"),
        ),
        ("tag: labelled for a lost revision", LABEL, LOST_LABEL, error("MESH303", LOST_LABEL)),
        ("tag: labelled for the other revision", LABEL, OLD_LABEL, error("MESH303", OLD_LABEL)),
        (
            "tag: an empty caBundle",
            CLIENT,
            f'{CLIENT}    caBundle: ""\n',
            warning("MESH301", "caBundle"),
        ),
    ),
    Mutation("tag: moved to the other revision", (rewritten(CANARY, ("1-29-1", "1-28-3")),)),
    Mutation(
        "tag: of a removed revision",
        (rewritten(CANARY, ("1-29-1", "1-27-9")),),
        (error("MESH204", LOST_LABEL, CANARY),),
    ),
    Mutation("tag: removed", (removed(CANARY),), (error("MESH201", "rev: canary", DELIVERY),)),
    Mutation(
        "tag: default removed",
        (removed(DEFAULT),),
        (
            error("MESH203", "istio-injection: enabled", CATALOG),
            error("MESH203", 'sidecar.istio.io/inject: "true"', DEPOT),
        ),
    ),
]


def ca_bundle(value: str, before: str = CLIENT) -> str:
    return f"{before}    caBundle: {value}\n"


def plain(pem: bytes) -> str:
    """PEM as a block scalar, as deep as clientConfig has it."""
    return "|\n" + "\n".join(f"      {line}" for line in pem.decode().splitlines())


ROOT, OTHER, LEAF = block(made()), block(made("other")), block(made("istiod", ca=False))
SIGNED = block(made("istiod", ca=False, signed_by=("root", ed25519("root"))))
EXPIRED = block(made(until=datetime(2026, 7, 31)))
EARLY = block(made(since=datetime(2026, 8, 2)))
KEY = secret(ed25519("root"))

BUNDLE_ROWS = [
    *rows(
        INJECTOR,
        ("caBundle: empty", CLIENT, ca_bundle('""'), warning("MESH301", "caBundle")),
        ("caBundle: no value", CLIENT, ca_bundle(""), warning("MESH301", "caBundle")),
        ("caBundle: null", CLIENT, ca_bundle("null"), warning("MESH301", "caBundle")),
        ("caBundle: a line end", CLIENT, ca_bundle("Cg=="), warning("MESH301", "caBundle")),
        ("caBundle: no base64", CLIENT, ca_bundle("replace-me"), error("MESH301", "caBundle")),
        ("caBundle: a word", CLIENT, ca_bundle("CA_BUNDLE"), warning("MESH301", "caBundle")),
        ("caBundle: to be filled in", CLIENT, ca_bundle("${CA_BUNDLE}")),
        ("caBundle: not encoded", CLIENT, ca_bundle(plain(ROOT)), error("MESH301", "caBundle")),
        (
            "caBundle: a line end in a hook that is not patched",
            CLIENT,
            ca_bundle("Cg==", CLIENT.replace("sidecar-injector.istio.io", "example.com")),
            error("MESH301", "caBundle"),
        ),
        ("caBundle: a root", CLIENT, ca_bundle(bundle(ROOT)), note("MESH307", "caBundle")),
        ("caBundle: two", CLIENT, ca_bundle(bundle(OTHER, ROOT)), note("MESH307", "caBundle")),
        ("caBundle: expired", CLIENT, ca_bundle(bundle(EXPIRED)), warning("MESH307", "caBundle")),
        ("caBundle: early", CLIENT, ca_bundle(bundle(EARLY)), warning("MESH307", "caBundle")),
        ("caBundle: own leaf", CLIENT, ca_bundle(bundle(LEAF)), note("MESH307", "caBundle")),
        ("caBundle: leaf", CLIENT, ca_bundle(bundle(SIGNED)), warning("MESH307", "caBundle")),
        (
            "caBundle: no certificate in the block",
            CLIENT,
            ca_bundle(bundle(block(b"nothing"))),
            warning("MESH307", "caBundle"),
        ),
        (
            "caBundle: all in one line",
            CLIENT,
            ca_bundle(bundle(ROOT.replace(b"\n", b" "))),
            warning("MESH307", "caBundle"),
        ),
        (
            "caBundle: with the key",
            CLIENT,
            ca_bundle(bundle(ROOT, KEY)),
            error("MESH307", "caBundle"),
        ),
        ("caBundle: the key itself", CLIENT, ca_bundle(plain(KEY)), error("MESH307", "caBundle")),
    ),
    Mutation(
        "caBundle: another root in each hook",
        (
            Edit(INJECTOR, CLIENT, ca_bundle(bundle(ROOT))),
            Edit(INJECTOR, SECOND_CLIENT, ca_bundle(bundle(OTHER), SECOND_CLIENT)),
        ),
        (
            note("MESH307", f"{CLIENT}    caBundle"),
            note("MESH307", f"{SECOND_CLIENT}    caBundle"),
            warning("MESH308", f"{SECOND_CLIENT}    caBundle"),
        ),
    ),
]

MAIN_SERVICE = Place(NEW, "kind: Service\nmetadata:\n  name: istiod-1-29-1\n")
TAG_SERVICE = Place(NEW, "kind: Service\nmetadata:\n  name: istiod-revision-tag-canary\n")
CALLED = f"{CLIENT}    service:\n      name: istiod-1-29-1"
PICKED = f"  selector:\n    app: istiod\n    {LABEL}"

MESH_CONFIG = Place(NEW, "kind: ConfigMap\nmetadata:\n  name: istio-1-29-1\n")
INJECTOR_CONFIG = Place(NEW, "kind: ConfigMap\nmetadata:\n  name: istio-sidecar-injector-1-29-1\n")
RUNS_AS = "serviceAccountName: istiod-1-29-1"
UNANSWERED = error("MESH624", "istiod-1-29-1.istio-system.svc", MESH_CONFIG)
"""Where proxies look for that Service, too."""

SERVICE_ROWS = [
    *rows(
        MAIN_SERVICE,
        (
            "Service: renamed",
            "name: istiod-1-29-1",
            "name: istiod-1-29",
            error("MESH306", CALLED, INJECTOR),
            UNANSWERED,
        ),
        (
            "Service: in another namespace",
            "istio-system",
            "istio-sytem",
            warning("MESH306", "istio-sytem"),
            UNANSWERED,
        ),
        (
            "Service: selects nothing",
            PICKED,
            PICKED.replace("29-1", "29-2"),
            error("MESH310", "1-29-2"),
        ),
        (
            "Service: selects another app",
            PICKED,
            PICKED.replace("istiod", "pilot"),
            error("MESH310", "app: pilot"),
        ),
        (
            "Service: selects the other istiod",
            PICKED,
            PICKED.replace("29-1", "28-3"),
            warning("MESH310", "1-28-3"),
        ),
        (
            "Service: selects by a key that nobody has",
            PICKED,
            PICKED.replace("io/rev", "io/rve"),
            error("MESH310", 'istio.io/rve: "1-29-1"'),
        ),
        (
            "Service: selects an empty revision",
            PICKED,
            PICKED.replace(' "1-29-1"', ""),
            error("MESH310", "  selector:\n    app: istiod\n    istio.io/rev:"),
        ),
        ("Service: selects both istiods", PICKED, PICKED.replace(f"\n    {LABEL}", "")),
        ("Service: no selector", PICKED, "  sessionAffinity: None"),
        (
            "Service: another name for a host",
            PICKED,
            "  type: ExternalName\n  externalName: istiod.example.com",
        ),
        ("Service: another port", "port: 443", "port: 8443", error("MESH309", "port: 8443")),
        ("Service: a port to be filled in", "port: 443", "port: ${PORT}"),
        (
            "Service: leads to the port for proxies",
            "targetPort: 15017",
            "targetPort: 15012",
            warning("MESH309", "targetPort: 15012"),
        ),
        (
            "Service: leads to the same port",
            "      targetPort: 15017\n",
            "",
            warning("MESH309", "port: 443"),
        ),
        ("Service: leads to a port by its name", "targetPort: 15017", "targetPort: https-webhooks"),
    ),
    Mutation(
        "Service: removed",
        (removed(MAIN_SERVICE),),
        (error("MESH306", CALLED, INJECTOR), UNANSWERED),
    ),
    Mutation("Service: of the tag removed", (removed(TAG_SERVICE),)),
    Mutation("Service: of the tag selects nothing", (rewritten(TAG_SERVICE, (LABEL, LOST_LABEL)),)),
]

ISTIODS = Place(NEW, "apiVersion: apps/v1\nkind: Deployment\n")
OLD_ISTIODS = Place(OLD, "apiVersion: apps/v1\nkind: Deployment\n")
OWN = 'name: REVISION\n            value: "1-29-1"'
IN_POD = f"        {LABEL}\n"
CLUSTER = "          - name: CLUSTER_ID\n"
SWITCH = "          - name: {}_WEBHOOK_CONFIG_NAME\n            value: {}\n" + CLUSTER

ISTIOD_ROWS = [
    *rows(
        ISTIODS,
        (
            "istiod: may not patch injectors",
            CLUSTER,
            SWITCH.format("INJECTION", '""'),
            error("MESH315", 'value: ""'),
        ),
        (
            "istiod: may not patch validators",
            CLUSTER,
            SWITCH.format("VALIDATION", '""'),
            error("MESH315", 'value: ""'),
        ),
        ("istiod: a name that says nothing", CLUSTER, SWITCH.format("INJECTION", "own")),
        ("istiod: a name to be filled in", CLUSTER, SWITCH.format("INJECTION", "${NAME}")),
        (
            "istiod: takes itself for another revision",
            OWN,
            OWN.replace("29-1", "29-2"),
            error("MESH315", "1-29-2"),
        ),
        (
            "istiod: pods without a revision",
            IN_POD,
            "",
            error("MESH310", "  template:\n    metadata:"),
        ),
        (
            "istiod: pods of another app",
            "      labels:\n        app: istiod",
            "      labels:\n        app: pilot",
            error("MESH310", "        app: pilot"),
        ),
        ("istiod: rve", IN_POD, IN_POD.replace("rev", "rve"), error("MESH103", "istio.io/rve")),
        (
            "istiod: in another namespace",
            "istio-system",
            "istio-sytem",
            warning("MESH310", "istio-sytem"),
            warning("MESH522", RUNS_AS, ISTIODS),
            warning("MESH536", "istio-1-29-1", MESH_CONFIG),
            warning("MESH536", "istio-sidecar-injector-1-29-1", INJECTOR_CONFIG),
        ),
        ("istiod: renamed", "  name: istiod-1-29-1\n", "  name: pilot\n"),
    ),
    Mutation(
        "istiod: pods of another revision, and no tag",
        (Edit(ISTIODS, IN_POD, IN_POD.replace("29-1", "29-2")), removed(CANARY)),
        (error("MESH310", '"1-29-2"'), error("MESH201", "rev: canary", DELIVERY)),
    ),
    Mutation(
        "istiod: the new one removed",
        (removed(ISTIODS),),
        (
            warning("MESH401", LABEL, INJECTOR),
            warning("MESH204", LABEL, CANARY),
            warning("MESH401", LABEL, VALIDATOR),
        ),
    ),
    Mutation(
        "istiod: the old one removed",
        (removed(OLD_ISTIODS),),
        (
            warning("MESH401", OLD_LABEL, BASE_VALIDATOR),
            warning("MESH401", OLD_LABEL, OLD_INJECTOR),
            warning("MESH204", OLD_LABEL, PROD),
            warning("MESH204", OLD_LABEL, DEFAULT),
            warning("MESH401", OLD_LABEL, OLD_VALIDATOR),
        ),
    ),
    Mutation(
        "istiod: all of the new one removed",
        (removed(Place(NEW)),),
        (
            error("MESH201", "rev: canary", DELIVERY),
            error("MESH201", "rev: 1-29-1", EVENTS),
        ),
    ),
]

VALIDATOR_NAME = "name: istio-validator-1-29-1-istio-system"

VALIDATOR_ROWS = [
    *rows(
        VALIDATOR,
        ("validator: no label", f"    {LABEL}\n", "", error("MESH302", VALIDATOR_NAME)),
        ("validator: another label", LABEL, OLD_LABEL, error("MESH303", OLD_LABEL)),
        (
            "validator: objects of another revision",
            '- "1-29-1"',
            '- "1-28-3"',
            error("MESH303", '- "1-28-3"'),
        ),
        (
            "validator: Service of another revision",
            "        name: istiod-1-29-1",
            "        name: istiod-1-28-3",
            error("MESH303", "istiod-1-28-3"),
        ),
        (
            "validator: istoid",
            "        name: istiod-1-29-1",
            "        name: istoid-1-29-1",
            error("MESH306", "istoid"),
        ),
        (
            "validator: a misspelled namespace",
            '"istio-system"',
            '"istio-sytem"',
            warning("MESH306", "istio-sytem"),
        ),
        ("validator: another path", "/validate", "/validation", error("MESH311", "/validation")),
        (
            "validator: another port",
            '"/validate"\n',
            '"/validate"\n        port: 15017\n',
            error("MESH309", "port: 15017"),
        ),
        (
            "validator: an empty caBundle",
            "    clientConfig:\n",
            '    clientConfig:\n      caBundle: ""\n',
            warning("MESH301", "caBundle"),
        ),
        (
            "validator: a copy of a live object",
            "  labels:\n",
            "  resourceVersion: '100'\n  labels:\n",
            warning("MESH315", "rev.validation.istio.io"),
        ),
        (
            "validator: the name of another revision",
            VALIDATOR_NAME,
            VALIDATOR_NAME.replace("29-1", "27-9"),
            warning("MESH313", "1-27-9-istio-system"),
        ),
        (
            "validator: the name of another namespace",
            VALIDATOR_NAME,
            VALIDATOR_NAME.replace("system", "control"),
            warning("MESH313", "istio-control"),
        ),
        (
            "validator: a name up to 1.10",
            VALIDATOR_NAME,
            "name: istiod-istio-system",
            warning("MESH401", "name: istiod-istio-system"),
        ),
        (
            "validator: of everything",
            "    objectSelector:\n",
            "    namespaceSelector: {}\n    x:\n",
        ),
    ),
    *rows(
        BASE_VALIDATOR,
        (
            "default validator: no label",
            f"    {OLD_LABEL}\n",
            "",
            error("MESH302", "name: istiod-default-validator"),
        ),
        ("default validator: another label", OLD_LABEL, LABEL, error("MESH303", LABEL)),
        (
            "default validator: a name up to 1.4",
            "istiod-default-validator",
            "istio-galley",
            warning("MESH401", "name: istio-galley"),
        ),
    ),
    Mutation(
        "default validator: moved to the new revision",
        (rewritten(BASE_VALIDATOR, ("1-28-3", "1-29-1")),),
    ),
    Mutation(
        "default validator: of a removed revision",
        (rewritten(BASE_VALIDATOR, ("1-28-3", "1-27-9")),),
        (warning("MESH401", LOST_LABEL, BASE_VALIDATOR),),
    ),
]

INJECTOR_COPY = changed(INJECTOR, (NAME, f"{NAME}-istio-system"))
COPIED = Place(COPY)
PROD_FOR_NEW = changed(PROD, ("1-28-3", "1-29-1"))
SECOND_PROD = PROD_FOR_NEW.replace("tag-prod\n", "tag-prod-istio-system\n")
PROD_NAME = "name: istio-revision-tag-prod"
LEFT_OVER = changed(INJECTOR, ("1-29-1", "1-27-9"))

OBJECT_ROWS = [
    *rows(
        INJECTOR,
        (
            "injector: a copy of a live object",
            "  labels:\n",
            "  uid: 0b6f6d3e-0a5c-4cf5-8a1e-3d6d7f1a2b3c\n  labels:\n",
            warning("MESH315", HOOK),
        ),
        (
            "injector: the name of another revision",
            NAME,
            NAME.replace("29-1", "29-2"),
            warning("MESH313", NAME.replace("29-1", "29-2"), Place(NEW)),
        ),
        (
            "injector: the name of the other injector",
            NAME,
            NAME.replace("29-1", "28-3"),
            warning("MESH313", NAME.replace("29-1", "28-3"), Place(NEW)),
        ),
        ("injector: a name of its own", NAME, "name: mesh"),
    ),
    Mutation(
        "overlap: a copy beside it",
        (followed(INJECTOR, INJECTOR_COPY),),
        (
            error("MESH402", NAME, INJECTOR),
            error("MESH402", f"{NAME}-istio-system", Place(NEW, f"{NAME}-istio-system\n")),
        ),
    ),
    Mutation("overlap: none with itself", (followed(INJECTOR, document(INJECTOR)),)),
    Mutation(
        "overlap: a copy in another file",
        (),
        (
            warning("MESH402", NAME, INJECTOR),
            warning("MESH402", f"{NAME}-istio-system", COPIED),
        ),
        {COPY: INJECTOR_COPY},
    ),
    Mutation(
        "overlap: a copy in another cluster",
        (),
        (),
        {"clusters/east/copy.yaml": INJECTOR_COPY},
    ),
    Mutation(
        "overlap: one tag for two revisions",
        (followed(CANARY, SECOND_PROD),),
        (
            warning("MESH402", PROD_NAME, PROD),
            warning(
                "MESH402", f"{PROD_NAME}-istio-system", Place(NEW, f"{PROD_NAME}-istio-system\n")
            ),
        ),
    ),
    Mutation(
        "overlap: one tag for two revisions in one file",
        (followed(PROD, SECOND_PROD),),
        (
            error("MESH402", PROD_NAME, PROD),
            error(
                "MESH402", f"{PROD_NAME}-istio-system", Place(OLD, f"{PROD_NAME}-istio-system\n")
            ),
        ),
    ),
    Mutation(
        "overlap: a tag with the name of a revision",
        (rewritten(CANARY, ("canary", "1-29-1")),),
        (
            error("MESH402", NAME, INJECTOR),
            error("MESH402", "tag-1-29-1", Place(NEW, "name: istio-revision-tag-1-29-1\n")),
            error("MESH201", "rev: canary", DELIVERY),
        ),
    ),
    Mutation("two clusters: one tag for two revisions", (followed(CANARY, PROD_FOR_NEW),)),
    Mutation(
        "leftover: an injector without its istiod",
        (),
        (warning("MESH401", LOST_LABEL, COPIED),),
        {COPY: LEFT_OVER},
    ),
    Mutation(
        "leftover: in a folder beside that of istiod",
        (),
        (warning("MESH401", LOST_LABEL, Place("old/injector.yaml")),),
        {"old/injector.yaml": LEFT_OVER},
    ),
    Mutation("leftover: far from any istiod", (), (), {"a/test/of/another/tool.yaml": LEFT_OVER}),
    Mutation(
        "leftover: switched off",
        (),
        (),
        {
            COPY: re.sub(
                r"  namespaceSelector:\n(?:    .*\n)+  objectSelector:\n(?:    .*\n)+",
                SWITCHED_OFF,
                LEFT_OVER,
            )
        },
    ),
]

MUTATIONS = [
    *LABEL_ROWS,
    *HOOK_ROWS,
    *SELECTOR_ROWS,
    *TAG_ROWS,
    *BUNDLE_ROWS,
    *SERVICE_ROWS,
    *ISTIOD_ROWS,
    *VALIDATOR_ROWS,
    *OBJECT_ROWS,
]


@pytest.fixture(autouse=True)
def fixed_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOW.timestamp())))


def test_the_mesh_without_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(TWO)
    assert golden(lint_paths(["."]).findings) == ""


def test_names_are_unique() -> None:
    names = [mutation.name for mutation in MUTATIONS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_mutation(mutation: Mutation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(TWO, tmp_path, dirs_exist_ok=True)
    for edit in mutation.edits:
        edit.apply(tmp_path)
    for path, added in mutation.added.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(added)
    monkeypatch.chdir(tmp_path)
    findings = lint_paths(["."]).findings
    assert sorted(map(told, findings)) == sorted(wanted(mutation, tmp_path)), golden(findings)
