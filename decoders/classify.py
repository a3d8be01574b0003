"""Classify: from a field to a finding, with every ground. Distinct fields and distinct values are judged once.

Grounds in the order of their strength: planted value (E1), sender's tag (E2), rule for this message (E3, E5, H3), known
field, value shape (H2), name (H1). The strongest decides; a value shape may only raise the protection, and what is a
secret by a firm ground stays one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from portalscope.decoders.adapters import BECAUSE, Adapter, Rule
from portalscope.decoders.finding import Evidence, Finding
from portalscope.decoders.message import Event, Field, Message, Scalar
from portalscope.decoders.properties import Properties

ORDER = {level: n for n, level in enumerate(("E1", "E2", "E3", "E4", "E5", "E6", "H3", "H2", "H1"))}
HEURISTIC = frozenset(("H1", "H2"))
REMEMBERED = 200_000

type Grounds = tuple[Evidence, ...]
type FieldJudge = Callable[[Adapter, Event, Field], Grounds]
type DocumentJudge = Callable[[bytes], Grounds]
type ValueJudge = Callable[[str, str], Grounds]


def no_grounds(_: bytes) -> Grounds:
    """Documents are not looked into."""
    return ()


class Classifier:
    """Judges fields. `of_field` looks at all but the value, `of_value` at the value; each is asked once a thing."""

    def __init__(
        self,
        vocabulary: Properties,
        of_field: FieldJudge,
        of_value: ValueJudge,
        of_document: DocumentJudge = no_grounds,
    ) -> None:
        self.vocabulary, self.of_field, self.of_value, self.of_document = vocabulary, of_field, of_value, of_document
        self.fields: dict[tuple[object, ...], Grounds] = {}
        self.values: dict[tuple[str, str], Grounds] = {}
        self.decided: dict[tuple[Grounds, Grounds, bool], Finding] = {}

    def findings(self, message: Message, adapter: Adapter) -> tuple[tuple[Finding, ...], ...]:
        """Return a finding for every leaf, in the order of `message.events` and their fields."""
        return tuple(tuple(self.of_event(adapter, event)) for event in message.events)

    def of_event(self, adapter: Adapter, event: Event) -> Iterator[Finding]:
        """The judgements of one event's leaves; what stands inside a secret is one, unless a firm ground says what."""
        secret, around, found = "\0", None, []
        for field in event.fields:
            finding = self.finding(adapter, event, field)
            if around and field.depth and field.path.startswith(secret):
                finding = finding if finding.level not in ("", *HEURISTIC) else self.inside(around)
            elif finding.code == "S1" and field.opened:
                secret, around = f"{field.path}|", finding
            found.append(finding)
        yield from self.holding(event.fields, found)

    def holding(self, fields: Sequence[Field], found: list[Finding]) -> list[Finding]:
        """The same judgements; a value that holds a secret is one, since whoever shows it shows the secret."""
        held = {
            field.path.rpartition("|")[0]
            for field, one in zip(fields, found, strict=True)
            if one.code == "S1" and field.depth
        }
        for number, field in enumerate(fields):
            if (
                field.opened
                and found[number].code != "S1"
                and any(p == field.path or p.startswith(f"{field.path}|") for p in held)
            ):
                found[number] = replace(HOLDS, evidence=(*HOLDS.evidence, *found[number].evidence))
        return found

    def inside(self, secret: Finding) -> Finding:
        """A leaf inside a secret of which nothing firm is known."""
        ground = Evidence(
            level="E5", because="observed", property=secret.property, code="S1", detail="stands inside a secret"
        )
        return self.finding_of(ground, (ground,))

    def finding(self, adapter: Adapter, event: Event, field: Field) -> Finding:
        """The judgement of one leaf."""
        about = (adapter.id, event.name, field.part, field.shape, field.tags, type(field.value) is bool)
        if about not in self.fields:
            self.fields[about] = self.of_field(adapter, event, field)
        judged = (self.fields[about], self.value_grounds(field), field.opened)
        if judged not in self.decided:
            self.decided[judged] = self.decide(*judged)
        return self.decided[judged]

    def value_grounds(self, field: Field) -> Grounds:
        """What the value says; the last two names of the path may have a word in that."""
        if type(field.value) is bool:
            return ()
        if field.document:
            return self.of_document(field.document)
        key = (text(field.value), ".".join(field.shape.rsplit(".", 2)[-2:]))
        if key not in self.values:
            if len(self.values) >= REMEMBERED:
                self.values.clear()
            self.values[key] = self.of_value(*key)
        return self.values[key]

    def decide(self, of_field: Grounds, of_value: Grounds, opened: bool) -> Finding:
        """One finding from all grounds; none: unknown."""
        if of_value and of_value[0].because == "sentinel":
            return self.finding_of(of_value[0], of_value[:1])
        grounds = sorted((*of_value, *of_field), key=lambda ground: ORDER[ground.level])
        if opened and not any(ground.level not in HEURISTIC for ground in grounds):
            grounds.insert(0, OPENED)
        if not grounds:
            return Finding(property="unknown", code="U1", category=self.vocabulary.category("U1"))
        first = self.decisive(grounds)
        return self.finding_of(first, (first, *(ground for ground in grounds if ground is not first)))

    def decisive(self, grounds: Sequence[Evidence]) -> Evidence:
        """The strongest ground, unless a firm one says secret, or a part or shape of the value something stricter."""
        secret = next((g for g in grounds if g.code == "S1" and g.level not in HEURISTIC), None)
        if secret:
            return secret
        whole = next((ground for ground in grounds if not (ground.raises and ground.level == "E1")), grounds[0])
        severity = self.vocabulary.severity
        raising = (ground for ground in grounds if ground.raises)
        strictest = max(raising, key=lambda g: (severity(g.code), -ORDER[g.level]), default=whole)
        more = severity(strictest.code) - severity(whole.code)
        return strictest if whole.level != "E1" and (more > 0 or (more == 0 and whole.level in HEURISTIC)) else whole

    def finding_of(self, first: Evidence, grounds: Grounds) -> Finding:
        """A finding that rests on its first ground."""
        return Finding(
            property=first.property,
            code=first.code,
            category=self.vocabulary.category(first.code),
            candidate=first.level in HEURISTIC and first.because != "sentinel",
            evidence=grounds,
        )


PART = "part of the value: "
OPENED = Evidence(
    level="E5",
    because="observed",
    property="container",
    code="N1",
    detail="opened: the leaves inside are judged one by one",
)


HOLDS = Finding(
    property="authTicket",
    code="S1",
    category="secret",
    evidence=(Evidence(level="E5", because="observed", property="authTicket", code="S1", detail="holds a secret"),),
)


def text(value: Scalar) -> str:
    """A value as text: bytes and numbers of many digits as hex, None as the empty string."""
    if isinstance(value, bytes):
        return value.hex()
    if type(value) is int and value.bit_length() > 4096:
        return hex(value)  # Python refuses to write more than 4,300 decimal digits
    return "" if value is None else str(value)


def rule_ground(rule: Rule, vocabulary: Properties) -> Evidence:
    """A rule as a ground."""
    return Evidence(
        level=BECAUSE[rule.because],
        because=rule.because,
        property=rule.is_,
        code=rule.code or vocabulary.get(rule.is_).code,
        source=rule.source,
        detail=f"rule {rule.key} of {rule.origin}" + (f": {rule.note}" if rule.note else ""),
    )
