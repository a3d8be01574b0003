"""Secrets in binary property lists that plistlib wrote; the list stays one, and nothing else in it changes."""

import plistlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.capture.secret_names import Names, table
from portalscope.capture.secret_plist import clean_plist

NAMES = Names(table())
UPDATE = {
    "MessageType": "TokenUpdate",
    "Topic": "com.apple.mgmt.External.x",
    "Token": b"push token stays",
    "UnlockToken": bytes(range(200)),
    "Nested": [{"RecoveryKey": "ABCD-EFGH-IJKL", "Serial": "C02"}, {"Password": "pässwörd ☃"}],
    "Count": 70_000,
}


def fit(kind, value, size):
    return f"SECRET.{kind.type}".encode()[:size].ljust(size, b"_")


def clean(tree):
    data = plistlib.dumps(tree, fmt=plistlib.FMT_BINARY)
    made = clean_plist(data, NAMES, fit)
    assert len(made) == len(data)
    return plistlib.loads(made)


def test_secrets_are_replaced_and_all_else_stays():
    after = clean(UPDATE)
    assert after["UnlockToken"].startswith(b"SECRET.private_key_")
    assert after["Nested"][0] == {"RecoveryKey": "SECRET.private", "Serial": "C02"}
    assert after["Nested"][1]["Password"].startswith("SECRET.pas")
    assert {k: v for k, v in after.items() if k not in ("UnlockToken", "Nested")} == {
        k: v for k, v in UPDATE.items() if k not in ("UnlockToken", "Nested")
    }


@pytest.mark.parametrize("cut", [8, 20, 60, 150, 300])
def test_a_list_that_is_cut_off_stays_as_it_is(cut):
    data = plistlib.dumps(UPDATE, fmt=plistlib.FMT_BINARY)[:cut]
    assert clean_plist(data, NAMES, fit) == data


@given(st.binary(max_size=60))
def test_any_bytes_are_taken(data):
    assert len(clean_plist(b"bplist00" + data, NAMES, fit)) == len(data) + 8


@given(st.integers(0, 600), st.integers(0, 255))
def test_a_damaged_list_is_taken(position, byte):
    data = bytearray(plistlib.dumps(UPDATE, fmt=plistlib.FMT_BINARY))
    data[position % len(data)] = byte
    assert len(clean_plist(bytes(data), NAMES, fit)) == len(data)
