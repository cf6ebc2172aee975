"""HTML pages in tests: read strictly, to elements with their attributes and text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "link", "input", "br", "col"})


@dataclass(eq=False)
class Element:
    """An element; `parts` are its texts and elements in their order."""

    name: str
    attributes: dict[str, str]
    parts: list[str | Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text inside."""
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    def __iter__(self) -> Iterator[Element]:
        """This element and all inside of it, in the order of the page."""
        yield self
        for part in self.parts:
            if isinstance(part, Element):
                yield from part

    def all(self, name: str, kind: str = "") -> list[Element]:
        """The elements of a name and a class."""
        return [e for e in self if e.name == name and (not kind or kind in e.classes)]

    def one(self, key: str) -> Element:
        """The element with an id."""
        (found,) = (e for e in self if e.attributes.get("id") == key)
        return found


class _Reader(HTMLParser):
    """Refuses what a browser would mend: elements that are not closed, or not in their order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"<{tag}> has an attribute twice"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].parts.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].name == tag, f"</{tag}> where <{self.open[-1].name}> is open"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].parts.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def read(text: str) -> Element:
    """A whole page."""
    head, _, rest = text.partition("\n")
    assert head == "<!doctype html>"
    reader = _Reader()
    reader.feed(rest)
    reader.close()
    assert reader.open == [reader.root], f"<{reader.open[-1].name}> is not closed"
    return reader.root
