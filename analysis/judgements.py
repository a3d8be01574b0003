"""One row a distinct field with one judgement: written once a run, however often the field occurs."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict

from portalscope.analysis.observations import Observations
from portalscope.analysis.rows import Rows
from portalscope.decoders.finding import Evidence, Finding
from portalscope.decoders.message import Event, Field, Tag

REMEMBERED = 200_000  # judgements looked up by identity before the memory of them is dropped
SENTINEL, SECRET = "sentinel", "secret"

type Where = tuple[str, str, str]
type Key = tuple[str, str, tuple[Tag, ...], int]


class Judgements:
    """The fields table of one run: gives every leaf the code of its row, and writes each row at first sight.

    A finding is looked up by identity first: the same one stands for thousands of leaves, and comparing it by value
    costs more than all else that is done for a leaf.
    """

    def __init__(self, rows: Rows, mask: Callable[[str], str], observations: Observations) -> None:
        self.rows = rows
        self.mask = mask
        self.observations = observations
        self.known: dict[str, int] = {}
        self.forget()

    def forget(self) -> None:
        """Drop what is remembered by identity; what is written stays known."""
        self.codes: dict[Where, dict[Key, int]] = {}
        self.kept: list[Finding] = []  # keeps each finding alive, so that no other gets its identity

    def of(self, adapter: str, event: Event, findings: Sequence[Finding]) -> list[int]:
        """Return the codes of an event's leaves. Raises ValueError when leaves and findings are not equally many."""
        where = (adapter, event.name, event.kind)
        memory = self.codes.setdefault(where, {})
        found = []
        for leaf, finding in zip(event.fields, findings, strict=True):
            key = (leaf.part, leaf.shape, leaf.tags, id(finding))
            code = memory.get(key)
            if code is None:
                code = memory[key] = self.code(where, leaf, finding)
                self.kept.append(finding)
            found.append(code)
        if len(self.kept) > REMEMBERED:
            self.forget()
        return found

    def code(self, where: Where, leaf: Field, finding: Finding) -> int:
        """Return the code of one field with one judgement; a new one becomes a row."""
        row = self.row(where, leaf, finding)
        name = hashlib.sha256(json.dumps(row).encode()).hexdigest()[:16]
        code = self.known.get(name)
        if code is None:
            code = self.known[name] = len(self.observations.fields)
            self.observations.fields.append(name)
            self.rows.add(name, *row)
            if any(ground.because == SENTINEL for ground in finding.evidence):
                self.observations.hidden.add(code)
            if finding.category == SECRET:
                self.observations.private.add(code)
        return code

    def row(self, where: Where, leaf: Field, finding: Finding) -> tuple[str | bool, ...]:
        """Return the row without its id, in the order of the schema."""
        adapter, event, kind = where
        strongest = finding.evidence[0] if finding.evidence else None
        return (
            adapter,
            self.mask(event),
            kind,
            leaf.part,
            self.mask(leaf.shape),
            finding.property,
            finding.code,
            finding.category,
            finding.because,
            finding.level,
            strongest.source if strongest else "",
            self.mask(strongest.detail) if strongest else "",
            finding.candidate,
            " ".join(f"{tag.scheme}:{tag.code}" for tag in leaf.tags),
            json.dumps([self.ground(ground) for ground in finding.evidence]),
        )

    def ground(self, ground: Evidence) -> dict[str, str]:
        """Return one ground as the JSON object it is kept as."""
        return {**asdict(ground), "detail": self.mask(ground.detail)}
