"""What a value of one of Istio's keys was meant to say, and how that is written."""

from __future__ import annotations

from meshlint.resources.annotation import problem
from meshlint.resources.injector import STOCK
from meshlint.resources.keys import (
    DATAPLANE_MODE,
    INJECT,
    INJECTION,
    LABELS,
    OTHER_ANNOTATIONS,
    POD_ANNOTATIONS,
    REVISION,
    STATUS,
    TEMPLATES,
)
from meshlint.resources.known_annotations import DEPRECATED
from meshlint.rules.revisions.names import LEGAL, SHOUTED

NATIVE = "sidecar.istio.io/nativeSidecar"

YES = frozenset("true yes y on 1 enable enabled active injected inject allow".split())
NO = frozenset("false no n off 0 disable disabled none never".split())

WORDS = {
    INJECTION: ("enabled", "disabled"),
    INJECT: ("true", "false"),
    NATIVE: ("true", "false"),
}
"""How yes and no are written as the value of a key."""

MODES = frozenset({"ambient", "none"})
"""What istio.io/dataplane-mode may be (cni/pkg/util/enablement_selector.go)."""


def wish(value: str) -> bool | None:
    """Whether a value is a yes or a no, where that can be told."""
    plain = value.strip().lower()
    return True if plain in YES else False if plain in NO else None


def spelled(key: str, value: str) -> str | None:
    """How the value of a key is to be written; None where it is not known what was meant.

    Of what is written so, no rule says that it is wrong by itself.
    """
    if key in WORDS:
        meant = wish(value)
        return None if meant is None else WORDS[key][not meant]
    if key == REVISION:
        return value if LEGAL.match(value) and not SHOUTED.match(value) else None
    if key == DATAPLANE_MODE:
        return value if value in MODES else None
    return value if key in LABELS or _sound(key, value) else None


def _sound(key: str, value: str) -> bool:
    """Whether a value is one that an annotation may have, and no rule advises against the key."""
    if key == TEMPLATES:
        return all(name.strip() in STOCK for name in value.split(","))
    known = key in POD_ANNOTATIONS | OTHER_ANNOTATIONS and key != STATUS
    return known and key not in DEPRECATED and problem(key, value) is None
