"""Verdicts on synthetic records: what an event, a request and a destination hold."""

import pytest

from portalscope.analysis import verdicts
from portalscope.analysis.frames import load
from portalscope.analysis.identify import graphed
from portalscope.capture.run import Run
from tests.analysis.run_matrix import EVENTS, GRAPH, THIRD, UPN, Request, Said, value, write

A = value("synthetic")
NAME = ("anna@contoso-honey.example", UPN)
OID = Said(is_="aadObjectId", code="D2", level="E3", because="documented")
SDK_USER = Said(is_="sdkUserId", code="D2", level="E5", because="source code")
DEVICE = Said(is_="deviceId", code="D3", level="E5", because="source code")
SESSION = Said(is_="sessionId", code="D4", level="E5", because="source code")
REQUEST_ID = Said(is_="clientRequestId", code="D5", level="E3", because="documented")
TENANT = Said(is_="tenantId", code="O1", level="E3", because="documented")
MODEL = Said(is_="model", code="Q1", level="E3", because="documented")
CONTENT = Said(is_="fileName", code="C1", level="E1", planted="file, plain")
TOKEN = Said(is_="accessToken", code="S1", level="E3", because="documented")
UNKNOWN = Said(is_="unknown", code="U1", level="", because="")
POSITION = Said(is_="latitude", code="L1", level="E3", because="documented")


@pytest.fixture
def judged(tmp_path):
    """Write requests as a run; return events, requests and destinations with their verdicts."""

    def judged(*requests, closed=(), **about):
        write(tmp_path / "d", Run(id="a", **about), requests, closed)
        whole = graphed(load(tmp_path / "d"))
        events = verdicts.events(whole)
        return events, verdicts.requests(events), verdicts.destinations(events, whole)

    return judged


@pytest.mark.parametrize(
    ("leaves", "host", "verdict", "cause"),
    [
        ({"body:upn": NAME, "body:id": (A, DEVICE)}, EVENTS, "identified", "upn"),
        ({"body:oid": (A, OID)}, EVENTS, "pseudonymous_attributable", "aadObjectId"),
        ({"body:oid": (A, OID)}, THIRD, "pseudonymous_unattributed", "aadObjectId"),
        ({"body:user": (A, SDK_USER), "body:id": (value("b"), DEVICE)}, EVENTS, "pseudonymous_unattributed", "sdkUserId"),
        ({"body:id": (A, DEVICE), "body:s": (value("b"), SESSION)}, EVENTS, "device_scoped", "deviceId"),
        ({"body:s": (A, SESSION)}, EVENTS, "session_linkable", "sessionId"),
        ({"body:rid": (A, REQUEST_ID)}, EVENTS, "no_identifier_found", ""),
        ({"body:tenant": (A, TENANT)}, EVENTS, "no_identifier_found", ""),
        ({"body:model": ("Pixel 9", MODEL)}, EVENTS, "no_identifier_found", ""),
        ({"body:lat": ("52.370216", POSITION)}, EVENTS, "no_identifier_found", ""),
        ({}, EVENTS, "no_identifier_found", ""),
    ],
)  # fmt: skip
def test_the_verdict_of_one_record_alone(judged, leaves, host, verdict, cause):
    events, _, _ = judged(Request(host=host, records=[leaves]))
    (record,) = events[events["kind"] == "record"].to_dict("records")
    assert (record["verdict"], record["property"]) == (verdict, cause)
    assert record["candidate"] == verdict


def test_a_device_becomes_attributable_by_another_record(judged):
    events, requests, _ = judged(Request(records=[{"body:id": (A, DEVICE)}, {"body:upn": NAME}]))
    assert events["verdict"].tolist()[1:3] == ["pseudonymous_attributable", "identified"]
    assert requests["verdict"].tolist() == ["identified"]


def test_attributable_at_one_recipient_only(judged):
    both = {"body:id": (A, DEVICE), "body:upn": NAME}
    _, _, places = judged(Request(records=[both]), Request(host=THIRD, records=[{"body:id": (A, DEVICE)}]))
    assert dict(zip(places["host"], places["verdict"], strict=True)) == {EVENTS: "identified", THIRD: "device_scoped"}


def test_the_source_address_attributes_nothing(judged):
    _, requests, _ = judged(Request(records=[{"body:id": (A, DEVICE)}]), Request(records=[{"body:upn": NAME}]))
    assert requests["verdict"].tolist() == ["device_scoped", "identified"]


def test_a_request_id_in_two_exchanges_is_linkable(judged):
    """Golden verdict (c): the same ID also stands in an answer of Graph. Seen once, (b), it says nothing."""
    first = Request(records=[{"body:rid": (A, REQUEST_ID)}])
    _, requests, _ = judged(first, Request(host=GRAPH, response={"response:rid": (A, REQUEST_ID)}))
    assert requests["verdict"].tolist() == ["session_linkable", "no_identifier_found"]


def test_guesses_are_said_apart(judged):
    look = Said(is_="emailAddress", code="D1", level="H2")
    events, _, places = judged(Request(records=[{"body:mail": ("x@y.example", look)}]))
    assert (events["verdict"][1], events["candidate"][1]) == ("no_identifier_found", "identified")
    assert (places["verdict"][0], places["candidate"][0]) == ("no_identifier_found", "identified")


def test_content_and_secrets_have_flags_and_no_verdict(judged):
    leaves = {
        "body:file": ("letter.docx", CONTENT),
        "body:token": ("opaque-synthetic", TOKEN),
        "body:u": ("?", UNKNOWN),
    }
    events, _, _ = judged(Request(records=[leaves]))
    record = events.iloc[1]
    assert record["verdict"] == "no_identifier_found"
    assert (record["content"], record["secret"], record["unknown"]) == (1, 1, 1)


def test_what_an_identifier_makes_personal_is_counted(judged):
    events, _, _ = judged(Request(records=[{"body:m": ("Pixel 9", MODEL), "body:lat": ("52.37", POSITION)}]))
    assert (events["described"][1], events["locator"][1]) == (2, 1)


def test_bytes_that_nobody_could_read_are_no_absence(judged):
    unread = Request(unread=7)
    events, requests, _ = judged(unread, Request(request={"header:id": (A, DEVICE)}, unread=7))
    assert events.loc[events["kind"] == "request", "verdict"].tolist() == ["undecoded", "device_scoped"]
    assert requests["verdict"].tolist() == ["undecoded", "device_scoped"]


def test_a_host_that_stayed_closed_has_a_row(judged):
    """Golden verdict (k)."""
    _, _, places = judged(Request(), closed=["settings-win.data.microsoft.com"])
    row = places[places["host"] == "settings-win.data.microsoft.com"].to_dict("records")[0]
    assert (row["verdict"], row["class"], row["closed"], row["requests"]) == ("undecoded", "U1", 1, 0)


def test_seen_on_the_device_only_is_not_proven(judged):
    events, _, _ = judged(Request(records=[{"body:oid": (A, OID)}]), source_kind="local_transcript")
    assert not events["proven"].any()
    assert events["verdict"][1] == "pseudonymous_unattributed"


def test_a_destination_counts_its_requests_by_verdict(judged):
    _, _, places = judged(*[Request(records=[{"body:id": (A, DEVICE)}])] * 2, Request())
    (row,) = places.to_dict("records")
    assert (row["device_scoped"], row["no_identifier_found"], row["requests"]) == (2, 1, 3)


def test_the_source_address_is_a_flag_that_can_be_left_out(judged, tmp_path):
    events, _, places = judged(Request(records=[{"body:id": (A, DEVICE)}]))
    assert events["address"].tolist() == [True, True, False]
    assert places["address"].tolist() == [True]
    without = verdicts.events(graphed(load(tmp_path / "d"), address=False))
    assert not without["address"].any()
    assert without["verdict"].tolist() == events["verdict"].tolist()


def test_short_values_are_still_there(judged):
    """Too short to join two records, and still a name."""
    events, _, _ = judged(Request(records=[{"body:name": ("Bo", Said(is_="displayName", code="D1", level="E2"))}]))
    assert events["verdict"][1] == "identified"
