"""A document slice into its root node, or the line and column where it is no YAML."""

from __future__ import annotations

from meshlint.source.loader import NotYaml, TooDeep, compose
from meshlint.source.node import Node, Page
from meshlint.source.split import Slice


class Unparsable(Exception):
    """The document is not valid YAML; `line` and `column` say where the parser gave up.

    `deep` is True where it was not even tried, because it is nested too deeply.
    """

    def __init__(self, why: str, line: int, column: int, deep: bool = False) -> None:
        super().__init__(why)
        self.line = line
        self.column = column
        self.deep = deep


def parse(path: str, piece: Slice) -> Node:
    """The root of a document.

    Raises:
        Unparsable: it is not valid YAML, or nested too deeply.
    """
    page = Page(path, piece)
    try:
        return Node(compose(piece.text), page)
    except NotYaml as error:
        last = max(len(piece.text.rstrip()) - 1, 0)  # not a line behind the document's end
        line, column = page.lines.place(min(error.offset, last))
        raise Unparsable(str(error), line, column, isinstance(error, TooDeep)) from None
