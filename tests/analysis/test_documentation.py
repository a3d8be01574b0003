"""The packed tables of documentation, against counts that were made of the pages themselves."""

import gzip

import pytest

from portalscope.analysis import documentation
from portalscope.analysis.documentation import DATA, placed, product, products, rows

# events and fields by version: win-version-counts of the same reading of Microsoft's pages, made by another program
WINDOWS = {"1703": (415, 2847), "1709": (405, 2986), "1803": (465, 3626), "1809": (443, 3624), "24H2": (223, 2394)}


@pytest.mark.parametrize("version", WINDOWS)
def test_windows_has_as_many_events_and_fields_as_its_pages(version):
    found = [
        sum(version in row["versions"].split() for row in rows(name))
        for name in ("windows-events.csv.gz", "windows-fields.csv.gz")
    ]
    assert tuple(found) == WINDOWS[version]


def test_office_names_its_pages():
    known = product("office")
    assert known.versions == ("required", "essential")
    assert known.events["Office.PowerPoint.DocOperation.SaveAs"] == {"required"}
    assert "Data_ClpDocIsProtected" in known.fields["Office.PowerPoint.DocOperation.SaveAs"]
    assert {"data.Activity.CV", "data.Client.Id"} <= known.common.keys()


def test_included_fields_belong_to_the_event():
    fields = product("windows").fields["Microsoft.Windows.Inventory.Core.InventoryApplicationAdd"]
    assert {"action", "syncId", "HiddenArp"} <= fields.keys()
    assert fields["AndroidPackageId"] == {"24H2"}


@pytest.mark.parametrize(
    ("container", "field", "place"),
    [
        ("app", "id", "ext.app.id"),
        ("Envelope", "ext_app", "ext.app"),
        ("Record", "extApp", "ext.app"),
        ("Record", "extension", "extension"),
        ("Envelope", "ver", "ver"),
        ("Activity", "CV", "data.Activity.CV"),
        ("ai.user", "ai.user.id", "tags.ai.user.id"),
        ("data", "EventInfo.Level", "data.EventInfo.Level"),
        ("Data fields that are common for OneNote events", "SchemaVersion", "data.SchemaVersion"),
    ],
)
def test_where_a_documented_field_stands(container, field, place):
    assert place in placed(container, field)


def test_every_publication_says_where_it_is_from():
    every = list(products())
    assert [one.ground for one in every][:2] == ["documentation", "documentation"]
    assert all(one.url.startswith("https://") and documentation.table()[one.name]["licence"] for one in every)


def test_nothing_is_read_before_it_is_asked_for_and_the_files_are_small():
    assert sum(path.stat().st_size for path in DATA.iterdir()) < 250_000
    for path in DATA.glob("*.gz"):
        with gzip.open(path) as file:
            file.read()
            assert file.mtime == 0  # the same table gives the same bytes


def test_an_unknown_publication():
    with pytest.raises(ValueError, match="no documentation of solaris; there is that of windows, office"):
        product("solaris")
