"""Let a Dask cluster do the jobs of a build.

Data and template travel to the workers as bytes, pages travel back: no folder is shared. On each
worker a prepared process forks a child for each job, just as it is done here, so the same inputs
give the same bytes. A job that was lost with its worker is given to another one by the scheduler.
"""

import contextlib
import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from normlib.errors import SurroundingsError
from normlib.package import find
from normlib.report.inputs import data_files, json_hash, library_hash, sha256, versions
from normlib.report.jobs import Failure, Job, Result, Work
from normlib.report.overview import Overview
from normlib.report.pool import Crew
from normlib.report.scratch import scratch

CONNECT_SECONDS = 10
AHEAD = 2
"""Jobs given to the cluster for each of its threads: the next one waits where it will be done."""

DATA, TEMPLATE = "data", "template"


@dataclass(frozen=True)
class Bundle:
    """All that a worker needs.

    Attributes
    ----------
    files : contents by path below the worker's own folder.
    datasets : where in ``files`` each dataset stands, by the folder that jobs know it by.
    library : hash of the code and packages that the worker must have itself.
    imports : packages that the notebooks import.
    """

    files: tuple[tuple[str, bytes], ...]
    datasets: tuple[tuple[str, str], ...]
    library: str
    imports: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """One hash of the whole."""
        contents = [[path, sha256(content)] for path, content in self.files]
        return json_hash([contents, self.imports])


class Cluster:
    """The workers of a Dask cluster, for one build.

    Parameters
    ----------
    address : of the scheduler, such as ``tcp://10.0.0.5:8786``.
    folders : of the datasets.
    template : folder of the page template.
    imports : packages that the notebooks import.
    """

    def __init__(
        self, address: str, folders: Sequence[str], template: Path, imports: Sequence[str] = ()
    ) -> None:
        self._address = address
        self._bundle = replace(bundle_of(folders, template), imports=tuple(imports))
        self._client: Any = None

    def __enter__(self) -> "Cluster":
        try:
            from distributed import Client
        except ImportError:
            raise SurroundingsError(
                "Dask is not installed. Run `make cluster`, or: pip install 'normlib[cluster]'."
            ) from None
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        try:
            self._client = Client(self._address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise SurroundingsError(
                f"No Dask scheduler answers at {self._address}: {error}. Start one: dask scheduler."
            ) from None
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(Exception):  # the cluster may be gone, and is not ours to mend
            self._client.close(timeout=CONNECT_SECONDS)

    def results(self, jobs: Iterable[Work]) -> Iterator[Result]:
        """Yield the result of each job as it is done.

        Raises
        ------
        SurroundingsError
            The cluster has no worker.
        """
        from distributed import as_completed

        try:
            self._client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except TimeoutError:
            raise SurroundingsError(
                f"The cluster at {self._address} has no worker. Start one: dask worker."
            ) from None
        threads = sum(self._client.nthreads().values())
        bundle = self._client.submit(_itself, self._bundle, pure=False)
        waiting = iter(jobs)
        given: dict[Any, Work] = {}
        with self._client.as_current():
            done = as_completed()
        for _ in range(AHEAD * threads):
            self._give(next(waiting, None), bundle, given, done)
        while given:
            future = next(done)
            work = given.pop(future.key)
            self._give(next(waiting, None), bundle, given, done)
            yield _result_of(future, work)

    def _give(self, work: Work | None, bundle: Any, given: dict[Any, Work], done: Any) -> None:
        if work is not None:
            future = self._client.submit(do_there, bundle, work, pure=False)
            given[future.key] = work
            done.add(future)


def bundle_of(folders: Sequence[str], template: Path) -> Bundle:
    """Read all that workers need."""
    files = [(f"{TEMPLATE}/{file.name}", file) for file in template.iterdir() if file.is_file()]
    datasets = []
    for folder in folders:
        package = find(folder)
        home = f"{DATA}/{package.folder.name}"
        datasets.append((folder, home))
        files += [
            (f"{home}/{file.relative_to(package.folder).as_posix()}", file)
            for file in data_files(package)
        ]
    contents = tuple(sorted((path, file.read_bytes()) for path, file in files))
    return Bundle(contents, tuple(datasets), json_hash([library_hash(), versions()]))


def do_there(bundle: Bundle, work: Work) -> Result:
    """Do a job on a worker of a cluster."""
    if bundle.library != json_hash([library_hash(), versions()]):
        message = "a worker of the cluster has another release of normlib, Python or a package"
        remedy = "Install the same checkout and lock on every worker, and start them again."
        return Result(work.place, None, Failure("worker-differs", message, remedy), 0.0)
    with _LOCK:
        return _nest(bundle).do(work, bundle)


class _Nest:
    """What a worker keeps from job to job: the unpacked files and a prepared process."""

    def __init__(self, bundle: Bundle) -> None:
        self.name = bundle.name
        self._rest = contextlib.ExitStack()
        folder = self._rest.enter_context(scratch())
        for path, content in bundle.files:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        self._folder = folder
        self._template = str(folder / TEMPLATE)
        # The prepared process removes the folder if this worker is killed.
        homes = tuple(str(folder / home) for _, home in bundle.datasets)
        crew = Crew(
            1, homes, self._template, imports=bundle.imports, folder=folder, data=folder / DATA
        )
        self._crew = self._rest.enter_context(crew)

    def do(self, work: Work, bundle: Bundle) -> Result:
        """Do one job, with the files that are here."""
        (result,) = self._crew.results([self._at_home(work, bundle)])
        return result

    def close(self) -> None:
        """End the prepared process and remove the files."""
        self._rest.close()

    def _at_home(self, work: Work, bundle: Bundle) -> Work:
        if isinstance(work, Overview):
            return replace(work, template=self._template)
        job = cast(Job, work)
        home = str(self._folder / dict(bundle.datasets)[job.dataset])
        parameters = {**job.parameters, "dataset": home}
        return replace(job, template=self._template, dataset=home, parameters=parameters)


_LOCK = threading.Lock()
_NESTS: list[_Nest] = []


def _nest(bundle: Bundle) -> _Nest:
    """Return the nest for a bundle; the one for another bundle is given up."""
    if not _NESTS or _NESTS[0].name != bundle.name:
        while _NESTS:
            _NESTS.pop().close()
        _NESTS.append(_Nest(bundle))
    return _NESTS[0]


def _itself(bundle: Bundle) -> Bundle:
    """Be a task of its own, so that the scheduler can make a lost bundle again."""
    return bundle


def _result_of(future: Any, work: Work) -> Result:
    try:
        result: Result = future.result()
    except Exception as error:
        message = f"the cluster could not do it: {type(error).__name__}: {error}"
        remedy = "Look at the logs of scheduler and workers, or build without --dask."
        return Result(work.place, None, Failure("cluster", message, remedy), 0.0)
    finally:
        future.release()
    return result
