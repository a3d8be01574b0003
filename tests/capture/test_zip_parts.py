"""ZIP archives made by Python's zipfile: whole, cut off at every byte, and hostile."""

import io
import zipfile

import pytest

from portalscope.capture import zip_parts
from portalscope.capture.zip_parts import Archive, Part, names, salvaged

FILES = {"raw/1_c.txt": b"GET / HTTP/1.1\r\n\r\n" * 40, "raw/1_s.txt": b"", "raw/2_c.txt": bytes(range(256)) * 4}


class Forward(io.RawIOBase):
    """A place to write that cannot go back: sizes then stand behind the files, as .NET writes them."""

    def __init__(self):
        self.data = bytearray()

    def writable(self):
        return True

    def write(self, piece):
        self.data += piece
        return len(piece)


def archive(method=zipfile.ZIP_DEFLATED, *, behind=False, files=FILES):
    out = Forward() if behind else io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return bytes(out.data) if behind else out.getvalue()


def directory(data):
    return data.index(b"PK\x01\x02")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_whole_archive(tmp_path, method):
    path = tmp_path / "a.saz"
    path.write_bytes(archive(method))
    assert names(path) == list(FILES)
    found = Archive(path)
    with found.file:
        assert [found.part(name) for name in FILES] == [Part(name, data) for name, data in FILES.items()]


@pytest.mark.parametrize(
    ("method", "behind"),
    [(zipfile.ZIP_STORED, False), (zipfile.ZIP_DEFLATED, False), (zipfile.ZIP_DEFLATED, True)],
)
def test_without_directory_every_file_is_found(tmp_path, method, behind):
    data = archive(method, behind=behind)[: directory(archive(method, behind=behind))]
    assert list(salvaged(io.BytesIO(data))) == [Part(name, content) for name, content in FILES.items()]
    path = tmp_path / "a.saz"
    path.write_bytes(data)
    assert names(path) == list(FILES)
    with pytest.raises(zipfile.BadZipFile):
        Archive(path)


def test_where_sizes_stand_behind_a_file_that_is_not_packed_its_end_is_not_known():
    (part,) = salvaged(io.BytesIO(archive(zipfile.ZIP_STORED, behind=True)))
    assert (part.name, part.why) == ("raw/1_c.txt", "where it ends only the archive's directory knows")


@pytest.mark.parametrize("behind", [False, True])
def test_cut_off_anywhere_it_gives_what_is_there(behind):
    data = archive(behind=behind)
    for cut in range(directory(data)):
        found = list(salvaged(io.BytesIO(data[:cut])))
        for part in found:
            assert FILES.get(part.name, b"").startswith(part.data)
        assert all(part.why for part in found if part.data != FILES.get(part.name))


def test_a_file_that_unpacks_without_end_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(zip_parts, "LARGEST", 1 << 20)
    data = archive(files={"raw/1_c.txt": b"\0" * (8 << 20)})
    path = tmp_path / "bomb.saz"
    path.write_bytes(data)
    found = Archive(path)
    with found.file:
        part = found.part("raw/1_c.txt")
    assert (len(part.data), part.why) == (1 << 20, "it is larger than 1048576 bytes: the rest was left out")
    (part,) = salvaged(io.BytesIO(data))
    assert (len(part.data), part.why) == (1 << 20, "it is larger than 1048576 bytes: the rest was left out")


def test_files_that_are_the_same_bytes_are_refused(tmp_path):
    """As in a bomb that says of one packed file that it is many."""
    data = archive(files={"a": bytes(range(256)) * 100, "b": b"x"})
    at = directory(data)
    entry = data[at : data.index(b"PK\x01\x02", at + 4)]
    many = entry * 40
    end = b"PK\x05\x06" + bytes(4) + (40).to_bytes(2, "little") * 2
    end += len(many).to_bytes(4, "little") + at.to_bytes(4, "little") + bytes(2)
    path = tmp_path / "bomb.saz"
    path.write_bytes(data[:at] + many + end)
    with pytest.raises(zipfile.BadZipFile, match="overlap"):
        Archive(path)


def test_a_password_is_said(tmp_path):
    data = bytearray(archive(files={"raw/1_c.txt": b"x" * 100}))
    data[6] |= 1
    data[directory(data) + 8] |= 1
    path = tmp_path / "a.saz"
    path.write_bytes(data)
    found = Archive(path)
    with found.file:
        assert found.part("raw/1_c.txt").why == "it is protected by a password"
    (part,) = salvaged(io.BytesIO(data))
    assert part.why.startswith("it is packed in a way that cannot be read")


def test_damage_inside_is_said(tmp_path):
    data = bytearray(archive(files={"raw/1_c.txt": bytes(range(256)) * 20}))
    data[60:80] = b"\xff" * 20
    path = tmp_path / "a.saz"
    path.write_bytes(data)
    found = Archive(path)
    with found.file:
        assert found.part("raw/1_c.txt").why.startswith("it is damaged")


def test_what_is_no_archive_has_no_names(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"PK\x03\x04")
    assert names(path) == [""]
    assert list(salvaged(io.BytesIO(b"PK\x03\x04"))) == []
