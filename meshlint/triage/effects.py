"""What suppressions have come to in a run, and which are proven to be of no use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from posixpath import basename, dirname

from meshlint.finding import Hit, quoted
from meshlint.policy import Policy
from meshlint.resources.ignore import Flaw, Ignore, plain
from meshlint.resources.kustomization import NAMES
from meshlint.rules.registry import (
    DOCUMENT_RULES,
    EFFECT_RULES,
    FAULT_RULES,
    KEY_RULES,
    MESH_RULES,
    Effect,
)
from meshlint.triage.ignores import Ignores, Ignoring, Use
from meshlint.unread import Unread

HARMLESS = frozenset(
    {Unread.OTHER_KIND, Unread.KINDLESS, Unread.IGNORED, Unread.EXCLUDED, Unread.SUBMODULE}
)
"""What nobody reads has no part in any finding; nor has what is left out on purpose every time."""

ALONE = frozenset({*FAULT_RULES, *DOCUMENT_RULES, *KEY_RULES})
"""Rules that look at one document by itself: what they find does not depend on other files."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What was looked at. `lost` are the lines, by file, where documents were not read as a whole.

    `linted` are the files as their authors wrote them; `policies` gives all rules.
    """

    linted: frozenset[str]
    lost: Mapping[str, tuple[int, ...]]
    unread: frozenset[Unread]
    broken: bool
    policies: Callable[[], Iterable[Policy]]


class Effects:
    """Tells of suppressions what they have come to."""

    def __init__(self, ignoring: Ignoring, scene: Scene) -> None:
        self._ignoring, self._scene = ignoring, scene
        self._folders = {dirname(p) for p in scene.linted if basename(p) in NAMES}
        self._names: dict[str, str] = {}

    def hits(self, ignores: Ignores, *, inside: bool) -> Iterator[tuple[str, Hit]]:
        """What the rules on suppressions find: their names, and the hits.

        `inside` chooses those that stand in files, or else those of the configuration.
        """
        chosen = (pair for pair in ignores.uses() if (pair[0].around is not None) is inside)
        for ignore, use in chosen:
            effect = self._effect(ignore, use, ignores.expired(ignore))
            for name, rule in EFFECT_RULES.items():
                yield from ((name, hit) for hit in rule(effect))

    def _effect(self, ignore: Ignore, use: Use, expired: bool) -> Effect:
        flaws = [*ignore.flaws, *self._unknown(ignore, use), *self._unreasoned(ignore, expired)]
        idle = [] if expired else list(self._idle(ignore, use))
        return Effect(
            where=ignore.where,
            flaws=tuple(flaws),
            expired=ignore.until if expired else "",
            late=tuple(sorted(use.late)),
            idle=tuple(idle),
            busy=len(idle) < len(ignore.rules),
        )

    def _unreasoned(self, ignore: Ignore, expired: bool) -> Iterator[Flaw]:
        if self._ignoring.reasoned and not ignore.reason and ignore.rules and not expired:
            yield Flaw(ignore.where, "it gives no reason, and requireReasons asks for one")

    def _unknown(self, ignore: Ignore, use: Use) -> Iterator[Flaw]:
        for word in ignore.rules:
            if word.text not in use.held | use.late and self._rule(word.text) is None:
                near = _near(word.text, (*self._names, *ALONE, *MESH_RULES))
                yield Flaw(word.where, f"{quoted(word.text)} is no code or name of a rule{near}")

    def _rule(self, word: str) -> str | None:
        """The name of a rule by its code or name, in any case; None where there is no such rule."""
        wanted = plain(word)
        if wanted in ALONE or wanted in MESH_RULES:
            return wanted
        if not self._names:
            for policy in self._scene.policies():
                self._names.update({policy.code.lower(): policy.name, policy.name: policy.name})
        return self._names.get(wanted)

    def _idle(self, ignore: Ignore, use: Use) -> Iterator[str]:
        """The rules that find nothing where the suppression stands, if that is certain."""
        if not self._readable(ignore):
            return
        for word in ignore.rules:
            if word.text not in use.held:
                rule = self._rule(word.text)
                alone = rule in ALONE and ignore.around is not None
                if rule is not None and (alone or self._everything):
                    yield word.text

    def _readable(self, ignore: Ignore) -> bool:
        """Whether all that it is about was looked at, and nothing else can be made of it."""
        if self._scene.broken:
            return False
        if ignore.around is None:
            return True
        path, first, last = ignore.around.path, ignore.around.first, ignore.around.last
        if path not in self._scene.linted:
            return False
        if any(first <= line <= last or not line for line in self._scene.lost.get(path, ())):
            return False
        return self._everything or not self._layered(path)

    def _layered(self, path: str) -> bool:
        """Whether a kustomization may take the file in: it must stand beside it, or above."""
        folder = dirname(path)
        above = [folder]
        while folder:
            folder = dirname(folder) if folder != "/" else ""
            above.append(folder)
        return not self._folders.isdisjoint(above) or self._ignoring.layered(path)

    @property
    def _everything(self) -> bool:
        """Whether a rule over all files has seen all that it could."""
        return self._ignoring.whole and self._scene.unread <= HARMLESS


def _near(word: str, names: Iterable[str]) -> str:
    """The rule that may be meant; codes are all alike."""
    import difflib  # most suppressions name rules that there are

    found = difflib.get_close_matches(plain(word), (n for n in names if "-" in n), 1, 0.8)
    return f", did you mean {quoted(found[0])}?" if found else ""
