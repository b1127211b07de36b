"""Let the publishing of a report fail, or die, at every call that touches the disk.

Usage: python -m tests.crash_kit FOLDER failures | pairs | kills | storm | power

Each prints counts as JSON. There are two versions, A and B, of one page with all that goes with it:
its record, the page that told of an earlier failure, the feed, the indexes, the record of the
build. After each fault the folder is read as a reader would, and what is wrong is listed.
"""

import errno
import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from normlib.errors import NormlibError
from normlib.report.assets import sha256
from normlib.report.clerk import Clerk
from normlib.report.feed import FEEDS
from normlib.report.jobs import Page, Result
from normlib.report.plan import Order, Plan, Records
from normlib.report.shelf import STAGING, open_shelf
from tests.pages_kit import Json, dataset, good_notebook, project
from tests.test_report_build import Silent

CALLS = ("open", "write", "fsync", "replace", "unlink", "mkdir")
"""All calls of ``normlib.report.disk`` that can fail."""

ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EINTR)
SHORT = 0
"""Stands for a write that writes one byte only, which is no error."""

ORIGINAL = {name: getattr(os, name) for name in CALLS}
Fault = Callable[[str, Any], Any]


class Counted:
    """Replaces the calls, counts those that concern the shelf, and lets a fault have its way."""

    def __init__(self, folder: Path, fault: Fault) -> None:
        self.count = 0
        self.log: list[tuple[Any, ...]] = []
        self._folder = str(folder)
        self._fault = fault
        self._files: dict[int, str] = {}

    def __enter__(self) -> "Counted":
        for name in CALLS:
            setattr(os, name, self._wrapped(name))
        return self

    def __exit__(self, *_: object) -> None:
        for name, call in ORIGINAL.items():
            setattr(os, name, call)

    def _wrapped(self, name: str) -> Callable[..., Any]:
        def call(first: Any, *rest: Any, **named: Any) -> Any:
            if not self._concerns(first):
                return ORIGINAL[name](first, *rest, **named)
            self.count += 1
            made = self._fault(name, lambda: ORIGINAL[name](first, *rest, **named))
            if callable(made):
                made = made(first, *rest)
            self._note(name, first, rest, made)
            return made

        return call

    def _concerns(self, first: Any) -> bool:
        return first in self._files or str(first).startswith(self._folder)

    def _note(self, name: str, first: Any, rest: tuple[Any, ...], made: Any) -> None:
        if name == "open":
            self._files[made] = str(first)
            self.log.append((name, str(first), rest[0]))
        elif name == "write":
            self.log.append((name, self._files[first], bytes(rest[0])[:made]))
        elif name == "fsync":
            self.log.append((name, self._files[first]))
        else:
            self.log.append((name, str(first), *map(str, rest)))


class Stage:
    """A small project whose one page comes in two versions."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        record = dataset(folder)
        self.place = project(folder, _10_page=good_notebook())
        self.out = folder / "out"
        order = Order(dataset=str(record), out=self.out, force=True)
        self.plan = Plan(order, self.place)
        self.records = Records()
        (self.task,) = self.plan.tasks(self.plan.places(self.records), self.records)
        self.known = {sha256(self.page(version).encode()) for version in "AB"}
        self.pages = {version: self.page(version) for version in "AB"}

    def page(self, version: str) -> str:
        text = f"version {version} " * 20_000
        return f'<!doctype html><html><h1>{version}</h1><p id="end">{text}</p></html>\n'

    def publish(self, version: str) -> None:
        """Publish one version as a build does."""
        page = Page(self.pages[version], f"Page {version}", "?", (version,), 0, 0, 0)
        with open_shelf(self.out) as shelf:
            clerk = Clerk(self.plan, shelf, Silent(), self.plan.signature())
            try:
                assert clerk.must_do(self.task)
                clerk.publish(Result(self.task.job.place, page, None, 1.0))
                clerk.publish_feeds(self.records)
                clerk.complete = True
            finally:
                clerk.close()

    def fresh(self) -> None:
        """Bring the folder back to version A, beside the traces of a failure and an older feed."""
        shutil.rmtree(self.out, ignore_errors=True)
        self.publish("A")
        for file in self.out.glob(FEEDS):
            file.write_text("<feed>Earlier</feed>\n")
        (self.member / "10-page.failed.html").write_text("<h1>Earlier</h1>")

    @property
    def member(self) -> Path:
        return self.out / Path(self.task.job.place).parent

    def wrongs(self) -> Iterator[str]:
        """Say what a reader would find wrong."""
        for file in self.published():
            text = file.read_text(encoding="utf-8")
            if "failed" not in file.name and not text.endswith("</html>\n"):
                yield f"{file.name} is cut"
        for file in self.out.glob(FEEDS):
            if not file.read_text(encoding="utf-8").endswith("</feed>\n"):
                yield f"{file.name} is cut"
        before = self.record()
        digest = sha256((self.member / "10-page.html").read_bytes())
        after = self.record()
        if digest not in self.known:
            yield "the page is neither version"
        allowed = {one.get(key) for one in (before, after) for key in ("sha256", "replaces")}
        if digest not in allowed:
            yield "the page and its record are of different builds"

    def published(self) -> list[Path]:
        """The pages that a reader can find."""
        return [self.out / "index.html", *sorted((self.out / "baseline").rglob("*.html"))]

    def record(self) -> Json:
        found = json.loads((self.member / "report.json").read_text(encoding="utf-8"))
        return dict(found["reports"]["10-page"])

    def settled(self) -> Iterator[str]:
        """Say what is wrong after a fresh build of version B: nothing of the fault may be left."""
        self.publish("B")
        if (self.member / "10-page.html").read_text(encoding="utf-8") != self.pages["B"]:
            yield "a fresh build did not succeed"
        if (self.out / STAGING).exists():
            yield "staging is left"
        if (self.member / "10-page.failed.html").exists():
            yield "the failure page is left"
        yield from self.wrongs()


def count_of(stage: Stage) -> int:
    """Return how many calls one publishing makes."""
    stage.fresh()
    with Counted(stage.out, lambda name, call: call()) as counted:
        stage.publish("B")
    return counted.count


def failing(at: dict[int, int]) -> tuple[list[int], Fault]:
    """Return a fault that lets the given calls fail with the given errors, and who met it."""
    seen = [0]
    met: list[int] = []

    def fault(name: str, call: Callable[[], Any]) -> Any:
        seen[0] += 1
        if seen[0] not in at:
            return call()
        met.append(seen[0])
        if at[seen[0]] == SHORT:
            if name == "write":
                return lambda file, content: ORIGINAL["write"](file, bytes(content[:1]))
            return call()
        raise OSError(at[seen[0]], os.strerror(at[seen[0]]))

    return met, fault


def failures(stage: Stage) -> Json:
    """Let each call fail with each error, one at a time."""
    return _faults(stage, [{at: kind} for at in _all(stage) for kind in (*ERRORS, SHORT)])


def pairs(stage: Stage) -> Json:
    """Let each two calls fail: the second is met while the first failure is cleaned up."""
    calls = _all(stage)
    return _faults(stage, [{i: errno.ENOSPC, j: errno.EIO} for i in calls for j in calls if i < j])


def _all(stage: Stage) -> range:
    return range(1, count_of(stage) + 1)


def _faults(stage: Stage, faults: list[dict[int, int]]) -> Json:
    wrong: list[str] = []
    met_all = 0
    for at in faults:
        stage.fresh()
        met, fault = failing(at)
        error = ""
        try:
            with Counted(stage.out, fault):
                stage.publish("B")
        except NormlibError as refused:
            error = f"{type(refused).__name__} {refused.exit_code}"
        except OSError as raw:
            error = f"unclassified {raw!r}"
        met_all += len(met) == len(at)
        whole = (stage.member / "10-page.html").read_text(encoding="utf-8") == stage.pages["B"]
        if not (error == "SurroundingsError 3" or (not error and whole)):
            wrong.append(f"{at}: ended with {error or 'success'}, new page: {whole}")
        wrong += [f"{at}: {words}" for words in (*stage.wrongs(), *stage.settled())]
    return {"faults": len(faults), "met": met_all, "wrong": wrong}


def kills(stage: Stage) -> Json:
    """Kill the process just before and just after each call; then build afresh."""
    wrong: list[str] = []
    total = 0
    for at in _all(stage):
        for after in (False, True):
            stage.fresh()
            total += _killed(stage, at, after=after)
            wrong += [f"kill at {at}: {words}" for words in (*stage.wrongs(), *stage.settled())]
    return {"kills": total, "wrong": wrong}


def storm(stage: Stage, number: int = 500) -> Json:
    """Kill 500 builds at chance calls, while a reader reads everything without a pause."""
    stage.fresh()
    calls = len(_all(stage))
    chance = random.Random(0)
    reader, results = _reader(stage)
    killed = tried = 0
    while killed < number:
        tried += 1
        version, after = "AB"[tried % 2], chance.random() < 0.5
        killed += _killed(stage, chance.randint(1, calls), after=after, version=version)
    os.kill(reader, signal.SIGTERM)
    os.waitpid(reader, 0)
    with os.fdopen(results) as found:
        read: Json = json.load(found)
    return {"kills": killed, **read, "wrong": list(stage.settled())}


def _killed(stage: Stage, at: int, *, after: bool, version: str = "B") -> int:
    """Publish in a process that kills itself at a call; say whether it did."""
    child = os.fork()
    if child == 0:
        seen = [0]

        def fault(name: str, call: Callable[[], Any]) -> Any:
            seen[0] += 1
            if seen[0] == at and not after:
                os.kill(os.getpid(), signal.SIGKILL)
            made = call()
            if seen[0] == at:
                os.kill(os.getpid(), signal.SIGKILL)
            return made

        with Counted(stage.out, fault):
            stage.publish(version)
        os._exit(0)
    return int(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL)


def _reader(stage: Stage) -> tuple[int, int]:
    """Start a process that reads all published files again and again, and counts them."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child:
        os.close(theirs)
        return child, ours
    reads = [0, 0]
    stop: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
    wrong: list[str] = []
    while not stop:
        reads[0] += 1
        try:
            found = list(stage.wrongs())
        except (OSError, ValueError, LookupError) as error:
            found = [f"unreadable: {error!r}"]
        wrong += found
        reads[1] += len(stage.published()) + 1
    with os.fdopen(theirs, "w") as out:
        json.dump({"rounds": reads[0], "files": reads[1], "bad": wrong[:20]}, out)
    os._exit(0)


def power(stage: Stage) -> Json:
    """Replay what was written up to each call, as a disk may hold it after the power failed."""
    stage.fresh()
    held = {str(file): file.read_bytes() for file in stage.out.rglob("*") if file.is_file()}
    with Counted(stage.out, lambda name, call: call()) as counted:
        stage.publish("B")
    wrong = []
    checked = 0
    for cut in range(len(counted.log) + 1):
        for kept in ("nothing", "names"):
            state = _after_power_loss(held, counted.log[:cut], kept=kept)
            shutil.rmtree(stage.out)
            for name, content in state.items():
                Path(name).parent.mkdir(parents=True, exist_ok=True)
                Path(name).write_bytes(content)
            checked += 1
            wrong += [f"cut {cut}, kept {kept}: {words}" for words in stage.wrongs()]
    return {"calls": len(counted.log), "states": checked, "wrong": wrong}


def _after_power_loss(
    held: dict[str, bytes], log: list[tuple[Any, ...]], *, kept: str
) -> dict[str, bytes]:
    """Return the files that are left. What was not brought to the disk is lost.

    ``kept="nothing"``: names that were not synced are as before. ``kept="names"``: they are all
    there, but what was not synced of the contents is not (a rename that overtook its data).
    """
    written: dict[str, bytes] = dict(held)
    synced: dict[str, bytes] = dict(held)
    names: dict[str, str] = {name: name for name in held}
    durable = dict(names)
    for at, entry in enumerate(log):
        match entry:
            case ("open", name, flags) if flags & os.O_TRUNC:
                written[name], synced[name], names[name] = b"", b"", name
            case ("write", name, content):
                written[name] += content
            case ("fsync", name) if name in written:
                synced[name] = written[name]
            case ("fsync", folder):
                durable = _synced_folder(durable, names, folder)
            case ("replace", aside, target):
                names[target] = f"{target}#{at}"
                synced[names[target]] = synced.pop(names.pop(aside))
            case ("unlink", name):
                names.pop(name, None)
    chosen = names if kept == "names" else durable
    return {name: synced[inode] for name, inode in chosen.items() if inode in synced}


def _synced_folder(durable: dict[str, str], names: dict[str, str], folder: str) -> dict[str, str]:
    """Return durable names after those of one folder were brought to the disk."""
    others = {name: inode for name, inode in durable.items() if str(Path(name).parent) != folder}
    these = {name: inode for name, inode in names.items() if str(Path(name).parent) == folder}
    return others | these


def main() -> None:
    stage = Stage(Path(sys.argv[1]))
    begun = time.monotonic()
    modes: dict[str, Callable[[Stage], Json]] = {
        "failures": failures,
        "pairs": pairs,
        "kills": kills,
        "storm": storm,
        "power": power,
    }
    found = modes[sys.argv[2]](stage)
    print(json.dumps({**found, "calls": count_of(stage), "took": time.monotonic() - begun}))


if __name__ == "__main__":
    main()
