"""The house rules that a machine can check."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CODE = ("capture", "decoders", "analysis", "portalscope", "samples")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def modules(*folders):
    return [
        p for f in folders for p in sorted((ROOT / f).rglob("*.py")) if not any(x.is_symlink() for x in (p, *p.parents))
    ]


def test_every_package_is_listed():
    found = {
        "portalscope"
        + ("." + ".".join(p.parent.relative_to(ROOT).parts).removeprefix("portalscope").lstrip(".")).rstrip(".")
        for p in modules(*CODE)
        if p.name == "__init__.py"
    }
    listed = set(PROJECT["tool"]["setuptools"]["packages"])
    assert listed == found
    for name, folder in PROJECT["tool"]["setuptools"]["package-dir"].items():
        assert (ROOT / folder).is_dir(), name


@pytest.mark.parametrize("name", ["capture", "decoders", "analysis", "samples"])
def test_the_links_show_the_folders(name):
    link = ROOT / "portalscope" / name
    assert link.is_symlink()
    assert link.readlink() == Path("..") / name


def test_no_file_is_too_long():
    long = {
        str(p.relative_to(ROOT)): n
        for p in modules(*CODE, "tests", "benchmarks")
        if (n := len(p.read_text().splitlines())) > 300
    }
    assert not long


@pytest.mark.parametrize("folder", ["capture", "decoders", "analysis"])
def test_every_module_has_its_own_test_file(folder):
    missing = [
        str(p.relative_to(ROOT))
        for p in modules(folder)
        if p.name != "__init__.py" and not (ROOT / "tests" / p.relative_to(ROOT)).with_name(f"test_{p.name}").exists()
    ]
    assert not missing


def test_no_promises_and_no_broad_excepts():
    wrong = re.compile(r"NotImplementedError|\bTODO\b|\bFIXME\b|\bXXX\b|except:|except (Base)?Exception\b")
    found = [f"{p.relative_to(ROOT)}: {m[0]}" for p in modules(*CODE) for m in wrong.finditer(p.read_text())]
    assert not found


def test_nothing_of_one_machine_or_registry_is_committed():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split(
        "\n"
    )
    if tracked == [""]:
        pytest.skip("not a git checkout")
    wrong = re.compile(
        rb"/tm"
        rb"p/bash_|/wor"
        rb"k/|files\.python"
        rb"hosted|registry\.npm"
        rb"js|//pypi\."
        rb"org|deb\.debian"
        rb"\.org"
    )
    texts = (
        ROOT / name for name in tracked if name and Path(name).suffix not in {".mitm", ".pcap", ".har", ".gz", ".bin"}
    )
    assert not [str(p) for p in texts if p.is_file() and wrong.search(p.read_bytes())]
