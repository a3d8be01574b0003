"""The reference pages say what the code says."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_reference_is_up_to_date():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    made = generate.pages()
    found = {str(p.relative_to(generate.REFERENCE)): p.read_text("utf-8") for p in generate.REFERENCE.rglob("*.md")}
    assert found.keys() == made.keys(), "run: make docs"
    assert [name for name in made if made[name] != found[name]] == [], "run: make docs"
