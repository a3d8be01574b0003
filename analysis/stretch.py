"""Judging in columns: of a stretch of leaves, one question for every place and every look that comes there."""

from array import array
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from portalscope.analysis.judgements import Judgements
from portalscope.decoders.adapters import Adapter
from portalscope.decoders.columns import Builds
from portalscope.decoders.decode import inside_of
from portalscope.decoders.distinct import Distinct
from portalscope.decoders.finding import Finding
from portalscope.decoders.judging import Judge, classifier
from portalscope.decoders.looks import Looks
from portalscope.decoders.message import Build, Columns, Event, Field, Scalar, Tag

SECRET = "S1"
REMEMBERED = 500_000  # places, before the memory of them is dropped

type Ints = np.ndarray[Any, np.dtype[Any]]


class Spot(NamedTuple):
    """A place: all that is the same for every leaf there but its value."""

    adapter: Adapter
    name: str
    shape: str
    tags: tuple[Tag, ...]
    opened: bool

    def event(self, value: Scalar) -> Event:
        """Return an event with nothing but such a leaf."""
        shape = self.shape
        field = Field(part="body", path=shape, shape=shape, value=value, tags=self.tags, opened=self.opened)
        return Event(index=0, kind="record", name=self.name, fields=(field,))


class Stretch:
    """Reads records into columns with `builds`, and gives their leaves the codes of their fields. One for each run.

    A place is a leaf of a build under an adapter and a name of an event; with the look of its value it is judged once,
    by the classifier that judges all other leaves.
    """

    def __init__(self, judge: Judge) -> None:
        self.adapters = judge.known.adapters
        self.classifier = classifier(judge)
        self.looks = Looks(judge)
        self.distinct = Distinct(inside_of)
        self.builds = Builds(self.distinct)
        self.spots: list[Spot] = []
        self.known: dict[tuple[str, str, Build], array[int]] = {}
        self.codes: dict[int, int] = {}

    def places(self, adapter: str, record: Columns) -> "array[int]":
        """Return a number below zero for the place of every leaf of a record."""
        key = (adapter, record.name, record.build)
        found = self.known.get(key)
        if found is None:
            build, known, least = record.build, self.adapters[adapter], -1 - len(self.spots)
            self.spots += [
                Spot(known, record.name, shape, tags, bool(opened))
                for shape, tags, opened in zip(build.shapes, build.tags, build.opened, strict=True)
            ]
            found = self.known[key] = array("i", range(least, least - len(build.shapes), -1))
        return found

    def holds_secret(self, adapter: str, record: Columns) -> bool:
        """Whether a secret is opened in a record: the leaves inside are then not judged each on its own."""
        if True not in record.build.opened:
            return False
        places, values = self.places(adapter, record), self.distinct.values
        wrappers = [i for i, opened in enumerate(record.build.opened) if opened]
        return any(self.finding(-1 - places[i], values[record.numbers[i]]).code == SECRET for i in wrappers)

    def judged(self, adapter: str, record: Columns) -> tuple[Event, tuple[Finding, ...]]:
        """Return a record with a field and a finding for every leaf."""
        event = record.event(self.distinct.values)
        return event, tuple(self.classifier.of_event(self.adapters[adapter], event))

    def finding(self, place: int, value: Scalar) -> Finding:
        """Return the judgement of one leaf."""
        spot = self.spots[place]
        event = spot.event(value)
        return self.classifier.finding(spot.adapter, event, event.fields[0])

    def settle(self, judgements: Judgements, places: Ints, numbers: Ints) -> Ints:
        """Return the codes of the fields of leaves with these places and these numbers of values."""
        looks = np.zeros(len(self.distinct.values), np.int64)
        there = np.unique(numbers)
        looks[there] = self.looks.of([self.distinct.values[number] for number in there.tolist()])
        pairs = pa.array((-1 - places).astype(np.int64) << 32 | looks[numbers]).dictionary_encode()
        codes = [self.code(judgements, pair) for pair in pairs.dictionary.to_pylist()]
        if len(self.spots) > REMEMBERED:
            for memory in (self.spots, self.known, self.codes):
                memory.clear()
        found: Ints = np.array(codes, np.int32)[pairs.indices.to_numpy()]
        return found

    def code(self, judgements: Judgements, pair: int) -> int:
        """Return the code for one place with one look."""
        code = self.codes.get(pair)
        if code is None:
            spot = self.spots[pair >> 32]
            event = spot.event(self.looks.examples[pair & 0xFFFFFFFF])
            finding = self.classifier.finding(spot.adapter, event, event.fields[0])
            code = self.codes[pair] = judgements.of(spot.adapter.id, event, [finding])[0]
        return code
