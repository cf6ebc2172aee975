"""Templates that an injector cannot parse: in its ConfigMap, or in values for a chart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Hit, Location, Subject, Type, quoted
from meshlint.resources.document import Document
from meshlint.resources.gotemplate.cursor import Fault
from meshlint.resources.gotemplate.functions import HELM, KNOWN
from meshlint.resources.gotemplate.parsing import parsed
from meshlint.resources.gotemplate.pipelines import Use
from meshlint.resources.injector import HOOK
from meshlint.resources.injector_text import is_injector_map, templates, text
from meshlint.resources.passage import within
from meshlint.rules.control_plane.injector_content import BEFORE, THEN
from meshlint.rules.gitops.charts import istio_values
from meshlint.rules.registry import document_rule
from meshlint.rules.spelling import nearest
from meshlint.source.node import Node

ONCE = "Each pod is denied with it."
"""The form before 1.9, with one template and no name."""


@dataclass(frozen=True, slots=True)
class _Template:
    """A template: its name, the scalar, and the one place of a text without lines of its own."""

    name: str
    node: Node
    subject: Subject
    whole: Location | None = None

    def place(self, start: int, end: int) -> Location:
        return self.whole or within(self.node, start, end)

    @property
    def words(self) -> str:
        return f"Template {quoted(self.name)}" if self.name else "The template"

    @property
    def then(self) -> str:
        return f"{THEN} {BEFORE}" if self.name else ONCE


@document_rule
def injector_template_broken(document: Document) -> Iterator[Hit]:
    """A template that Go's parser refuses, or that calls what no injector has."""
    for template in _templates(document):
        found = parsed(template.node.value().text)
        unknown = found.undefined(KNOWN)
        if any(use.name in HELM for use in unknown):
            continue
        refused = _refused(template, found.fault) if found.fault else None
        if refused:
            yield refused
        for use in unknown:
            hit = _unknown(template, use)
            if refused is None or hit.where.line < refused.where.line:
                yield hit


def _refused(template: _Template, fault: Fault) -> Hit:
    why, at, content = quoted(fault.why, 120), fault.at, template.node.value().text
    if fault.unclosed:
        why = f"this '{{{{ {fault.unclosed} }}}}' has no '{{{{ end }}}}' ({why})"
    elif "\n" in content[fault.action : at]:
        why, at = f"an action begins here and does not end in its line ({why})", fault.action
    return Hit(
        f"{template.words} is no template for Go: {why}. {template.then}",
        template.place(at, _end(content, at)),
        template.subject,
    )


def _end(content: str, at: int) -> int:
    """The end of an action that begins at an offset; else of one character."""
    closed = content.find("}}", at)
    return closed + 2 if content.startswith("{{", at) and closed >= 0 else at + 1


def _unknown(template: _Template, use: Use) -> Hit:
    near = nearest(use.name, tuple(sorted(KNOWN)))
    advice = f" Write {quoted(near)}, if that is meant." if near else ""
    error = f'function "{use.name}" not defined'
    return Hit(
        f"{template.words} calls {quoted(use.name)}, which no injector of Istio has as a function"
        f" ({quoted(error, 120)}). {template.then}{advice}",
        template.place(use.at, use.at + len(use.name)),
        template.subject,
        case="function",
    )


def _templates(document: Document) -> Iterator[_Template]:
    """Those of an injector's ConfigMap, or of values for a chart."""
    subject = document.meta.subject
    if is_injector_map(document):
        config = text(document, "config")
        for name, node in templates(config) if config else ():
            yield _Template(name, node, subject, config.whole if config else None)
    elif document.partial is None and document.kind != "ApplicationSet":  # has its own templates
        for given in istio_values(document):
            for added in given.values.nodes(HOOK, "templates"):
                for name, node in added.entries().items():
                    if node.value().type is Type.STRING:
                        yield _Template(name, node, subject)
