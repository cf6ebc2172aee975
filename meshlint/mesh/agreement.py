"""Whether the parts of one webhook configuration speak of one revision, and which part does not.

A revision's configuration has one name in three places: the label `istio.io/rev`, the values its
selectors ask for, and the suffix of the Service. A tag's configuration has the tag in the
selectors and the target revision in label and Service (istio-discovery/templates/
mutatingwebhook.yaml, revision-tags-mwc.yaml, validatingwebhookconfiguration.yaml).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from meshlint.finding import Location, Value
from meshlint.resources.keys import REVISION, TAG
from meshlint.resources.webhook import Configuration, Hook


@dataclass(frozen=True, slots=True)
class Word:
    """One place that names the revision (or tag): what it says, where, and what the place is."""

    says: str
    where: Location
    place: str

    @property
    def kind(self) -> tuple[str, str]:
        """What it says, and whether a label, a selector or a Service says it."""
        return self.says, self.place.split()[0]


@dataclass(frozen=True, slots=True)
class Dispute:
    """A place that says something else than the others, which say what most places say.

    `also` are further places of the same kind with the same odd word. `about` is what they name:
    the revision or the tag.
    """

    odd: Word
    also: tuple[Word, ...]
    others: tuple[Word, ...]
    about: str


def disputes(configuration: Configuration) -> tuple[Dispute, ...]:
    """Where the parts of a configuration disagree; empty where they agree or cannot be compared."""
    if configuration.partial or any(hook.client.url for hook in configuration.hooks):
        return ()
    revision, tag = list(_revision_words(configuration)), list(_tag_words(configuration))
    return (*_odd(revision, "revision"), *_odd(tag, "tag", configuration.meta.subject.name))


def agreed(configuration: Configuration) -> bool:
    return not disputes(configuration)


def _odd(words: list[Word], about: str, name: str = "") -> Iterator[Dispute]:
    """What is not said by most kinds of places, else by most places, else by the last one.

    Where as many kinds say one thing as another, the object's name may tell which is meant.
    """
    counts = Counter(word.says for word in reversed(words))
    kinds = Counter(says for says, _ in {word.kind for word in words})
    named = {says: _names(name, says) for says in counts}
    right = max(counts, key=lambda says: (kinds[says], named[says], counts[says]), default="")
    others = tuple(word for word in words if word.says == right)
    for kind in dict.fromkeys(word.kind for word in words if word.says != right):
        odd, *also = (word for word in words if word.kind == kind)
        yield Dispute(odd, tuple(also), others, about)


def _names(name: str, tag: str) -> bool:
    """Whether an object has the name of a tag's configuration, maybe with a namespace behind."""
    own = f"istio-revision-tag-{tag}"
    return name == own or name.startswith(f"{own}-")


def _revision_words(configuration: Configuration) -> Iterator[Word]:
    label = configuration.revision
    if label and label.value.known is not None:
        yield Word(label.value.text, label.value.where, "label istio.io/rev")
    for hook in configuration.live_hooks:
        if TAG not in configuration.meta.labels:
            yield from _selected(hook)
        service = _service_word(hook)
        if service:
            yield service


def _tag_words(configuration: Configuration) -> Iterator[Word]:
    tag = configuration.meta.labels.get(TAG)
    if tag and tag.value.known is not None and configuration.mutating:
        yield Word(tag.value.text, tag.value.where, "label istio.io/tag")
        for hook in configuration.live_hooks:
            yield from _selected(hook)


def _selected(hook: Hook) -> Iterator[Word]:
    for selector in (hook.namespace_selector, hook.object_selector):
        values = selector.values_of(REVISION)
        if len(values) == 1 and values[0].known:
            yield Word(values[0].text, values[0].where, f"selector of {hook.full_name}")


def _service_word(hook: Hook) -> Word | None:
    """The revision in a Service's name. Plain `istiod` may serve any revision, as CSM has it."""
    field = hook.client.service_name
    value = field.value if field else None
    if value is None or value.known is None or not value.text.startswith("istiod-"):
        return None
    suffix = value.text.removeprefix("istiod-")
    if suffix == "remote" or suffix.startswith("revision-tag-"):
        return None
    return Word(suffix, value.where, f"Service of {hook.full_name}")


def plain_service(hook: Hook) -> Value | None:
    """The Service name `istiod`, which is that of the default revision."""
    field = hook.client.service_name
    return field.value if field and field.value.known == "istiod" else None
