"""Time in Chromium the page of the timeline of a large artificial record, and its controls.

The record is the real one with artificial events added. Measured is the page of `10-timeline` as
`normlib report` makes it, opened from the file system: from the call to the first drawn timeline;
from a choice of one sector, and of a shorter period, to the picture that shows it. The peer is a
bare page with the same events as plain plotly scatter traces, one mark each: no lanes are laid out,
nothing is counted, and there is no table.
"""

import argparse
import csv
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright
from timing import timed

import normlib
from normlib import timeline
from normlib.figures.theme import TONE_STYLES
from normlib.package import DESCRIPTOR, PROJECT
from normlib.report.assets import plotly_js
from normlib.rows import dicts

SEED = 20250912
SIZES = (10**3, 10**4, 10**5)
RUNS = 3
FIRST, LAST = date(1992, 1, 1), date(2026, 6, 1)
RECORD = PROJECT / "data" / "turkiye-armenia"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
WINDOW = {"width": 1440, "height": 1000}

Row = Mapping[str, str]


# The artificial record


def artificial(folder: Path, size: int) -> Path:
    """Write the real record with artificial events, ``size`` of all, and return its folder."""
    target = folder / f"events-{size}"
    shutil.copytree(RECORD, target)
    with (target / "events.csv").open(encoding="utf-8", newline="") as file:
        real = list(csv.DictReader(file))
    rng = random.Random(SEED)
    rows = [*real, *(_event(rng, real, at) for at in range(size - len(real)))]
    with (target / "events.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(real[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(rows, key=lambda row: row["event_id"]))
    descriptor = json.loads((target / DESCRIPTOR).read_text(encoding="utf-8"))
    descriptor["name"] = f"events-{size}"
    (target / DESCRIPTOR).write_text(json.dumps(descriptor, ensure_ascii=False), encoding="utf-8")
    return target


def _event(rng: random.Random, real: Sequence[Row], at: int) -> Row:
    """Return an event of the last decades, denser towards the end; a fifth has no day."""
    days = (LAST - FIRST).days
    day = FIRST + timedelta(days=int(days * max(rng.random(), rng.random())))
    when = day.isoformat() if rng.random() < 0.8 else f"{day:%Y-%m}"
    like = rng.choice(real)
    return {
        **like,
        "event_id": f"{when}-artificial-{at}",
        "date": when,
        "known_since": "",
        "round": "",
        "title": f"Artificial event {at}, like another one of the record",
        "sources": rng.choice(real)["sources"],
    }


# The pages


def ours(dataset: Path, out: Path) -> Path:
    """Make the page with the command, and return it."""
    order = ["report", "baseline", "--only", "10-timeline", "--quiet"]
    order += ["--dataset", str(dataset), "--out", str(out)]
    subprocess.run([sys.executable, "-m", "normlib.cli", *order], check=True)
    (page,) = out.rglob("10-timeline.html")
    return page


def theirs(dataset: Path, out: Path) -> Path:
    """Write a bare page that draws each event as a mark of a plain scatter trace."""
    lanes = timeline.lanes(normlib.load(str(dataset)))
    lanes = lanes.assign(day=lanes["known_by"].dt.strftime("%Y-%m-%d"))
    traces = [_trace(lanes[lanes["tone"] == tone], tone) for tone in TONE_STYLES]
    script = out / plotly_js().name
    script.write_bytes(plotly_js().content)
    layout = {"width": 960, "height": 700, "yaxis": {"type": "category"}, "hovermode": "closest"}
    page = out / "peer.html"
    page.write_text(
        "<!doctype html><meta charset='utf-8'><title>Peer</title><div id='plot'></div>"
        f"<script src='{script.name}'></script><script>"
        f"const data = {json.dumps(traces, ensure_ascii=False)}, layout = {json.dumps(layout)};"
        "const drawn = Plotly.newPlot('plot', data, layout).then(() => "
        "{ document.documentElement.dataset.drawn = 1; });</script>",
        encoding="utf-8",
    )
    return page


def _trace(rows: Any, tone: str) -> Mapping[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": tone,
        "x": rows["day"].tolist(),
        "y": rows["lane_label"].tolist(),
        "text": [f"{row['title']}<br>{row['date']}, {row['type_label']}" for row in dicts(rows)],
        "customdata": rows["event_id"].tolist(),
    }


# What is timed

SHOWN = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
"""Wait until what was drawn stands on the screen."""


def opened(browser: Browser, file: Path) -> tuple[Page, float]:
    """Open a page; return it, and the seconds until its first figure stood on the screen."""
    page = browser.new_page(viewport=WINDOW)  # type: ignore[arg-type]
    page.set_default_timeout(600_000)
    begun = perf_counter()
    page.goto(file.as_uri(), wait_until="commit", timeout=600_000)
    page.wait_for_selector(".plot .scatterlayer .points path, #plot .points path", state="attached")
    page.evaluate(SHOWN)
    return page, perf_counter() - begun


def answered(page: Page, act: Callable[[], object]) -> float:
    """Do something; return the seconds until the picture and the table show what came of it."""
    status = page.locator(".lanes [role=status]")
    before = status.inner_text()
    begun = perf_counter()
    act()
    while status.inner_text() == before:
        page.wait_for_timeout(5)
    page.evaluate(SHOWN)
    return perf_counter() - begun


def zoomed(page: Page) -> float:
    """Zoom the peer's page, as its own buttons do; return the seconds."""
    begun = perf_counter()
    page.evaluate("Plotly.relayout('plot', {'xaxis.range': ['2022-01-01', '2023-01-01']})")
    page.evaluate(SHOWN)
    return perf_counter() - begun


def measure(browser: Browser, size: int) -> Mapping[str, float]:
    """Make both pages for one size and return their sizes and times."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        dataset = artificial(folder, size)
        made, page = timed(lambda: ours(dataset, folder / "out"))
        peer = theirs(dataset, folder)
        found = [_visit(browser, page, peer) for _ in range(RUNS)]
        times = {name: median(one[name] for one in found) for name in found[0]}
        return {"size of the page, MB": page.stat().st_size / 1e6, "to make it, s": made, **times}


def _visit(browser: Browser, page: Path, peer: Path) -> Mapping[str, float]:
    tab, first = opened(browser, page)
    marks = tab.locator("#figure-timeline-plot .points path").count()
    sector = tab.locator("select[name='Sector']")
    choice = answered(tab, lambda: sector.select_option(index=1))
    closer = answered(tab, tab.get_by_role("button", name="Closer").click)
    tab.close()
    tab, theirs_first = opened(browser, peer)
    theirs_zoom = zoomed(tab)
    tab.close()
    return {
        "marks drawn": marks,
        "to the first picture, s": first,
        "to the picture and table of a sector, s": choice,
        "to the picture of a period, s": closer,
        "peer: to the first picture, s": theirs_first,
        "peer: to the picture of a period, s": theirs_zoom,
        "ratio, first picture": first / theirs_first,
        "ratio, period": closer / theirs_zoom,
    }


def main() -> None:
    """Print size, times, and the ratios to the peer for each size of the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="*", default=SIZES)
    sizes = parser.parse_args().events
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for size in sizes:
            print(f"{size:,} events")
            for name, value in measure(browser, size).items():
                print(f"  {name:<40}{value:>10,.2f}", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
