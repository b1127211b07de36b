"""The command ``normlib``: build reports; check, compare and export data; show parameters.

Only what a command needs is imported when it runs, so that help and mistakes are answered at once.
"""

import contextlib
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import click

from normlib import __version__
from normlib.errors import NormlibError, Problem, RecipeError

DEBUG = "--debug"
FAILED, WRONG_USE, SURROUNDINGS, DEFECT, INTERRUPTED = 1, 2, 3, 4, 130

MANUAL = """Follow a normalization process with evidence: reports from sourced tables.

\b
Examples:
  normlib report                      all reports, for the last day of the data
  normlib report --as-of 2022-07-01   the same as they would have read that day
  normlib report rounds --jobs 4      once for each round of talks
  normlib report brief --since last   what is new since the brief before
  normlib report --only 40-connectivity -p open_links=rail-kars-gyumri
  normlib export --out files          for Gephi, QGIS, R, TimelineJS

\b
Exit status: 0 good; 1 the data or a report failed; 2 wrong use; 3 the
surroundings (no kernel, no space, no permission); 4 a defect of normlib; 130
interrupted. --debug, anywhere, shows the traceback of an error.
"""


@click.group(help=MANUAL, context_settings={"max_content_width": 100})
@click.version_option(__version__, message="normlib %(version)s")
def cli() -> None:
    """Hold the commands together; the manual above is what ``--help`` shows."""


@cli.command(short_help="Build pages from notebooks.")
@click.argument("recipes", nargs=-1, metavar="[RECIPE]...")
@click.option("--dataset", metavar="NAME|FOLDER", help="A dataset's name or folder.")
@click.option("--as-of", metavar="DAY", help="Day of the view: 2022-07-01 or 'latest'.")
@click.option(
    "--since",
    metavar="DAY",
    help="Compare with this day, 'last-round', or 'last': the day published last.",
)
@click.option("--only", metavar="NOTEBOOK", help="Build this notebook alone.")
@click.option("--member", metavar="MEMBER", help="Build this member of a sweep alone.")
@click.option("-p", "given", metavar="NAME=VALUE", multiple=True, help="Set a parameter.")
@click.option("--out", type=click.Path(path_type=Path), help="Publish here, not reports/build.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Reports at once. [default: processors]")
@click.option("--single-file", is_flag=True, help="Put plotly.js into every page (5 MB each).")
@click.option("--force", is_flag=True, help="Build what has not changed, too.")
@click.option("--engine", type=click.Choice(["warm", "kernel"]), help="How notebooks are executed.")
@click.option("--dask", metavar="ADDRESS", help="Let a Dask cluster do the work.")
@click.option("--quiet", is_flag=True, help="Tell failures only.")
@click.option("--json", "as_data", is_flag=True, help="Print the outcome as JSON.")
def report(
    recipes: tuple[str, ...],
    dataset: str | None,
    as_of: str | None,
    since: str | None,
    only: str | None,
    given: tuple[str, ...],
    out: Path | None,
    member: str | None,
    jobs: int | None,
    single_file: bool,
    force: bool,
    engine: str | None,
    dask: str | None,
    quiet: bool,
    as_data: bool,
) -> int:
    """Build what has changed of the pages of one or more RECIPEs (default: baseline).

    Every page is staged, verified and published by one rename. A report that fails leaves its
    last good page in place and never stops the others.

    With --since last a page tells what is new since the last day, before its own, for which it
    was published in the same folder: the day of the record, not of the run. The first time it is
    compared with the last round. Run twice for one day, it tells the same; a report that failed
    counts for nothing.
    """
    from normlib.report.build import build
    from normlib.report.engines import usual
    from normlib.report.plan import Order
    from normlib.report.progress import Teller, as_json, summary
    from normlib.report.project import find_project

    days = {name: day for name, day in (("as_of", as_of), ("since", since)) if day}
    order = Order(
        recipes=recipes or ("baseline",),
        parameters=_pairs([*(f"{name}={day}" for name, day in days.items()), *given]),
        dataset=dataset,
        out=out,
        only=only,
        member=member,
        at_once=jobs,
        single_file=single_file,
        engine=engine or usual(),
        dask=dask,
        force=force,
    )
    teller = Teller(quiet=quiet or as_data)
    try:
        outcome = build(order, find_project(), teller)
    finally:
        teller.end()
    if as_data:
        click.echo(json.dumps(as_json(outcome), ensure_ascii=False, indent=2))
    elif not quiet:
        click.echo("\n".join(summary(outcome)))
    return FAILED if outcome.failed else 0


@cli.command(short_help="List every problem in the data, with its place.")
@click.argument("dataset", required=False, metavar="[NAME|FOLDER]")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def check(dataset: str | None, form: str) -> int:
    """Check a dataset and list every problem: file:line:column, code, message, remedy."""
    from normlib.dossier import check as problems_of
    from normlib.errors import DataError
    from normlib.package import DEFAULT

    name = dataset or DEFAULT
    try:
        problems: Sequence[Problem] = problems_of(name)
    except DataError as error:
        problems = error.problems
    if form == "json":
        click.echo(json.dumps([one.as_dict() for one in problems], ensure_ascii=False, indent=2))
    else:
        for problem in problems:
            click.echo(str(problem))
        click.echo(_verdict(name, problems))
    return FAILED if any(problem.severity == "error" for problem in problems) else 0


@cli.command(short_help="Write files for Gephi, QGIS, R and TimelineJS.")
@click.argument("kinds", nargs=-1, metavar="[KIND]...")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="A new folder, or an export to replace.",
)
@click.option("--dataset", metavar="NAME|FOLDER", help="A dataset's name or folder.")
@click.option("--as-of", metavar="DAY", help="Day of the view: 2022-07-01 or 'latest'.")
@click.option("--since", metavar="DAY", help="Compare with this day, or 'last-round'.")
@click.option("-p", "given", metavar="NAME=VALUE", multiple=True, help="Set a parameter.")
def export(
    kinds: tuple[str, ...],
    out: Path,
    dataset: str | None,
    as_of: str | None,
    since: str | None,
    given: tuple[str, ...],
) -> None:
    """Write the record as of a day, and all that is drawn from it, as files for other programs.

    KINDs, all unless some are named: gexf and graphml (who meets whom), geojson (links and
    sites), timeline (for TimelineJS), csv and parquet (every frame behind a figure). The tables
    of the record are always there. Parameters and their defaults are those of the notebooks.
    """
    from normlib.report.exporting import export as publish
    from normlib.report.project import find_project

    named = (("dataset", dataset), ("as_of", as_of), ("since", since))
    texts = [f"{name}={text}" for name, text in named if text]
    done = publish(kinds, _pairs([*texts, *given]), out=out, project=find_project())
    click.echo(f"{done.stamp}: {done.files} files, {done.size / 1e6:.1f} MB.")
    if done.left_out:
        click.echo(f"Left out: {done.left_out}")
    click.echo(f"Open {done.folder / 'README.md'}")


@cli.command(short_help="Sort what changed between two releases of the data.")
@click.argument("older", metavar="A")
@click.argument("newer", metavar="[B]", required=False)
@click.option("--dataset", metavar="NAME|FOLDER", help="Whose revisions A and B are.")
@click.option("--out", type=click.Path(path_type=Path), help="Write a page into this folder, too.")
@click.option("--json", "as_data", is_flag=True, help="Print everything as JSON.")
def changes(
    older: str, newer: str | None, dataset: str | None, out: Path | None, as_data: bool
) -> int:
    r"""Sort what changed from release A to release B of the data.

    Each is a dataset's name, a folder, REV:PATH (a folder in a git revision), or REV alone: the
    dataset in that git revision. Without B: the dataset as it stands.

    \b
    Examples:
      normlib changes HEAD~5                        since five commits ago
      normlib changes v1 v2 --out somewhere         between two tags, with a page
      normlib changes old-folder new-folder
    """
    from normlib import releases
    from normlib.package import DEFAULT
    from normlib.report import differences
    from normlib.report.project import find_project
    from normlib.report.shelf import open_shelf
    from normlib.revisions import open_package

    whose = dataset or DEFAULT
    names = (older, newer or whose)
    found = []
    for name in names:
        with open_package(name, dataset=whose) as package:
            found.append(releases.release(package, title=name))
    told = differences.Told(releases.diff(*found), *names)
    if out:
        with open_shelf(out.absolute()) as shelf:
            shelf.put(differences.PAGE, differences.page(told, find_project().template))
    if as_data:
        click.echo(json.dumps(differences.as_json(told), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(differences.lines(told)))
        if out:
            click.echo(f"\nOpen {out / differences.PAGE}")
    return 0


@cli.command(short_help="Give new actors a place in the pictures.")
@click.argument("dataset", required=False, metavar="[NAME|FOLDER]")
def positions(dataset: str | None) -> None:
    """Write the table of positions of a dataset: new actors get a free place, nobody moves.

    For maintainers: run it when actors were added, and commit the table with them.
    """
    from normlib.package import DEFAULT
    from normlib.report.placing import place

    name = dataset or DEFAULT
    done = place(name)
    click.echo(f"{name}: {done.all} actors have a place; {done.new} new, {done.gone} taken out.")
    click.echo(f"Written: {done.file}" if done.changed else "Nothing has changed.")


@cli.command(short_help="List what a notebook can be asked to vary.")
@click.argument("notebook")
def params(notebook: str) -> None:
    """List what NOTEBOOK can be asked to vary: name, type, default, meaning."""
    from normlib.report.parameters import meaning, parameters_of
    from normlib.report.project import find_project

    found = parameters_of(find_project().notebook(notebook))
    rows = [("name", "type", "default", "meaning")]
    rows += [
        (one.name, one.type, json.dumps(one.default, ensure_ascii=False), meaning(one))
        for one in found
    ]
    widths = [max(len(row[at]) for row in rows) for at in range(3)]
    for row in rows:
        cells = [text.ljust(width) for text, width in zip(row, widths, strict=False)]
        click.echo("  ".join([*cells, row[3]]).rstrip())


@cli.command(short_help="Say what is installed and what is missing.")
def doctor() -> int:
    """Say what is installed, what is missing, and what to do about it."""
    from normlib.report.doctor import examine
    from normlib.report.project import find_project

    bad = 0
    for finding in examine(find_project()):
        click.echo(f"{'ok ' if finding.good else 'BAD'}  {finding.what}: {finding.state}")
        if not finding.good:
            click.echo(f"     {finding.remedy}")
            bad += 1
    return SURROUNDINGS if bad else 0


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and leave with its exit status; never with a traceback, unless asked."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        status = run(given)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = FAILED
    sys.exit(status)


def run(given: Sequence[str]) -> int:
    """Run the command with some arguments and return its exit status."""
    arguments = [text for text in given if text != DEBUG]
    try:
        return int(cli.main(args=arguments, prog_name="normlib", standalone_mode=False) or 0)
    except (KeyboardInterrupt, click.Abort):
        _complain("interrupted; nothing half-made was published.")
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return WRONG_USE
    except BrokenPipeError:
        raise
    except Exception as error:
        if DEBUG in given:
            raise
        status, words = _told(error)
        _complain(words)
        return status


def _told(error: Exception) -> tuple[int, str]:
    """Return the exit status that an error stands for, and one sentence about it."""
    if isinstance(error, NormlibError):
        return error.exit_code, str(error)
    if isinstance(error, OSError):
        place = f": {error.filename}" if error.filename else ""
        return SURROUNDINGS, f"{error.strerror or error}{place}."
    what = f"{type(error).__name__}: {error}"
    return DEFECT, f"a defect of normlib: {what}. Add {DEBUG} and report it."


def _pairs(given: Sequence[str]) -> dict[str, str]:
    """Read ``name=value`` texts."""
    pairs: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise RecipeError(f"'-p {text}' is no NAME=VALUE, as in -p as_of=2022-07-01.")
        if name in pairs:
            raise RecipeError(f"Parameter '{name}' is given twice.")
        pairs[name] = value
    return pairs


def _verdict(name: str, problems: Sequence[Problem]) -> str:
    errors = sum(problem.severity == "error" for problem in problems)
    others = len(problems) - errors
    remarks = f", {others} remark{'s' * (others != 1)}" if others else ""
    return f"{name}: {errors or 'no'} error{'s' * (errors != 1)}{remarks}."


def _complain(text: str) -> None:
    with contextlib.suppress(OSError):  # the exit status tells as well
        click.echo(f"normlib: {text}", err=True)


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
