"""Options of the test run."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def pytest_addoption(parser):
    parser.addoption(
        "--captures",
        metavar="DIR",
        help="run the ground-truth tests over every capture folder in DIR (NAME/NAME.mitm, NAME.har, expected.json) "
        "instead of samples/",
    )


def pytest_make_parametrize_id(val, argname):
    """Bytes and long texts make no good names: some hold the time of day, and no value belongs into test output."""
    return argname if isinstance(val, bytes | bytearray) or (isinstance(val, str) and len(val) > 40) else None


def capture_folders(config) -> list[Path]:
    """The folders with an oracle, sorted by name."""
    given = config.getoption("--captures")
    root = Path(given) if given else ROOT / "samples"
    return sorted(path.parent for path in root.glob("*/expected.json"))


def pytest_generate_tests(metafunc):
    if "recording" not in metafunc.fixturenames:
        return
    found = [
        (folder, path)
        for folder in capture_folders(metafunc.config)
        for path in (folder / f"{folder.name}.mitm", folder / f"{folder.name}.har")
        if path.is_file()
    ]
    metafunc.parametrize("recording", found, ids=[path.name for _, path in found])


@pytest.fixture(scope="session")
def knowledge():
    from portalscope.decoders.knowledge import load

    return load()
