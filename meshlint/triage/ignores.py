"""Suppressions at work: which findings they take out of a report, and what becomes of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from meshlint.clock import now
from meshlint.finding import Finding, Suppression
from meshlint.resources.ignore import Ignore


@dataclass(frozen=True, slots=True)
class Ignoring:
    """What a configuration and a command line say of suppressions.

    `entries` are those of the configuration. `reasoned` is whether each must have a reason. `whole`
    is whether all of the tree is looked at, and all that it holds as it is applied, and `layered`
    whether more may become of a file than stands in it, as a kustomization is around it.
    """

    entries: tuple[Ignore, ...] = ()
    reasoned: bool = False
    whole: bool = False
    layered: Callable[[str], bool] = lambda path: False


IN_SOURCE = Ignoring()
"""Nothing but what stands in the files."""


@dataclass(slots=True)
class Use:
    """What a suppression was good for: the words of its list that named a finding there."""

    held: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)


class Ignores:
    """All suppressions of a run. Each remembers what it was used for."""

    def __init__(self, written: Iterable[Ignore], entries: Iterable[Ignore] = ()) -> None:
        """`written` are those in files, and `entries` those of the configuration."""
        self.all = (*dict.fromkeys(written), *entries)
        self._today = ""
        self._uses: dict[int, Use] = {}
        self._wide: list[tuple[int, Ignore]] = []
        self._by_file: defaultdict[str, list[tuple[int, Ignore]]] = defaultdict(list)
        for number, ignore in enumerate(self.all):
            place = self._by_file[ignore.around.path] if ignore.around else self._wide
            place.append((number, ignore))

    def expired(self, ignore: Ignore) -> bool:
        """Whether the last day of a suppression is over, in UTC."""
        if not ignore.until:
            return False
        self._today = self._today or now().date().isoformat()
        return ignore.until < self._today

    def uses(self) -> Iterator[tuple[Ignore, Use]]:
        """Each suppression, and what it was good for."""
        return ((ignore, self._uses.get(n, Use())) for n, ignore in enumerate(self.all))

    def sift(
        self, findings: Iterable[Finding], *, entries: bool = True
    ) -> tuple[list[Finding], list[Finding]]:
        """The findings that stay, and those that are suppressed, each with the first that does it.

        What stands in a file comes before the configuration, whose `entries` may be left out.
        """
        kept, suppressed = [], []
        for finding in findings:
            found = self._suppressor(finding, entries)
            if finding.suppression is None and found is None:
                kept.append(finding)
            else:
                suppressed.append(_with(finding, found))
        return kept, suppressed

    def _suppressor(self, finding: Finding, entries: bool) -> Ignore | None:
        """The first suppression of a finding; all that would do are noted as used."""
        first = None
        for number, ignore in (*self._near(finding), *(self._wide if entries else ())):
            words = ignore.named(finding)
            if not words or not ignore.reach.takes(finding):
                continue
            use = self._uses.setdefault(number, Use())
            expired = self.expired(ignore)
            (use.late if expired else use.held).update(words)
            if first is None and not expired:
                first = ignore
        return first

    def _near(self, finding: Finding) -> list[tuple[int, Ignore]]:
        path = finding.where.path
        return self._by_file.get(path, [])


def _with(finding: Finding, ignore: Ignore | None) -> Finding:
    if finding.suppression is not None or ignore is None:
        return finding
    told = Suppression(ignore.where, ignore.reason, inside=ignore.around is not None)
    return replace(finding, suppression=told)
