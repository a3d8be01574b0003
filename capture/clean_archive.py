"""Fiddler archives without their secrets: a new archive of the same sessions."""

import zipfile
from pathlib import Path
from typing import BinaryIO

from portalscope.capture.raw_message import RawMessage, raw_message
from portalscope.capture.saz import REQUEST, RESPONSE, Found, sessions
from portalscope.capture.secret_text import Found as Seen
from portalscope.capture.secrets import Message, Noted, Secrets


def clean_archive(source: Path, target: BinaryIO, secrets: Secrets, noted: Noted) -> None:
    """Write the sessions of an archive to a new one, without secrets; files without secrets as they are.

    Left out are the list of sessions, which repeats their addresses, and files that cannot be read: those are counted.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for number, found in sessions(source):
            noted.left += sum(bool(part.why) for part in found.values())
            for name, data in cleaned(found, secrets, noted).items() if number is not None else ():
                made.writestr(name, data)


def cleaned(found: Found, secrets: Secrets, noted: Noted) -> dict[str, bytes]:
    """The files of a session by name, without secrets."""
    raw = {letter: opened(found[letter].data) for letter in (REQUEST, RESPONSE) if letter in found}
    known = {letter: one for letter, one in raw.items() if one}
    before = [message(one) for one in known.values()]
    after, replaced = secrets.clean(before)
    noted.add(replaced)
    made = {}
    for letter, old, new in zip(known, before, after, strict=True):
        made[found[letter].name] = found[letter].data if old == new else written(new)
    for letter, part in found.items():
        if letter not in known and part.data:
            seen = Seen()
            made[part.name] = secrets.text.clean(part.data, seen, fixed=True)
            noted.types.update(seen.types)
    return made


def opened(data: bytes) -> RawMessage | None:
    """A message, None if it is none."""
    try:
        return raw_message(data)
    except ValueError:
        return None


def message(raw: RawMessage) -> Message:
    """A message as it is cleaned; its target is the whole first line."""
    headers = tuple((name.encode(), value.encode()) for name, value in raw.headers)
    return Message(target=" ".join(raw.start).rstrip().encode(), headers=headers, body=raw.body)


def written(clean: Message) -> bytes:
    """A message as it stands in a file; chunks stay joined."""
    fields = (name + b": " + value for name, value in clean.headers)
    return b"\r\n".join((clean.target, *fields, b"", clean.body or b""))
