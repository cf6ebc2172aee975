"""Patches put on the list `webhooks` of a webhook configuration, as kustomize does it.

A strategic merge knows hooks by their names, puts those that it has first, and takes every list
inside of a hook as one (kyaml/yaml/merge2 with kustomize's schema); a JSON patch counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from meshlint.finding import Type
from meshlint.resources.branch import Branch
from meshlint.resources.layer import Step

DIRECTIVE = "$patch"
MAX_HOOKS = 32
"""In a list that patches are put on; Istio's have five at most."""


class Unclear(Exception):
    """What a patch comes to is not known, or kustomize refuses it."""


def patched_list(webhooks: Branch, steps: Iterable[Step]) -> Branch | None:
    """The list after all steps of a patch; None where that is not known."""
    try:
        for step in steps:
            webhooks = _stepped(webhooks, step)
            if len(webhooks.parts) > MAX_HOOKS:
                return None
    except Unclear:
        return None
    return webhooks


def brought(steps: Iterable[Step]) -> Iterator[Branch]:
    """The hooks that a strategic merge brings, whatever it finds: without what it only removes."""
    for step in steps:
        if step.value and step.value.is_list and not step.operation:
            kept = [item for item in step.value.parts if _directive(item) != "delete"]
            yield replace(step.value, parts=tuple(_cleaned(item) for item in kept))


def _stepped(webhooks: Branch, step: Step) -> Branch:
    if step.operation == "remove":
        return _emptied(webhooks) if not step.path else _set(webhooks, step, None)
    if step.value is None or step.operation not in ("", "add", "replace"):
        raise Unclear
    if not step.operation:
        return _hooks(webhooks, step.value)
    return _listed(step.value) if not step.path else _set(webhooks, step, step.value)


def _listed(new: Branch) -> Branch:
    if not new.is_list:
        raise Unclear
    return new


def _emptied(webhooks: Branch) -> Branch:
    return replace(webhooks, parts=())


def _set(whole: Branch, step: Step, new: Branch | None) -> Branch:
    """A map or list in which what a path names is set, or removed if there is nothing new."""
    return _put(whole, step.path, new, inserts=step.operation == "add")


def _put(whole: Branch, path: tuple[str, ...], new: Branch | None, *, inserts: bool) -> Branch:
    head, *rest = path
    if whole.is_list:
        return _put_item(whole, head, tuple(rest), new, inserts=inserts)
    entries = whole.entries()
    there = entries.get(head)
    if not whole.is_map or (there is None and (rest or new is None)):
        raise Unclear
    if rest and there is not None:
        entries[head] = _put(there, tuple(rest), new, inserts=inserts)
    elif new is None:
        del entries[head]
    else:
        entries[head] = replace(new, name=head)
    return replace(whole, parts=tuple(entries.values()))


def _put_item(
    whole: Branch, head: str, rest: tuple[str, ...], new: Branch | None, *, inserts: bool
) -> Branch:
    """The same with an item of a list, by its number; `-` is one behind the last."""
    parts = list(whole.parts)
    adds = inserts and not rest
    number = len(parts) if head == "-" else _number(head)
    if number > len(parts) or (number == len(parts) and not adds):
        raise Unclear
    if rest:
        parts[number] = _put(parts[number], rest, new, inserts=inserts)
    else:
        parts[number : number if adds else number + 1] = [new] if new else []
    return replace(whole, parts=tuple(parts))


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or text != str(int(text)):
        raise Unclear
    return int(text)


def _hooks(old: Branch, new: Branch) -> Branch:
    """The list with hooks merged into those of their names."""
    if _is_null(new):
        return _emptied(old)
    if not new.is_list or not old.is_list:
        raise Unclear
    items = [item for item in new.parts if not _replaces(item)]
    there = _by_name(old.parts if len(items) == len(new.parts) else ())
    changed = (_merged(there.pop(name, None), item) for name, item in _by_name(items).items())
    return replace(old, parts=(*[one for one in changed if one], *there.values()))


def _replaces(item: Branch) -> bool:
    """Whether an item says that the others are all there is; it may not be one of them."""
    if _directive(item) != "replace":
        return False
    if len(item.parts) > 1:
        raise Unclear
    return True


def _by_name(items: Iterable[Branch]) -> dict[str, Branch]:
    """Hooks by their names, which they must have, and each its own."""
    found: dict[str, Branch] = {}
    for item in items:
        field = item.field("name")
        name = field.value.known if field else None
        if not name or name in found:
            raise Unclear
        found[name] = item
    return found


def _merged(old: Branch | None, new: Branch) -> Branch | None:
    """A value with another merged into it; None where nothing is left of it."""
    directive = _directive(new) if new.is_map else ""
    if _is_null(new) or directive == "delete":
        return None
    if not new.is_map or directive == "replace" or old is None or _is_null(old):
        if old is not None and not _alike(old, new):
            raise Unclear
        return _cleaned(new)
    if not old.is_map:
        raise Unclear
    entries = old.entries()
    for key, part in new.entries().items():
        one = _merged(entries.pop(key, None), part) if key != DIRECTIVE else None
        if one:
            entries[key] = one
    return replace(old, parts=tuple(entries.values()))


def _alike(old: Branch, new: Branch) -> bool:
    """Whether both are scalars, maps or lists; kustomize refuses to put one for the other."""
    return _is_null(old) or (old.is_map, old.is_list) == (new.is_map, new.is_list)


def _cleaned(new: Branch) -> Branch:
    """What comes in anew: a map without nulls and directives."""
    if not new.is_map:
        return new
    kept = (_cleaned(part) for part in new.parts if not _is_null(part) and part.name != DIRECTIVE)
    return replace(new, parts=tuple(kept))


def _directive(item: Branch) -> str:
    field = item.field(DIRECTIVE)
    return field.value.text if field else ""


def _is_null(part: Branch) -> bool:
    return part.own.type is Type.NULL
