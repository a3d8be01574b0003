"""JUnit XML and Markdown: read back by other programs; a sender's text never becomes markup."""

import datetime as dt

import pandas as pd
from defusedxml.ElementTree import fromstring

from portalscope.analysis import noise
from portalscope.analysis.allowances import Allowance, applied
from portalscope.analysis.ci_output import junit, markdown
from portalscope.analysis.compare import DIFFERENCES
from tests.analysis.recorded import real

TODAY = dt.date(2026, 11, 24)
EVIL = "x|y `code` <b>&amp; [a](http://e.example) @user \x1b[31m\ufffe $(id)"


def evil() -> pd.DataFrame:
    return pd.DataFrame([("event", "new", "presence", EVIL, "", EVIL, "", "a")], columns=DIFFERENCES.names)


def test_every_difference_is_a_test():
    table = noise.judged(real(), "old-1", "new-1")
    allow = [Allowance(subject="SystemMetrics", kind="event", reason="looked at", until=TODAY)]
    suite = fromstring(junit(applied(table, allow, TODAY), "1.30 to 1.32", "all of it")).find("testsuite")
    cases = suite.findall("testcase")
    inside = (table["band"] == "inside").sum()
    assert (len(cases), int(suite.get("skipped"))) == (len(table), inside + 1)
    assert int(suite.get("failures")) == len(table) - inside - 1
    by_name = {case.get("name"): case for case in cases}
    assert by_name["gone event: SystemMetrics"].find("skipped").get("message") == "looked at"
    assert by_name["gone event: RegisterEpLibraryEnd"].find("skipped").get("message") == "inside the noise"
    failure = by_name["gone event: EpDeviceUsage"].find("failure")
    assert failure.text.splitlines()[0] == "before: 6 events; mobile.events.data.microsoft.com"
    assert "repeats: 2 of 2 -> 0 of 2" in failure.text
    assert suite.find("properties/property").get("value") == "all of it"


def test_no_difference_is_a_test_that_passes():
    suite = fromstring(junit(evil().iloc[:0], "same", "c")).find("testsuite")
    assert (suite.get("tests"), suite.get("failures")) == ("1", "0")
    assert len(suite.findall("testcase/*")) == 0
    assert "No difference was found." in markdown(evil().iloc[:0], "same", "c")


def test_text_that_xml_cannot_hold():
    case = fromstring(junit(evil(), EVIL, EVIL)).find("testsuite/testcase")
    assert case.get("name").startswith("new event: x|y `code` <b>&amp;")
    assert "\ufffd[31m\ufffd" in case.get("name")


def test_markdown_is_inert():
    text = markdown(evil(), "a *b*", "complete")
    (line,) = [line for line in text.splitlines() if line.startswith("| new")]
    assert line.count(" | ") == 4  # what the sender wrote makes no columns
    assert "`event x\\|y ˋcodeˋ <b>&amp; [a](http://e.example) @user" in line
    assert text.startswith("### a \\*b\\*\n")
    assert text.rstrip().endswith("Completeness: complete")


def test_markdown_of_real_differences():
    text = markdown(applied(noise.judged(real(), "old-1", "new-1"), [], TODAY), "1.30 to 1.32", "c")
    assert "| gone | `event EpDeviceUsage` |" in text
    assert "`event RegisterEpLibraryEnd`" not in text
    assert "8 inside the noise." in text
    assert "no repeat: one run is no proof" in text


def test_a_long_table_is_cut():
    many = pd.concat([evil()] * 250, ignore_index=True)
    assert "… and 50 more." in markdown(many, "t", "c")
