"""HAR files without secrets: every entry keeps its number, and reads as before but for what was replaced."""

import json
from base64 import b64encode
from io import BytesIO
from pathlib import Path

import pytest

from portalscope.capture.clean_har import har_pieces
from portalscope.capture.har import har
from portalscope.capture.problem import Problem
from portalscope.capture.secrets import Noted, Secrets

SAMPLES = Path(__file__).parents[2] / "samples"
OF = Secrets(bytes(32))
SECRET = "0.HONEYRT.abcdefgh"
FORM = "application/x-www-form-urlencoded"
ENTRY = {
    "startedDateTime": "2026-05-04T09:30:00Z",
    "time": 5,
    "request": {
        "method": "POST",
        "url": f"https://login.example/token?code={SECRET}&state=1",
        "httpVersion": "HTTP/2",
        "headers": [{"name": "authorization", "value": f"Bearer {SECRET}"}, {"name": "content-type", "value": FORM}],
        "cookies": [{"name": "ESTSAUTH", "value": SECRET}, {"name": "MUID", "value": "stays"}],
        "queryString": [{"name": "code", "value": SECRET}, {"name": "state", "value": "1"}],
        "postData": {
            "mimeType": FORM,
            "text": f"refresh_token={SECRET}&a=ö",
            "params": [{"name": "refresh_token", "value": SECRET}, {"name": "a", "value": "ö"}],
        },
        "bodySize": 36,
    },
    "response": {
        "status": 200,
        "headers": [{"name": "content-type", "value": "application/json"}],
        "cookies": [],
        "redirectURL": f"https://x.example/?code={SECRET}&state=1",
        "content": {
            "size": 44,
            "encoding": "base64",
            "text": b64encode(f'{{"id_token": "{SECRET}"}}'.encode()).decode(),
        },
    },
    "_webSocketMessages": [{"type": "send", "time": 1.0, "opcode": 1, "data": f'{{"password": "{SECRET}"}}'}],
    "_initiator": {"url": f"https://x.example/?access_token={SECRET}"},
}


def cleaned(data):
    noted = Noted()
    return b"".join(har_pieces(BytesIO(data), OF, noted)), noted


def written(*entries):
    return json.dumps({"log": {"version": "1.2", "pages": [{"title": SECRET}], "entries": entries}}).encode()


def test_no_part_of_an_entry_hides_a_secret():
    data, noted = cleaned(written(ENTRY))
    entry = json.loads(data)["log"]["entries"][0]
    assert SECRET not in json.dumps(entry)
    assert b64encode(SECRET.encode())[:12] not in data
    assert entry["request"]["cookies"][1]["value"] == "stays"
    assert entry["request"]["queryString"][1]["value"] == "1"
    assert entry["request"]["postData"]["params"][1]["value"] == "ö"
    assert entry["_portalscope-cleaned"]["body"]["size"] == 36
    assert noted.types.keys() >= {"access_token", "code", "cookie", "password", "refresh_token"}


def test_it_reads_as_before():
    before, after = (list(har(BytesIO(data), "a.har", "run")) for data in (written(ENTRY), cleaned(written(ENTRY))[0]))
    assert [(item.id, item.at, item.method, item.host, item.path) for item in after] == [
        (item.id, item.at, item.method, item.host, item.path) for item in before
    ]
    assert after[0].body.startswith(b"refresh_token=SECRET.refresh_token.18.")
    assert after[0].body.endswith("&a=ö".encode("latin-1"))  # as the size says


def test_entries_without_secrets_stay_to_the_character():
    plain = json.loads(json.dumps(ENTRY).replace(SECRET, "").replace("Bearer ", ""))
    plain["response"]["content"] = {"size": 2, "text": "ok"}
    text = json.dumps(plain, indent=7)
    assert text.encode() in cleaned(b'{"log": {"entries": [' + text.encode() + b"]}}")[0]


@pytest.mark.parametrize("sample", ["msal_py", "js1ds_444_v1", "sample_reg_v1"])
def test_real_recordings(sample):
    data = (SAMPLES / sample / f"{sample}.har").read_bytes()
    truth = json.loads((SAMPLES / sample / "expected.json").read_text())["honey_sent"]
    made, _ = cleaned(data)
    assert not [name for name, value in truth if name.startswith("secret_") and value.encode() in made]
    before, after = (list(har(BytesIO(one), "a.har", "run")) for one in (data, made))
    assert [item.id for item in after] == [item.id for item in before]
    assert sum(old == new for old, new in zip(before, after, strict=True)) >= len(before) - 8


def test_what_browsers_show_as_text_but_is_binary_keeps_its_bytes():
    raw = bytes(range(256)) + f'{{"password": "{SECRET}"}}'.encode()
    entry = {
        **ENTRY,
        "request": {**ENTRY["request"], "postData": {"text": raw.decode("latin-1")}, "bodySize": len(raw)},
    }
    (exchange, *_) = har(BytesIO(cleaned(written(entry))[0]), "a.har", "run")
    assert exchange.body[:256] == bytes(range(256))
    assert (len(exchange.body), SECRET.encode() in exchange.body) == (len(raw), False)


def test_damaged_entries_stay_damaged_and_are_cleaned_as_text():
    data = b'{"log": {"entries": [{"password": "%s", "request": tru}, {"password": "%s"}, 3]}}' % (
        (SECRET.encode(),) * 2
    )
    made, _ = cleaned(data)
    assert SECRET.encode() not in made
    before, after = (list(har(BytesIO(one), "a.har", "run")) for one in (data, made))
    assert [(type(item), item.why) for item in after] == [(Problem, item.why) for item in before]


def test_a_file_that_ends_early_or_is_broken_does_so_again():
    whole = written(ENTRY, ENTRY)
    for data in (whole[:-200], whole[:-3] + b"; x", b'{"log": {"entries": ['):
        before, after = (list(har(BytesIO(one), "a.har", "run")) for one in (data, cleaned(data)[0]))
        assert [type(item) for item in after] == [type(item) for item in before]
        assert after[-1].why.partition(":")[0] == before[-1].why.partition(":")[0]
