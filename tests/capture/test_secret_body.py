"""Bodies without secrets: packed as they were, binary ones as long as they were, all others untouched."""

import gzip
import plistlib
import random
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.capture.secret_body import opaque, opened
from portalscope.capture.secret_names import Names, table
from portalscope.capture.secret_packing import CAP, unpack
from portalscope.capture.secret_text import Found, Text, shapes
from portalscope.capture.secret_tokens import StandIns
from portalscope.decoders.wire.common_schema import common_schema_bond

SECRET = b"0.HONEYRT.abcdefgh"
JSON = b'{"refresh_token": "%s", "n": 1}' % SECRET
TEXT = Text(Names(table()), shapes(table()), StandIns(bytes(32)), {"secret_word": (b"hunter22",)})
BEARER = b"Bearer " + b"abcdefghijklmnopqrstuvwxyz012345"
# microsoft/cpp_client_telemetry, generated writer: a record whose property "upn" holds "a@b"
BOND = "2903342e3049016e7102cb460a012d090a010375706e4b0a012b0a0130140000690361406200 0000"


def clean(data, kind="", encoding=""):
    found = Found()
    return opened(data, kind, encoding).cleaned(TEXT, found).written(), found


@pytest.mark.parametrize("encoding", ["gzip", "deflate", ""])
def test_a_packed_body_is_packed_again(encoding):
    for sent in (gzip.compress(JSON), zlib.compress(JSON)):
        made, found = clean(sent, "application/json", encoding)
        assert unpack(made, encoding)[1].plain == JSON.replace(SECRET, TEXT.stand_ins.plain("refresh_token", SECRET))
        assert found.types == {"refresh_token": 1}


def test_raw_deflate_is_known_by_its_header_alone():
    sent = zlib.compress(JSON, wbits=-15)
    assert SECRET not in zlib.decompress(clean(sent, "", "deflate")[0], wbits=-15)


def test_packed_twice():
    made, _ = clean(gzip.compress(gzip.compress(JSON)))
    assert SECRET not in gzip.decompress(gzip.decompress(made))


@pytest.mark.parametrize("data", [gzip.compress(b'{"a": 1}'), b"", b'{"a": 1}', bytes(range(256)) * 8])
def test_a_body_without_secrets_stays_to_the_byte(data):
    made, found = clean(data)
    assert made == data
    assert not found.types


def test_a_form_is_known_by_its_type():
    made, _ = clean(b"comment=two words&password=my secret&x", "application/x-www-form-urlencoded; charset=utf-8")
    assert (b"my secret" in made, made.startswith(b"comment=two words&password=SECRET.")) == (False, True)


def test_text_in_utf_16():
    for mark, code in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"", "utf-16-le")):
        made, _ = clean(mark + "<a><Password>geheim-ö</Password></a>".encode(code))
        text = made.removeprefix(mark).decode(code)
        assert text.startswith("<a><Password>SECRET.password.9.")


def test_in_a_binary_message_the_length_stays():
    framed = struct.pack("<I", len(JSON)) + JSON
    made, _ = clean(framed)
    assert len(made) == len(framed)
    assert SECRET not in made


def test_a_bond_record_can_be_decoded_after():
    record = bytes.fromhex(BOND.replace(" ", "")).replace(b"\x03a@b", bytes((len(BEARER),)) + BEARER)
    made, _ = clean(record)
    (before,), (after,) = common_schema_bond(record), common_schema_bond(made)
    assert b"abcdefghij" not in made
    assert str(after).replace("SECRET.access_token.32.", "").count("Bearer") == str(before).count("Bearer")


def test_a_binary_property_list():
    sent = plistlib.dumps({"UnlockToken": b"x" * 99, "UDID": "u", "Note": "is hunter22"}, fmt=plistlib.FMT_BINARY)
    made, found = clean(sent)
    after = plistlib.loads(made)
    assert after["UnlockToken"].startswith(b"SECRET.private_key.99.")
    assert (after["UDID"], after["Note"]) == ("u", "is SECRET.s")
    assert found.types == {"private_key": 1, "secret_word": 1}


def test_what_cannot_be_looked_through_is_not_kept():
    bomb = gzip.compress(bytes(CAP + 1) + JSON)
    body = opened(bomb)
    assert body.cut
    assert len(gzip.decompress(body.cleaned(TEXT, Found()).written())) == CAP


def test_pictures_and_archives_are_passed_over():
    archive = b"PK\x03\x04" + JSON
    assert clean(archive)[0] == archive


def test_a_large_body_is_passed_over_when_all_of_it_looks_encrypted():
    noise, packed = random.Random(1).randbytes(1 << 21), zlib.compress(random.Random(1).randbytes(1 << 21))
    assert opaque(noise)
    assert opaque(packed)
    assert not opaque(noise[: 1 << 20])
    assert SECRET not in clean(noise + JSON * 40_000)[0]


def test_bytes_behind_the_packing_are_cleaned_too():
    made, _ = clean(gzip.compress(JSON) + b"\x00 hunter22")
    assert b"hunter22" not in made


@given(st.binary(max_size=200), st.sampled_from(["", "gzip", "deflate", "br", "zstd"]))
def test_any_body_is_taken(data, encoding):
    clean(data, "", encoding)
