"""Python, the libraries, and the data that meshlint brings."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Iterator
from importlib import import_module, metadata
from pathlib import Path

from meshlint import __version__
from meshlint.data import directory
from meshlint.health.check import Check, fault, good, note

OLDEST = (3, 11)
AGAIN = "install meshlint anew: pip install --force-reinstall meshlint"
SCHEMAS = (
    *("baseline", "config", "context", "diagnosis", "doctor", "policy", "profile"),
    *("own-policy", "policies", "report", "rules", "symptom"),
)


def libraries() -> Iterator[Check]:
    """What must be there before anything else of meshlint can be imported."""
    yield good("meshlint", f"{__version__}, {Path(__file__).parent.parent}")
    yield python(sys.version_info[:2])
    yield libyaml()
    yield cryptography()


def python(version: tuple[int, ...]) -> Check:
    """Its version, and where it is."""
    words = f"{platform.python_version()}, {sys.executable}"
    if version >= OLDEST:
        return good("python", words)
    return fault("python", words, f"run meshlint with Python {OLDEST[0]}.{OLDEST[1]} or later")


def libyaml() -> Check:
    """PyYAML and the C library behind it; without that all is right, and ten times slower.

    By name, as only one module here imports yaml.
    """
    version = _version("PyYAML")
    try:
        import_module("yaml")
    except ImportError as error:
        return fault("PyYAML", f"cannot be imported: {error}", "pip install PyYAML")
    try:
        library = import_module("yaml._yaml").get_version_string()
    except ImportError:
        words = f"{version} without libyaml: reading takes ten times as long"
        return note("PyYAML", words, "pip install --force-reinstall PyYAML, as a wheel")
    return good("PyYAML", f"{version} with libyaml {library}")


def cryptography() -> Check:
    """What reads the certificates of webhooks."""
    try:
        import_module("cryptography.x509")
    except ImportError as error:
        advice = "pip install cryptography: certificates of webhooks are read with it"
        return fault("cryptography", f"cannot be imported: {error}", advice)
    return good("cryptography", _version("cryptography"))


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "of unknown version"


def data() -> Check:
    """Policies, error texts and schemas: read as a run reads them."""
    from meshlint.policy import policies
    from meshlint.symptom.catalogue import shipped

    try:
        rules, errors = len(policies()), len(shipped())
        for name in SCHEMAS:
            json.loads((directory("schemas") / f"{name}.schema.json").read_bytes())
    except Exception as error:  # whatever is wrong with what we have brought
        return fault("data", f"cannot be read: {type(error).__name__}: {error}", AGAIN)
    if not rules or not errors:
        return fault("data", f"{rules} rules and {errors} error texts: some are missing", AGAIN)
    return good("data", f"{rules} rules, {errors} error texts, {len(SCHEMAS)} schemas")
