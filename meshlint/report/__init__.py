"""Reports as text: `render(report) -> str`, one module a format. Nothing here prints."""

from __future__ import annotations

from importlib import import_module

FORMATS = (
    "text",
    "concise",
    "json",
    "sarif",
    "github",
    "gitlab",
    "junit",
    "azure",
    "rdjson",
    "markdown",
    "html",
)


def render(name: str, report: object, **options: object) -> str:
    """The report in a format, whose module is imported only now; `options` are its own."""
    module = import_module(f"meshlint.report.{name}")
    rendered = module.render(report, **options)
    assert isinstance(rendered, str)
    return rendered
