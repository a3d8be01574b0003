"""The target of a request names what is in its path and shows only technical constants."""

import pytest

from portalscope.analysis.target import target
from portalscope.decoders.finding import Finding
from portalscope.decoders.message import Event, Field, Message

PERSON = Finding(property="userPrincipalName", code="D1", category="personal")
TENANT = Finding(property="tenantId", code="O1", category="technical")
CONSTANT = Finding(property="apiVersion", code="N1", category="technical")
UNKNOWN = Finding(property="unknown", code="U1", category="unknown")


def shown(*leaves: tuple[str, str, Finding]) -> str:
    fields = tuple(Field(part="path", path=name, shape=name, value=value) for name, value, _ in leaves)
    event = Event(index=0, kind="request", name="r", fields=fields)
    message = Message(exchange="e", adapter="a", events=(event,))
    return target(message, [[finding for *_, finding in leaves]])


@pytest.mark.parametrize(
    ("leaves", "expected"),
    [
        ([("literal", "/users/{name}/v1", CONSTANT), ("name", "anna", PERSON)], "/users/{userPrincipalName}/v1"),
        ([("literal", "/{tenant}/oauth2/{v}", UNKNOWN), ("tenant", "contoso", TENANT), ("v", "v2.0", CONSTANT)],
         "/{tenantId}/oauth2/v2.0"),
        ([("literal", "/a/{gone}", CONSTANT)], "/a/{unknown}"),
        ([("2", "anna", PERSON), ("1", "api", CONSTANT), ("10", "x", UNKNOWN)], "/api/{userPrincipalName}/{unknown}"),
        ([], "/"),
    ],
)  # fmt: skip
def test_target(leaves: list[tuple[str, str, Finding]], expected: str) -> None:
    assert shown(*leaves) == expected


def test_values_inside_a_segment_do_not_count() -> None:
    inner = Field(part="path", path="1|json.a", shape="1|json.a", value="x", depth=1)
    outer = Field(part="path", path="1", shape="1", value='{"a": "x"}')
    event = Event(index=0, kind="request", name="r", fields=(outer, inner))
    assert target(Message(exchange="e", adapter="a", events=(event,)), [[UNKNOWN, PERSON]]) == "/{unknown}"


def test_no_events() -> None:
    assert target(Message(exchange="e", adapter="a", events=()), []) == ""
