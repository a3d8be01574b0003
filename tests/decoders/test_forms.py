"""The forms of a value, against published examples and the encoders of the standard library."""

import base64
import hashlib
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.forms import core_of, forms, guid_of, hashed, messages, raw, sid_of, six_of, spellings

GUID = "00112233-4455-6677-8899-aabbccddeeff"


def test_net_order_of_a_guid_is_mixed() -> None:
    found = {form.name: form.text.encode("latin-1").hex() for form in raw(GUID)}
    assert found == {
        "raw bytes, .NET order": "33221100554477668899aabbccddeeff",
        "raw bytes, network order": "00112233445566778899aabbccddeeff",
    }


def test_sid_of_an_entra_object() -> None:
    # A pair that administrators' blogs show for translating Entra object IDs.
    guid = uuid.UUID("73d664e4-0886-4a73-b745-c694da45ddb4")
    assert sid_of(guid) == "S-1-12-1-1943430372-1249052806-2496021943-3034400218"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (GUID, {GUID, "00112233445566778899aabbccddeeff"}),
        ("{" + GUID.upper() + "}", {GUID}),
        ("00112233445566778899AABBCCDDEEFF", {GUID}),
        ("02:AA:BB:CC:DD:EE", {"02-AA-BB-CC-DD-EE", "02AABBCCDDEE", "02AA.BBCC.DDEE"}),
        ("02-AA-BB-CC-DD-EE", {"02:AA:BB:CC:DD:EE"}),
        ("+31 6 12345678", {"+31612345678", "31612345678", "0031612345678", "0612345678"}),
        ("2001:db8::1", {"2001:0db8:0000:0000:0000:0000:0000:0001"}),
        ("2001:0DB8:0:0::1", {"2001:db8::1"}),
        ("anna@contoso.example", {"anna_contoso.example#EXT#"}),
        ("C:\\Users\\anna", {"C:/Users/anna"}),
        ("Anna Honeypot", {"Anna+Honeypot"}),
        (" padded ", {"padded"}),
    ],
)
def test_spellings(value: str, expected: set[str]) -> None:
    assert expected <= set(spellings(value).values())
    assert next(iter(spellings(value).values())) == value.strip()


@pytest.mark.parametrize("value", ["", "x", "12:34", "+1", "HNY-SN-7F3K9Q2", "0011223344"])
def test_what_has_no_other_spelling(value: str) -> None:
    assert set(spellings(value).values()) == {value}
    assert guid_of(value) is None
    assert six_of(value) is None
    assert list(raw(value)) == []


@given(st.binary(max_size=7), st.binary(min_size=8, max_size=40), st.binary(max_size=7))
def test_the_core_stands_in_the_base64_of_anything_around_it(before: bytes, data: bytes, after: bytes) -> None:
    whole = base64.b64encode(before + data + after).decode()
    core = core_of(data, len(before) % 3)
    assert core
    assert core in whole


def test_digests_are_the_published_ones() -> None:
    found = {form.text.encode("latin-1").hex() for form in hashed("abc")}
    assert "900150983cd24fb0d6963f7d28e17f72" in found  # RFC 1321
    assert "a9993e364706816aba3e25717850c26c9cd0d89d" in found  # FIPS 180-4
    assert "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" in found
    assert all(form.digest and form.exact for form in hashed("abc"))


def test_hmac_is_the_published_one() -> None:
    # RFC 4231, test case 2.
    found = {form.name: form.text.encode("latin-1").hex() for form in hashed("what do ya want for nothing?", [b"Jefe"])}
    assert "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" in {
        form.text.encode("latin-1").hex()
        for form in hashed("what do ya want for nothing?", [b"Jefe"])
        if form.name == "hmac-sha256"
    }
    assert {"md5", "sha512", "hmac-md5", "hmac-sha512"} <= set(found)


def test_messages_are_the_usual_normalisations() -> None:
    found = messages(" Anna@Contoso.example ")
    for text in (" Anna@Contoso.example ", "Anna@Contoso.example", "anna@contoso.example", "ANNA@CONTOSO.EXAMPLE"):
        assert text.encode() in found
        assert text.encode("utf-16-le") in found
    assert uuid.UUID(GUID).bytes_le in messages(GUID)
    assert f"{{{GUID}}}".encode() in messages(GUID)


def test_no_form_comes_twice_and_weak_cases_are_folded_by_the_search() -> None:
    found = list(forms("anna@contoso.example"))
    assert len({(form.text, form.exact) for form in found}) == len(found)
    assert sum(form.name == "plain" for form in found) == 1


def test_letters_beyond_ascii_come_composed_and_decomposed_and_as_bytes() -> None:
    found = {form.text for form in forms("Zoë")}
    assert {"Zoë", "Zoe\u0308", "ZoÃ«", "Z\0o\0ë\0", "\0Z\0o\0ë"} <= found


def test_raw_bytes_of_a_mac_address() -> None:
    assert [form.text.encode("latin-1").hex() for form in raw("02:AA:BB:CC:DD:EE")] == ["02aabbccddee"]


@given(st.text(max_size=60), st.lists(st.binary(max_size=8), max_size=2))
def test_any_value_has_forms(value: str, keys: list[bytes]) -> None:
    assert all(form.text for form in forms(value, keys))


def test_digest_of_a_value_that_no_code_page_holds() -> None:
    assert hashlib.sha256(b"?").digest().decode("latin-1") in {form.text for form in hashed("\ud800")}
