"""JSON: one document, or many one after the other (JSON lines, with or without the newlines)."""

import json
import re

from portalscope.decoders.message import DecodeError, Tree

_SPACE = re.compile(r"[\s,\x00\x1e]*")
_DOCUMENT = re.compile(r"[\[{\"0-9tfn-]")


def unique(pairs: list[tuple[str, Tree]]) -> dict[str, Tree]:
    """An object; when a key comes twice both values are kept, as a list. JSON parsers keep the last one, silently."""
    tree = dict(pairs)
    if len(tree) == len(pairs):
        return tree
    values: dict[str, list[Tree]] = {}
    for key, value in pairs:
        values.setdefault(key, []).append(value)
    return {key: found if len(found) > 1 else found[0] for key, found in values.items()}


_decoder = json.JSONDecoder(object_pairs_hook=unique)


def text(data: bytes) -> tuple[str, str]:
    """Decode UTF-8, -16 or -32 as JSON allows, and name the codec; wrong bytes of UTF-8 become lone surrogates."""
    codec = json.detect_encoding(data)
    codec, errors = ("utf-8", "surrogateescape") if codec.startswith("utf-8") else (codec, "replace")
    return data.decode(codec, errors).removeprefix("\ufeff"), codec


def back(source: str, codec: str) -> bytes:
    """The bytes that this text was decoded from, a byte order mark apart."""
    named = f"{codec}-le" if codec in ("utf-16", "utf-32") else codec
    return source.encode(named, "surrogateescape" if codec == "utf-8" else "surrogatepass")


def json_text(data: bytes) -> Tree:
    """One JSON document. What follows it is the error's `rest`."""
    source, codec = text(data)
    start = _SPACE.match(source).end()  # type: ignore[union-attr]  # the pattern fits the empty string
    try:
        tree, end = _decoder.raw_decode(source, start)
    except (ValueError, RecursionError) as error:
        raise DecodeError(f"JSON: {reason(error)}", data) from None
    rest = source[_SPACE.match(source, end).end() :]  # type: ignore[union-attr]  # the same
    if rest:
        raise DecodeError("JSON: more after the end of the document", back(rest, codec), tree)
    found: Tree = tree
    return found


def json_lines(data: bytes) -> Tree:
    """A list of all documents; a single array is that list. Lines that are no JSON are the error's `rest`."""
    (source, codec), pos, found, bad = text(data), 0, [], []
    while (pos := _SPACE.match(source, pos).end()) < len(source):  # type: ignore[union-attr]  # the same
        try:
            if not _DOCUMENT.match(source, pos):
                raise ValueError("not a JSON value")
            tree, pos = _decoder.raw_decode(source, pos)
            found.append(tree)
        except RecursionError:
            bad.append(source[pos:])  # one nest too deep is an attack: what follows is not tried
            break
        except ValueError:
            end = source.find("\n", pos)
            end = len(source) if end < 0 else end
            bad.append(source[pos:end])
            pos = end
    if len(found) == 1 and isinstance(found[0], list):
        found = found[0]
    if bad:
        rest = back("\n".join(bad), codec)
        why = f"JSON lines: {len(bad)} of {len(bad) + len(found)} are not JSON"
        raise DecodeError(why, rest, found) if found else DecodeError(why, data)
    return found


def reason(error: Exception) -> str:
    """What is wrong, without the value that is."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos}"
    return "nested too deep" if isinstance(error, RecursionError) else "not a JSON value"
