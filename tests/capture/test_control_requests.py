"""The requests of the positive control, read with other programs than ours where there are some."""

import base64
import gzip
import hashlib
import json
from urllib.parse import parse_qsl

from portalscope.capture.control_requests import bond, controls, varint
from portalscope.decoders.wire.common_schema import common_schema_bond

PLANTED = {"email_upn": "zovrika.pelodado@x.example", "display_name": "Zoë Kwakernaak", "imei": "490154203237518"}
SENT = {one.form: one for one in controls(PLANTED)}


def test_every_way_of_writing_that_is_promised_is_there():
    assert list(SENT) == [
        *("plain JSON", "form", "query", "header", "base64 in JSON"),
        *("gzip", "Bond", "SHA-256", "UTF-16", "percent-encoded twice"),
    ]
    assert len({one.path for one in SENT.values()}) == len(SENT)


def test_what_is_in_them():
    assert json.loads(SENT["plain JSON"].body) == PLANTED
    assert dict(parse_qsl(SENT["form"].body.decode())) == dict(parse_qsl(SENT["query"].query)) == PLANTED
    assert json.loads(gzip.decompress(SENT["gzip"].body)) == PLANTED
    assert json.loads(SENT["UTF-16"].body.decode("utf-16")) == PLANTED
    inside = json.loads(SENT["base64 in JSON"].body)
    assert {name: base64.b64decode(value).decode() for name, value in inside.items()} == PLANTED
    hashed = json.loads(SENT["SHA-256"].body)
    assert hashed == {name: hashlib.sha256(value.encode()).hexdigest() for name, value in PLANTED.items()}
    once = dict(parse_qsl(SENT["percent-encoded twice"].query))
    assert once["email_upn"] == "zovrika.pelodado%40x.example"


def test_a_header_holds_only_what_a_header_can_hold():
    assert SENT["header"].names == ("email_upn", "imei")
    assert SENT["header"].headers == {"x-email_upn": PLANTED["email_upn"], "x-imei": PLANTED["imei"]}


def test_the_record_of_microsofts_writer_says_the_planted_value():
    records = common_schema_bond(SENT["Bond"].body)
    assert len(records) == len(PLANTED)
    assert [list(PLANTED.values())[n] in str(record) for n, record in enumerate(records)] == [True] * 3
    assert "a@b" not in str(records)


def test_long_texts_have_long_lengths():
    assert (varint(3), varint(127), varint(128), varint(300)) == (b"\x03", b"\x7f", b"\x80\x01", b"\xac\x02")
    (record,) = common_schema_bond(bond("z" * 300))
    assert "z" * 300 in str(record)
