"""Write docs/how-to/<platform>.md from capture/data/platforms.toml: `python docs/how_to.py`. A test compares them."""

from collections.abc import Iterator
from pathlib import Path

from portalscope.capture.endpoints import sources
from portalscope.capture.platforms import Closed, Platform, Step, platforms

FOLDER = Path(__file__).parent / "how-to"
MADE = "<!-- made by docs/how_to.py from capture/data/platforms.toml; do not edit -->\n\n"

BEFORE = """## Before the first run

- A device that is yours to test, reset, with an invented person in a test tenant. Recordings hold whatever it sends.
- Values that only this device has (a device name, a phone number, a file name that you made up) prove what went where. Write
  them into `planted.toml` in the run's folder before you decode; they never enter the dataset:

```toml
# inspection/baseline/planted.toml
deviceName = "HONEY-7F3A"
upn = "anna.honeypot@contoso.example"
```

- Every inspection has a certificate authority of its own, in `inspection/.mitmproxy`: its key dies with the folder.
- Start the recorder *before* the app, and write down every step: type it while the recorder runs, or mark it from another
  terminal.

```
portalscope step "signed in"
```
"""

CLOSED = """In the recording these are rows, never gaps: `tls failed` (the client does not trust the authority, or pins),
`established, then silent` (it found the key to be the wrong one and said nothing more), `not intercepted` (passed on as you
asked). `portalscope summarise` and the report count them; a host that stays closed still has an address, a place and bytes.
"""

SCENES = """### Idle baseline

Leave the device alone, signed in, screen off, for two hours or longer. What it sends then nobody asked it to; and what the
scenario adds is the difference.

```
portalscope record idle --platform {id} {mode} --scenario "idle, screen off, two hours"
portalscope compare idle baseline
```

### Repeat

Record the same scenario twice. What differs between the two is chance (sampling, timers), and no finding of a comparison.

```
portalscope record baseline-repeat --platform {id} {mode} --set usage_data=on
portalscope compare baseline baseline-repeat
```

### Second run, with the rest passed on

Where sign-in or enrolment does not work behind the proxy, pass on what stayed closed, so that the app gets further:

```
portalscope record passed --platform {id} {mode} --ignore-hosts "*.manage.microsoft.com" --ignore-hosts "*.dm.microsoft.com"
```
"""

AFTER = """## After the run

```
portalscope decode
portalscope summarise
portalscope report
```

Look at the completeness first: hosts that were not opened, bytes that were not decoded, values that nobody knows. They bound
everything else that the report says.
"""


def pages() -> dict[str, str]:
    """Every page by name."""
    return {f"{one.id}.md": MADE + page(one) for one in platforms().values()}


def page(one: Platform) -> str:
    """The page of one platform."""
    usual = one.modes[0].mode
    mode = f"--mode {usual}" if " " not in usual else ""
    parts = [
        f"# Record on {one.title}\n\n{one.intro}\n",
        BEFORE,
        "## Prepare the device\n\n" + "\n".join(steps(one)),
        "## Ways to get the traffic\n\n" + "\n".join(modes(one)),
        "## What is known to stay closed\n\n" + "\n".join(closed(one)) + "\n" + CLOSED,
        "## Scenarios\n\n" + "\n".join(scenes(one)),
        SCENES.format(id=one.id, mode=mode),
        "### Both positions of a switch\n\n" + "\n".join(controls(one, mode)),
        AFTER,
    ]
    return "\n".join(parts)


def steps(one: Platform) -> Iterator[str]:
    """The steps, numbered, each with its reason."""
    for number, step in enumerate(one.steps, 1):
        more = "\n   ".join(step.more.strip().splitlines())
        yield f"{number}. **{step.do.format(ca='inspection/.mitmproxy/mitmproxy-ca-cert.pem')}.**"
        yield f"   {more}\n   {why(step)}\n" if more else f"   {why(step)}\n"


def why(row: Step | Closed) -> str:
    """The evidence mark of a statement."""
    known = sources()[row.source]
    link = f"[{known['title']}]({known['url']})" if known["url"].startswith("http") else known["title"]
    return f"*{row.because}: {link}*"


def modes(one: Platform) -> Iterator[str]:
    """The ways, each with its command."""
    for way in one.modes:
        yield f"**{way.mode}** – {way.when}\n\n```\n{way.command}\n```\n"


def closed(one: Platform) -> Iterator[str]:
    """A table of what stays closed."""
    yield "| what | what is known | evidence |\n| --- | --- | --- |"
    for row in one.closed:
        yield f"| {row.what} | {row.says} | {why(row)} |"
    yield ""


def scenes(one: Platform) -> Iterator[str]:
    """What is worth a run of its own."""
    for scene in one.scenes:
        yield f"### {scene.name}\n\n{scene.text.strip()}\n\n```\n{scene.command}\n```\n"


def controls(one: Platform, mode: str) -> Iterator[str]:
    """The switches, and how their effect is measured."""
    yield "| switch | where | whose | what it changes | can the organisation set it? | as of |\n| --- | --- | --- | --- | --- | --- |"
    for row in one.controls:
        known = sources()[row.source]
        yield (
            f"| {row.name} | {row.where} | {row.who} | {row.effect} | {row.organisation} | [{row.as_of}]({known['url']}) |"
        )
    yield (
        "\nWhat a page says is a claim, of its date. Measure it: one run with the switch on, one with it off, everything else the "
        f"same.\n\n```\nportalscope record usage-on --platform {one.id} {mode} --set usage_data=on\n"
        f"portalscope record usage-off --platform {one.id} {mode} --set usage_data=off\n"
        "portalscope compare usage-on usage-off\n```\n"
    )


def write() -> None:
    """Write the pages."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, "utf-8")


if __name__ == "__main__":
    write()
