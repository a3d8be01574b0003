"""The reference pages say what the code says."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def generate():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_of_tests_is_up_to_date(generate):
    assert generate.TESTED.read_text("utf-8") == generate.tested(), "run: make docs"


def test_the_reference_is_up_to_date(generate):
    made = generate.pages()
    found = {str(p.relative_to(generate.REFERENCE)): p.read_text("utf-8") for p in generate.REFERENCE.rglob("*.md")}
    assert found.keys() == made.keys(), "run: make docs"
    assert [name for name in made if made[name] != found[name]] == [], "run: make docs"
