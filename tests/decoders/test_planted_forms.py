"""Every form that a UPN and a GUID take on the wire, made by the standard library's encoders, is found."""

import base64
import gzip
import hashlib
import hmac
import json
import urllib.parse
import uuid
import zlib

import pytest

from portalscope.decoders.planted import Hit, Planted

UPN = "Anna.Honeypot@contoso-honey.example"
GUID = "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f1"
KEY = b"a key that an SDK ships"


@pytest.fixture(scope="module")
def planted() -> Planted:
    others = {"person_name": ["Anna Honeypot"], "employee_no": ["778899"], "imei": ["490154203237518"]}
    return Planted.of({"email_upn": [UPN], "entra_object_id": [GUID], **others}, [KEY])


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def sha(name: str, data: bytes) -> bytes:
    return hashlib.new(name, data).digest()


LOWER = UPN.lower().encode()
IDS = uuid.UUID(GUID)
DEFLATE = zlib.compressobj(wbits=-15)
DEFLATED = DEFLATE.compress(b'{"filler": "filler filler", "upn": "' + UPN.encode() + b'"}') + DEFLATE.flush()

FORMS_OF_UPN: dict[str, str | bytes] = {
    "plain": f"user={UPN};",
    "lower": LOWER.decode(),
    "upper": UPN.upper(),
    "url": "q?u=" + urllib.parse.quote(UPN, safe=""),
    "url twice": urllib.parse.quote(urllib.parse.quote(UPN, safe=""), safe=""),
    "every byte url": "".join(f"%{b:02x}" for b in UPN.encode()),
    "u escape": json.dumps(UPN).replace("@", "\\u0040"),
    "x escape": UPN.replace("@", "\\x40"),
    "entity": UPN.replace("@", "&#64;"),
    "utf-16 le": b"\x01\x02" + UPN.encode("utf-16-le") + b"\x00\x01",
    "utf-16 be": UPN.encode("utf-16-be"),
    "hex": UPN.encode().hex(),
    "upper hex": "x" + UPN.encode().hex().upper(),
    "base64": b64(UPN.encode()),
    "base64, one before": b64(b"x" + UPN.encode() + b"yz"),
    "base64, two before": b64(b"xy" + UPN.encode() + b"z"),
    "base64url": base64.urlsafe_b64encode(b"\xff\xfe>?" + UPN.encode()).decode().rstrip("="),
    "base64, cut off": b64(b"xyz" + UPN.encode() + b"xyz")[1:-3],
    "base64 in json in base64": b64(json.dumps({"a": b64(json.dumps({"u": UPN}).encode())}).encode()),
    "json in json": json.dumps(json.dumps({"u": UPN})),
    "gzip": gzip.compress(b'{"u":"' + UPN.encode() + b'"}'),
    "gzip behind a length": b"\x40\x00\x00\x00" + gzip.compress(LOWER),
    "zlib": zlib.compress(b"filler " * 3 + UPN.encode()),
    "deflate": DEFLATED,
    "gzip in base64": "RequestPayload=" + b64(gzip.compress(LOWER)),
    "utf-16 in base64": b64(UPN.encode("utf-16-le")),
    "base64 in a url": "state=" + urllib.parse.quote(b64(UPN.encode() + b"??>"), safe=""),
    "guest": "anna.honeypot_contoso-honey.example#EXT#@fabrikam.example",
    "jwt": "Bearer eyJ0eXAiOiJKV1QifQ." + base64.urlsafe_b64encode(json.dumps({"upn": UPN}).encode()).decode() + ".x",
    "in text": f"Error for <{UPN}>: denied",
    "mime lines": base64.encodebytes(b"x" * 50 + UPN.encode() + b"y" * 50).decode(),
    "utf-8 bytes": UPN.encode(),
}
DIGESTS_OF_UPN: dict[str, str | bytes] = {
    "md5 as given": sha("md5", UPN.encode()).hex(),
    "md5 lower, upper hex": sha("md5", LOWER).hex().upper(),
    "sha1 lower": sha("sha1", LOWER).hex(),
    "sha256 lower": "g:" + sha("sha256", LOWER).hex(),
    "sha256 upper": sha("sha256", UPN.upper().encode()).hex(),
    "sha256 base64": b64(sha("sha256", LOWER)),
    "sha256 base64url": base64.urlsafe_b64encode(sha("sha256", LOWER)).decode().rstrip("="),
    "sha256 utf-16": sha("sha256", UPN.lower().encode("utf-16-le")).hex(),
    "sha256 bytes": b"\x08\x20" + sha("sha256", LOWER) + b"\x01",
    "sha512 lower": sha("sha512", LOWER).hex(),
    "sha512 base64": b64(sha("sha512", UPN.encode())),
    "hmac": hmac.digest(KEY, LOWER, "sha256").hex(),
    "digest in json in base64": b64(json.dumps({"h": sha("sha256", LOWER).hex()}).encode()),
    "behind zeros": "0000" + sha("sha1", LOWER).hex(),
}
FORMS_OF_GUID: dict[str, str | bytes] = {
    "plain": GUID,
    "upper": GUID.upper(),
    "braces": "{" + GUID + "}",
    "no dashes": IDS.hex,
    "no dashes, upper": "x" + IDS.hex.upper(),
    "urn": "urn:uuid:" + GUID,
    "localId": "c:" + GUID,
    "network order": b"\x01" + IDS.bytes + b"\x02",
    ".net order": b"\x01" + IDS.bytes_le + b"\x02",
    "network order, base64": b64(IDS.bytes),
    ".net order, base64": b64(IDS.bytes_le),
    ".net order, base64url": base64.urlsafe_b64encode(IDS.bytes_le).decode().rstrip("="),
    ".net order, hex": IDS.bytes_le.hex(),
    ".net order, upper hex": IDS.bytes_le.hex().upper(),
    "base64 of text": b64(GUID.encode()),
    "utf-16": GUID.encode("utf-16-le"),
    "url": "%7B" + GUID + "%7D",
    "sid": "S-1-12-1-253635900-1232620378-3013907846-4058042818",
    "gzip": gzip.compress(b"<a>" + GUID.encode() + b"</a>"),
}
DIGESTS_OF_GUID: dict[str, str | bytes] = {
    "sha256": sha("sha256", GUID.encode()).hex(),
    "sha256 upper": sha("sha256", GUID.upper().encode()).hex(),
    "sha256 no dashes": sha("sha256", IDS.hex.encode()).hex(),
    "sha256 braces": sha("sha256", ("{" + GUID + "}").encode()).hex(),
    "md5 of bytes": sha("md5", IDS.bytes_le).hex(),
    "sha1 utf-16": sha("sha1", GUID.encode("utf-16-le")).hex(),
}


def found(planted: Planted, sent: str | bytes) -> tuple[Hit, ...]:
    return planted.hits_bytes(sent) if isinstance(sent, bytes) else planted.hits(sent)


@pytest.mark.parametrize("form", FORMS_OF_UPN)
def test_forms_of_a_upn(planted: Planted, form: str) -> None:
    hits = found(planted, FORMS_OF_UPN[form])
    assert "email_upn" in {hit.name for hit in hits if not hit.digest}


@pytest.mark.parametrize("form", DIGESTS_OF_UPN)
def test_digests_of_a_upn(planted: Planted, form: str) -> None:
    assert {(hit.name, hit.digest) for hit in found(planted, DIGESTS_OF_UPN[form])} == {("email_upn", True)}


@pytest.mark.parametrize("form", FORMS_OF_GUID)
def test_forms_of_a_guid(planted: Planted, form: str) -> None:
    hits = found(planted, FORMS_OF_GUID[form])
    assert {hit.name for hit in hits if not hit.digest} == {"entra_object_id"}


@pytest.mark.parametrize("form", DIGESTS_OF_GUID)
def test_digests_of_a_guid(planted: Planted, form: str) -> None:
    assert {(hit.name, hit.digest) for hit in found(planted, DIGESTS_OF_GUID[form])} == {("entra_object_id", True)}


@pytest.mark.parametrize("form", [*FORMS_OF_UPN, *DIGESTS_OF_UPN])
def test_every_form_is_also_found_as_bytes(planted: Planted, form: str) -> None:
    sent = (FORMS_OF_UPN | DIGESTS_OF_UPN)[form]
    raw = sent.encode() if isinstance(sent, str) else sent
    assert "email_upn" in {hit.name for hit in planted.hits_bytes(raw)}


@pytest.mark.parametrize(
    ("sent", "form"),
    [
        (UPN, "plain"),
        (UPN.upper(), "plain, other case"),
        (b64(UPN.encode()), "base64 > plain"),
        (b64(UPN.lower().encode("utf-16-le")), "base64 > utf-16 > plain, other case"),
        (sha("sha256", LOWER).hex(), "hex > sha256"),
        (hmac.digest(KEY, LOWER, "sha1").hex(), "hex > hmac-sha1"),
        (IDS.hex, "without dashes"),
        (IDS.bytes_le.hex(), "hex > raw bytes, .NET order"),
    ],
)
def test_the_form_says_the_way(planted: Planted, sent: str, form: str) -> None:
    assert form in {hit.form for hit in planted.hits(sent)}
