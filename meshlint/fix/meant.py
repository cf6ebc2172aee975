"""What an edit means for the data: changes of a tree, whatever its text."""

from __future__ import annotations

from meshlint.finding import Type
from meshlint.fix.form import STRINGS, kind
from meshlint.fix.layout import Impossible, alone
from meshlint.fix.tree import EMPTY, Alias, Entry, List, Map, Scalar

LIST = "List"


def root(entry: Entry) -> Map:
    """The object that an entry is in: the document's root, or an item of a list kind."""
    holder = entry.holder
    while holder.parent is not None:
        above = holder.parent
        if isinstance(above, List):
            if _items(above):
                return holder
            above = above.parent if isinstance(above.parent, Entry) else _lost()
        holder = above.holder
    return holder


def _lost() -> Entry:
    raise Impossible("a list in a list")


def _items(items: List) -> bool:
    above = items.parent
    if not isinstance(above, Entry) or above.name != "items":
        return False
    named = above.holder.get("kind")
    return named is not None and isinstance(named.value, Scalar) and named.value.text.endswith(LIST)


def own(holder: Map | List, used: set[int]) -> None:
    """Refuses what is in something that aliases repeat: it would be changed in all those places."""
    while True:
        if id(holder) in used:
            raise Impossible("an alias repeats what it is in")
        if holder.parent is None:
            return
        holder = holder.parent.holder if isinstance(holder.parent, Entry) else holder.parent


def reached(start: Map, path: tuple[str, ...]) -> tuple[Map | Entry, tuple[str, ...]]:
    """How far a path of keys leads: to a map, or an entry with nothing; and what is left of it."""
    where: Map | Entry = start
    for number, name in enumerate(path):
        if isinstance(where, Entry):
            return where, path[number:]
        entry = where.get(name)
        if entry is None:
            _plain(where)
            return where, path[number:]
        where = _inside(entry)
    if isinstance(where, Map):
        _plain(where)
    return where, ()


def _inside(entry: Entry) -> Map | Entry:
    value = entry.value
    if isinstance(value, Map):
        return value
    if isinstance(value, Scalar) and value.empty and not value.anchor and not value.tag:
        return entry
    raise Impossible("the path leads to no map")


def _plain(where: Map) -> None:
    """Refuses a map that takes entries of others: what is put there may be there already."""
    if where.merges:
        raise Impossible("a map with a merge key")


def renamed(entry: Entry, key: str) -> None:
    if entry.holder.get(key) is not None or entry.holder.merges:
        raise Impossible("the key is there already")
    if not isinstance(entry.key, Scalar) or entry.key.anchor or entry.key.tag:
        raise Impossible("no plain key")
    entry.key = Scalar(key, '"', start=entry.key.start, end=entry.key.end)


def assigned(entry: Entry, value: str, plain: bool, used: set[int]) -> None:
    old = entry.value
    if not isinstance(old, Scalar) or old.block or id(old) in used:
        raise Impossible("no scalar of its own")
    if old.tag and (plain or old.tag not in STRINGS):
        raise Impossible("a tag says what it is")
    new = Scalar(value, "" if plain else '"', old.tag, old.anchor, old.start, old.end)
    if plain and kind(new) in (Type.STRING, Type.NULL):
        raise Impossible("neither number nor boolean")
    entry.value = new


def removed(entry: Entry) -> None:
    while alone(entry):
        if not isinstance(entry.holder.parent, Entry):
            raise Impossible("its map would be empty")
        entry = entry.holder.parent
    entry.holder.entries.remove(entry)


def put(where: Map | Entry, path: tuple[str, ...], entry: Entry) -> None:
    """Puts an entry in, and makes the maps that lead there."""
    target = where
    for name in path:
        made = Entry(Scalar(name, '"'), Scalar(""), _map(target))
        following = made.holder.after(name)
        siblings = made.holder.entries
        siblings.insert(siblings.index(following) if following else len(siblings), made)
        target = made
    holder = _map(target)
    if entry.name is None or holder.get(entry.name) is not None:
        raise Impossible("the key is there already")
    entry.holder = holder
    holder.entries.append(entry)


def _map(where: Map | Entry) -> Map:
    if isinstance(where, Map):
        return where
    where.value = Map(parent=where)
    return where.value


def listing(where: Map | Entry, key: str) -> List | None:
    """The list that a map has by a key; None where it has no such key."""
    entry = where.get(key) if isinstance(where, Map) else None
    if entry is None:
        return None
    if not isinstance(entry.value, List) or not (entry.value.items or entry.value.flow):
        raise Impossible("no list")
    return entry.value


def extended(items: List, text: str, used: set[int]) -> None:
    """Puts a string at the end of a list that has it not."""
    if id(items) in used or any(
        isinstance(i, Alias) or (isinstance(i, Scalar) and i.text == text) for i in items.items
    ):
        raise Impossible("the list has it, or may have it through an alias")
    items.items.append(Scalar(text, '"'))


def with_list(key: str, item: str, holder: Map) -> Entry:
    entry = Entry(Scalar(key, '"'), EMPTY, holder)
    entry.value = List(items=[Scalar(item, '"')], parent=entry)
    return entry


def moved(entry: Entry, where: Map | Entry, path: tuple[str, ...]) -> None:
    """Puts an entry in elsewhere, and takes it out where it was; it stays the same one."""
    old = Entry(entry.key, entry.value, entry.holder)
    siblings = entry.holder.entries
    siblings[siblings.index(entry)] = old
    put(where, path, entry)
    removed(old)
