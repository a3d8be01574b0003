"""The tables joined: what they say of fields and values, on invented persons."""

import base64
import hashlib

import pytest

from portalscope.capture.problem import Problem
from portalscope.decoders.adapters import Adapter
from portalscope.decoders.classify import PART
from portalscope.decoders.judging import classifier, faults, judge
from portalscope.decoders.message import Event, Field, Tag

UPN = "kim.test@contoso.example"
EVENT = Event(index=1, kind="record", name="CompanyPortal.Enroll", fields=())


@pytest.fixture(scope="module")
def made(knowledge):
    return judge(
        knowledge, {"email_upn": (UPN,), "device_name": ("KIMS-LAPTOP-7",), "secret_password": ("Corr3ct-horse!",)}
    )


@pytest.fixture(scope="module")
def of(made):
    judging = classifier(made)

    def finding(shape, value, *, part="body", tags=(), adapter=None, document=b""):
        field = Field(part=part, path=shape, shape=shape, value=value, tags=tags, document=document)
        return judging.finding(adapter or Adapter(id="x"), EVENT, field)

    return finding


def test_the_tables_are_sound(knowledge):
    assert faults(knowledge) == []


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (UPN, "plain"),
        (UPN.upper(), "plain"),
        (base64.b64encode(UPN.encode()).decode(), "base64"),
        ("kim.test%2540contoso.example", "url > url"),
    ],
)
def test_a_planted_value_decides(of, value, form):
    finding = of("[].data.x", value)
    assert (finding.property, finding.code, finding.level) == ("upn", "D1", "E1")
    assert form in finding.evidence[0].detail
    assert UPN not in finding.evidence[0].detail


def test_a_hash_of_a_planted_value_is_a_pseudonym(of):
    finding = of("[].data.x", hashlib.sha256(UPN.lower().encode()).hexdigest())
    assert (finding.property, finding.code) == ("reproducibleHash", "D2")


def test_a_planted_value_inside_a_text_raises_and_does_not_lower(of):
    assert of("[].data.x", f"hello {UPN} there").code in ("D1", "C1")
    assert of("[].data.x", f"hello {UPN} there").evidence[0].detail.startswith(PART)


def test_a_planted_secret_is_a_secret(of):
    assert of("[].data.x", "Corr3ct-horse!").category == "secret"


def test_a_document_is_searched(of):
    assert of("media", "text/html, 90 bytes", part="response", document=f"<a>{UPN}</a>".encode()).code == "D1"
    assert of("media", "text/html, 9 bytes", part="response", document=b"<a>b</a>").level != "E1"


def test_the_senders_tag_is_a_ground(of):
    finding = of("[].data.zz", "plain", tags=(Tag("pii", 9),))
    assert (finding.property, finding.level, finding.because) == ("emailAddress", "E2", "sender's tag")


@pytest.mark.parametrize("value", ["00000000-0000-0000-0000-000000000000", "", "unknown", "-1", None])
def test_sentinels_say_nothing(of, value):
    assert of("[].data.userPrincipalName", value).property == "sentinel"


def test_a_name_alone_is_a_candidate(of):
    finding = of("[].data.userPrincipalName", "x7")
    assert finding.candidate
    assert finding.level == "H1"


def test_no_boolean_is_a_person(of):
    assert of("[].data.emailAddress", True).code not in ("D1", "D2", "D3", "C1", "L1")


def test_a_shape_raises(of):
    finding = of("[].data.zz", "someone@fabrikam.example")
    assert (finding.code, finding.level, finding.candidate) == ("D1", "H2", True)


def test_a_token_is_a_secret_wherever_it_stands(of):
    assert of("[].data.note", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc").code == "S1"


def test_rules_that_hold_everywhere(of):
    assert of("authorization|jwt.upn", "x", part="header").property == "upn"
    assert of("user-agent", "x", part="header").property == "userAgent"


def test_planted_values_in_bytes_that_nobody_understood(made):
    problem = Problem(
        exchange="f#0", part="body", step="sniff", why="nothing opens it", rest=b"\x00\x01" + UPN.encode()
    )
    assert made.left_over(problem).why == "nothing opens it; planted email_upn in these bytes"
    assert made.left_over(Problem(exchange="f#0", part="body", step="s", why="w", rest=b"\x00")).why == "w"


def test_a_value_that_is_only_written_in_another_way_keeps_its_name(of):
    assert of("userName", "jan jansen").property == of("userName|percent", "jan jansen").property
    assert of("phoneNumber|base64", "0612345678").code == "D1"


def test_what_holds_a_secret_is_one(made):
    fields = (
        Field(part="body", path="url", shape="url", value="https://a.example/?access_token=TOKTOKTOK", opened=True),
        Field(
            part="body",
            path="url|url.query.access_token",
            shape="url|url.query.access_token",
            value="TOKTOKTOK",
            depth=1,
        ),
        Field(part="body", path="other", shape="other", value="x"),
    )
    found = list(classifier(made).of_event(Adapter(id="x"), Event(index=0, kind="request", name="e", fields=fields)))
    assert [finding.category for finding in found][:2] == ["secret", "secret"]
    assert found[0].evidence[0].detail == "holds a secret"
    assert found[2].category != "secret"
