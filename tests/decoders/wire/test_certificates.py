"""Certificates, requests and signatures, written by the cryptography library; names and numbers are invented."""

import base64
import uuid
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError, Media
from portalscope.decoders.wire.certificates import der

RSA = rsa.generate_private_key(65537, 1024)
DEVICE = uuid.UUID("00000000-0000-4000-8000-000000000001")
NAME = x509.Name(
    [x509.NameAttribute(NameOID.COMMON_NAME, str(DEVICE)), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Contoso")]
)
ISSUER = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "MS-Organization-Access")])


def extension(oid, value):
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), value)


def certificate(key=RSA):
    names = x509.SubjectAlternativeName(
        [
            x509.RFC822Name("user@contoso.example"),
            x509.DNSName("kims-laptop.contoso.example"),
            x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), b"\x0c\x14user@contoso.example"),
        ]
    )
    return (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(ISSUER)
        .public_key(key.public_key())
        .serial_number(0x1234)
        .not_valid_before(datetime(2026, 1, 2, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 2, tzinfo=UTC))
        .add_extension(names, critical=False)
        .add_extension(extension("1.2.840.113556.1.5.284.2", b"\x04\x10" + DEVICE.bytes_le), critical=False)
        .add_extension(extension("1.2.840.113556.5.14", DEVICE.bytes_le), critical=False)
        .add_extension(extension("1.2.840.113556.1.5.284.8", b"\x0c\x02EU"), critical=False)
        .add_extension(extension("1.2.3.4", b"\xff\x00\x01"), critical=True)
        .sign(RSA, hashes.SHA256())
    )


DER = certificate().public_bytes(serialization.Encoding.DER)
TREE = {
    "kind": "certificate",
    "subject": {"CN": str(DEVICE), "O": "Contoso"},
    "issuer": {"CN": "MS-Organization-Access"},
    "serial": "1234",
    "notBefore": "260102000000Z",
    "notAfter": "360102000000Z",
    "key": "RSA 1024",
    "extensions": {
        "subjectAltName": {
            "email": "user@contoso.example",
            "dns": "kims-laptop.contoso.example",
            "upn": "user@contoso.example",
        },
        "entra.deviceId": str(DEVICE),
        "intune.tenantId": str(DEVICE),
        "entra.tenantRegion": "EU",
        "1.2.3.4": b"\xff\x00\x01",
    },
}


@pytest.mark.parametrize(
    "data",
    [DER, certificate().public_bytes(serialization.Encoding.PEM), base64.b64encode(DER), base64.encodebytes(DER)],
)
def test_a_certificate_in_every_wrapping(data):
    assert der(data) == TREE


@pytest.mark.parametrize(
    ("key", "kind"),
    [(ec.generate_private_key(ec.SECP521R1()), "EC 521"), (ed25519.Ed25519PrivateKey.generate(), "Ed25519 256")],
)
def test_other_keys(key, kind):
    assert der(certificate(key).public_bytes(serialization.Encoding.DER))["key"] == kind


def request():
    return (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ConfigMgrEnroll")]))
        .add_extension(extension("1.3.6.1.4.1.311.66.1.0", b"1E08\x00"), critical=False)
        .sign(RSA, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
    )


def test_a_request():
    assert der(request()) == {
        "kind": "request",
        "subject": {"CN": "ConfigMgrEnroll"},
        "key": "RSA 1024",
        "extensions": {"windows.deviceId": "1E08"},
    }


def test_a_request_as_windows_writes_it():
    """Windows puts characters into a PrintableString that the type does not have; strict parsers refuse."""
    data = request().replace(b"\x0c\x0fConfigMgrEnroll", b"\x13\x0fConfig!Enroll\0\0")
    with pytest.raises(ValueError, match="PrintableString"):
        x509.load_der_x509_csr(data).subject.rfc4514_string()
    assert der(data)["subject"] == {"CN": "Config!Enroll\0\0"}


def test_a_signature_shows_who_signed_and_how_large_it_is():
    builder = pkcs7.PKCS7SignatureBuilder().set_data(b"message").add_signer(certificate(), RSA, hashes.SHA256())
    tree = der(builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary]))
    assert tree["kind"] == "cms"
    assert tree["content"] == b"message"
    assert tree["certificates"] == [TREE]
    assert isinstance(tree["signature"], Media)
    detached = der(builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature]))
    assert "content" not in detached


def test_a_private_key_is_not_opened():
    key = RSA.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with pytest.raises(DecodeError):
        der(key)


def test_what_follows_is_the_rest():
    with pytest.raises(DecodeError) as caught:
        der(DER + b"more")
    assert (caught.value.partial, caught.value.rest) == (TREE, b"more")


@pytest.mark.parametrize("size", range(0, len(DER), 13))
def test_any_truncation(size):
    with pytest.raises(DecodeError) as caught:
        der(DER[:size])
    assert caught.value.rest == DER[:size]


@given(st.data())
def test_any_changed_byte(data):
    broken = bytearray(DER)
    broken[data.draw(st.integers(0, len(DER) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert der(bytes(broken))["kind"]
    except DecodeError as error:
        assert error.why


@given(st.binary(max_size=100))
def test_any_bytes(data):
    with pytest.raises(DecodeError):
        der(data)
