"""Judging in columns: of a stretch of leaves, one question for every place and every look that comes there."""

from array import array
from typing import Any

import numpy as np
import pyarrow as pa

from portalscope.analysis.judgements import Judgements
from portalscope.decoders.adapters import Adapter
from portalscope.decoders.columns import Builds
from portalscope.decoders.distinct import Distinct
from portalscope.decoders.judging import Judge, classifier
from portalscope.decoders.looks import Looks
from portalscope.decoders.message import Build, Columns, Event, Field, Tag

REMEMBERED = 500_000  # places, before the memory of them is dropped

type Ints = np.ndarray[Any, np.dtype[Any]]


class Stretch:
    """Reads records into columns with `builds`, and gives their leaves the codes of their fields. One for each run.

    A place is a leaf of a build under an adapter and a name of an event; with the look of its value it is judged once,
    by the classifier that judges all other leaves.
    """

    def __init__(self, judge: Judge) -> None:
        self.adapters = judge.known.adapters
        self.classifier = classifier(judge)
        self.looks = Looks(judge)
        self.distinct = Distinct()
        self.builds = Builds(self.distinct)
        self.spots: list[tuple[Adapter, str, str, tuple[Tag, ...]]] = []
        self.known: dict[tuple[str, str, Build], array[int]] = {}
        self.codes: dict[int, int] = {}

    def places(self, adapter: str, record: Columns) -> "array[int]":
        """Return a number below zero for the place of every leaf of a record."""
        key = (adapter, record.name, record.build)
        found = self.known.get(key)
        if found is None:
            least = -1 - len(self.spots)
            known = self.adapters[adapter]
            leaves = zip(record.build.shapes, record.build.tags, strict=True)
            self.spots += [(known, record.name, shape, tags) for shape, tags in leaves]
            found = self.known[key] = array("i", range(least, least - len(record.build.shapes), -1))
        return found

    def settle(self, judgements: Judgements, places: Ints, numbers: Ints) -> Ints:
        """Return the codes of the fields of leaves with these places and these numbers of values."""
        looks = np.zeros(len(self.distinct), np.int64)
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
            adapter, name, shape, tags = self.spots[pair >> 32]
            example = self.looks.examples[pair & 0xFFFFFFFF]
            field = Field(part="body", path=shape, shape=shape, value=example, tags=tags)
            event = Event(index=0, kind="record", name=name, fields=(field,))
            finding = self.classifier.finding(adapter, event, field)
            code = self.codes[pair] = judgements.of(adapter.id, event, [finding])[0]
        return code
