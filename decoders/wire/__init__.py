"""One wire format a file: bytes in, a tree out, `DecodeError` when it does not open."""
