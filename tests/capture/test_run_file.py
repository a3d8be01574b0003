"""run.toml and planted.toml."""

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.capture.run import Run
from portalscope.capture.run_file import load_run, save_run

OFFSETS = st.integers(-840, 840).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TEXT = st.text(st.characters(codec="utf-8"))
TABLE = st.dictionaries(TEXT, TEXT, max_size=4)
RUNS = st.builds(
    Run,
    id=st.just("run-1"),
    label=TEXT,
    started=st.none() | st.datetimes(datetime(1900, 1, 1), datetime(9000, 1, 1), timezones=OFFSETS),  # noqa: DTZ001 - naive on purpose
    device=TEXT,
    scenario=TEXT,
    settings=TABLE,
    tools=TABLE,
    files=TABLE,
    planted=st.dictionaries(TEXT, st.lists(TEXT, max_size=3).map(tuple), max_size=4),
    source_kind=st.sampled_from(["wire", "local_transcript"]),
)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "run-1").mkdir()
    return tmp_path / "run-1"


@given(run=RUNS)
def test_a_run_comes_back(run, place):
    folder = place / "run-1"
    folder.mkdir(exist_ok=True)
    save_run(folder, run)
    assert load_run(folder) == run


def test_what_a_person_reads(folder):
    save_run(
        folder,
        Run(
            id="run-1",
            label='first "run"',
            started=datetime(2026, 5, 4, 9, 30, tzinfo=UTC),
            app="Company Portal",
            settings={"usage_data": "on", "a.b c": "C:\\x\n\x7f"},
            planted={"upn": ("anna@example.com",), "serial": ("HNY-1", "HNY-2")},
        ),
    )
    assert (folder / "run.toml").read_text() == (
        'label = "first \\"run\\""\napp = "Company Portal"\nsource_kind = "wire"\nstarted = 2026-05-04T09:30:00Z\n'
        'planted = ["upn", "serial"]\n\n[settings]\nusage_data = "on"\n"a.b c" = "C:\\\\x\\n\\u007f"\n'
    )
    assert (folder / "planted.toml").read_text().splitlines()[1:] == [
        'upn = ["anna@example.com"]', 'serial = ["HNY-1", "HNY-2"]',
    ]  # fmt: skip


@given(run=RUNS)
def test_other_programs_can_read_it(run, place):
    folder = place / "run-2"
    folder.mkdir(exist_ok=True)
    save_run(folder, run)
    said = tomllib.loads((folder / "run.toml").read_text())
    assert said.get("settings", {}) == run.settings
    assert said.get("planted", []) == list(run.planted)


def test_planted_values_stand_in_their_own_file_for_the_owner_alone(folder):
    save_run(folder, Run(id="run-1", planted={"upn": ("anna@example.com",)}))
    assert "anna" not in (folder / "run.toml").read_text()
    assert [(folder / name).stat().st_mode & 0o777 for name in ("run.toml", "planted.toml")] == [0o600, 0o600]
    assert sorted(path.name for path in folder.iterdir()) == ["planted.toml", "run.toml"]


def test_planted_values_that_are_gone_are_gone(folder):
    run = Run(id="run-1", planted={"upn": ("anna@example.com",)})
    save_run(folder, run)
    save_run(folder, replace(run, planted={}))
    assert not (folder / "planted.toml").exists()


def test_a_run_without_its_planted_file_still_knows_the_names(folder):
    save_run(folder, Run(id="run-1", planted={"upn": ("anna@example.com",)}))
    (folder / "planted.toml").unlink()
    assert load_run(folder).planted == {"upn": ()}


def test_the_id_is_the_name_of_the_folder(folder):
    save_run(folder, Run(id="other"))
    assert load_run(folder.rename(folder.with_name("run-2"))).id == "run-2"


def test_what_a_person_may_write(folder):
    (folder / "run.toml").write_text(
        'started = 2026-05-04T11:30:00+02:00\nplanted = ["upn"]\n[settings]\nusage_data = true\nlevel = 3\n'
    )
    (folder / "planted.toml").write_text('upn = "anna@example.com"\nserial = ["1"]\n')
    run = load_run(folder)
    assert run.started == datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
    assert run.settings == {"usage_data": "true", "level": "3"}
    assert run.planted == {"upn": ("anna@example.com",), "serial": ("1",)}


@pytest.mark.parametrize(
    ("toml", "why"),
    [
        ("label = \napp = 1", "line 1"),
        ("app_verison = '1'", "unknown: app_verison; known: account, app, app_version"),
        ("label = 3", "label must be a text"),
        ("settings = 'on'", "settings must be a table"),
        ("settings = { a = [1] }", "a setting has one position"),
        ("started = '2026'", "started must be a time"),
        ("started = 2026-05-04T09:30:00", "started needs a time zone"),
        ("started = 2026-05-04", "started must be a time"),
        ("source_kind = 'air'", "source_kind must be one of wire, local_transcript"),
        ("planted = { upn = 'SECRET' }", "planted: a list of names here, and in planted.toml"),
        ("planted = [1]", "planted: a list of names here"),
        ("label = '\udcff'", "not UTF-8"),
    ],
)
def test_what_is_wrong_is_said(folder, toml, why):
    (folder / "run.toml").write_bytes(toml.encode(errors="surrogateescape"))
    with pytest.raises(ValueError, match=r"run\.toml") as error:
        load_run(folder)
    assert why in str(error.value)
    assert "SECRET" not in str(error.value)


def test_a_wrong_planted_file_is_said_without_its_values(folder):
    save_run(folder, Run(id="run-1"))
    (folder / "planted.toml").write_text('upn = { is = "SECRET" }')
    with pytest.raises(ValueError, match=r"planted\.toml") as error:
        load_run(folder)
    assert "SECRET" not in str(error.value)


@pytest.mark.parametrize("run", [Run(id="r", label="\udce9"), Run(id="r", planted={"a": ("\ud800",)})])
def test_what_no_file_can_hold_changes_nothing(folder, run):
    save_run(folder, Run(id="run-1", label="before"))
    with pytest.raises(ValueError):
        save_run(folder, run)
    assert load_run(folder).label == "before"


def test_a_start_without_time_zone_is_refused(folder):
    with pytest.raises(ValueError, match="time zone"):
        save_run(folder, Run(id="run-1", started=datetime(2026, 5, 4)))  # noqa: DTZ001 - naive on purpose


def test_a_folder_without_run(folder):
    with pytest.raises(FileNotFoundError):
        load_run(folder)
