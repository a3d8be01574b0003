"""Zip archives, written by Python's zipfile."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError, Media
from portalscope.decoders.wire.archive import archive
from portalscope.decoders.wire.media import media
from tests.decoders.wire import bounds


def zipped():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("logs/kim@contoso.example.log", b"a" * 1000)
        out.writestr("ü.txt", b"b")
    return target.getvalue()


ZIP = zipped()
FILES = [{"name": "logs/kim@contoso.example.log", "size": 1000}, {"name": "ü.txt", "size": 1}]


def test_names_and_sizes():
    assert media(ZIP) == {"files": FILES, "archive": Media("application/zip", len(ZIP))}


def test_an_empty_archive():
    empty = b"PK\x05\x06" + bytes(18)
    assert archive(empty) == {"files": [], "archive": Media("application/zip", 22)}


def test_without_its_directory_the_files_in_front_are_kept():
    cut = ZIP[: ZIP.index(b"PK\x01\x02")]
    with pytest.raises(DecodeError, match="no directory") as caught:
        archive(cut)
    assert caught.value.partial == {"files": FILES, "archive": Media("application/zip", len(cut))}


@given(st.binary(max_size=100), st.integers(0, len(ZIP)))
def test_any_bytes_and_any_truncation(data, size):
    bounds.check(archive, b"PK\x03\x04" + data)
    bounds.check(archive, ZIP[:size] + data)
    bounds.check(archive, data)
