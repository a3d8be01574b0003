"""Links on synthetic runs: who can join what to a name, over which records, and how surely."""

import json

import pyarrow.parquet as pq
import pytest

from portalscope.analysis import links
from portalscope.analysis.frames import load
from portalscope.analysis.identify import graphed
from portalscope.capture.run import Run
from tests.analysis.run_matrix import EVENTS, GRAPH, THIRD, UPN, Request, Said, value, write

DEVICE = Said(is_="deviceId", code="D3", level="E5", because="source code")
INSTALL = Said(is_="installationId", code="D3", level="E5", because="source code")
SDK_USER = Said(is_="sdkUserId", code="D2", level="E5", because="source code")
SESSION = Said(is_="sessionId", code="D4", level="E5", because="source code")
REQUEST_ID = Said(is_="clientRequestId", code="D5", level="E3", because="documented")
TOKEN = Said(is_="accessToken", code="S1", level="E3", because="documented")
ADDRESS = Said(is_="publicIp", code="L1", level="E5", because="source code")
NAME = ("anna@contoso-honey.example", UPN)
A, B, C = (value("synthetic", n) for n in range(3))


@pytest.fixture
def linked(tmp_path):
    """Write requests as one run, or several by name, and return the links by property and recipient."""

    def linked(*requests, runs=None, address=True, **about):
        for name, some in (runs or {"a": requests}).items():
            write(tmp_path / "d", Run(id=name, planted={"upn": (NAME[0],)}, **about), some)
        table = links.links(graphed(load(tmp_path / "d"), address=address))
        return {(row["property"], row["recipient"]): row for row in table.to_dict("records")}

    return linked


MICROSOFT = "Microsoft Corporation"


def test_same_event_is_direct(linked):
    row = linked(Request(records=[{"body:id": (A, DEVICE), "body:upn": NAME}]))["deviceId", MICROSOFT]
    assert (row["strength"], row["reasons"], row["hops"]) == ("direct", "same_event", 1)
    assert (row["run"], row["exchange"], row["target_property"]) == ("a", "synthetic#0", "upn")


def test_another_record_of_the_request_is_direct_too(linked):
    row = linked(Request(records=[{"body:id": (A, DEVICE)}, {"body:upn": NAME}]))["deviceId", MICROSOFT]
    assert (row["strength"], row["reasons"]) == ("direct", "same_request")


def test_the_bearer_token_that_names_the_user(linked):
    request = Request(request={"header:authorization|jwt.upn": NAME}, records=[{"body:id": (A, SDK_USER)}])
    row = linked(request)["sdkUserId", MICROSOFT]
    assert (row["strength"], row["reasons"]) == ("direct", "token_subject")


def test_an_opaque_token_joins_two_requests(linked):
    token = {"header:authorization": ("Bearer opaque-synthetic", TOKEN)}
    first = Request(request=token, records=[{"body:id": (A, SDK_USER)}])
    second = Request(host=GRAPH, request=token, response={"response:upn": NAME})
    row = linked(first, second)["sdkUserId", MICROSOFT]
    assert (row["strength"], row["reasons"], row["via"]) == ("one_hop", "same_token same_token", "accessToken")
    assert row["exchange"] == "synthetic#1"


def test_an_equal_value_at_another_host_of_the_company(linked):
    first = Request(records=[{"body:id": (A, INSTALL), "body:device": (B, DEVICE)}])
    second = Request(host=GRAPH, records=[{"body:deviceId": (B, DEVICE), "body:upn": NAME}])
    row = linked(first, second)["installationId", MICROSOFT]
    assert (row["strength"], row["via"], row["hops"]) == ("one_hop", "deviceId", 2)
    assert [step["host"] for step in json.loads(row["steps"])] == [EVENTS, GRAPH]


def test_a_hop_over_a_session_is_no_stable_one(linked):
    first = Request(records=[{"body:id": (A, INSTALL), "body:session": (B, SESSION)}])
    second = Request(records=[{"body:session": (B, SESSION), "body:upn": NAME}])
    assert linked(first, second)["installationId", MICROSOFT]["strength"] == "multi_hop"


def test_what_one_company_saw_another_cannot_use(linked):
    first = Request(host=THIRD, records=[{"body:id": (A, DEVICE)}])
    second = Request(records=[{"body:id": (A, DEVICE), "body:upn": NAME}])
    found = linked(first, second)
    assert found["deviceId", MICROSOFT]["strength"] == "direct"
    (other,) = (row for (name, company), row in found.items() if name == "deviceId" and company != MICROSOFT)
    assert (other["strength"], other["steps"]) == ("none", "[]")


def test_a_group_can_do_what_its_companies_cannot(linked):
    first = Request(host="raw.githubusercontent.com", records=[{"body:id": (A, DEVICE)}])
    second = Request(records=[{"body:id": (A, DEVICE), "body:upn": NAME}])
    found = linked(first, second)
    assert found["deviceId", "GitHub, Inc."]["strength"] == "none"
    assert ("deviceId", "Microsoft") not in found, "the group does no better than Microsoft Corporation alone"
    only = {"body:x": (B, INSTALL), "body:id": (A, DEVICE)}
    second = Request(host="raw.githubusercontent.com", records=[only])
    found = linked(runs={"b": [Request(records=[{"body:id": (A, DEVICE), "body:upn": NAME}]), second]})
    row = found["installationId", "Microsoft"]
    assert (row["affiliates"], row["strength"]) == (True, "one_hop")


def test_the_source_address_makes_it_possible_and_no_more(linked):
    requests = [Request(records=[{"body:id": (A, DEVICE)}]), Request(records=[{"body:upn": NAME}])]
    row = linked(*requests)["deviceId", MICROSOFT]
    assert (row["strength"], row["reasons"], row["linked"]) == ("possible", "same_address", 0)
    assert linked(*requests, address=False)["deviceId", MICROSOFT]["strength"] == "none"


def test_an_address_in_the_payload_is_possible_only_too(linked):
    first = Request(records=[{"body:id": (A, DEVICE), "body:ip": ("203.0.113.7", ADDRESS)}])
    second = Request(host=GRAPH, records=[{"body:ip": ("203.0.113.7", ADDRESS), "body:upn": NAME}])
    row = linked(first, second, address=False)["deviceId", MICROSOFT]
    assert (row["strength"], row["via"], row["reasons"]) == ("possible", "publicIp", "same_locator same_locator")


def test_a_request_id_that_recurs_is_joinable_one_that_does_not_is_not(linked):
    once = Request(records=[{"body:rid": (A, REQUEST_ID), "body:upn": NAME}])
    assert linked(once)["clientRequestId", MICROSOFT]["strength"] == "none"
    again = Request(host=GRAPH, response={"response:rid": (A, REQUEST_ID)})
    assert linked(once, again)["clientRequestId", MICROSOFT]["strength"] == "direct"


def test_an_echo_in_the_answer_is_no_recurrence(linked):
    echoed = Request(
        request={"header:rid": (A, REQUEST_ID)},
        records=[{"body:upn": NAME}],
        response={"response-header:rid": (A, REQUEST_ID)},
    )
    assert linked(echoed)["clientRequestId", MICROSOFT]["strength"] == "none"


def test_a_hash_of_a_planted_value_is_derived_from_it(linked):
    hashed = Said(is_="reproducibleHash", code="D2", level="E1", planted="upn, sha256 hex of lower case")
    first, second = Request(records=[{"body:h": (A, hashed)}]), Request(host=GRAPH, records=[{"body:upn": NAME}])
    row = linked(first, second, address=False)["reproducibleHash", MICROSOFT]
    assert (row["strength"], row["reasons"]) == ("direct", "derived")


def test_a_name_that_was_planted_twice_derives_nothing(linked):
    """Which of two users the hash is of is not kept."""
    hashed = Said(is_="reproducibleHash", code="D2", level="E1", planted="upn, sha256 hex of lower case")
    two = Request(host=GRAPH, records=[{"body:upn": NAME}, {"body:upn": ("bram@contoso-honey.example", UPN)}])
    row = linked(Request(records=[{"body:h": (A, hashed)}]), two, address=False)["reproducibleHash", MICROSOFT]
    assert row["strength"] == "none"


def test_the_keeper_of_the_directory(linked):
    oid = Said(is_="aadObjectId", code="D2", level="E1", planted="oid, plain")
    found = linked(Request(records=[{"body:o": (A, oid)}]), Request(host=THIRD, records=[{"body:o": (A, oid)}]))
    assert {row["recipient"] == MICROSOFT: row["strength"] for row in found.values()} == {
        True: "directory",
        False: "none",
    }


def test_a_guess_makes_a_candidate_of_the_link(linked):
    look = Said(is_="emailAddress", code="D1", level="H2")
    row = linked(Request(records=[{"body:id": (A, DEVICE), "body:mail": ("x@y.example", look)}]))["deviceId", MICROSOFT]
    assert (row["strength"], row["candidate"], row["linked"]) == ("direct", True, 1)


def test_a_firm_way_beats_a_shorter_guess(linked):
    look = Said(is_="emailAddress", code="D1", level="H2")
    first = Request(records=[{"body:id": (A, DEVICE), "body:mail": ("x@y.example", look), "body:b": (B, INSTALL)}])
    second = Request(records=[{"body:b": (B, INSTALL), "body:upn": NAME}])
    row = linked(first, second)["deviceId", MICROSOFT]
    assert (row["strength"], row["candidate"], row["target_property"]) == ("one_hop", False, "upn")


def test_what_was_seen_on_the_device_only_reached_nobody(linked):
    assert linked(Request(records=[{"body:id": (A, DEVICE), "body:upn": NAME}]), source_kind="local_transcript") == {}


def test_short_values_join_nothing(linked):
    short = ("12", SESSION)
    first, second = (
        Request(records=[{"body:i": (A, DEVICE), "body:s": short}]),
        Request(records=[{"body:s": short, "body:upn": NAME}]),
    )
    assert linked(first, second, address=False)["deviceId", MICROSOFT]["strength"] == "none"


@pytest.mark.parametrize(("arms", "strength"), [(("base",), "one_hop"), (("base", "device", "tenant"), "none")])
def test_a_value_that_everybody_has_joins_nothing(linked, arms, strength):
    """Unchanged by another device, user and tenant it is a constant, whatever the tables call it."""
    same = {"body:c": (C, DEVICE)}
    records = ({**same, "body:i": (A, INSTALL)}, {**same, "body:upn": NAME}, same)
    for arm in arms:
        requests = [Request(path=f"/{n}", records=[one]) for n, one in enumerate(records)]
        found = linked(runs={arm: requests}, address=False, settings={"arm": arm})
    assert found["installationId", MICROSOFT]["strength"] == strength


def test_the_table_in_the_dataset(linked, tmp_path):
    linked(Request(records=[{"body:id": (A, DEVICE), "body:upn": NAME}]))
    table = links.links(graphed(load(tmp_path / "d")))
    path = links.write(table, tmp_path / "d")
    first = path.read_bytes()
    links.write(table, tmp_path / "d")
    assert path.read_bytes() == first
    found = pq.read_table(path)
    assert found.schema.equals(links.LINKS)
    assert all(field.metadata[b"description"] for field in found.schema)
    assert found.to_pylist() == [{**row, "identifier": f"I{n}"} for n, row in enumerate(table.to_dict("records"), 1)]
    assert found.schema.metadata[b"schema_version"] == b"1"
    assert found.schema.metadata[b"runs"] == b"a"
    assert load(tmp_path / "d").names == ("a",)
    assert NAME[0].encode() not in first
