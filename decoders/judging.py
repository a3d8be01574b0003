"""Judging: the grounds of a field and of a value, from all tables; what `Classifier` is made of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from portalscope.capture.problem import Problem
from portalscope.decoders.adapters import Adapter
from portalscope.decoders.classify import PART, Classifier, Grounds, rule_ground
from portalscope.decoders.finding import Evidence
from portalscope.decoders.knowledge import Knowledge
from portalscope.decoders.labels import Measures, by_name, measure
from portalscope.decoders.message import Event, Field
from portalscope.decoders.names import Names, names
from portalscope.decoders.planted import Hit, Planted, property_of
from portalscope.decoders.properties import Properties, properties
from portalscope.decoders.tags import Meaning, Tags, tags
from portalscope.decoders.values import Values, values

SHIELDED = frozenset(("D1", "D2", "D3", "D4", "C1", "L1", "S1"))  # what no boolean can be
WRITTEN = frozenset(("base64", "hex", "percent", "token"))
REPRODUCIBLE = "reproducibleHash"
SENTINEL = (Evidence(level="E5", because="sentinel", property="sentinel", code="N1", detail="stands for no value"),)


@dataclass(frozen=True, kw_only=True)
class Judge:
    """All tables that judge, built from the knowledge; `planted` holds what was put into the device in this run."""

    known: Knowledge
    vocabulary: Properties
    tags: Tags
    names: Names
    values: Values
    planted: Planted

    def of_field(self, adapter: Adapter, event: Event, field: Field) -> Grounds:
        """What the sender's tags, the rules for this message and the field's name say."""
        field = unwrapped(field)
        rule = adapter.rule(field.key) or self.known.adapters.generic.rule(field.key)
        return (
            *(self.tagged(meaning) for meaning in self.tags.meanings(field.tags)),
            *((rule_ground(rule, self.vocabulary),) if rule else ()),
            *self.named(adapter, event, field),
        )

    def tagged(self, meaning: Meaning) -> Evidence:
        """A sender's tag; one that is too general to decide alone is no firmer than an analyst's word."""
        return Evidence(
            level="H3" if meaning.candidate else "E2",
            because="sender's tag",
            property=meaning.property,
            code=meaning.code,
            source=self.tags.sources.get(meaning.scheme, ""),
            detail=f"{meaning.scheme} {meaning.number}: {meaning.name}",
        )

    def named(self, adapter: Adapter, event: Event, field: Field) -> Grounds:
        """What the name suggests: a field that is known from elsewhere, else the words in the name."""
        container = event.name if event.kind == "record" else ""
        known = (
            self.names.curated(adapter.dataset, container, field.shape.rpartition(".")[2]) if adapter.dataset else None
        )
        found = known or self.names.judge(field.shape, container)
        if found is None or (type(field.value) is bool and found.code in SHIELDED):
            return ()
        level, because = ("H3", "known field") if known else ("H1", "name")
        return (
            Evidence(
                level=level,
                because=because,
                property=found.property,
                code=found.code,
                source=found.source,
                detail=found.reason,
            ),
        )

    def of_value(self, text: str, key: str) -> Grounds:
        """What the value says: that it is none, that it was planted, what it looks like under this key."""
        if self.values.sentinel(text):
            return SENTINEL
        hits = self.planted.hits(text)
        shape = self.values.shape_of(text, key)
        shaped = (
            Evidence(
                level="H2",
                because="value shape",
                property=shape.property,
                code=shape.code,
                source=shape.source,
                detail=shape.id,
                raises=shape.raises,
            )
            if shape
            else None
        )
        return (*(self.found(hit) for hit in hits), *((shaped,) if shaped else ()))

    def of_document(self, data: bytes) -> Grounds:
        """Which planted values stand in a page, script or picture."""
        return tuple(self.found(replace(hit, whole=False)) for hit in self.planted.hits_bytes(data))

    def found(self, hit: Hit) -> Evidence:
        """A planted value, or a part of the value that is one; a digest of it is a reproducible hash."""
        named = (
            REPRODUCIBLE if hit.digest else property_of(hit.name, self.known.tables["planted"]["property"], self.names)
        )
        said = f"planted {hit.name}, {hit.form}"
        return Evidence(
            level="E1",
            because="planted",
            property=named,
            code=self.vocabulary.get(named).code,
            detail=said if hit.whole else PART + said,
            raises=not hit.whole,
        )

    def left_over(self, problem: Problem) -> Problem:
        """A problem, saying which planted values stand in the bytes that nobody understood."""
        names = sorted({hit.name for hit in self.planted.hits_bytes(problem.rest)}) if problem.rest else []
        return replace(problem, why=f"{problem.why}; planted {', '.join(names)} in these bytes") if names else problem


def unwrapped(field: Field) -> Field:
    """A value that was only written in another way (base64, hex, escapes) is named as the field that held it."""
    shape = field.shape
    while shape.rpartition("|")[2] in WRITTEN:
        shape = shape.rpartition("|")[0]
    return field if shape == field.shape else replace(field, shape=shape)


def judge(known: Knowledge, planted: Mapping[str, Sequence[str]]) -> Judge:
    """Build the tables."""
    vocabulary = properties(known.tables["properties"])
    return Judge(
        known=known,
        vocabulary=vocabulary,
        tags=tags(known.tables["tags"], vocabulary),
        names=names(known.tables["names"], known.rows["known-fields"], vocabulary),
        values=values(known.tables["values"], vocabulary),
        planted=Planted.of(planted, common=known.tables["planted"]["search"]["common"]),
    )


def classifier(made: Judge) -> Classifier:
    """Return the classifier of a run."""
    return Classifier(made.vocabulary, made.of_field, made.of_value, made.of_document)


def measure_labels(known: Knowledge, rows: Iterable[Mapping[str, str]]) -> Measures:
    """Precision and recall of what the names alone suggest, against labelled rows."""
    return measure(rows, by_name(judge(known, {}).names))


def faults(known: Knowledge) -> list[str]:
    """What is wrong with the tables that judge, one line each."""
    made = judge(known, {})
    return [*made.vocabulary.faults(known.tables["law"]), *made.tags.faults, *made.names.faults, *made.values.faults]
