"""The charts of a scan, and the templates that comments of rendered output name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from posixpath import basename, dirname, join

CHART = "Chart.yaml"
NAME = re.compile(r"""(?m)^name:[ \t]*["']?([\w.-]+)""")
KIND = re.compile(r"""kind:[ \t]*["']?([\w.-]+)""")
SOURCE = "# Source: "
"""What `helm template` writes above each document: chart, and path in it (pkg/engine)."""


class Charts:
    """The charts by the name that their Chart.yaml gives them, which is how helm names them."""

    def __init__(self, paths: Iterable[str], text: Callable[[str], str]) -> None:
        """`paths` are all files of the scan; `text` reads one."""
        self._paths = frozenset(paths)
        self._folders: defaultdict[str, list[str]] = defaultdict(list)
        for path in sorted(self._paths):
            if basename(path) == CHART:
                name = NAME.search(text(path))
                if name:
                    self._folders[name[1]].append(dirname(path))

    def template(self, source: str, home: str | None = None) -> str | None:
        """The file that `chart/templates/x.yaml` is in the scan; None if there is none, or several.

        A part of `chart/charts/other/…` that is not below the chart may stand beside it. `home` is
        the folder of the chart, where it is known.
        """
        chart, _, inside = source.partition("/")
        folders = self._folders[chart] if home is None else [home]
        there = (join(folder, inside) for folder in folders)
        found = [path for path in there if path in self._paths]
        if len(found) == 1:
            return found[0]
        part = re.match(r"charts/([^/]+/.+)", inside)
        return self.template(part[1]) if part and not found else None


@dataclass(frozen=True, slots=True)
class Rendered:
    """A document of rendered output: what it was rendered from, and its kind, "" if it has none."""

    source: str
    kind: str


def rendered(lines: Callable[[int], str], count: int, line: int) -> Rendered | None:
    """The document around a line; None where no comment tells what it was rendered from."""
    first = next((n for n in range(line, 0, -1) if lines(n).startswith("---")), 1)
    end = next((n for n in range(line + 1, count + 1) if lines(n).startswith("---")), count + 1)
    texts = [lines(number) for number in range(first, end)]
    source = next((t.removeprefix(SOURCE) for t in texts if t.startswith(SOURCE)), None)
    kinds = (KIND.match(text) for text in texts)
    kind = next((found[1] for found in kinds if found), "")
    return Rendered(source.strip(), kind) if source else None
