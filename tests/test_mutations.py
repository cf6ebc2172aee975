"""One fault at a time in a mesh without faults: what is said of it, on which line, and no more."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from meshlint.finding import Finding
from tests.conftest import HERE
from tests.lint import golden, lint_paths

RENDERED = HERE / "rendered"
ISTIOD, BASE = "platform/istiod.yaml", "platform/base.yaml"
NAMESPACES, SHOP = "apps/namespaces.yaml", "apps/shop.yaml"
OTHERS, GATEWAY = "apps/others.yaml", "apps/gateway.yaml"


@dataclass(frozen=True)
class Place:
    """A file, or the one document of it that holds the text `part`."""

    path: str
    part: str = ""

    def bounds(self, text: str) -> tuple[int, int]:
        """Where the place begins and ends in the file's text."""
        starts = [match.start() for match in re.finditer(r"(?m)^---$", text)]
        edges = [0, *starts, len(text)] if self.part else [0, len(text)]
        (only,) = ((a, b) for a, b in pairwise(edges) if self.part in text[a:b])
        return only

    def find(self, text: str, what: str) -> int:
        """The offset of a text that must stand here exactly once."""
        start, end = self.bounds(text)
        assert text.count(what, start, end) == 1, f"{what!r} is not unique in {self}"
        return text.index(what, start, end)


@dataclass(frozen=True)
class Edit:
    """Replaces `old`, which must stand in its place exactly once."""

    place: Place
    old: str
    new: str

    def apply(self, root: Path) -> None:
        path = root / self.place.path
        text = path.read_text()
        at = self.place.find(text, self.old)
        path.write_text(text[:at] + self.new + text[at + len(self.old) :])


@dataclass(frozen=True)
class Found:
    """A finding on the line where `at` ends, which must stand in its changed place exactly once.

    `place` is that of the first edit where it is left out.
    """

    severity: str
    code: str
    at: str
    place: Place | None = None


@dataclass(frozen=True)
class Mutation:
    """Edits and new files, and all the findings that follow from them."""

    name: str
    edits: tuple[Edit, ...]
    found: tuple[Found, ...] = ()
    added: Mapping[str, str] = field(default_factory=dict)


def rows(place: Place, *table: tuple[str, str, str, *tuple[Found, ...]]) -> list[Mutation]:
    """Mutations of one place: a name, the old text, the new text, the findings."""
    return [
        Mutation(name, (Edit(place, old, new),), tuple(found)) for name, old, new, *found in table
    ]


def error(code: str, at: str, place: Place | None = None) -> Found:
    return Found("error", code, at, place)


def warning(code: str, at: str, place: Place | None = None) -> Found:
    return Found("warning", code, at, place)


def note(code: str, at: str, place: Place | None = None) -> Found:
    return Found("note", code, at, place)


def document(place: Place) -> str:
    """The text of a place as it is before any edit."""
    text = (RENDERED / place.path).read_text()
    start, end = place.bounds(text)
    return text[start:end]


def removed(place: Place) -> Edit:
    return Edit(Place(place.path), document(place), "")


def another_revision(name: str, version: str) -> str:
    """A second control plane, to which no tag points."""
    parts = re.split(r"(?m)^(?=---$)", document(Place(ISTIOD)))
    text = "".join(part for part in parts if "revision-tag" not in part)
    return text.replace("asm-1233-2", name).replace("1.23.3-asm.2", version)


REV = "istio.io/rev: asm-1233-2"
ENABLED = "istio-injection: enabled"
DISABLED = "istio-injection: disabled"
WISH = 'sidecar.istio.io/inject: "true"'
REFUSAL = 'sidecar.istio.io/inject: "false"'

SHOP_NAMESPACE = Place(NAMESPACES, "name: shop\n")
CATALOG = Place(NAMESPACES, "name: catalog\n")

NAMESPACE_ROWS = [
    *rows(
        SHOP_NAMESPACE,
        ("namespace: no revision", f"    {REV}\n", ""),
        ("namespace: the tag 'default' as revision", REV, "istio.io/rev: default"),
        (
            "namespace: a managed revision",
            REV,
            "istio.io/rev: asm-managed-rapid",
            warning("MESH209", "asm-managed-rapid"),
        ),
        ("namespace: rve", REV, "istio.io/rve: asm-1233-2", error("MESH103", "istio.io/rve")),
        ("namespace: a dash for the slash", REV, "istio.io-rev: x", error("MESH103", ".io-rev")),
        ("namespace: revision", REV, "istio.io/revision: x", error("MESH103", "io/revision")),
        ("namespace: a number", REV, "istio.io/rev: 1.23", error("MESH003", "1.23")),
        ("namespace: an exponent", REV, "istio.io/rev: 1e3", error("MESH003", "1e3")),
        ("namespace: no value", REV, "istio.io/rev:", warning("MESH003", "istio.io/rev:")),
        ("namespace: near miss", REV, "istio.io/rev: asm-1233-1", error("MESH201", "1233-1")),
        ("namespace: unknown", REV, "istio.io/rev: canary", error("MESH201", "canary")),
        ("namespace: underscore", REV, "istio.io/rev: asm_1233", warning("MESH202", "asm_1233")),
        ("namespace: a space", "asm-1233-2", '"asm-1233-2 "', warning("MESH202", '-2 "')),
        ("namespace: dots", REV, "istio.io/rev: 1.23.3", warning("MESH202", "1.23.3")),
        (
            "namespace: annotation",
            f"labels:\n    {REV}",
            f"annotations:\n    {REV}",
            error("MESH108", REV),
        ),
        (
            "namespace: one indent out",
            f"labels:\n    {REV}",
            f"{REV}\n  labels:",
            error("MESH112", REV),
        ),
        ("namespace: label", f"labels:\n    {REV}", f"label:\n    {REV}", error("MESH112", REV)),
        (
            "namespace: labels twice",
            REV,
            f"{REV}\n  labels:",
            error("MESH002", f"{REV}\n  labels:"),
        ),
        ("namespace: a tab", f"    {REV}", f"\t{REV}", error("MESH001", REV)),
        (
            "namespace: ambient beside a revision",
            REV,
            f"{REV}\n    istio.io/dataplane-mode: ambient",
            note("MESH113", "ambient"),
        ),
    ),
    *rows(
        Place(NAMESPACES, "name: payments\n"),
        ("namespace: no object", document(Place(NAMESPACES, "name: payments\n")), "---\n"),
        ("namespace: near miss of a tag", "prod-stable", "prod-stabel", error("MESH201", "stabel")),
        ("namespace: tag for rev", "istio.io/rev", "istio.io/tag", warning("MESH103", "io/tag")),
        (
            "namespace: enabled beside a tag of the same revision",
            "  labels:\n",
            f"  labels:\n    {ENABLED}\n",
            note("MESH104", ENABLED),
        ),
    ),
    *rows(
        CATALOG,
        ("namespace: no labels", f"  labels:\n    {ENABLED}\n", ""),
        ("namespace: injecton", "injection", "injecton", error("MESH103", "istio-injecton")),
        ("namespace: inject", "istio-injection", "istio-inject", error("MESH103", "istio-inject:")),
        (
            "namespace: istio_injection",
            "istio-inj",
            "istio_inj",
            error("MESH103", "istio_injection"),
        ),
        ("namespace: capitals", "istio-inj", "Istio-Inj", error("MESH103", "Istio-Injection")),
        ("namespace: Enabled", "enabled", "Enabled", error("MESH101", "Enabled")),
        ("namespace: true in quotes", "enabled", '"true"', error("MESH101", '"true"')),
        ("namespace: a space at the end", "enabled", '"enabled "', error("MESH101", '"enabled "')),
        ("namespace: an empty string", "enabled", '""', warning("MESH101", '""')),
        ("namespace: true", "enabled", "true", error("MESH003", "true")),
        ("namespace: on", "enabled", "on", error("MESH003", "injection: on")),
        (
            "namespace: enabled is an annotation",
            f"labels:\n    {ENABLED}",
            f"annotations:\n    {ENABLED}",
            error("MESH108", ENABLED),
        ),
        ("namespace: twice", ENABLED, f"{DISABLED}\n    {ENABLED}", error("MESH002", ENABLED)),
        (
            "namespace: ambient beside enabled",
            ENABLED,
            f"{ENABLED}\n    istio.io/dataplane-mode: ambient",
            warning("MESH113", "ambient"),
        ),
        ("namespace: a label for pods", ENABLED, WISH, warning("MESH107", WISH)),
    ),
    *rows(
        Place(NAMESPACES, "name: legacy\n"),
        ("namespace: disable", "disabled", "disable", warning("MESH101", "disable")),
        (
            "namespace: a revision beside disabled",
            DISABLED,
            f"{DISABLED}\n    {REV}",
            note("MESH105", REV),
        ),
    ),
]

CART = Place(SHOP, "kind: Deployment\nmetadata:\n  name: cart\n")
REPORT = Place(SHOP, "name: report\n")
OWN = "  labels:\n    app: cart\nspec:"
MEMORY = "sidecar.istio.io/proxyMemory: 128Mi"

POD_ROWS = [
    *rows(
        CART,
        ("pod: no wish", f"        {WISH}\n", ""),
        ("pod: dots for the slash", "io/inject", "io.inject", error("MESH103", "io.inject")),
        ("pod: injected", "io/inject", "io/injected", error("MESH103", "io/injected")),
        ("pod: sidcar", WISH, WISH.replace("e", "", 1), error("MESH103", "sidcar")),
        ("pod: true without quotes", '"true"', "true", error("MESH003", "inject: true")),
        ("pod: yes", '"true"', "yes", error("MESH003", "inject: yes")),
        ("pod: True", '"true"', '"True"', warning("MESH102", '"True"')),
        ("pod: enabled", '"true"', "enabled", warning("MESH102", "enabled")),
        ("pod: one indent out", f"        {WISH}", f"      {WISH}", error("MESH112", WISH)),
        ("pod: the label on the Deployment too", OWN, OWN.replace("spec", f"    {WISH}\nspec")),
        ("pod: both ways", WISH, f"{REFUSAL}\n        {WISH}", error("MESH002", WISH)),
        (
            "pod: annotation in a namespace that injects",
            f"        {WISH}\n      annotations:\n",
            f"      annotations:\n        {WISH}\n",
            note("MESH120", WISH),
        ),
        (
            "pod: annotation against the label",
            "      annotations:\n",
            f"      annotations:\n        {REFUSAL}\n",
            warning("MESH110", REFUSAL),
        ),
        (
            "pod: labels twice",
            WISH,
            f"{WISH}\n      labels:\n        version: v2",
            error("MESH002", f"{WISH}\n      labels:"),
        ),
        (
            "pod: labels twice, nothing of Istio's lost",
            f"        {WISH}",
            f"      labels:\n        {WISH}",
            warning("MESH002", "app: cart\n      labels:"),
        ),
        ("pod: a label for namespaces", WISH, ENABLED, warning("MESH107", ENABLED)),
        ("pod: a port by name", "6379", "redis", error("MESH602", "redis")),
        ("pod: a port without quotes", '"6379"', "6379", error("MESH003", "6379")),
        (
            "pod: an unknown annotation",
            "OutboundPorts",
            "OutboundPort",
            warning("MESH114", "OutboundPort:"),
        ),
        (
            "pod: annotation on the Deployment",
            OWN,
            f"  annotations:\n    {MEMORY}\nspec:",
            warning("MESH106", MEMORY),
        ),
    ),
    Mutation(
        "pod: label on the Deployment instead",
        (
            Edit(CART, f"        {WISH}\n", ""),
            Edit(CART, OWN, OWN.replace("spec", f"    {WISH}\nspec")),
        ),
        (warning("MESH106", WISH),),
    ),
    *rows(
        Place(SHOP, "name: orders\n"),
        (
            "pod: another revision than the namespace's",
            "version: v3",
            "istio.io/rev: canary",
            note("MESH116", "istio.io/rev: canary"),
        ),
        ("pod: an unknown namespace", "namespace: shop", "namespace: new"),
    ),
    *rows(
        Place(SHOP, "kind: ServiceAccount\n"),
        (
            "pod: refusal on the ServiceAccount",
            "  name: cart\n",
            f"  name: cart\n  labels:\n    {REFUSAL}\n",
            warning("MESH107", REFUSAL),
        ),
    ),
    *rows(
        REPORT,
        (
            "job: no refusal",
            f"            {REFUSAL}\n",
            "",
            note("MESH121", "kind: CronJob\nmetadata:\n  name: report"),
        ),
        ("job: injetc", "io/inject", "io/injetc", error("MESH103", "injetc")),
        ("job: off", '"false"', "off", error("MESH003", "inject: off")),
        ("job: False", '"false"', '"False"', warning("MESH102", '"False"')),
        (
            "job: annotation",
            "labels:\n            app: report",
            "annotations:\n            app: report",
            note("MESH120", REFUSAL),
        ),
        (
            "job: annotation against the label",
            f"            {REFUSAL}\n",
            f"            {REFUSAL}\n          annotations:\n            {WISH}\n",
            note("MESH110", WISH),
        ),
    ),
    Mutation(
        "job: label on the Job instead",
        (
            Edit(REPORT, f"            {REFUSAL}\n", ""),
            Edit(REPORT, "app: report\n    spec", f"app: report\n        {REFUSAL}\n    spec"),
        ),
        (warning("MESH109", REFUSAL),),
    ),
    Mutation(
        "job: label on the CronJob instead",
        (
            Edit(REPORT, f"            {REFUSAL}\n", ""),
            Edit(REPORT, "  namespace: shop\n", f"  namespace: shop\n  labels:\n    {REFUSAL}\n"),
        ),
        (warning("MESH106", REFUSAL),),
    ),
    *rows(
        Place(OTHERS, "name: node-agent\n"),
        ("pod: no refusal on the host's network", f"        {REFUSAL}\n", ""),
    ),
    *rows(
        Place(OTHERS, "name: monolith\n"),
        (
            "pod: wish where injection is disabled",
            "app: monolith\n    spec",
            f"app: monolith\n        {WISH}\n    spec",
            warning("MESH111", WISH),
        ),
        (
            "pod: revision where injection is disabled",
            "app: monolith\n    spec",
            f"app: monolith\n        {REV}\n    spec",
            warning("MESH111", REV),
        ),
    ),
    *rows(
        Place(OTHERS, "name: builder\n"),
        ("pod: no revision", f"        {REV}\n", ""),
        (
            "pod: a revision on the Deployment",
            "  namespace: tools\n",
            "  namespace: tools\n  labels:\n    istio.io/rev: canary\n",
        ),
        ("pod: near miss", REV, "istio.io/rev: asm-1223-2", error("MESH201", "asm-1223-2")),
        ("pod: rve", REV, "istio.io/rve: asm-1233-2", error("MESH103", "istio.io/rve")),
        ("pod: revision in capitals", "asm-1233-2", "Asm-1233-2", warning("MESH202", "Asm-")),
        ("pod: revision is a number", "asm-1233-2", "12_33", error("MESH003", "12_33")),
    ),
]

PROXY = Place(GATEWAY, "kind: Deployment\n")
PROXY_NAME = "kind: Deployment\nmetadata:\n  name: public"

GATEWAY_ROWS = [
    *rows(
        PROXY,
        ("gateway: no wish", f"        {WISH}\n", "", error("MESH601", PROXY_NAME)),
        ("gateway: refusal", WISH, REFUSAL, error("MESH601", REFUSAL)),
        (
            "gateway: annotation",
            f"      labels:\n        {WISH}\n",
            f"        {WISH}\n      labels:\n",
            error("MESH601", PROXY_NAME),
        ),
        (
            "gateway: host's network",
            "    spec:\n",
            "    spec:\n      hostNetwork: true\n",
            error("MESH601", "hostNetwork: true"),
        ),
        (
            "gateway: injct",
            "io/inject",
            "io/injct",
            error("MESH103", "io/injct"),
            error("MESH601", PROXY_NAME),
        ),
        ("gateway: the tag as revision", WISH, "istio.io/rev: prod-stable"),
        ("gateway: an image of its own", "image: auto", "image: registry.example.com/proxy:1.0"),
    ),
    *rows(
        Place(GATEWAY, "name: internal\n"),
        ("gateway: no revision", "  labels:\n    istio.io/rev: prod-stable\n", ""),
        ("gateway: near miss", "prod-stable", "prodstable", error("MESH201", "prodstable")),
    ),
]

MUTATING = "kind: MutatingWebhookConfiguration\nmetadata:\n  name: istio-"
INJECTOR = Place(ISTIOD, f"{MUTATING}sidecar-injector-asm-1233-2\n")
STABLE = Place(ISTIOD, f"{MUTATING}revision-tag-prod-stable\n")
DEFAULT = Place(ISTIOD, f"{MUTATING}revision-tag-default\n")
VALIDATOR = Place(ISTIOD, "kind: ValidatingWebhookConfiguration\n")
BASE_VALIDATOR = Place(BASE, "kind: ValidatingWebhookConfiguration\n")

LABEL = 'istio.io/rev: "asm-1233-2"'
OLD = 'istio.io/rev: "asm-1222-1"'
HOOK = "rev.namespace.sidecar-injector.istio.io"
CLIENT = f"{HOOK}\n  clientConfig:\n"
SERVICE = f"{CLIENT}    service:\n      name: istiod-asm-1233-2\n"
WHOLE = f'{SERVICE}      namespace: "istio-system"\n      path: "/inject"\n      port: 443\n'
SECOND = SERVICE.replace("namespace", "object")
CHOSEN = "namespaceSelector:\n    matchExpressions:\n    - key: istio.io/rev\n      operator: In"
ASKED = '"false"\n    - key: istio.io/rev\n      operator: In\n      values:\n      - "asm-1233-2"'
URL = "https://istiod.example.com:15017/inject"

WEBHOOK_ROWS = [
    *rows(
        INJECTOR,
        (
            "injector: no label",
            f"    {LABEL}\n",
            "",
            error("MESH302", "name: istio-sidecar-injector-asm-1233-2"),
        ),
        ("injector: rve", "istio.io/rev: ", "istio.io/rve: ", error("MESH103", "istio.io/rve")),
        (
            "injector: annotation",
            f"  labels:\n    {LABEL}\n",
            f"  annotations:\n    {LABEL}\n  labels:\n",
            error("MESH302", LABEL),
        ),
        (
            "injector: one indent out",
            f"  labels:\n    {LABEL}\n",
            f"  {LABEL}\n  labels:\n",
            error("MESH112", LABEL),
        ),
        ("injector: a number", LABEL, "istio.io/rev: 1233", error("MESH003", "1233\n")),
        ("injector: no value", LABEL, "istio.io/rev:", warning("MESH003", "istio.io/rev:")),
        ("injector: another label", LABEL, OLD, error("MESH303", OLD)),
        ("injector: two labels", LABEL, f"{OLD}\n    {LABEL}", error("MESH002", LABEL)),
        (
            "injector: namespaces of another revision",
            '- "asm-1233-2"\n    - key: istio-injection',
            '- "asm-1233-1"\n    - key: istio-injection',
            error("MESH303", "asm-1233-1"),
        ),
        (
            "injector: pods of another revision",
            ASKED,
            ASKED.replace("-2", "-1"),
            error("MESH303", "asm-1233-1"),
        ),
        (
            "injector: a key that nobody has",
            CHOSEN,
            CHOSEN.replace("/rev", "/rve"),
            error("MESH103", "istio.io/rve"),
        ),
        (
            "injector: Service of another revision",
            SERVICE,
            SERVICE.replace("-2", "-1"),
            error("MESH303", "istiod-asm-1233-1"),
        ),
        (
            "injector: Service of the default revision",
            SERVICE,
            SERVICE.replace("-asm-1233-2", ""),
            error("MESH306", "name: istiod\n"),
        ),
        (
            "injector: istoid",
            SERVICE,
            SERVICE.replace("istiod", "istoid"),
            error("MESH306", "istoid-asm-1233-2"),
        ),
        (
            "injector: a hook with a name of its own",
            HOOK,
            "rev.namespace.example.com",
            error("MESH304", "example.com"),
        ),
        (
            "injector: injecter",
            HOOK,
            HOOK.replace("or", "er"),
            error("MESH304", "injecter"),
        ),
        (
            "injector: empty caBundle",
            CLIENT,
            f'{CLIENT}    caBundle: ""\n',
            warning("MESH301", "caBundle"),
        ),
        (
            "injector: caBundle without a value",
            CLIENT,
            f"{CLIENT}    caBundle:\n",
            warning("MESH301", "caBundle"),
        ),
        (
            "injector: caBundle is a newline",
            CLIENT,
            f"{CLIENT}    caBundle: Cg==\n",
            warning("MESH301", "caBundle"),
        ),
        (
            "injector: caBundle is no base64",
            CLIENT,
            f"{CLIENT}    caBundle: replace-me\n",
            error("MESH301", "caBundle"),
        ),
        (
            "injector: caBundle is a blank",
            CLIENT,
            f"{CLIENT}    caBundle: CA_BUNDLE\n",
            warning("MESH301", "caBundle"),
        ),
        ("injector: caBundle to be filled in", CLIENT, f"{CLIENT}    caBundle: ${{CA_BUNDLE}}\n"),
        (
            "injector: URL and Service",
            CLIENT,
            f"{CLIENT}    url: {URL}\n",
            error("MESH305", URL),
        ),
        ("injector: URL", WHOLE, f"{CLIENT}    url: {URL}\n"),
        (
            "injector: URL without encryption",
            WHOLE,
            f"{CLIENT}    url: http://istiod.example.com/inject\n",
            error("MESH305", "http:"),
        ),
        (
            "injector: nothing to call",
            WHOLE,
            f"{HOOK}\n  clientConfig: {{}}\n",
            error("MESH305", HOOK),
        ),
    ),
    *rows(
        STABLE,
        (
            "tag: no label",
            f"    {LABEL}\n",
            "",
            error("MESH302", "name: istio-revision-tag-prod-stable"),
        ),
        ("tag: another label", LABEL, OLD, error("MESH303", OLD)),
        (
            "tag: not said to be one",
            "    istio.io/tag: prod-stable\n",
            "",
            error("MESH303", f'{CHOSEN}\n      values:\n      - "prod-stable"'),
        ),
        (
            "tag: another name",
            "io/tag: prod-stable",
            "io/tag: prod",
            error("MESH303", "tag: prod\n"),
        ),
        (
            "tag: namespaces of another tag",
            '- "prod-stable"\n    - key: istio-injection',
            '- "prod-stabel"\n    - key: istio-injection',
            error("MESH303", "prod-stabel"),
        ),
    ),
    Mutation(
        "tag: of a removed revision",
        (
            Edit(STABLE, LABEL, OLD),
            Edit(STABLE, SERVICE, SERVICE.replace("1233-2", "1222-1")),
            Edit(STABLE, SECOND, SECOND.replace("1233-2", "1222-1")),
        ),
        (error("MESH204", OLD),),
    ),
    Mutation(
        "tag: default removed",
        (removed(DEFAULT),),
        (
            error("MESH203", ENABLED, CATALOG),
            error("MESH203", WISH, PROXY),
            error("MESH601", PROXY_NAME, PROXY),
        ),
    ),
    Mutation(
        "tag: default removed, and a revision beside enabled",
        (Edit(CATALOG, ENABLED, f"{ENABLED}\n    {REV}"), removed(DEFAULT)),
        (
            error("MESH104", ENABLED),
            error("MESH203", WISH, PROXY),
            error("MESH601", PROXY_NAME, PROXY),
        ),
    ),
    *rows(
        DEFAULT,
        ("tag: default unreadable", f"    {LABEL}", f"\t{LABEL}", error("MESH001", LABEL)),
        (
            "tag: default empty caBundle",
            CLIENT,
            f'{CLIENT}    caBundle: ""\n',
            warning("MESH301", "caBundle"),
        ),
    ),
    *rows(
        VALIDATOR,
        (
            "validator: no label",
            f"    {LABEL}\n",
            "",
            error("MESH302", "name: istio-validator-asm-1233-2-istio-system"),
        ),
        ("validator: another label", LABEL, OLD, error("MESH303", OLD)),
        ("validator: rve", "istio.io/rev: ", "istio.io/rve: ", error("MESH103", "istio.io/rve")),
        (
            "validator: objects of another revision",
            '- "asm-1233-2"',
            '- "asm-1233-1"',
            error("MESH303", "asm-1233-1"),
        ),
        (
            "validator: empty caBundle",
            "    clientConfig:\n",
            '    clientConfig:\n      caBundle: ""\n',
            warning("MESH301", "caBundle"),
        ),
    ),
    *rows(
        BASE_VALIDATOR,
        (
            "validator: default without label",
            f"    {LABEL}\n",
            "",
            error("MESH302", "name: istiod-default-validator"),
        ),
        ("validator: default with another label", LABEL, OLD, error("MESH303", OLD)),
    ),
    Mutation(
        "validator: default of a removed revision",
        (
            Edit(BASE_VALIDATOR, LABEL, OLD),
            Edit(BASE_VALIDATOR, "istiod-asm-1233-2", "istiod-asm-1222-1"),
        ),
        (warning("MESH401", OLD),),
    ),
]

ISTIODS = Place(ISTIOD, "apiVersion: apps/v1\nkind: Deployment\n")
COPIES = "platform/copies.yaml"
SCALER = Place(ISTIOD, "kind: HorizontalPodAutoscaler\n")
MESH_CONFIG = Place(ISTIOD, "name: istio-asm-1233-2\n")
MAIN_SERVICE = Place(ISTIOD, "kind: Service\nmetadata:\n  name: istiod-asm-1233-2\n")
IN_POD = f"        {LABEL}"
OWN_REFUSAL = f"        {REFUSAL}\n        operator"
NEXT = {"platform/next.yaml": another_revision("asm-1241-0", "1.24.1-asm.0")}
COPY = document(DEFAULT).replace("revision-tag-default", "revision-tag-default-istio-system")
NEXT_AND_TAGS = "".join([*NEXT.values(), document(STABLE), document(DEFAULT)])
MOVED_BASE = (
    Edit(BASE_VALIDATOR, LABEL, LABEL.replace("1233-2", "1241-0")),
    Edit(BASE_VALIDATOR, "istiod-asm-1233-2", "istiod-asm-1241-0"),
)
UPGRADED = (
    document(Place(ISTIOD))
    .replace("asm-1233-2", "asm-1241-0")
    .replace("1.23.3-asm.2", "1.24.1-asm.0")
)

CONTROL_PLANE_ROWS = [
    *rows(
        ISTIODS,
        (
            "istiod: no label on the Deployment",
            f"    app: istiod\n    {LABEL}\n",
            "    app: istiod\n",
        ),
        ("istiod: rve", IN_POD, IN_POD.replace("rev", "rve"), error("MESH103", "istio.io/rve")),
        ("istiod: a number", IN_POD, "        istio.io/rev: 1233", error("MESH003", "rev: 1233\n")),
        (
            "istiod: no refusal",
            f"        {REFUSAL}\n        operator",
            "        operator",
            note("MESH120", REFUSAL),
        ),
        (
            "istiod: refusal without quotes",
            OWN_REFUSAL,
            OWN_REFUSAL.replace('"', ""),
            error("MESH003", "inject: false"),
        ),
    ),
    *rows(
        SCALER,
        ("ownership: none on the autoscaler", f"    {LABEL}\n", ""),
        ("ownership: rve", "istio.io/rev", "istio.io/rve", warning("MESH103", "istio.io/rve")),
    ),
    *rows(MESH_CONFIG, ("ownership: none on the ConfigMap", f"    {LABEL}\n", "")),
    *rows(
        MAIN_SERVICE,
        ("ownership: none on the Service", f"  labels:\n    {LABEL}\n", "  labels:\n"),
    ),
    *rows(
        Place(ISTIOD, "kind: PodDisruptionBudget\n"),
        ("ownership: none on the budget", f"    app: istiod\n    {LABEL}\n", "    app: istiod\n"),
    ),
    Mutation("revisions: a second one", (), (), NEXT),
    Mutation(
        "revisions: istiod removed, its webhooks left",
        (removed(ISTIODS),),
        (
            warning("MESH401", LABEL, BASE_VALIDATOR),
            warning("MESH401", LABEL, INJECTOR),
            warning("MESH204", LABEL, STABLE),
            warning("MESH204", LABEL, DEFAULT),
            warning("MESH401", LABEL, VALIDATOR),
        ),
        NEXT,
    ),
    Mutation(
        "revisions: enabled beside another revision than the default",
        (Edit(CATALOG, ENABLED, f"{ENABLED}\n    istio.io/rev: asm-1241-0"),),
        (error("MESH104", ENABLED),),
        NEXT,
    ),
    Mutation(
        "revisions: replaced, with namespaces, pods and tags left behind",
        (Edit(Place(ISTIOD), document(Place(ISTIOD)), NEXT_AND_TAGS), *MOVED_BASE),
        (
            error("MESH204", LABEL, STABLE),
            error("MESH204", LABEL, DEFAULT),
            error("MESH201", REV, SHOP_NAMESPACE),
            error("MESH201", REV, Place(OTHERS, "name: builder\n")),
        ),
    ),
    Mutation(
        "revisions: replaced, with the default validator left behind too",
        (Edit(Place(ISTIOD), document(Place(ISTIOD)), UPGRADED),),
        (
            warning("MESH401", LABEL, BASE_VALIDATOR),
            error("MESH201", REV, SHOP_NAMESPACE),
            error("MESH201", REV, Place(OTHERS, "name: builder\n")),
        ),
    ),
    Mutation(
        "revisions: upgraded, with a namespace and a pod left behind",
        (
            Edit(Place(ISTIOD), document(Place(ISTIOD)), UPGRADED),
            *MOVED_BASE,
        ),
        (
            error("MESH201", REV, SHOP_NAMESPACE),
            error("MESH201", REV, Place(OTHERS, "name: builder\n")),
        ),
    ),
    Mutation(
        "tag: default in two configurations",
        (),
        (
            warning("MESH402", "name: istio-revision-tag-default", DEFAULT),
            warning("MESH402", "name: istio-revision-tag-default-istio-system", Place(COPIES)),
        ),
        {COPIES: COPY},
    ),
]

MUTATIONS = [*NAMESPACE_ROWS, *POD_ROWS, *GATEWAY_ROWS, *WEBHOOK_ROWS, *CONTROL_PLANE_ROWS]


def test_the_mesh_without_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(RENDERED)
    assert golden(lint_paths(["."]).findings) == ""


def test_names_are_unique() -> None:
    names = [mutation.name for mutation in MUTATIONS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_mutation(mutation: Mutation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(RENDERED, tmp_path, dirs_exist_ok=True)
    for edit in mutation.edits:
        edit.apply(tmp_path)
    for path, text in mutation.added.items():
        (tmp_path / path).write_text(text)
    monkeypatch.chdir(tmp_path)
    findings = lint_paths(["."]).findings
    assert sorted(map(told, findings)) == sorted(wanted(mutation, tmp_path)), golden(findings)


def told(finding: Finding) -> str:
    where = finding.where
    return f"{where.path}:{where.line}: {finding.severity} {finding.code}"


def wanted(mutation: Mutation, root: Path) -> list[str]:
    """The expected findings with the lines that their marks have after the edits."""
    expected = []
    for found in mutation.found:
        place = found.place or mutation.edits[0].place
        text = (root / place.path).read_text()
        end = place.find(text, found.at) + len(found.at)
        line = text.count("\n", 0, end - 1) + 1
        expected.append(f"{place.path}:{line}: {found.severity} {found.code}")
    return expected
