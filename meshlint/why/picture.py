"""Namespaces, tags, revisions and control planes as a Mermaid graph, which GitHub draws."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from meshlint.finding import printable
from meshlint.mesh.inject import Verdict
from meshlint.why.answer import Answer

STYLES = {
    Verdict.INJECTED: "fill:#d4f4dd,stroke:#1a7f37,color:#1f2328",
    Verdict.NOT_INJECTED: "fill:#ffe2e0,stroke:#cf222e,color:#1f2328",
    Verdict.UNKNOWN: "fill:#eeeeee,stroke:#8c959f,color:#1f2328",
}
MIXED = "fill:#fff8c5,stroke:#9a6700,color:#1f2328"
"""A namespace whose workloads do not all end alike."""


def mermaid(answers: Sequence[Answer], _: bool) -> str:
    """A graph of each scope: namespace -> tag or revision -> control plane, edges with counts."""
    scopes: defaultdict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        scopes[answer.scope].append(answer)
    lines = ["flowchart LR"]
    for number, (scope, inside) in enumerate(sorted(scopes.items())):
        body = list(_scope(f"s{number}", inside))
        if len(scopes) > 1:
            head, *body = [f'subgraph s{number}["{_label(scope)}"]', *body]
            body = [head, *(f"  {line}" for line in body), "end"]
        lines += [f"  {line}" for line in body]
    return "".join(f"{line}\n" for line in lines)


def _scope(prefix: str, answers: list[Answer]) -> Iterator[str]:
    """The lines of one scope; node names begin with its prefix."""
    homes: defaultdict[str, Counter[Verdict]] = defaultdict(Counter)
    edges: Counter[tuple[str, str, str]] = Counter()
    ends: dict[str, tuple[str, str, str]] = {}
    for answer in answers:
        home = answer.workload.meta.subject.namespace or "(no namespace given)"
        homes[home][answer.verdict] += 1
        ends.setdefault(_end(answer)[0], _end(answer))
        edges[home, _end(answer)[0], answer.verdict] += 1
    names = {home: f"{prefix}n{i}" for i, home in enumerate(sorted(homes))}
    keys = {end: f"{prefix}e{i}" for i, end in enumerate(sorted(ends))}
    for home, key in names.items():
        found = homes[home]
        yield f'{key}["{_label(home)}"]'
        yield f"style {key} {STYLES[next(iter(found))] if len(found) == 1 else MIXED}"
    yield from _planes(prefix, ends, keys)
    for (home, end, verdict), count in sorted(edges.items()):
        yield f'{names[home]} -->|"{count} {verdict}"| {keys[end]}'


def _end(answer: Answer) -> tuple[str, str, str]:
    """Where an edge from a namespace goes: its words, then the revision and its control plane."""
    if answer.verdict is Verdict.NOT_INJECTED:
        return "no sidecar", "", ""
    if answer.revision is None:
        return "not known", "", ""
    plane = next((f"{p.origin} {p.subject.namespace}/{p.subject.name}" for p in answer.planes), "")
    if answer.tag:
        return f"tag {answer.tag}", answer.revision, plane
    return f"revision {answer.revision}", answer.revision, plane


def _planes(
    prefix: str, ends: dict[str, tuple[str, str, str]], keys: dict[str, str]
) -> Iterator[str]:
    """Tags and revisions, and the control plane behind each revision."""
    shown = {f"revision {revision}" for _, revision, _ in ends.values() if revision}
    more = {end: f"{prefix}r{i}" for i, end in enumerate(sorted(shown - keys.keys()))}
    behind = {f"revision {revision}": plane for _, revision, plane in ends.values() if revision}
    every = {**keys, **more}
    for end, key in every.items():
        yield f'{key}(["{_label(end)}"])'
    for end, (_, revision, _) in sorted(ends.items()):
        if end.startswith("tag "):
            yield f"{every[end]} --> {every[f'revision {revision}']}"
    for number, (end, plane) in enumerate(sorted(behind.items())):
        yield f'{prefix}p{number}[["{_label(plane or "not in the scan")}"]]'
        yield f"{every[end]} --> {prefix}p{number}"


def _label(text: str) -> str:
    """Text inside of a node: quotes and brackets as entities."""
    return "".join(c if c.isalnum() or c in " .-_()/" else f"#{ord(c)};" for c in printable(text))
