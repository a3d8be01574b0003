"""What the tests of the verbs of the assessment share: they are run from outside, on recordings of real clients."""

import re
from functools import cache

import typer
from typer.testing import CliRunner

from portalscope.verbs.claims import claims
from portalscope.verbs.documented import documented
from portalscope.verbs.dsar import dsar
from portalscope.verbs.risks import risks
from portalscope.verbs.tables import tables
from tests.analysis.recorded import KEY, folder, real_dataset

app = typer.Typer(pretty_exceptions_enable=False)
for verb in (tables, claims, documented, dsar, risks):
    app.command()(verb)


def run(*arguments, code=0):
    """The result of a verb on the recordings, whose exit code must be this one."""
    result = CliRunner().invoke(app, [*arguments, "--dataset", str(real_dataset())])
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result


def complete(result):
    """Whether the line on completeness goes with it."""
    return re.search(r"\d+ of \d+ hosts opened; ", result.stderr)


@cache
def inspection():
    """A folder with the key, as `decode` leaves it."""
    path = folder() / "inspection"
    path.mkdir()
    (path / ".key").write_bytes(KEY)
    return str(path)
