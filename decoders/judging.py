"""Judging: the grounds of a field and of a value, from all tables; what `Classifier` is made of."""

from collections.abc import Mapping, Sequence
from functools import partial

from portalscope.decoders.adapters import Adapter
from portalscope.decoders.classify import Classifier, Grounds, rule_ground
from portalscope.decoders.finding import Evidence
from portalscope.decoders.knowledge import Knowledge
from portalscope.decoders.message import Event, Field
from portalscope.decoders.names import Names, names
from portalscope.decoders.properties import Properties, properties
from portalscope.decoders.tags import Tags, tags

SHIELDED = frozenset(("D1", "D2", "D3", "D4", "C1", "L1", "S1"))


def classifier(known: Knowledge, planted: Mapping[str, Sequence[str]]) -> Classifier:
    """Return the classifier for a run in which these values were planted, by name."""
    vocabulary = properties(known.tables["properties"])
    meanings = tags(known.tables["tags"], vocabulary)
    named = names(known.tables["names"], known.rows["known-fields"], vocabulary)
    del planted
    return Classifier(vocabulary, partial(of_field, known, vocabulary, meanings, named), lambda _text, _field: ())


def of_field(
    known: Knowledge, vocabulary: Properties, meanings: Tags, named: Names, adapter: Adapter, event: Event, field: Field
) -> Grounds:
    """What the sender's tag, the rules and the name say."""
    rule = adapter.rule(field.key) or known.adapters.generic.rule(field.key)
    return (
        *(tag_ground(meanings, meaning) for meaning in meanings.meanings(field.tags)),
        *((rule_ground(rule, vocabulary),) if rule else ()),
        *name_ground(named, adapter, event, field),
    )


def tag_ground(meanings: Tags, meaning) -> Evidence:
    return Evidence(
        level="E2",
        because="sender's tag",
        property=meaning.property,
        code=meaning.code,
        source=meanings.sources.get(meaning.scheme, ""),
        detail=f"{meaning.scheme} {meaning.number}: {meaning.name}",
    )


def name_ground(named: Names, adapter: Adapter, event: Event, field: Field) -> Grounds:
    found = named.judge(field.shape, event.name if event.kind == "record" else "", "")
    if found is None or (type(field.value) is bool and found.code in SHIELDED):
        return ()
    return (Evidence(level="H1", because="name", property=found.property, code=found.code, detail=found.reason),)


def faults(known: Knowledge) -> list[str]:
    return []
