"""Of what kinds the fields of Istio's ProxyConfig are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


class Scalar(Enum):
    """What one value may be; the value is the name of the type in Go, in which istiod complains."""

    STRING = "string"
    BOOL = "bool"
    INT32 = "int32"
    INT64 = "int64"
    UINT32 = "uint32"
    DOUBLE = "float64"
    DURATION = "Duration"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the names of a protobuf enum; any number passes."""

    enum: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list."""

    of: Kind


@dataclass(frozen=True, slots=True)
class Mapped:
    """A map with keys of one's own."""

    of: Kind


@dataclass(frozen=True, slots=True)
class Known:
    """A field; `since` is Istio's first minor version that knows it, 0 where that is 1.10."""

    kind: Kind
    since: int = 0


@dataclass(frozen=True, slots=True)
class Form:
    """A map with given fields. Others are passed over."""

    fields: Mapping[str, Known]


Kind: TypeAlias = Scalar | Choice | Listing | Mapped | Form
