"""Which leaves count as identifying, and what is counted beside them. Synthetic runs."""

import pytest

from portalscope.analysis.frames import load
from portalscope.analysis.occurrences import numbered, occurrences
from portalscope.capture.run import Run
from tests.analysis.run_matrix import EVENTS, GUESS, THIRD, UPN, Request, Said, value, write

A, B = value("a"), value("b")
DEVICE = Said(is_="deviceId", code="D3", level="E5", because="source code")


@pytest.fixture
def found(tmp_path):
    """Write requests as one run; return its occurrences."""

    def found(*requests, **about):
        write(tmp_path / "d", Run(id="a", **about), requests)
        return occurrences(load(tmp_path / "d"))

    return found


def shapes(one):
    return one.kinds["shape"].to_numpy()[one.rows["kind"].to_numpy()].tolist()


def test_identifiers_count_and_things_do_not(found):
    leaves = {
        "body:upn": ("anna@x.example", UPN),
        "body:id": (A, DEVICE),
        "body:model": ("Pixel", Said(is_="model", code="Q1", level="E3")),
        "body:seq": ("17", Said(is_="sequenceNumber", code="D5", level="E5", because="source code")),
        "body:tz": ("CET", Said(is_="timezone", code="L1", level="E5", because="source code")),
        "body:ip": ("203.0.113.7", Said(is_="publicIp", code="L1", level="E5", because="source code")),
        "body:null": (value("z"), Said(is_="sentinel", code="N1", level="E5", because="sentinel")),
    }
    one = found(Request(records=[leaves]))
    assert shapes(one) == ["upn", "id", "ip"]
    assert one.rows["telling"].tolist() == [True, True, True]


def test_a_token_counts_what_is_inside_it_only_by_itself(found):
    token = Said(is_="accessToken", code="S1", level="E3", because="documented")
    one = found(
        Request(request={"header:authorization": ("Bearer x.y.z", token), "header:authorization|jwt.aud": (A, token)})
    )
    assert shapes(one) == ["authorization"]


def test_a_guess_about_a_known_thing_is_none(found):
    tenant = Said(is_="tenantId", code="O1", level="E3", because="documented")
    assert shapes(found(Request(records=[{"body:tid": (A, tenant), "body:x": (A, GUESS), "body:y": (B, GUESS)}]))) == [
        "tid",
        "y",
    ]


def test_equal_values_have_equal_numbers(found):
    one = found(Request(records=[{"body:id": (A, DEVICE)}, {"body:id": (A, DEVICE), "body:x": (B, DEVICE)}]))
    assert one.rows["value"].tolist() == [0, 0, 1]
    assert len({*one.values}) == 2


def test_who_received_it(found):
    one = found(Request(host=EVENTS), Request(host=THIRD), Request(host="nobody.example"), Request(host=EVENTS))
    assert one.exchanges["recipient"].tolist() == [0, 1, 2, 0]
    assert one.exchanges["company"][2] == "nobody.example"
    assert one.exchanges["group"][0] == "Microsoft"


def test_seen_on_the_device_only(found):
    assert not found(Request(), source_kind="local_transcript").exchanges["proven"].any()


def test_counts_are_of_firm_content_and_of_all_that_is_unknown(found):
    content, guess = Said(is_="url", code="C1", level="E3", because="documented"), Said(is_="url", code="C1")
    unknown = Said(is_="unknown", code="U1", level="", because="")
    one = found(Request(records=[{"body:a": ("x", content), "body:b": ("y", guess), "body:c": ("z", unknown)}]))
    assert one.counts.iloc[1][["content", "unknown", "secret"]].tolist() == [1, 1, 0]


def test_the_app_of_an_event_is_that_of_its_exchange_when_it_says_none(found):
    key = Said(is_="productKey", code="N1", level="E5", because="source code")
    one = found(
        Request(request={"header:apikey": ("key-one", key)}, records=[{"body:id": (A, DEVICE)}, {"body:iKey": ("key-two", key)}]),
        Request(records=[{"body:id": (A, DEVICE)}]),
    )  # fmt: skip
    first, second, third = one.streams[1], one.streams[2], one.streams[5]
    assert (first > 0, second > 0, first == second, third) == (True, True, False, 0)


def test_numbers_follow_the_order_of_appearance(found):
    rows = found(Request(host=THIRD), Request(host=EVENTS), Request(host=THIRD)).exchanges
    assert numbered(rows, ["host"]).tolist() == [0, 1, 0]
