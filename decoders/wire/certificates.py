"""X.509 certificates, PKCS#10 requests and CMS signatures: who they name, and no keys (RFC 5280, RFC 2986, RFC 5652).

{"kind", "subject": {"CN": …}, "issuer", "serial", "notBefore", "notAfter", "key", "extensions": {NAME: value}}. Windows
writes characters into PrintableStrings that strict parsers refuse, so this is read leniently.
"""

from collections.abc import Callable, Iterable
from uuid import UUID

from portalscope.decoders.message import DecodeError, Media, Tree
from portalscope.decoders.wire.der import BITS, BOOLEAN, CODECS, INTEGER, OCTETS, OID, SEQUENCE, Node, read
from portalscope.decoders.wire.jwt import base64url
from portalscope.decoders.wire.xml_text import by_name

NAMES = {
    "2.5.4.3": "CN", "2.5.4.4": "SN", "2.5.4.5": "serialNumber", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST",
    "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.12": "title", "2.5.4.42": "GN", "1.2.840.113549.1.9.1": "emailAddress",
    "0.9.2342.19200300.100.1.1": "UID", "0.9.2342.19200300.100.1.25": "DC",
}  # fmt: skip
EXTENSIONS = {
    "2.5.29.14": "subjectKeyIdentifier", "2.5.29.15": "keyUsage", "2.5.29.17": "subjectAltName",
    "2.5.29.19": "basicConstraints", "2.5.29.31": "crlDistributionPoints", "2.5.29.32": "certificatePolicies",
    "2.5.29.35": "authorityKeyIdentifier", "2.5.29.37": "extKeyUsage", "1.3.6.1.5.5.7.1.1": "authorityInfoAccess",
    "1.3.6.1.4.1.311.25.2": "objectSid",
    # MS-DVRJ 2.2.9 and ralish/CertUiExts: what Entra and Intune write into a device's certificate
    "1.2.840.113556.1.5.284.1": "entra.directoryId", "1.2.840.113556.1.5.284.2": "entra.deviceId",
    "1.2.840.113556.1.5.284.3": "entra.userId", "1.2.840.113556.1.5.284.4": "entra.domainId",
    "1.2.840.113556.1.5.284.5": "entra.tenantId", "1.2.840.113556.1.5.284.7": "entra.joinType",
    "1.2.840.113556.1.5.284.8": "entra.tenantRegion", "1.2.840.113556.5.4": "intune.deviceId",
    "1.2.840.113556.5.6": "intune.accountId", "1.2.840.113556.5.10": "intune.userId",
    "1.2.840.113556.5.14": "intune.tenantId", "1.3.6.1.4.1.311.66.1.0": "windows.deviceId",
}  # fmt: skip
KEYS = {"1.2.840.113549.1.1.1": "RSA", "1.2.840.10045.2.1": "EC", "1.3.101.112": "Ed25519", "1.2.840.10040.4.1": "DSA"}
CURVES = {"1.2.840.10045.3.1.7": 256, "1.3.132.0.34": 384, "1.3.132.0.35": 521}
SIGNED_DATA = "1.2.840.113549.1.7.2"
EXTENSION_REQUEST = "1.2.840.113549.1.9.14"
GENERAL_NAMES = {1: "email", 2: "dns", 6: "uri"}
MAX_CERTIFICATES = 64


def der(data: bytes) -> Tree:
    """A certificate, a request or a CMS signature; in DER, PEM or base64."""
    plain = unarmoured(data)
    try:
        root = read(plain)
        parts = root.children()
        found = SHAPES[shape(parts)](parts)
    except (ValueError, IndexError, KeyError):
        raise DecodeError("not a certificate, request or signature", data) from None
    if rest := plain[root.end :].strip(b"\0"):
        raise DecodeError("DER: more after the end", rest, found)
    return found


def unarmoured(data: bytes) -> bytes:
    """DER as it is, or out of PEM or base64."""
    if data[:1] == b"0":
        return data
    lines = [line.strip() for line in data.strip().splitlines() if not line.startswith(b"-----")]
    text = b"".join(lines).replace(b"+", b"-").replace(b"/", b"_")
    return base64url(text, data)


def shape(parts: list[Node]) -> str:
    """What a sequence is, by its first value."""
    if parts[0].tag == OID:
        return "cms" if parts[0].oid() == SIGNED_DATA else "unknown"
    inner = parts[0].children()
    return "request" if inner[0].tag == INTEGER and inner[1].tag == SEQUENCE and len(inner) <= 4 else "certificate"


def certificate(parts: list[Node]) -> dict[str, Tree]:
    """TBSCertificate and the size of its signature."""
    inner = parts[0].children()
    if inner[0].tag == 0xA0:
        inner = inner[1:]
    serial, _algorithm, issuer, validity, subject, key, *more = inner
    times = [when.text() for when in validity.children()]
    extensions = [node for part in more if part.tag == 0xA3 for node in part.children()[0].children()]
    return {
        "kind": "certificate",
        "subject": name(subject),
        "issuer": name(issuer),
        "serial": serial.value.hex(),
        "notBefore": times[0],
        "notAfter": times[1],
        "key": key_kind(key),
        **extended(extension(node) for node in extensions),
    }


def request(parts: list[Node]) -> dict[str, Tree]:
    """CertificationRequestInfo; the attributes hold the extensions that are asked for, and what Windows adds."""
    _version, subject, key, *more = parts[0].children()
    attributes: list[tuple[str, Tree]] = []
    for node in (attribute for part in more if part.tag == 0xA0 for attribute in part.children()):
        kind, values = node.children()
        if kind.oid() == EXTENSION_REQUEST:
            attributes += [extension(entry) for value in values.children() for entry in value.children()]
        else:
            attributes.append((titled(kind.oid()), [held(value) for value in values.children()]))
    return {"kind": "request", "subject": name(subject), "key": key_kind(key), **extended(attributes)}


def extended(pairs: Iterable[tuple[str, Tree]]) -> dict[str, Tree]:
    """Extensions by name under `extensions`, nothing when there are none."""
    found = by_name(pairs)
    return {"extensions": found} if found else {}


def cms(parts: list[Node]) -> dict[str, Tree]:
    """SignedData: the certificates that it carries, and how large it is."""
    signed = parts[1].children()[0]
    inner = signed.children()
    carried = [node for part in inner if part.tag == 0xA0 for node in part.children()][:MAX_CERTIFICATES]
    found: list[Tree] = [certificate(entry.children()) for entry in carried if entry.tag == SEQUENCE]
    content = inner[2].children()
    inside = content[1].children()[0].value if len(content) > 1 else b""
    return {
        "kind": "cms",
        "signature": Media("cms signature", signed.end - signed.start - len(inside)),
        "certificates": found,
        **({"content": inside} if inside else {}),
    }


SHAPES: dict[str, Callable[[list[Node]], dict[str, Tree]]] = {
    "certificate": certificate,
    "request": request,
    "cms": cms,
}


def name(node: Node) -> Tree:
    """A distinguished name as an object; a part that comes twice holds a list."""
    pairs = (pair.children() for group in node.children() for pair in group.children())
    return by_name((NAMES.get(kind.oid(), kind.oid()), value.text()) for kind, value in pairs)


def key_kind(node: Node) -> str:
    """Kind and size of a public key: `RSA 2048`."""
    algorithm, key = node.children()
    kind = KEYS.get(oid := algorithm.children()[0].oid(), oid)
    if kind == "RSA":
        modulus = read(key.value, 1).children()[0]
        return f"RSA {abs(modulus.number).bit_length()}"
    if kind == "EC":
        return f"EC {CURVES.get(algorithm.children()[1].oid(), (len(key.value) - 2) * 4)}"
    return f"{kind} {(len(key.value) - 1) * 8}"


def extension(node: Node) -> tuple[str, Tree]:
    """One extension by its name, else by its number."""
    parts = node.children()
    number, value = parts[0].oid(), parts[-1]
    if value.tag != OCTETS or (len(parts) == 3 and parts[1].tag != BOOLEAN):
        raise ValueError("no extension")
    if number == "2.5.29.17":
        return titled(number), by_name(general_name(entry) for entry in read(value.value).children())
    found = opened(value.value)
    if titled(number).endswith("Id") and isinstance(found, bytes) and len(found) == 16:
        return titled(number), str(UUID(bytes_le=found))
    return titled(number), found


def titled(number: str) -> str:
    """An extension's name, else its number."""
    return EXTENSIONS.get(number, number)


def opened(data: bytes) -> Tree:
    """What an extension holds: text or bytes out of their DER wrapping, else text where it is readable, else bytes."""
    try:
        node = read(data)
    except ValueError:
        node = None
    if node is not None and node.end == len(data):
        return held(node)
    plain = data.rstrip(b"\0")
    return plain.decode("ascii") if plain.isascii() and plain.decode("ascii").isprintable() else data


def held(node: Node) -> Tree:
    """One value: text, number, the bytes of an octet string, else its DER."""
    if node.tag in CODECS:
        return node.text()
    if node.tag == INTEGER and len(node.value) <= 8:
        return node.number
    return node.value if node.tag in (OCTETS, BITS) else node.data[node.start : node.end]


def general_name(node: Node) -> tuple[str, Tree]:
    """One name of a subjectAltName; otherName (a Windows user name) by its number."""
    kind = GENERAL_NAMES.get(node.tag & 0x1F)
    if kind:
        return kind, node.value.decode("latin-1")
    if node.tag == 0xA0:
        number, value = node.children()
        oid = number.oid()
        return ("upn" if oid == "1.3.6.1.4.1.311.20.2.3" else oid), held(value.children()[0])
    return f"name{node.tag & 0x1F}", node.value
