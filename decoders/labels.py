"""Precision and recall of a judgement against fields that were labelled by hand."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from portalscope.decoders.names import Names

type Row = Mapping[str, str]
type Judge = Callable[[Row], str]

TECHNICAL = "device"
# Which of our codes are right for a label. The labels part connection properties (`network`) from device state, our
# classes part them by whether they locate, so L1 and Q1 are right there; `device` and `none` are one bucket of labels.
RIGHT: Mapping[str, frozenset[str]] = {
    "direct-id": frozenset({"D1"}),
    "pseudonym": frozenset({"D2", "D3", "D4", "D5", "O1"}),
    "content": frozenset({"C1"}),
    "usage": frozenset({"B1"}),
    "location": frozenset({"L1"}),
    "network": frozenset({"L1", "Q1"}),
    "credential": frozenset({"S1"}),
    TECHNICAL: frozenset({"Q1", "N1", "U1"}),
}
# The label that a code is counted as where it was not right; U1, no ground at all, reads as technical.
COUNTED_AS: Mapping[str, str] = {
    "D1": "direct-id",
    **dict.fromkeys(("D2", "D3", "D4", "D5", "O1"), "pseudonym"),
    "C1": "content",
    "B1": "usage",
    "L1": "location",
    "S1": "credential",
    **dict.fromkeys(("Q1", "N1", "U1"), TECHNICAL),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One label: how many fields have it, how many were given it, and how many of those rightly."""

    label: str
    support: int
    given: int
    right: int

    @property
    def precision(self) -> float:
        """Share of the given labels that are right, 0 when none was given."""
        return self.right / self.given if self.given else 0.0

    @property
    def recall(self) -> float:
        """Share of the fields with this label that got it, 0 when there are none."""
        return self.right / self.support if self.support else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """All labels that occur or were given, in the table's order. `personal` is every label but `device` and `none`.

    `silent` counts fields of which the judge said nothing; `wrong` holds the ids of the rows that were judged wrongly.
    """

    rows: int
    labels: tuple[Measure, ...]
    personal: Measure
    silent: int
    wrong: tuple[str, ...]

    @property
    def accuracy(self) -> float:
        """Share of rows that were judged rightly."""
        return 1 - len(self.wrong) / self.rows if self.rows else 0.0

    @property
    def macro_f1(self) -> float:
        """Mean F1 of the labels, each with the same weight."""
        return sum(m.f1 for m in self.labels) / len(self.labels) if self.labels else 0.0


def by_name(names: Names) -> Judge:
    """The judge that knows only a field's name, container and dataset: no value, no rule of an adapter."""

    def judge(row: Row) -> str:
        named = names.judge(row["field"], row["container"], row["dataset"])
        return named.code if named else "U1"

    return judge


def measure(rows: Iterable[Row], judge: Judge) -> Measures:
    """Measure class codes against the column `label`; rows also have `id`. An unknown label or code is a KeyError."""
    support: Counter[str] = Counter()
    given: Counter[str] = Counter()
    right: Counter[str] = Counter()
    wrong: list[str] = []
    found = silent = 0
    for row in rows:
        label, code = TECHNICAL if row["label"] == "none" else row["label"], judge(row)
        fits = code in RIGHT[label]
        said = label if fits else COUNTED_AS[code]
        support[label] += 1
        given[said] += 1
        right[label] += fits
        found += TECHNICAL not in (label, said)
        silent += code == "U1"
        wrong += [] if fits else [row["id"]]
    return Measures(
        rows=support.total(),
        labels=tuple(measured(label, support, given, right) for label in RIGHT if support[label] or given[label]),
        personal=Measure(
            label="personal",
            support=support.total() - support[TECHNICAL],
            given=given.total() - given[TECHNICAL],
            right=found,
        ),
        silent=silent,
        wrong=tuple(wrong),
    )


def measured(label: str, support: Counter[str], given: Counter[str], right: Counter[str]) -> Measure:
    """The measure of one label."""
    return Measure(label=label, support=support[label], given=given[label], right=right[label])
