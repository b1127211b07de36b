"""The doctor looks at everything, and every bad line says what to do."""

from pathlib import Path

import pytest

from normlib import cli
from normlib.errors import SurroundingsError
from normlib.report import assets, doctor, kernels
from normlib.report.project import Project, find_project
from tests.pages_kit import good_notebook, project


def states(place: Project) -> dict[str, doctor.Finding]:
    return {finding.what: finding for finding in doctor.examine(place)}


def test_here_everything_is_well(tmp_path: Path) -> None:
    """With a real kernel."""
    found = states(project(tmp_path, _10_page=good_notebook()))
    assert {what: one.state for what, one in found.items() if not one.good} == {}
    assert found["kernel"].state.startswith("starts and runs")
    assert "plotly-" in found["plotly.js"].state


def test_every_notebook_is_counted_and_those_that_make_pages(tmp_path: Path) -> None:
    place = project(tmp_path, _00_look=good_notebook(), _10_page=good_notebook())
    assert "2 notebooks, 1 of them for pages" in states(place)["project"].state


def test_each_bad_line_brings_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(*_: object) -> str:
        raise SurroundingsError("it is not there")

    def dead() -> str:
        raise RuntimeError("Kernel died before replying")

    monkeypatch.setattr(doctor, "plotly_js", missing)
    monkeypatch.setattr(kernels, "try_kernel", dead)
    monkeypatch.setattr(doctor, "PACKAGES", ("no-such-package",))
    monkeypatch.setenv("NORMLIB_PROJECT", str(tmp_path / "nothing"))
    monkeypatch.setenv("NORMLIB_DATA", str(tmp_path / "nothing"))
    bad = {what for what, one in states(find_project()).items() if not one.good}
    assert bad == {"no-such-package", "project", "plotly.js", "data", "kernel"}
    assert cli.run(["doctor"]) == 3
    words = capsys.readouterr().out
    assert words.count("BAD") == 5
    assert "pip install no-such-package" in words


def test_plotly_comes_from_the_installed_package_with_its_version_in_the_name() -> None:
    asset = assets.plotly_js()
    assert asset.name.startswith("plotly-")
    assert asset.name.removeprefix("plotly-").removesuffix(".min.js").encode() in asset.content
