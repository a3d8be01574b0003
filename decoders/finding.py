"""Finding and Evidence: what a field is judged to be, and on what grounds."""

import builtins
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One ground for one judgement.

    `level` is E1 (planted value) to E6 (co-occurrence), or H1 (name), H2 (value shape), H3 (analyst, reverse
    engineering). `because` is a word of the closed list in `docs/architecture.md`, or `planted`, `sender's tag`,
    `known field`, `value shape`, `sentinel`.
    `source` is a key of `sources.toml`; `detail` says which rule, tag, planted name and encoding – never a value.
    `raises`: it may lift the class that other grounds give, since it speaks of a part of the value or of its look.
    """

    level: str
    because: str
    property: str
    code: str
    source: str = ""
    detail: str = ""
    raises: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The judgement of one leaf: property, class code (D1 … U1), category, and every ground, strongest first.

    `candidate` is true when nothing but heuristics (H1, H2) speaks for it. No ground at all: property `unknown`, U1.
    """

    property: str
    code: str
    category: str
    candidate: bool = False
    evidence: tuple[Evidence, ...] = ()

    @builtins.property
    def because(self) -> str:
        """The strongest ground's reason, `not yet understood` when there is none."""
        return self.evidence[0].because if self.evidence else "not yet understood"

    @builtins.property
    def level(self) -> str:
        """The strongest ground's level, empty when there is none."""
        return self.evidence[0].level if self.evidence else ""
