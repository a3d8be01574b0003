"""The requests of the positive control: planted values in every way of writing that is said to be found.

The Bond record is one that Microsoft's own generated writer wrote (microsoft/cpp_client_telemetry): the text in it is
replaced by a planted one, with its length before it, as Compact Binary writes texts.
"""

import base64
import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

RECORD = bytes.fromhex(
    "2903342e3049016e7102cb460a012d090a010375706e4b0a012b0a01301400006903614062000000"
)  # CsProtocol 4.0, event "n", data.properties.upn = "a@b", marked as an identity
TEXT = b"\x03a@b"
JSON, FORM, BOND = "application/json", "application/x-www-form-urlencoded", "application/bond-compact-binary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One request: how the values are written in it, and the names of those that are in it."""

    form: str
    names: tuple[str, ...]
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path that tells the request from the others."""
        return f"/control/{self.form.replace(' ', '-').replace(',', '')}"


def controls(planted: Mapping[str, str]) -> Iterator[Control]:
    """Yield a request for each way of writing; `planted` maps names to values."""
    names = tuple(planted)
    tree = json.dumps(planted, ensure_ascii=False).encode()
    yield sent("plain JSON", names, tree, JSON)
    yield sent("form", names, urlencode(planted).encode(), FORM)
    yield Control(form="query", names=names, query=urlencode(planted))
    in_headers = {name: value for name, value in planted.items() if value.isascii() and value.isprintable()}
    yield Control(form="header", names=tuple(in_headers), headers={f"x-{n}": v for n, v in in_headers.items()})
    inside = {name: base64.b64encode(value.encode()).decode() for name, value in planted.items()}
    yield sent("base64 in JSON", names, json.dumps(inside).encode(), JSON)
    yield sent("gzip", names, gzip.compress(tree, mtime=0), JSON, {"content-encoding": "gzip"})
    yield sent("Bond", names, b"".join(bond(value) for value in planted.values()), BOND)
    hashed = {name: hashlib.sha256(value.encode()).hexdigest() for name, value in planted.items()}
    yield sent("SHA-256", names, json.dumps(hashed).encode(), JSON)
    yield sent("UTF-16", names, "\ufeff".encode("utf-16-le") + tree.decode().encode("utf-16-le"), JSON)
    twice = {name: quote(value, safe="") for name, value in planted.items()}
    yield Control(form="percent-encoded twice", names=names, query=urlencode(twice))


def sent(
    form: str, names: tuple[str, ...], body: bytes, kind: str, headers: Mapping[str, str] | None = None
) -> Control:
    """A request with a body."""
    return Control(form=form, names=names, body=body, headers={"content-type": kind, **(headers or {})})


def bond(value: str) -> bytes:
    """Microsoft's record with another text in it."""
    text = value.encode()
    return RECORD.replace(TEXT, varint(len(text)) + text)


def varint(number: int) -> bytes:
    """A number of Compact Binary: seven bits a byte, the lowest first."""
    low = number & 0x7F
    return bytes((low | 0x80,)) + varint(number >> 7) if number > 0x7F else bytes((low,))
