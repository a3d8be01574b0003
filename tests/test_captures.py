"""Ground truth: every capture says exactly what its maker put in, through every door.

`pytest --captures DIR` runs this over every folder in DIR that holds NAME.mitm, NAME.har and expected.json.
"""

import hashlib
import json
import re
from collections import Counter
from urllib.parse import parse_qsl

from portalscope.decoders.message import Tag
from portalscope.decoders.wire.content import unpack
from tests.truth import WHERE, oracle, seen


def is_har(path):
    return path.suffix == ".har"


def test_every_exchange_is_read(recording):
    folder, path = recording
    exchanges, problems = seen(folder, path)
    assert not problems
    for one in exchanges:
        truth, exchange = one.truth, one.exchange
        query = f"?{exchange.query}" if exchange.query else ""
        assert (exchange.method, exchange.host, exchange.port) == (truth["method"], truth["host"], truth["port"])
        assert exchange.path + query == truth["path"].removesuffix("?")
        assert exchange.status == truth["status"]
        assert (exchange.error is None) == (truth["error"] is None)


def test_bodies_are_as_sent(recording):
    folder, path = recording
    for one in seen(folder, path)[0]:
        body = one.exchange.body
        if not is_har(path):
            assert len(body) == one.truth["req_wire_bytes"]
            assert hashlib.sha256(body).hexdigest() == one.truth["req_wire_sha256"]
        account = one.message.accounts["body"]
        assert account.size == one.truth["req_decoded_bytes"]


def test_every_byte_is_decoded_or_in_a_problem(recording):
    folder, path = recording
    for one in seen(folder, path)[0]:
        for part, account in one.message.accounts.items():
            lost = sum(p.size for p in one.message.problems if p.part == part)
            assert account.size == account.decoded + account.unread
            assert account.unread == lost


def test_no_byte_is_unexplained(recording):
    folder, path = recording
    assert not [
        (p.exchange, p.part, p.step, p.why) for one in seen(folder, path)[0] for p in one.message.problems if p.size
    ]


def test_every_leaf_is_classified_or_unknown(recording):
    folder, path = recording
    for one in seen(folder, path)[0]:
        fields = sum(len(event.fields) for event in one.message.events)
        findings = [finding for judged in one.findings for finding in judged]
        unknown = sum(finding.code == "U1" for finding in findings)
        assert fields == len(findings) == unknown + sum(bool(finding.evidence) for finding in findings)


def test_event_names_in_order(recording):
    folder, path = recording
    for one in seen(folder, path)[0]:
        truth = one.truth["body"]
        if "events" in truth:
            assert [event.name for event in one.records] == truth["events"]
        elif truth["kind"] in ("empty", "form"):
            assert not one.records


def test_schema_versions_and_base_types(recording):
    folder, path = recording
    for one in seen(folder, path)[0]:
        truth = one.truth["body"]
        if "schema" in truth:
            assert sorted({event.schema for event in one.records}) == sorted(truth["schema"])
        if "base_types" in truth:
            ends = ("].baseType", "].data.baseType")
            found = [[f.value for f in e.fields if f.path.endswith(ends) and not f.depth] for e in one.records]
            assert [kinds[0] if kinds else None for kinds in found] == truth["base_types"]


def test_the_senders_tags(recording):
    folder, path = recording
    for one in seen(folder, path)[0]:
        truth = one.truth["body"]
        tags = Counter(tag for event in one.records for f in event.fields if not f.depth for tag in f.tags)
        if "pii_kind_counts" in truth:
            wanted = {
                Tag("customer-content", int(k[8:])) if k.startswith("customer") else Tag("pii", int(k)): n
                for k, n in truth["pii_kind_counts"].items()
            }
            assert tags == wanted
        if "metadata_type_codes_ge_32" in truth:
            wanted = Counter()
            for code, n in truth["metadata_type_codes_ge_32"].items():
                wanted.update({Tag("pii", int(code) >> 5 & 0xFF): n} if int(code) >> 5 & 0xFF else {})
                wanted.update({Tag("customer-content", int(code) >> 13): n} if int(code) >> 13 else {})
            assert tags == wanted


def test_names_in_forms_property_lists_and_syncml(recording):
    folder, path = recording
    for one in seen(folder, path)[0]:
        truth = one.truth["body"]
        body = [f for e in one.message.events for f in e.fields if f.part == "body" and not f.depth]
        if "params" in truth:
            assert sorted({re.sub(r"\[\d+\]$", "", f.path) for f in body}) == sorted(truth["params"])
        if "keys" in truth:
            assert {re.split(r"[.\[]", f.path)[0] for f in body} == set(truth["keys"])


def leaves(tree):
    """Leaves of plain JSON, counted without our code; an empty object or list is one."""
    if isinstance(tree, dict):
        return sum(map(leaves, tree.values())) or 1
    return sum(map(leaves, tree)) or 1 if isinstance(tree, list) else 1


def test_leaf_counts(recording):
    """JSON and forms are counted by the standard library, Bond by Microsoft's own decoder where its output is there."""
    folder, path = recording
    bonds = iter(sorted(folder.glob("bodies/*.ms-decoder.json")))
    for one in seen(folder, path)[0]:
        kind = one.truth["body"]["kind"]
        body = [f for e in one.message.events for f in e.fields if f.part == "body" and not f.depth]
        plain = unpack(one.exchange.body, one.exchange.header("content-encoding"))[0]
        if kind in ("json", "appcenter"):
            assert len(body) == leaves(json.loads(plain))
        elif kind in ("onecollector-json", "application-insights"):
            lines = json.loads(plain) if plain[:1] == b"[" else [json.loads(x) for x in plain.splitlines() if x.strip()]
            assert len(body) == sum(map(leaves, lines))
        elif kind == "form":
            assert len(body) == len(parse_qsl(plain.decode(), keep_blank_values=True))
        elif kind == "onecollector-bond" and (reference := next(bonds, None)):
            assert_same_data(one.records, json.loads(reference.read_text()))


def assert_same_data(events, reference):
    """Part C of each record has the fields, values and marks that Microsoft's sample decoder prints, where it prints them."""
    by_name = Counter((r["name"], r["time"]) for r in reference)
    for event in events:
        if by_name[event.name, int(event.time_raw)] != 1:
            continue
        (wanted,) = [r for r in reference if (r["name"], r["time"]) == (event.name, int(event.time_raw))]
        found = {f.path.split("].data.", 1)[1]: f for f in event.fields if "].data." in f.path and not f.depth}
        for key, value in wanted["data"].items():
            if isinstance(value, dict) and "stringValue" in value:
                assert found[key].value == value["stringValue"]
                assert value.get("pii") in {None, *(tag.code for tag in found[key].tags if tag.scheme == "pii")}
            elif isinstance(value, str | bool | int):
                assert found[key].value == value


def test_every_planted_value_is_found_where_it_was_put(recording):
    folder, path = recording
    for one in seen(folder, path)[0]:
        found = {
            (name, part, bool(field.depth) or "base64" in ground.detail) for name, part, field, ground in one.planted()
        }
        for honey in one.truth["honey"]:
            hits = {(n, p, deep) for n, p, deep in found if n == honey["type"] and p in WHERE[honey["where"]]}
            assert hits, (honey["type"], honey["where"], one.exchange.id)
            assert honey["b64_depth"] == 0 or any(deep for _, _, deep in hits), (honey["type"], honey["where"])


def test_nothing_is_found_that_was_not_planted(recording):
    """The oracle looked for values as they are; what stands in base64 of a certificate it did not see."""
    folder, path = recording
    for one in seen(folder, path)[0]:
        known = {(h["type"], part) for h in one.truth["honey"] for part in WHERE[h["where"]]}
        plain = {
            (name, field.part)
            for name, _, field, ground in one.planted()
            if ground.detail.endswith(" plain") and " > " not in ground.detail and not field.depth
        }
        assert plain <= known, plain - known


def test_no_secret_is_taken_for_something_else(recording):
    folder, path = recording
    for one in seen(folder, path)[0]:
        for field, finding in one.leaves():
            if any(g.because == "planted" and planted_secret(g.detail) for g in finding.evidence):
                assert finding.code == "S1" or field.opened or "part of the value" in finding.evidence[0].detail


def planted_secret(detail):
    return "planted secret_" in detail


def test_the_oracle_is_complete(recording):
    folder, path = recording
    truth = oracle(folder)
    assert len(seen(folder, path)[0]) == truth["n_flows"]
    assert Counter(flow["body"]["kind"] for flow in truth["flows"]) == truth["by_body_kind"]
