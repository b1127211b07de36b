"""The limit: the calls of the notebooks as plain code, and their pages, in one warm process.

No notebook is run and no process started for a report: what a build costs beyond this is its price
for parameters, proof, isolation and limits. Used by batch.py; prints seconds and pages as JSON.
"""

import ast
import json
import os
import resource
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import plotly.graph_objects as go

from normlib.dossier import keep
from normlib.report.jobs import Job
from normlib.report.page import make_page
from normlib.report.plan import Order, Plan, Records
from normlib.report.project import find_project
from normlib.report.worker import with_sources

PLOTLY_MIME = "application/vnd.plotly.v1+json"
Json = dict[str, Any]


def calls(job: Job) -> list[tuple[Json, Any, Any]]:
    """Return each cell of a job with its statements and its last expression, compiled once."""
    found = []
    for cell in job.notebook["cells"]:
        if cell["cell_type"] == "code":
            tree = ast.parse("".join(cell["source"]))
            last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
            value = compile(ast.Expression(last.value), "cell", "eval") if last else None
            found.append((cell, compile(tree, "cell", "exec"), value))
    return found


def run(job: Job, compiled: list[tuple[Json, Any, Any]]) -> str:
    """Do what a notebook does, and return its page."""
    names: dict[str, Any] = {"display": shown}
    for cell, statements, value in compiled:
        exec(statements, names)
        found = eval(value, names) if value else None
        names.update(job.parameters)
        cell["outputs"] = [] if found is None else [shown(found)]
    return make_page(with_sources(job), job.notebook).html


def shown(found: Any) -> Json:
    """Return a result as a notebook holds it."""
    if isinstance(found, go.Figure):
        data = {PLOTLY_MIME: json.loads(found.to_json(validate=False))}
    elif hasattr(found, "_repr_mimebundle_"):
        data = found._repr_mimebundle_()
    else:
        data = {"text/plain": repr(found)}
    return {"output_type": "display_data", "data": data, "metadata": {}}


def main() -> None:
    """Make the pages of a recipe, after one round that is not counted."""
    os.environ["PLOTLY_RENDERER"] = "plotly_mimetype"
    recipe, out = sys.argv[1], Path(sys.argv[2])
    plan = Plan(Order(recipes=(recipe,)), find_project())
    records = Records()
    for folder in plan.folders:
        keep(folder)
    jobs = [task.job for task in plan.tasks(plan.places(records), records)]
    ready = {job.name: calls(job) for job in jobs}
    for job in jobs[: len(ready)]:
        run(job, ready[job.name])
    wall, cpu = perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_utime
    for job in jobs:
        page = out / f"{job.place}.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(run(job, ready[job.name]), encoding="utf-8")
    spent = resource.getrusage(resource.RUSAGE_SELF).ru_utime - cpu
    print(json.dumps({"wall": perf_counter() - wall, "cpu": spent, "pages": len(jobs)}))


if __name__ == "__main__":
    main()
