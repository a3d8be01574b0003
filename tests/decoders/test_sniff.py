"""What bytes look like."""

import pytest

from portalscope.decoders.message import DecodeError
from portalscope.decoders.sniff import ways
from portalscope.decoders.steps import STEPS, run


def first(data, kind=""):
    for way in ways(data, kind):
        try:
            run(way, data)
        except DecodeError:
            continue
        return "+".join(way)
    return None


@pytest.mark.parametrize(
    ("data", "kind", "step"),
    [
        (b'{"a": 1}', "text/plain", "json"),
        (b"\xef\xbb\xbf [1]", "", "json"),
        (b'{"a":1}\n{"a":2}', "application/x-json-stream", "json-lines"),
        (b"grant_type=srv_challenge", "", "form"),
        (b"a=1&b=2", "application/x-www-form-urlencoded", "form"),
        (b"<?xml version='1.0'?><a>1</a>", "", "xml"),
        (b"<!doctype html><html><head><title>T</title></head></html>", "text/html", "html"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "image/png", "media"),
        (b"(()=>{var a=1})()", "text/javascript", "script"),
        (b"hello there", "text/plain", "text"),
        (b"CB\x01\x00)\x01a\x00", "application/bond", "bond"),
    ],
)
def test_the_first_way_that_opens(data, kind, step):
    assert first(data, kind) == step


def test_every_way_is_a_step():
    kinds = "application/grpc msgpack cbor protobuf bond wbxml multipart/ plist ndjson javascript text/css"
    for data in (b"{", b"<a", b"--x", b"bplist00", b"CB\x01\x00", b"\x03\xa4\x01"):
        assert all(name in STEPS for way in ways(data, kinds) for name in way)
