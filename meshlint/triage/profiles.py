"""Profiles: sets of severities that meshlint brings. The one reader of `policies/profiles/`."""

from __future__ import annotations

from dataclasses import dataclass

from meshlint.config.fault import Faulty
from meshlint.config.form import Form, choice
from meshlint.config.model import Setting
from meshlint.config.severities import profile_names, settings
from meshlint.data import directory
from meshlint.finding import Severity
from meshlint.policy import PROFILES
from meshlint.source.parse import parse
from meshlint.source.split import split
from meshlint.source.text import decode

KEYS = ("description", "why", "least", "rules")


@dataclass(frozen=True, slots=True)
class Profile:
    """Severities for a kind of repository, or for a way to work.

    `description` is a sentence, and `why` are those behind it. Of what is milder than `least`,
    nothing is reported.
    """

    name: str
    description: str
    why: str
    rules: tuple[Setting, ...] = ()
    least: Severity | None = None


def profile(name: str) -> Profile:
    """A profile by its name, which is that of its file; schemas/profile.schema.json has its form.

    Raises:
        KeyError: there is none of this name.
    """
    if name not in profile_names():
        raise KeyError(name)
    path = directory("policies") / PROFILES / f"{name}.yaml"
    root = parse(str(path), next(split(decode(path.read_bytes()))))
    form = Form()
    found = form.entries(root, KEYS)
    least = form.text(found.get("least"), choice([s.value for s in Severity]))
    rules = settings(form, found.get("rules"))
    if form.faults:
        raise Faulty(form.faults)
    description, why = (root.field(key) for key in ("description", "why"))
    return Profile(
        name,
        description.value.text.strip() if description else "",
        " ".join(why.value.text.split()) if why else "",
        rules,
        Severity(least.text) if least else None,
    )


def profiles() -> tuple[Profile, ...]:
    """All profiles, by name."""
    return tuple(profile(name) for name in profile_names())
