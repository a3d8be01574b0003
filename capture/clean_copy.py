"""Recordings of other programs, copied without their secrets: flow files and exports; others have their own modules."""

import gzip
import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from mitmproxy.io import FlowReader, tnetstring

from portalscope.capture.clean_archive import clean_archive
from portalscope.capture.clean_har import har_pieces
from portalscope.capture.flow_records import length, take
from portalscope.capture.flows import UNREADABLE
from portalscope.capture.read import EMPTY, FLOWS, HAR, RECORDS, SAZ, TABLE, kind, opened
from portalscope.capture.secret_body import clean_plain
from portalscope.capture.secret_flow import clean_state
from portalscope.capture.secret_text import Found
from portalscope.capture.secrets import Noted, Secrets

TEXTS = (TABLE, RECORDS)
CLEANABLE = (FLOWS, HAR, SAZ, EMPTY, *TEXTS)
LARGEST_TEXT = 1 << 28  # bytes of an export that is cleaned in one piece
TOO_LARGE = (
    b"0:~"  # a flow that nobody can read, in the place of one that is too large: those behind it keep their numbers
)


def clean_copy(source: Path, target: Path, secrets: Secrets) -> Noted | None:
    """Write a copy of a recording without its secrets, which only the owner can read; return what was replaced.

    None, and there is no copy: the format cannot be cleaned. Flows and entries keep their numbers, what is damaged
    stays damaged, a file that was packed with gzip is packed again. OSError: a file cannot be read or written.
    """
    form = kind(source)
    if form not in CLEANABLE or (form in TEXTS and source.stat().st_size > LARGEST_TEXT):
        return None
    noted = Noted()
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        if form == SAZ:
            clean_archive(source, file, secrets, noted)
            return noted
        with opened(source) as stream:
            pieces = text_pieces if form in TEXTS else har_pieces if form == HAR else flow_pieces
            written(file, pieces(stream, secrets, noted), packed=is_packed(source))
    return noted


def written(file: BinaryIO, pieces: Iterator[bytes], *, packed: bool) -> None:
    """Write pieces to a file, packed with gzip if it was."""
    if not packed:
        file.writelines(pieces)
        return
    with gzip.GzipFile(fileobj=file, mode="wb", mtime=0, filename="") as out:
        out.writelines(pieces)


def is_packed(path: Path) -> bool:
    """Whether a file is packed with gzip."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def flow_pieces(stream: BinaryIO, secrets: Secrets, noted: Noted) -> Iterator[bytes]:
    """Yield the flows of a flow file; those without secrets as they stand."""
    while prefix := length(stream):
        if not prefix[:-1].isdigit() or not prefix.endswith(b":"):
            left = take(stream, None)[1]
            yield f"({len(prefix) + left} bytes that are no flow were left out)".encode() if left else prefix
            return
        size = int(prefix[:-1]) + 1
        data, there = take(stream, size)
        if there < size:
            yield prefix + blurred(data, secrets, noted)
        else:
            yield flow_piece(prefix + data, secrets, noted) if data else TOO_LARGE


def flow_piece(record: bytes, secrets: Secrets, noted: Noted) -> bytes:
    """One flow without secrets. One that mitmproxy cannot read keeps its length: what is replaced is as long."""
    try:
        flow = next(iter(FlowReader(BytesIO(record)).stream()))
        state, replaced = clean_state(secrets, flow.get_state())
    except (StopIteration, *UNREADABLE):
        return blurred(record, secrets, noted)
    noted.add(replaced)
    return tnetstring.dumps(state) if replaced else record


def blurred(data: bytes, secrets: Secrets, noted: Noted) -> bytes:
    """Bytes of any kind without the secrets that can be seen in them, as long as before."""
    found = Found()
    clean = secrets.text.clean(data, found, fixed=True)
    noted.types.update(found.types)
    return clean


def text_pieces(stream: BinaryIO, secrets: Secrets, noted: Noted) -> Iterator[bytes]:
    """Yield an export that is text, in UTF-8 or UTF-16, in one piece."""
    found = Found()
    yield clean_plain(stream.read(), secrets.text, found, form=False, fixed=False)
    noted.types.update(found.types)
