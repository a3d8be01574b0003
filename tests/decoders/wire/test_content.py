"""Content encodings: sniffed, nested, cut off, and bombs."""

import gzip
import json
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError
from portalscope.decoders.wire.content import CAP, unpack
from tests.decoders.wire.vectors import T1, T2, T3_GZIP, T3_RAW, T3_ZLIB


@pytest.mark.parametrize(("packed", "layer"), [(T3_RAW, "deflate"), (T3_ZLIB, "zlib"), (T3_GZIP, "gzip")])
def test_the_label_deflate_may_mean_three_things(packed, layer):
    assert unpack(packed, "deflate") == (T1 + T2, (layer,))


@pytest.mark.parametrize("packed", [T3_ZLIB, T3_GZIP])
def test_no_label_is_needed(packed):
    assert unpack(packed)[0] == T1 + T2


def test_a_label_on_plain_bytes_is_not_believed():
    assert unpack(b'{"a": 1}', "gzip, br, deflate") == (b'{"a": 1}', ())
    assert unpack(T1, "deflate") == (T1, ())


@pytest.mark.parametrize("text", [b"a=1", b"hi", b"ok", b"abc", b"user=kim&x=1", b"x" * 40])
@pytest.mark.parametrize("label", ["br", "deflate", "gzip", "zstd"])
def test_short_texts_are_not_taken_for_packed_ones(text, label):
    assert unpack(text, label) == (text, ())


def test_brotli_zstd_and_layers():
    text = b"the quick brown fox " * 50
    assert unpack(brotli.compress(text), "br") == (text, ("br",))
    assert unpack(zstandard.compress(text)) == (text, ("zstd",))
    assert unpack(gzip.compress(zlib.compress(text)), "gzip") == (text, ("gzip", "zlib"))
    assert unpack(gzip.compress(text) + gzip.compress(text))[0] == text * 2


@pytest.mark.parametrize(
    "bomb",
    [
        gzip.compress(bytes(CAP * 3)),
        zlib.compress(bytes(CAP * 3)),
        zstandard.compress(bytes(CAP * 3)),
        brotli.compress(bytes(CAP * 3), quality=5),
    ],
    ids=["gzip", "zlib", "zstd", "br"],
)
def test_bombs_are_capped(bomb):
    with pytest.raises(DecodeError, match="more than") as caught:
        unpack(bomb, "br")
    assert CAP <= len(caught.value.partial) <= CAP + 12_000_000
    assert caught.value.rest  # never "all of it was read"


def test_a_stream_that_ends_early_is_said_to():
    packed = gzip.compress(b"abcdefgh" * 1000)
    with pytest.raises(DecodeError, match="ends early") as caught:
        unpack(packed[:-20])
    assert b"abcdefgh" in caught.value.partial


def test_bytes_after_the_end_are_not_lost():
    with pytest.raises(DecodeError) as caught:
        unpack(gzip.compress(b"abc") + b"tail")
    assert (caught.value.partial, caught.value.rest) == (b"abc", b"tail")


@given(
    st.binary(max_size=200),
    st.sampled_from(["", "gzip", "deflate", "br", "zstd", "x, br"]),
    st.sampled_from([b"", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"\x78\x9c"]),
)
def test_any_bytes(data, label, magic):
    try:
        unpack(magic + data, label)
    except DecodeError as error:
        assert (magic + data).endswith(error.rest)


@given(st.integers(0, len(T3_GZIP)))
def test_any_truncation(cut):
    for packed, label in ((T3_GZIP, "gzip"), (T3_RAW, "deflate"), (T3_ZLIB, "")):
        try:
            unpack(packed[:cut], label)
        except DecodeError:
            continue


def test_a_body_of_exactly_the_cap_is_no_bomb():
    assert len(unpack(gzip.compress(bytes(CAP)))[0]) == CAP


@pytest.mark.parametrize("cut", [10, 40, 400])
def test_a_truncated_zstd_body_is_said_to_end_early(cut):
    packed = zstandard.compress(bytes(range(256)) * 200 + bytes(i * i % 251 for i in range(50_000)))
    with pytest.raises(DecodeError):
        unpack(packed[:-cut])


def test_bytes_after_a_zstd_stream_do_not_lose_it():
    with pytest.raises(DecodeError) as caught:
        unpack(zstandard.compress(b"abc" * 100) + b"tail")
    assert (caught.value.partial, caught.value.rest) == (b"abc" * 100, b"tail")
    assert unpack(zstandard.compress(b"abc") + zstandard.compress(b"def"))[0] == b"abcdef"


@given(
    st.dictionaries(st.text(max_size=4), st.integers() | st.booleans(), min_size=1, max_size=3),
    st.sampled_from([None, 1, 4]),
)
def test_small_json_with_a_label_stays_what_it_is(tree, indent):
    body = json.dumps(tree, indent=indent).encode()
    for label in ("deflate", "br"):
        assert unpack(body, label) == (body, ())
