"""The host and port in a Host header, an :authority or a request line (RFC 3986, 3.2)."""


def authority(value: str) -> tuple[str, int | None]:
    """Return host in lower case and port, None if there is none: `[2001:db8::1]:8443` -> (`2001:db8::1`, 8443).

    Anything is accepted, in linear time: what is no port stays part of the host, so that nothing is hidden.
    """
    value = value.rpartition("@")[2].strip().lower()
    host, colon, port = value.rpartition(":")
    named = bool(colon) and port.isascii() and port.isdigit() and len(port) <= 5
    if named and (":" not in host or host.endswith("]")):
        return host.strip("[]"), int(port)
    return value.strip("[]"), None
