"""A value as the dataset keeps it: kind, size and keyed hash; the key lies in a restricted folder beside it."""

import hmac
import os
import secrets
from pathlib import Path

from portalscope.decoders.message import Scalar

LONGEST_DECIMAL = 10_000  # bits; Python refuses to print longer integers in decimal
FOLDER_MODE, FILE_MODE = 0o700, 0o600


def folder(dataset: Path) -> Path:
    """Return the restricted folder beside a dataset, made if need be: only its owner may look into it."""
    path = dataset.with_name(f"{dataset.name}-values")
    path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    path.chmod(FOLDER_MODE)
    return path


def key(dataset: Path) -> bytes:
    """Return the key of a dataset's hashes, 32 random bytes made at first use.

    Raises ValueError when the dataset holds runs and the key is gone: new hashes would not be comparable with the old.
    """
    path = folder(dataset) / "key"
    if not path.exists():
        if any((dataset / "runs").glob("run=*")):
            raise ValueError(f"{path.parent.name}/key is missing: new hashes could not be compared with the old")
        place(path, secrets.token_bytes(32))
    return path.read_bytes()


def place(path: Path, content: bytes) -> None:
    """Create a private file in one step, so that of two writers one wins and neither reads half a key."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def fingerprint(secret: bytes) -> str:
    """Return a key's name, which tells nothing about it: runs with the same one can be compared."""
    return hmac.digest(secret, b"portalscope dataset key", "sha256").hex()[:16]


def digest(secret: bytes, data: bytes) -> str:
    """Return the keyed hash of a value's bytes: HMAC-SHA256, the first 16 hex digits."""
    return hmac.digest(secret, data, "sha256").hex()[:16]


def kind(value: Scalar) -> str:
    """Return `string`, `int`, `float`, `bool`, `bytes`, `null` or `empty`."""
    if value is None:
        return "null"
    if isinstance(value, str | bytes):
        return "empty" if not value else "string" if isinstance(value, str) else "bytes"
    return type(value).__name__


def as_bytes(value: Scalar) -> bytes:
    """Return a value's text in UTF-8, bytes as they are. `1`, `1.0` and `True` differ; `"1"` and `1` are the same."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if isinstance(value, bool):
        return b"true" if value else b"false"
    if isinstance(value, int) and value.bit_length() > LONGEST_DECIMAL:
        return hex(value).encode()
    return b"" if value is None else repr(value).encode()


def as_text(value: Scalar) -> str:
    """Return a value for people: text, or hexadecimal digits when it is none."""
    data = as_bytes(value)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return f"0x{data.hex()}"
