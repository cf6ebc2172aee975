"""The formats by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from meshlint.diagnose.answer import Diagnosis, Scene
from meshlint.diagnose.as_json import as_json
from meshlint.diagnose.markdown import markdown
from meshlint.diagnose.show import text

FORMATS: Mapping[str, Callable[[Sequence[Diagnosis], Scene], str]] = {
    "text": text,
    "markdown": markdown,
    "json": as_json,
}
