"""Content codings there and back, by bytes that the standard library and the reference implementations wrote."""

import gzip
import zlib

import brotli
import pytest
import zstandard

from portalscope.capture.secret_packing import CAP, PACK, unpack

PLAIN = b"telemetry " * 300
PACKED = {
    "gzip": gzip.compress(PLAIN),
    "zlib": zlib.compress(PLAIN),
    "deflate": zlib.compress(PLAIN, wbits=-15),
    "br": brotli.compress(PLAIN),
    "zstd": zstandard.compress(PLAIN),
}


@pytest.mark.parametrize("name", PACKED)
def test_what_was_packed_is_unpacked_and_packed_again(name):
    way, inside = unpack(PACKED[name], name)
    assert (way, inside.plain, inside.rest, inside.more) == (name, PLAIN, b"", False)
    assert unpack(PACK[name](PLAIN), name)[1].plain == PLAIN


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("declared", ["deflate", "br", "gzip"])
def test_plain_text_is_not_packed_whatever_the_header_says(name, declared):
    assert unpack(b'{"a": 1}', declared) is None
    assert unpack(b"", declared) is None
    assert unpack(PACKED[name][:2], declared) is None or name == "deflate"


def test_the_bytes_say_more_than_the_header():
    assert unpack(PACKED["gzip"], "deflate")[0] == "gzip"
    assert unpack(PACKED["zlib"], "deflate")[0] == "zlib"
    assert unpack(PACKED["deflate"], "Deflate")[0] == "deflate"


def test_members_and_what_stands_behind():
    two = unpack(PACKED["gzip"] + gzip.compress(b"more"), "")[1]
    assert (two.plain, two.rest) == (PLAIN + b"more", b"")
    tail = unpack(PACKED["gzip"] + b"tail", "")[1]
    assert (tail.plain, tail.rest, tail.more) == (PLAIN, b"tail", False)


@pytest.mark.parametrize("name", ["gzip", "zlib", "deflate"])
def test_a_stream_that_breaks_off_gives_what_it_has(name):
    inside = unpack(PACKED[name][:-9], name)[1]
    assert PLAIN.startswith(inside.plain)
    assert not inside.more


@pytest.mark.parametrize("name", PACKED)
def test_a_bomb_is_cut(name):
    inside = unpack(PACK[name](bytes(CAP + 5)), name)[1]
    assert (len(inside.plain), inside.more) == (CAP, True)
