"""Zip archives (APPNOTE.TXT): what is in them, by name and size. File names can be personal; nothing is unpacked."""

import io
import struct
import zipfile

from portalscope.decoders.message import DecodeError, Media, Tree

# RuntimeError: what zipfile says of a version or a method that it does not know.
_FAULTS = (zipfile.BadZipFile, RuntimeError, ValueError, OSError, EOFError, struct.error)
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
STREAMED = 0x08  # sizes stand behind the file


def archive(data: bytes) -> Tree:
    """{files: [{name, size}], archive}. Without its directory (cut off) the files in front are the partial result."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as found:
            files: list[Tree] = [{"name": info.filename, "size": info.file_size} for info in found.infolist()]
    except _FAULTS:
        files = local_files(data)
        if not files:
            raise DecodeError("zip: no directory", data) from None
        tree: Tree = {"files": files, "archive": Media("application/zip", len(data), data)}
        raise DecodeError("zip: cut off, no directory", b"", tree) from None
    return {"files": files, "archive": Media("application/zip", len(data), data)}


def local_files(data: bytes) -> list[Tree]:
    """Files by their local headers, from the front, as far as their sizes lead to the next."""
    files: list[Tree] = []
    pos = 0
    while data.startswith(b"PK\x03\x04", pos) and len(data) - pos >= _LOCAL.size:
        _, _, flags, _, _, _, _, packed, size, name, extra = _LOCAL.unpack_from(data, pos)
        start = pos + _LOCAL.size
        files.append({"name": data[start : start + name].decode("utf-8", "replace"), "size": size})
        if flags & STREAMED:
            break
        pos = start + name + extra + packed
    return files
