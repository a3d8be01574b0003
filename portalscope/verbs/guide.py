"""What a person is told when a recording begins: how to connect the device, and what to do on it."""

from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path

CERTIFICATE = Path(".mitmproxy") / "mitmproxy-ca-cert.pem"


def welcome(folder: Path, ways: str, platform: str = "", *, keys: bool = False) -> str:
    """How to connect a device, in four steps; between them those of a platform that we know."""
    where = f" --inspection {folder.parent}" if folder.parent != Path("inspection") else ""
    authority = folder.parent / CERTIFICATE
    here = "Type what you do and press Enter to mark a step, or in" if keys else "In"
    return "\n".join(
        [
            f"1. Connect the device: {ways}",
            f"2. On it open http://mitm.it and trust the certificate {authority}",
            *(f"   - {line}" for line in todo(platform, authority)),
            f'3. {here} another terminal mark each step: portalscope step "signed in"{where}',
            f"4. Ctrl-C ends the recording of {folder}",
        ]
    )


def todo(platform: str, authority: Path) -> Iterator[str]:
    """What has to be done on a device of a platform, and where more of it stands."""
    from portalscope.capture.platforms import platforms

    known = platforms().get(platform.lower())
    if known:
        yield from known.todo(authority)
        yield f"more: docs/how-to/{known.id}.md"


def codes(tunnels: Sequence[str]) -> str:
    """WireGuard configurations as QR codes for the terminal: the app of the phone reads them from the screen."""
    import segno

    out = StringIO()
    for tunnel in tunnels:
        segno.make(tunnel, error="l", micro=False).terminal(out=out, compact=True, border=2)
    return out.getvalue()
