"""Keep personal data out of names: what looks like an address or a number in a path becomes `{email}`, `{guid}`, …"""

import re
from collections.abc import Mapping

# One alternation, tried in this order at every position: the longer and the more telling shape first.
SHAPES: dict[str, str] = {
    "token": r"\beyJ[\w-]{5,}\.[\w-]+\.?[\w-]*",
    "email": r"(?!\.)[^\s/\\@,;:<>\"'()\[\]{}|=&?]+(?:@|%40)[\w-]+(?:\.[\w-]+)+",
    "sid": r"(?<![\w-])S-1-\d+(?:-\d+){2,}",
    "guid": r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{8}(?:-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}(?![0-9A-Fa-f])",
    "mac": r"(?<![\w:-])[0-9A-Fa-f]{2}(?P<separator>[:-])[0-9A-Fa-f]{2}(?:(?P=separator)[0-9A-Fa-f]{2}){4}(?![\w:-])",
    "ip": r"(?<!\w)(?<!\d\.)(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?!\w|\.\d)",
    "ipv6": r"(?<![\w:])(?:(?:[0-9A-Fa-f]{0,4}:){4,7}[0-9A-Fa-f]{1,4}|[0-9A-Fa-f]{1,4}::[0-9A-Fa-f]{1,4})(?![\w:])",
    "imei": r"(?<!\d)\d{15}(?!\d)",
    "phone": r"\+\d[\d ()-]{6,}\d",
    "digits": r"(?<!\d)\d{9,}(?!\d)",
    "hex": r"(?<![0-9A-Za-z])(?=[0-9A-Fa-f]*\d)[0-9A-Fa-f]{12,}(?![0-9A-Za-z])",
    "user": r"(?<=[\\/]Users[\\/])[^\\/\s\"'|]+|(?<=[\\/]home[\\/])[^\\/\s\"'|]+",
}
LONGEST = 1000  # characters of a name; searching an address takes the square of it
SHORTEST_PLANTED = 4  # shorter ones ("NL", "11") would mask ordinary words
PATTERN = re.compile("|".join(f"(?P<{kind}>{shape})" for kind, shape in SHAPES.items()))


class Mask:
    """Replace in a text what looks personal, and what was planted, by the name of its kind in braces.

    `planted` maps the researcher's name to the values of `planted.toml`; they are masked as whole words, any case.
    Ordinary keys stay as they are; dots do not part keys, so the keys around an address go with it. The mask is for
    *names* (paths, event names, reasons); values are never written at all.
    """

    def __init__(self, planted: Mapping[str, tuple[str, ...]] | None = None) -> None:
        words = {
            v.lower(): name for name, values in (planted or {}).items() for v in values if len(v) >= SHORTEST_PLANTED
        }
        longest_first = sorted(words, key=lambda word: (-len(word), word))
        known = "|".join(re.escape(word) for word in longest_first)
        self.words = words
        self.planted = re.compile(rf"(?i:(?<!\w)(?:{known})(?!\w))") if known else None

    def __call__(self, text: str) -> str:
        """Return the text with every such part replaced; what is too long for a name ends in `{long}`.

        Half a surrogate pair, which JSON and headers can hold and files cannot, is spelled out.
        """
        text = text.encode("utf-8", "backslashreplace").decode()
        if len(text) > LONGEST:
            return self(re.sub(r"[^\s/\\|\[\]]*\Z", "", text[:LONGEST])) + "{long}"
        if self.planted:
            text = self.planted.sub(lambda found: f"{{{self.words.get(found.group().lower(), 'planted')}}}", text)
        return PATTERN.sub(lambda found: f"{{{found.lastgroup}}}", text)
