"""Layers come off one by one, in bounded number and size, with the way that led to them."""

import base64
import bz2
import gzip
import time
import urllib.parse
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.unwrap import BUDGET, DEPTH, MOST_LAYERS, layers, legible

TEXT = "the text inside, with Ünicode"


def ways(text: str) -> dict[str, tuple[str, ...]]:
    return {layer.text: layer.way for layer in layers(text)}


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(
    ("outer", "inner", "way"),
    [
        ("plain words only", "plain words only", ()),
        ("a%40b", "a@b", ("url",)),
        ("a%2540b", "a@b", ("url", "url")),
        ("a\\u0040b", "a@b", ("escape",)),
        ('{\\"a\\": \\"\\\\\\"b\\"}', '{"a": "\\"b"}', ("escape",)),
        ("a&#64;b &amp; c", "a@b & c", ("entities",)),
        ("a%40b\\u0040c", "a@b@c", ("url+escape",)),
        ("a\0b\0c\0", "abc", ("utf-16",)),
        (b64(b"some Words here"), "some Words here", ("base64",)),
        ("x=" + b64(b"some Words here"), "some Words here", ("base64",)),
        (b64(b"some Words here??").replace("+", "-").replace("/", "_").rstrip("="), "some Words here??", ("base64",)),
        ("/id/" + b64(b"some Words here"), "some Words here", ("base64",)),
        (b64(b64(b"some Words here").encode()), "some Words here", ("base64", "base64")),
        (b"some Words here".hex(), "some Words here", ("hex",)),
        ("0" + b"some Words here".hex(), "some Words here", ("hex",)),
        (gzip.compress(b"some Words here", mtime=0).decode("latin-1"), "some Words here", ("inflate",)),
        (zlib.compress(b"some Words here").decode("latin-1"), "some Words here", ("inflate",)),
        ("\x0f\0\0\0" + gzip.compress(b"some Words here", mtime=0).decode("latin-1"), "some Words here", ("inflate",)),
    ],
)
def test_layers_and_the_way_to_them(outer: str, inner: str, way: tuple[str, ...]) -> None:
    assert ways(outer)[inner] == way


def test_raw_deflate_counts_only_when_it_comes_to_its_end() -> None:
    squeeze = zlib.compressobj(wbits=-15)
    packed = squeeze.compress(b"some Words here, some Words here") + squeeze.flush()
    assert "some Words here, some Words here" in ways(packed.decode("latin-1"))
    assert "some Words here, some Words here"[:10] not in ways(packed[:-4].decode("latin-1"))


def test_a_stream_that_breaks_off_gives_what_it_gave() -> None:
    packed = gzip.compress(bytes(range(256)) * 200)[:-30]
    assert any(layer.text.startswith("\0\x01\x02") for layer in layers(packed.decode("latin-1")))


def test_base64_in_lines() -> None:
    data = bytes(range(32, 127)) * 3
    assert ways(base64.encodebytes(data).decode())[data.decode()] == ("lines", "base64")


def test_whole_and_again() -> None:
    found = {layer.text: layer for layer in layers(b64(b"some Words here"))}
    assert found["some Words here"].whole
    assert not found["some Words here"].again
    beside = {layer.text: layer for layer in layers("x=" + b64(b"some Words here") + "&a%40b")}
    assert not beside["some Words here"].whole
    assert any(layer.again and layer.way == ("url",) for layer in beside.values())


@pytest.mark.parametrize("text", ["", "x", "true", "17", "word", "10.0.19041.1", "some plain words in a row"])
def test_plain_texts_have_one_layer(text: str) -> None:
    assert [layer.text for layer in layers(text)] == [text]


def test_depth_is_bounded() -> None:
    text = TEXT
    for _ in range(DEPTH + 3):
        text = b64(text.encode())
    assert max(len(layer.way) for layer in layers(text)) == DEPTH
    assert TEXT not in ways(text)


def test_number_and_size_are_bounded() -> None:
    many = " ".join(b64(f"Word number {i} of many".encode()) for i in range(5000))
    assert sum(1 for _ in layers(many)) <= MOST_LAYERS + 1
    bomb = gzip.compress(b"0" * 60_000_000).decode("latin-1")
    assert sum(len(layer.text) for layer in layers(bomb)) <= BUDGET + len(bomb)


def test_legible() -> None:
    assert legible(TEXT)
    assert legible("a\0b\0c\0")
    assert legible("")
    assert not legible(bz2.compress(b"some words").decode("latin-1"))


@pytest.mark.parametrize(
    "text", ["x" * 70_000 + "\n" + "x" * 70_000, "aB" * 400_000, "%" * 800_000, "\\u" * 400_000, "&#" * 400_000]
)
def test_hostile_texts_take_bounded_time(text: str) -> None:
    started = time.perf_counter()
    assert sum(1 for _ in layers(text)) >= 1
    assert time.perf_counter() - started < 2


@given(st.text(max_size=60, alphabet=st.characters(codec="utf-8", exclude_characters="%&\\\n\0")))
def test_percent_signs_of_any_text_come_off(text: str) -> None:
    wanted = f"= {text} @"
    assert wanted.encode().decode("latin-1") in ways(urllib.parse.quote(wanted, safe=""))


@given(st.binary(max_size=120))
def test_any_bytes_give_layers(raw: bytes) -> None:
    found = list(layers(raw.decode("latin-1")))
    assert found[0].text == raw.decode("latin-1")
