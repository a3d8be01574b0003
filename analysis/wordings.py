"""Words of the identity analysis: the closed lists of identity.toml, and its sentences in English and Dutch."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from portalscope.analysis import labels

DATA = Path(__file__).parent / "data" / "identity.toml"
LANGUAGES = ("en", "nl")

type Lang = Literal["en", "nl"]


@cache
def lists() -> Mapping[str, Any]:
    """Return all of identity.toml."""
    return tomllib.loads(DATA.read_text("utf-8"))


def of(section: str) -> Mapping[str, Mapping[str, Any]]:
    """Return one closed list: word -> what is said of it, in the order of the file."""
    found: Mapping[str, Mapping[str, Any]] = lists()[section]
    return found


def label(section: str, word: str, lang: Lang, what: str = "label") -> str:
    """Return the label, or another text, of a word of a closed list. KeyError: the list does not have it."""
    return str(of(section)[word][what if lang == "en" else f"{what}_nl"])


def say(sentence: str, lang: Lang, **words: object) -> str:
    """Return a sentence with the words filled in. KeyError: there is no such sentence, or a word is missing."""
    return str(of("say")[sentence][lang]).format(**words)


def property_label(name: str, lang: Lang) -> str:
    """Return a property's label, its name when the vocabulary does not have it."""
    known = labels.vocabulary().properties.get(name)
    if known is None:
        return name
    return known.label if lang == "en" else known.label_nl


def inside(name: str, lang: Lang) -> str:
    """Return a property's label as it stands inside a sentence."""
    return labels.lowered(property_label(name, lang))


def joined(words: list[str], lang: Lang, most: int = 6) -> str:
    """Return `a, b and c`; of a long list the first, and how many more."""
    more = f"{len(words) - most + 1} {'more' if lang == 'en' else 'meer'}"
    shown = words if len(words) <= most else [*words[: most - 1], more]
    last = " and " if lang == "en" else " en "
    return last.join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def counted(number: int, sentence: str, lang: Lang) -> str:
    """Return `sent in 2 events`; of a sentence there is a second one for other numbers than one."""
    shown = f"{number:,}" if lang == "en" else f"{number:,}".replace(",", ".")
    return say(sentence if number == 1 else f"{sentence}_many", lang, count=shown)
