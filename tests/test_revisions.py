"""A data package is found in a folder, or as it stood in a git revision."""

import subprocess
from pathlib import Path

import pytest

from normlib import revisions
from normlib.errors import RecipeError, SurroundingsError
from normlib.revisions import open_package
from tests.tiny import tiny_package


def git(folder: Path, *arguments: str) -> None:
    me = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *me, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a package below ``data`` in two commits and a third state not committed."""
    top = tmp_path / "repository"
    git(tmp_path, "init", "--quiet", str(top))
    for title in ("First", "Second", "Third"):
        tiny_package(top / "data", descriptor={"title": title})
        if title != "Third":
            git(top, "add", ".")
            git(top, "commit", "--quiet", "-m", title)
    git(top, "tag", "v1", "HEAD~1")
    monkeypatch.setenv("NORMLIB_DATA", str(top / "data"))
    monkeypatch.chdir(top)
    return top


def title_of(name: str, dataset: str = "tiny") -> str:
    with open_package(name, dataset=dataset) as package:
        return str(package.descriptor["title"])


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("tiny", "Third"),
        ("data/tiny", "Third"),
        ("v1", "First"),
        ("HEAD~1", "First"),
        ("HEAD", "Second"),
        ("HEAD:data/tiny", "Second"),
        ("v1:data/tiny", "First"),
    ],
)
@pytest.mark.usefixtures("repository")
def test_a_package_is_found_by_name_folder_or_revision(name: str, title: str) -> None:
    assert title_of(name) == title


def test_a_revision_is_found_from_any_folder(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository / "data" / "tiny")
    assert title_of("v1:data/tiny") == "First"
    monkeypatch.chdir(tmp_path)
    assert title_of("v1") == "First"
    assert title_of("v1", dataset=str(repository / "data" / "tiny")) == "First"


def test_a_package_at_the_top_of_its_repository_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny_package(tmp_path)
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "All of it")
    monkeypatch.chdir(folder)
    assert title_of("HEAD", dataset=str(folder)) == title_of("HEAD:") == title_of(str(folder))


@pytest.mark.parametrize(
    ("name", "telling"),
    [
        ("v2", "'v2' is no dataset, no folder with datapackage.json, and no git revision of"),
        ("tinny", "Did you mean 'tiny'? Known datasets: tiny; revisions: git log."),
        ("--all", "no git revision"),
        ("", "no git revision"),
        ("v2:data/tiny", "no git revision"),
        ("v1:data/other", "There is no folder 'data/other' in revision 'v1'."),
        ("v1:data/tiny/events.csv", "There is no folder 'data/tiny/events.csv' in revision 'v1'."),
        ("v1:data", "'data' in revision 'v1' is no data package"),
    ],
)
@pytest.mark.usefixtures("repository")
def test_what_is_not_there_is_said_plainly(name: str, telling: str) -> None:
    with pytest.raises(RecipeError) as caught:
        title_of(name)
    assert telling in str(caught.value)


def test_outside_of_a_repository_there_are_no_revisions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny_package(tmp_path)
    monkeypatch.setenv("NORMLIB_DATA", str(tmp_path))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(RecipeError, match=r"git says .*not a git repository"):
        title_of("HEAD")


@pytest.mark.usefixtures("repository")
def test_without_git_folders_can_still_be_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert title_of("tiny") == "Third"
    with pytest.raises(SurroundingsError, match="git is not installed"):
        title_of("v1")


@pytest.mark.usefixtures("repository")
def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(revisions.tempfile, "tempdir", str(scratch))
    with open_package("v1", dataset="tiny") as package:
        assert package.folder.is_relative_to(scratch)
    assert list(scratch.iterdir()) == []
