"""Patches of webhook configurations: what is left of their hooks, and whether kustomize agrees."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from meshlint.resources.webhook import Configuration, Hook, Selector, istios
from tests.placing import placed, read

KUSTOMIZE = shutil.which("kustomize")
needs_kustomize = pytest.mark.skipif(KUSTOMIZE is None, reason="kustomize is not installed")

GROUP = "admissionregistration.k8s.io/v1"
KIND = "MutatingWebhookConfiguration"
FIRST, SECOND = (f"rev.{part}.sidecar-injector.istio.io" for part in ("namespace", "object"))


def hook(name: str, **more: Any) -> dict[str, Any]:
    service = {"name": "istiod-a", "namespace": "istio-system", "path": "/inject", "port": 443}
    return {
        "name": name,
        "clientConfig": {"service": service, "caBundle": "QQ=="},
        "rules": [rule("pods")],
        "failurePolicy": "Fail",
        "namespaceSelector": {
            "matchLabels": {"team": "a"},
            "matchExpressions": [{"key": "istio.io/rev", "operator": "In", "values": ["a"]}],
        },
        **more,
    }


def rule(resource: str) -> dict[str, Any]:
    group = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"]}
    return {**group, "resources": [resource]}


def configuration(*hooks: Any, **more: Any) -> dict[str, Any]:
    metadata = {"name": "istio-sidecar-injector-a", "labels": {"istio.io/rev": "a"}}
    return {"apiVersion": GROUP, "kind": KIND, "metadata": metadata, "webhooks": hooks, **more}


BASE = configuration(hook(FIRST), hook(SECOND))


def patch(*hooks: Any, **more: Any) -> dict[str, Any]:
    """A strategic-merge patch of the base."""
    whole = configuration(*hooks, **more)
    return {**whole, "metadata": {"name": whole["metadata"]["name"]}}


def operation(op: str, path: str, *value: Any) -> dict[str, Any]:
    return {"op": op, "path": path, **({"value": value[0]} if value else {})}


def deep(levels: int) -> Any:
    return [deep(levels - 1)] if levels else "bottom"


def files(change: Any, base: Any = BASE, targeted: bool = False) -> dict[str, str]:
    """A kustomization over the base with one patch, JSON or strategic."""
    entry = {"patch": json.dumps(change)}
    if targeted or isinstance(change, list):
        entry |= {"target": {"kind": KIND}}  # type: ignore[dict-item]
    whole = {"resources": ["base.yaml"], "patches": [entry]}
    return {"k/base.yaml": json.dumps(base), "k/kustomization.yaml": json.dumps(whole)}


def shown(found: list[Configuration]) -> list[str] | None:
    """Each hook in one line, if one is Istio's; None where the configuration is no whole."""
    if any(one.partial for one in found):
        return None
    hooks = [each for one in found for each in one.hooks]
    return (
        [line(each) for each in hooks] if any(istios(each, mutating=True) for each in hooks) else []
    )


def line(one: Hook) -> str:
    client = one.client
    fields = (client.ca_bundle, client.service_name, client.path, client.port, client.url)
    texts = (
        f"{f.value.type.name}:{f.value.text}" if f else "-" for f in (*fields, one.failure_policy)
    )
    sides = (selected(side) for side in (one.namespace_selector, one.object_selector))
    pods = "pods" if one.for_pods else "others"
    return " ".join([one.full_name, *texts, *sides, pods, "maybe" if one.conditional else "sure"])


def selected(side: Selector) -> str:
    parts = sorted((e.key, e.operator, *(v.text for v in e.values)) for e in side.expressions)
    return ",".join("/".join(part) for part in parts)


def configurations(found: Any) -> list[Configuration]:
    return [fact for fact in found if isinstance(fact, Configuration)]


def after(change: Any, base: Any = BASE, targeted: bool = False) -> list[str] | None:
    return shown(configurations(placed(files(change, base, targeted))))


def plain(*hooks: Any) -> list[str] | None:
    """The lines of a configuration with these hooks."""
    return shown(configurations(read({"a.yaml": json.dumps(configuration(*hooks))})))


def without(key: str, **more: Any) -> dict[str, Any]:
    """The first hook without a field of its clientConfig."""
    client = {k: v for k, v in hook(FIRST)["clientConfig"].items() if k != key}
    return hook(FIRST, clientConfig={**client, **more})


OTHER = hook(SECOND)
CA = {"name": FIRST, "clientConfig": {"caBundle": ""}}
AT = "/webhooks/0/clientConfig/caBundle"
PLACE = {"service": None, "url": "https://a.b/inject"}

STRATEGIC = {
    "a value": (patch(CA), [without("caBundle", caBundle=""), OTHER]),
    "a null removes": (
        patch({"name": FIRST, "clientConfig": {"caBundle": None}}),
        [without("caBundle"), OTHER],
    ),
    "another policy": (
        patch({"name": FIRST, "failurePolicy": "Ignore"}),
        [hook(FIRST, failurePolicy="Ignore"), OTHER],
    ),
    "patched hooks come first": (
        patch({"name": SECOND, "failurePolicy": "Ignore"}),
        [hook(SECOND, failurePolicy="Ignore"), hook(FIRST)],
    ),
    "a new hook": (patch(hook("x.istio.io")), [hook("x.istio.io"), hook(FIRST), OTHER]),
    "a hook goes": (patch({"name": FIRST, "$patch": "delete"}), [OTHER]),
    "all hooks are others": (
        patch({"$patch": "replace"}, hook("x.istio.io")),
        [hook("x.istio.io")],
    ),
    "a map goes": (
        patch({"name": FIRST, "clientConfig": None}),
        [hook(FIRST, clientConfig={}), OTHER],
    ),
    "a Service for a URL": (
        patch({"name": FIRST, "clientConfig": PLACE}),
        [without("service", url="https://a.b/inject"), OTHER],
    ),
    "lists are taken as one": (
        patch({"name": FIRST, "rules": [rule("services")]}),
        [hook(FIRST, rules=[rule("services")]), OTHER],
    ),
    "maps are merged": (
        patch({"name": FIRST, "namespaceSelector": {"matchLabels": {"b": "c"}}}),
        [
            hook(
                FIRST,
                namespaceSelector={
                    **hook(FIRST)["namespaceSelector"],
                    "matchLabels": {"team": "a", "b": "c"},
                },
            ),
            OTHER,
        ],
    ),
    "nothing": (patch(), [hook(FIRST), OTHER]),
}

JSON = {
    "a value": ([operation("add", AT, "")], [without("caBundle", caBundle=""), OTHER]),
    "replaced": ([operation("replace", AT, "Cg==")], [without("caBundle", caBundle="Cg=="), OTHER]),
    "a null stays": ([operation("add", AT, None)], [without("caBundle", caBundle=None), OTHER]),
    "removed": ([operation("remove", AT)], [without("caBundle"), OTHER]),
    "replaced where there is none": (
        [operation("replace", "/webhooks/0/clientConfig/url", "u")],
        [without("", url="u"), OTHER],
    ),
    "a hook goes": ([operation("remove", "/webhooks/0")], [OTHER]),
    "a hook at the end": (
        [operation("add", "/webhooks/-", hook("x.istio.io"))],
        [hook(FIRST), OTHER, hook("x.istio.io")],
    ),
    "a hook before": (
        [operation("add", "/webhooks/1", hook("x.istio.io"))],
        [hook(FIRST), hook("x.istio.io"), OTHER],
    ),
    "all": ([operation("replace", "/webhooks", [OTHER])], [OTHER]),
    "one after the other": (
        [operation("remove", "/webhooks/0"), operation("remove", AT)],
        [{**without("caBundle"), "name": SECOND}],
    ),
}

MANY = [operation("add", "/webhooks/-", hook(f"h{number}.istio.io")) for number in range(40)]

REFUSED = {
    "a hook without a name": patch({"failurePolicy": "Ignore"}),
    "a hook that is to be another": patch({"name": FIRST, "$patch": "replace", "rules": []}),
    "a map for a list": {**patch(), "webhooks": {"a": "b"}},
    "a map for a scalar": patch({"name": FIRST, "failurePolicy": {"a": "b"}}),
    "nothing to remove": [operation("remove", "/webhooks/0/url")],
    "nothing to put it into": [operation("add", "/webhooks/0/a/b", "")],
    "no such hook": [operation("remove", "/webhooks/2")],
    "far behind the last": [operation("add", "/webhooks/3", hook("x.istio.io"))],
}
"""What kustomize refuses, or makes something odd of."""

TOO_MUCH = {"many hooks": MANY, "a tower": patch({"name": FIRST, "x": deep(100)})}


@pytest.mark.parametrize("name", STRATEGIC)
@pytest.mark.parametrize("targeted", [False, True])
def test_strategic_patches(name: str, targeted: bool) -> None:
    change, hooks = STRATEGIC[name]
    assert after(change, targeted=targeted) == plain(*hooks)


@pytest.mark.parametrize("name", JSON)
def test_json_patches(name: str) -> None:
    change, hooks = JSON[name]
    assert after(change) == plain(*hooks)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_not_known(name: str) -> None:
    assert after(REFUSED[name]) is None


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_nobody_writes_is_not_followed(name: str) -> None:
    assert after(TOO_MUCH[name]) is None


@pytest.mark.parametrize(
    "webhooks",
    [f"&a [{{name: {FIRST}, x: *a}}]", f"&a [{{name: {FIRST}, clientConfig: &b {{x: *b}}}}]"],
)
def test_anchors_in_circles_end(webhooks: str) -> None:
    text = f"apiVersion: {GROUP}\nkind: {KIND}\nmetadata: {{name: m}}\nwebhooks: {webhooks}\n"
    (found,) = configurations(read({"a.yaml": text}))
    assert found.source is None


REMOTE: dict[str, tuple[Any, list[Any]]] = {
    "a value": (CA, [{"name": FIRST, "clientConfig": {"caBundle": ""}}]),
    "a value that goes": ({"name": FIRST, "clientConfig": {"caBundle": None}}, [{"name": FIRST}]),
    "a hook that goes": ({"name": FIRST, "$patch": "delete"}, []),
    "a hook of somebody else": ({"name": "a.example.com", "failurePolicy": "Ignore"}, []),
}


@pytest.mark.parametrize("name", REMOTE)
@pytest.mark.parametrize("inline", [True, False])
def test_what_a_patch_says_of_an_object_that_is_not_here(name: str, inline: bool) -> None:
    part, hooks = REMOTE[name]
    entry = {"patch": json.dumps(patch(part))} if inline else {"path": "patch.yaml"}
    top = {"resources": ["https://git.example.com/istio?ref=1"], "patches": [entry]}
    some = {"k/kustomization.yaml": json.dumps(top)}
    if not inline:
        some["k/patch.yaml"] = json.dumps(patch(part))
    found = configurations(placed(some))
    assert all(one.partial and one.fragment for one in found)
    assert [line(each) for one in found for each in one.hooks] == (plain(*hooks) or [])


def test_what_may_be_patched_is_not_known() -> None:
    """A label selector narrows the target, and is not evaluated."""
    some = files(patch(CA), targeted=True)
    some["k/kustomization.yaml"] = some["k/kustomization.yaml"].replace(
        '"target": {', '"target": {"labelSelector": "a=b", '
    )
    assert shown(configurations(placed(some))) is None


def built(some: dict[str, str], folder: Path) -> list[str] | None:
    """What kustomize makes of it, as lines; None where it refuses."""
    for path, text in some.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    command = [str(KUSTOMIZE), "build", "k"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if run.returncode:
        return None
    return shown(configurations(read({"a.yaml": run.stdout})))


@needs_kustomize
def test_kustomize_comes_to_the_same(tmp_path: Path) -> None:
    for change, _ in (*STRATEGIC.values(), *JSON.values()):
        assert built(files(change), tmp_path) == after(change)


class Maker:
    """Patches at random, of which kustomize refuses some."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def change(self) -> Any:
        if self._random.random() < 0.5:
            return patch(*(self._part() for _ in range(self._random.randint(1, 2))))
        return [self._operation() for _ in range(self._random.randint(1, 4))]

    def _part(self) -> dict[str, Any]:
        name = self._random.choice([FIRST, SECOND, FIRST, SECOND, "x.sidecar-injector.istio.io"])
        part: dict[str, Any] = {"name": name}
        for key in self._random.sample(list(VALUES), self._random.randint(0, 3)):
            part[key] = self._random.choice(VALUES[key])
        if self._random.random() < 0.15:
            part["$patch"] = self._random.choice(["delete", "replace", "merge"])
        return part

    def _operation(self) -> dict[str, Any]:
        key = self._random.choice(list(VALUES))
        number = self._random.choice(["0", "1", "2", "-"])
        value = self._random.choice(VALUES[key])
        where = f"/webhooks/{number}"
        if self._random.random() < 0.3:
            value = hook("y.sidecar-injector.istio.io", **{key: value})
        else:
            where += f"/{key}"
            if isinstance(value, dict) and value and self._random.random() < 0.7:
                inner = self._random.choice(list(value))
                where, value = f"{where}/{inner}", value[inner]
        op = self._random.choice(["add", "replace", "remove"])
        return operation(op, where) if op == "remove" else operation(op, where, value)


VALUES: dict[str, list[Any]] = {
    "clientConfig": [
        {"caBundle": ""},
        {"caBundle": None},
        {"caBundle": "Cg==", "service": None},
        {"service": {"name": "istiod", "port": None}},
        {"service": {"$patch": "replace", "name": "other"}},
        {"$patch": "delete"},
        {"$patch": "replace", "url": "https://a.b/inject"},
        {},
        None,
    ],
    "failurePolicy": ["Ignore", "Fail", None, {"a": "b"}],
    "rules": [[rule("services")], [], None],
    "matchConditions": [[{"name": "a", "expression": "true"}], None],
    "namespaceSelector": [
        {},
        None,
        {"matchLabels": {"b": "c", "team": None}},
        {"matchExpressions": [{"key": "d", "operator": "Exists"}]},
        {"matchLabels": None},
    ],
    "objectSelector": [{"matchLabels": {"sidecar.istio.io/inject": "true"}}, None],
}


@needs_kustomize
@pytest.mark.parametrize("seed", range(60))
def test_kustomize_comes_to_the_same_at_random(seed: int, tmp_path: Path) -> None:
    """What is known after a patch is what kustomize makes; what it refuses is not known."""
    change = Maker(seed).change()
    mine = after(change)
    assert mine is None or mine == built(files(change), tmp_path)


@needs_kustomize
def test_most_random_patches_are_followed() -> None:
    known = [after(Maker(seed).change()) is not None for seed in range(60)]
    assert sum(known) > 20
