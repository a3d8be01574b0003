"""Fiddler archives without secrets; the archives are SYNTHETIC."""

import zipfile
from io import BytesIO

from portalscope.capture.clean_archive import clean_archive
from portalscope.capture.saz import saz
from portalscope.capture.secrets import Noted, Secrets
from tests.capture.test_saz import about, write

SECRET = b"0.HONEYRT.abcdefgh"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
SENT = b"POST https://login.example/token?sig=%s HTTP/1.1\r\nHost: x\r\n%s\r\nclient_secret=%s&a=1" % (
    SECRET,
    FORM,
    SECRET,
)
ANSWER = b'HTTP/1.1 200 OK\r\nSet-Cookie: ESTSAUTH=%s; path=/\r\n\r\n{"id_token": "%s"}' % (SECRET, SECRET)
PLAIN = b"GET https://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n"


def cleaned(source, tmp_path):
    made, noted = BytesIO(), Noted()
    clean_archive(source, made, Secrets(bytes(32)), noted)
    target = tmp_path / "clean.saz"
    target.write_bytes(made.getvalue())
    return target, noted


def unpacked(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_sessions_are_the_same_without_their_secrets(tmp_path):
    source = write(
        tmp_path / "a.saz", (SENT, ANSWER, about()), (PLAIN, ANSWER, about(sid=2)), more=[("raw/1_w.txt", SECRET)]
    )
    target, noted = cleaned(source, tmp_path)
    before, after = unpacked(source), unpacked(target)
    assert not [name for name, data in after.items() if SECRET in data and not name.endswith("w.txt")]
    assert after["raw/002_c.txt"] == before["raw/002_c.txt"]
    assert "_index.htm" not in after
    assert noted.types == {"signature": 1, "client_secret": 1, "cookie": 2, "access_token": 2}
    old, new = (list(saz(path, "run")) for path in (source, target))
    assert [type(item) for item in new] == [type(item) for item in old]
    assert new[1].response_headers[0][1].endswith("; path=/")
    assert (new[1].method, new[1].path, new[1].status, new[1].at) == (
        old[1].method,
        old[1].path,
        old[1].status,
        old[1].at,
    )


def test_what_cannot_be_read_is_left_out_and_counted(tmp_path):
    source = write(tmp_path / "a.saz", (SENT, ANSWER, about()))
    cut = tmp_path / "cut.saz"
    cut.write_bytes(source.read_bytes()[:-300])
    target, noted = cleaned(cut, tmp_path)
    assert noted.left >= 1
    assert unpacked(target)["raw/001_c.txt"].startswith(b"POST https://login.example/token?sig=SECRET.")


def test_a_message_that_is_none_is_cleaned_as_it_is(tmp_path):
    source = write(tmp_path / "a.saz", (b'{"password": "%s"}' % SECRET, None, about()))
    target, _ = cleaned(source, tmp_path)
    assert SECRET not in unpacked(target)["raw/001_c.txt"]
