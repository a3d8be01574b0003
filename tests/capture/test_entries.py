"""The entries of a HAR file, one at a time."""

import json
import tracemalloc
from io import BufferedReader, BytesIO, RawIOBase
from itertools import chain, repeat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portalscope.capture import entries as module
from portalscope.capture.entries import entries

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


def har(*some, before="", after=""):
    return ('{"log": {' + before + '"entries": [' + ", ".join(some) + "]" + after + "}}").encode()


def every(data):
    return list(entries(BytesIO(data)))


def test_entries_and_their_json():
    found = every(har('{"a": 1}', '{"b": [2]}', before='"version": "1.2", "pages": [{"x": {}}], "n": 12,\n'))
    assert found == [({"a": 1}, '{"a": 1}'), ({"b": [2]}, '{"b": [2]}')]


@pytest.mark.parametrize("data", [har(), har("{}", before='"entries2": [1],'), b"\xef\xbb\xbf" + har("{}"), har("{},")])
def test_what_else_is_a_har_file(data):
    assert len(every(data)) == data.count(b"{}")


@settings(deadline=None)
@given(st.lists(JSON.map(lambda value: {"e": value}), max_size=5), st.integers(1, 40), st.integers(0, 3))
def test_the_window_never_changes_what_is_read(values, chunk, indent):
    data = json.dumps({"log": {"n": 1234567, "entries": values}}, indent=indent or None).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CHUNK", chunk)
        assert [value for value, _ in every(data)] == values
        assert [json.loads(text) for _, text in every(data)] == values


@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
@pytest.mark.parametrize(
    "broken", ["{a: 1}", '{"a": }', '{"a": "}", b}', '{"a": "\\\\", b}', '{"a": "\\"{", }', "[" * 9999 + "]" * 9999]
)  # fmt: skip
def test_a_broken_entry_is_passed_over(broken, chunk, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", chunk)
    assert every(har('{"x": 1}', broken, '{"y": 2}')) == [
        ({"x": 1}, '{"x": 1}'), (None, broken), ({"y": 2}, '{"y": 2}'),
    ]  # fmt: skip


@pytest.mark.parametrize("odd", ["null", "1", '"text"', "[1]"])
def test_an_entry_of_another_type_is_read(odd):
    assert every(har(odd, "{}")) == [(json.loads(odd), odd), ({}, "{}")]


def test_every_cut_is_an_early_end_and_says_how_many_bytes_were_left():
    whole = har('{"a": "é"}', '{"b": [2, {"c": "]"}]}')
    for cut in range(1, len(whole) - 3):
        found, left = [], -1
        try:
            found.extend(entry for entry, _ in entries(BytesIO(whole[:cut])))
        except EOFError as error:
            left = int(str(error).split()[0])
        assert 0 <= left <= cut


def test_what_was_read_before_the_early_end_is_kept():
    found = entries(BytesIO(har('{"a": 1}', '{"b": "long text"}')[:-10]))
    assert next(found)[0] == {"a": 1}
    with pytest.raises(EOFError, match=r"^11 bytes unread$"):  # {"b": "long
        next(found)


@pytest.mark.parametrize("data", [b"[]", b'{"log": []}', b'{"entries": []}', b'{"log": {"entries": {}}}', b'{"a": 1}'])
def test_what_is_no_har_file_is_an_error(data):
    with pytest.raises(ValueError, match=r"^\d+ bytes unread$"):
        every(data)


@pytest.mark.parametrize("between", ["{} {}", "undefined", '{"a": [}, 1]}'])  # of the last nobody can say where it ends
def test_a_list_that_is_broken_between_entries(between):
    with pytest.raises(ValueError, match="bytes unread"):
        every(har("{}", between))


def test_the_list_is_over_where_it_is_over():
    assert len(every(har("{}]]"))) == 1


def test_bytes_that_are_no_utf8_are_kept():
    ((entry, text),) = every(b'{"log": {"entries": [{"a": "caf\xe9"}]}}')
    assert entry["a"].encode(errors="surrogateescape") == b"caf\xe9"
    assert text.encode(errors="surrogateescape") == b'{"a": "caf\xe9"}'


def test_escaped_lone_surrogates_are_kept():
    assert every(har(r'{"a": "\udce9 \ud83d\ude00"}'))[0][0] == {"a": "\udce9 😀"}


def test_nesting_does_not_end_the_process():
    deep = '{"a": ' + "[" * 300_000 + "]" * 300_000 + "}"
    assert [entry for entry, _ in every(har("{}", deep, "{}"))] == [{}, None, {}]
    with pytest.raises(ValueError, match="bytes unread"):
        every(har("{}", before=f'"pages": {deep},'))


def test_a_number_of_five_thousand_digits_is_a_broken_entry():
    assert [entry for entry, _ in every(har('{"a": ' + "1" * 5000 + "}", "{}"))] == [None, {}]


def test_an_entry_that_is_too_large_is_passed_over(monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 100)
    monkeypatch.setattr(module, "LARGEST", 1000)
    large = json.dumps({"a": "x" * 5000})
    first, second = every(har(large, "{}"))
    assert (first[0], second[0]) == (None, {})
    assert large.endswith(first[1][-100:])


class Made(RawIOBase):
    """A file whose bytes are made while it is read."""

    def __init__(self, pieces):
        self.pieces = pieces
        self.rest = b""

    def readable(self):
        return True

    def readinto(self, buffer):
        self.rest = self.rest or next(self.pieces, b"")
        piece, self.rest = self.rest[: len(buffer)], self.rest[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)


def test_memory_does_not_grow_with_the_file():
    entry = b'{"a": "' + b"x" * 200 + b'"},'
    pieces = chain([b'{"log": {"entries": ['], repeat(entry * 100, 1000), [b"]}}"])
    tracemalloc.start()
    count = sum(1 for _ in entries(BufferedReader(Made(pieces), 1 << 16)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 100_000  # 21 MB of JSON
    assert peak < 8_000_000


def test_the_stream_stays_open():
    stream = BytesIO(har("{}"))
    list(entries(stream))
    assert not stream.closed
