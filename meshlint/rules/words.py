"""How messages speak of objects and values, the same in every rule."""

from __future__ import annotations

from meshlint.finding import Field, Location, Related, Subject, printable, quoted


def entry(field: Field) -> str:
    """`'istio-injection: enabled'`."""
    return quoted(f"{field.key.text}: {field.value.text}")


def named(subject: Subject) -> str:
    """`Namespace shop`, `Deployment shop/cart`."""
    place = "/".join(part for part in (subject.namespace, subject.name) if part)
    return printable(f"{subject.kind} {place}".strip())[:120]


def see(subject: Subject, where: Location) -> Related:
    """A related place that is an object."""
    return Related(named(subject), where)


def listed(names: tuple[str, ...], limit: int = 6) -> str:
    """`'a', 'b' and 3 more`."""
    shown = ", ".join(quoted(name) for name in names[:limit])
    more = len(names) - limit
    return f"{shown} and {more} more" if more > 0 else shown
