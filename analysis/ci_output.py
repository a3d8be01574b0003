"""Differences for continuous integration: JUnit XML for the build server, Markdown for the pull request."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import pandas as pd

from portalscope.analysis import labels
from portalscope.analysis.noise import INSIDE, ONE

OPEN, ALLOWED, NOISY = "open", "allowed", "inside the noise"
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2
ACTIVE = re.compile(r"([\\`*_{}\[\]<>#|~&])")  # what Markdown would act on
MOST = 200  # rows of the Markdown table; a comment on a pull request holds 65,536 characters


def state(row: "pd.Series[str]") -> str:
    """Return whether a difference is `open`, `allowed` or `inside the noise`, as far as its columns say."""
    if row.get("allowed"):
        return ALLOWED
    return NOISY if row.get("band") == INSIDE else OPEN


def states(rows: pd.DataFrame) -> "pd.Series[str]":
    """Return the state of every difference."""
    return pd.Series([state(row) for _, row in rows.iterrows()], index=rows.index, dtype="str")


def junit(rows: pd.DataFrame, title: str, completeness: str) -> str:
    """Return JUnit XML: one test a difference. An open one has failed, an allowed one or one in the noise is skipped.

    `rows` is the table of `compare.differences` or `noise.judged`, with or without the column of `allowances.applied`.
    How complete the recordings are stands in the suite's properties and its output.
    """
    told = states(rows)
    suite = Element("testsuite", name=plain(title), tests=str(max(len(rows), 1)))
    suite.set("failures", str(int((told == OPEN).sum())))
    suite.set("skipped", str(int((told != OPEN).sum())))
    suite.set("errors", "0")
    SubElement(SubElement(suite, "properties"), "property", name="completeness", value=plain(completeness))
    for (_, row), says in zip(rows.iterrows(), told, strict=True):
        suite.append(case(row, says))
    if rows.empty:
        SubElement(suite, "testcase", classname="differences", name="no difference between the recordings")
    SubElement(suite, "system-out").text = plain(completeness)
    whole = Element("testsuites")
    whole.append(suite)
    indent(whole)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(whole, encoding="unicode")}\n'


def case(row: "pd.Series[str]", says: str) -> Element:
    """Return one difference as a test."""
    found = Element("testcase", classname=plain(f"{row['kind']}.{row['change']}"), name=plain(sentence(row)))
    if says == OPEN:
        SubElement(found, "failure", type=plain(row["aspect"]), message=plain(sentence(row))).text = plain(detail(row))
    else:
        SubElement(found, "skipped", message=plain(row["allowed"] if says == ALLOWED else NOISY))
    return found


def sentence(row: "pd.Series[str]") -> str:
    """Return a difference in a few words: `new event: RegisterEpLibraryEnd`."""
    aspect = "" if row["aspect"] == "presence" else f" ({row['aspect']})"
    return f"{row['change']} {row['kind']}{aspect}: {row['subject']}"


def detail(row: "pd.Series[str]") -> str:
    """Return what both sides say, and what the repeats say of it."""
    lines = [f"before: {row['before'] or 'not there'}", f"after: {row['after'] or 'not there'}"]
    if row.get("band"):
        lines.append(f"repeats: {row['in_before']} -> {row['in_after']}; {row['why']}")
    return "\n".join(lines)


def plain(text: object) -> str:
    """Return a text without signs that XML cannot hold; what a sender wrote can hold any."""
    return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", str(text))


def markdown(rows: pd.DataFrame, title: str, completeness: str) -> str:
    """Return Markdown: how many differences of each state, the open ones in a table, and how complete all of it is."""
    told = states(rows)
    counts = [f"{int((told == name).sum())} {name}" for name in (OPEN, ALLOWED, NOISY) if (told == name).any()]
    lines = [
        f"### {quiet(title)}",
        "",
        f"{labels.counted(len(rows), 'difference')}: {', '.join(counts)}." if counts else "",
    ]
    if rows.empty:
        lines[-1] = "No difference was found."
    open_rows = rows[told == OPEN]
    if len(open_rows):
        lines += ["", "| change | what | before | after | repeats |", "| --- | --- | --- | --- | --- |"]
        lines += [line(row) for _, row in open_rows.head(MOST).iterrows()]
    if len(open_rows) > MOST:
        lines.append(f"\n… and {len(open_rows) - MOST:,} more.")
    lines += list(listed(rows[told == ALLOWED]))
    return "\n".join([*lines, "", f"Completeness: {quiet(completeness)}", ""])


def line(row: "pd.Series[str]") -> str:
    """Return one row of the Markdown table."""
    what = f"{row['kind']} {row['subject']}" + ("" if row["aspect"] == "presence" else f" ({row['aspect']})")
    noise = {"": "not judged", ONE: "no repeat: one run is no proof"}.get(row.get("band", ""), "outside the noise")
    return f"| {row['change']} | {code(what)} | {code(row['before'])} | {code(row['after'])} | {noise} |"


def listed(rows: pd.DataFrame) -> Iterator[str]:
    """Give the allowed differences with their reasons."""
    if len(rows):
        yield "\nAllowed:\n"
    for _, row in rows.iterrows():
        yield f"- {code(sentence(row))}: {quiet(row['allowed'])}"


def code(text: object) -> str:
    """Return what a sender wrote as code, in which no site finds links, mentions or markup; nothing for nothing."""
    said = one_line(text).replace("`", "\N{MODIFIER LETTER GRAVE ACCENT}").replace("|", "\\|")
    return f"`{said}`" if said else ""


def quiet(text: object) -> str:
    """Return a researcher's text with all markup in it inert."""
    return ACTIVE.sub(r"\\\1", one_line(text))


def one_line(text: object) -> str:
    """Return a text as one line."""
    return " ".join(plain(text).split())
