"""Istio's own resources: which of them are read, and that the others cost nothing."""

from __future__ import annotations

import pytest

from meshlint.facts import facts
from meshlint.resources.istio_resource import ISTIO_KINDS, IstioResource
from meshlint.unread import Unread


def resource(kind: str, group: str, labels: str) -> bytes:
    return (
        f"apiVersion: {group}/v1\nkind: {kind}\nmetadata:\n  name: cart\n  namespace: shop\n"
        f"  labels: {{{labels}}}\nspec: {{}}\n"
    ).encode()


def read(data: bytes) -> list[IstioResource]:
    return [r for r in facts("all.yaml", data).resources if isinstance(r, IstioResource)]


@pytest.mark.parametrize(("kind", "group"), ISTIO_KINDS.items())
def test_every_kind_is_read_by_its_label(kind: str, group: str) -> None:
    (found,) = read(resource(kind, group, "istio.io/rev: canary"))
    assert found.meta.label("istio.io/rev") == "canary"
    assert read(resource(kind, group, "app: cart")) == []
    assert read(resource(kind, "example.com", "istio.io/rev: canary")) == []


@pytest.mark.parametrize("kind", sorted(ISTIO_KINDS.keys() - {"EnvoyFilter", "Gateway"}))
def test_without_the_label_none_is_parsed(kind: str) -> None:
    """Broken YAML in it is not even noticed."""
    data = resource(kind, ISTIO_KINDS[kind], "app: cart") + b"spec: [\n"
    assert facts("all.yaml", data).unread == {Unread.OTHER_KIND: 1}
