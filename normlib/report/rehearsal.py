"""Do once, in the prepared process, all that every report does, so that its children need not.

Half of the time of a first report goes into what libraries put off until it is first used.
"""

import importlib
import pkgutil

import nbformat

import normlib
from normlib.errors import SurroundingsError
from normlib.report.jobs import Edition, Job, Setting
from normlib.report.page import make_page
from normlib.report.proof import unproved
from normlib.report.shell import execute, prepared_shell

SCENES = (
    """\
import networkx
import pandas as pd
import plotly.graph_objects as go

from normlib.figures.tables import Note, Table
from normlib.figures.theme import finish
""",
    """\
marks = {"x": ["2020-01-01"], "y": [1], "text": ["a"]}
fig = go.Figure(
    [
        go.Scatter(**marks, marker={"size": 3, "line": {"width": 1}}, line={"width": 1},
                   textfont={"size": 3}, error_x={"array": [1]}),
        go.Bar(x=[1], y=[2], marker={"color": "red", "pattern": {"shape": "/"}, "line": {}},
               insidetextfont={"size": 1}, textfont={"size": 1}),
    ]
)
fig.add_annotation(text="b", x=1, y=1, font={"size": 2})
fig.add_shape(type="rect", x0=0, x1=1, y0=0, y1=1, line={"width": 0}, label={"text": "c"})
fig.update_layout(legend={"font": {"size": 1}}, margin={"l": 1}, xaxis2={"overlaying": "x"})
fig.update_xaxes(type="date", title={"text": "x"}, tickfont={"size": 1})
rows = Table(pd.DataFrame({"a": ["b"], "sources": [()]}), {"a": "A"}, caption="Rows")
finish(fig, key="k", title="T", stamp="S", caption="C", alt="A", table=rows)
""",
    'Note("A sentence.")',
    "rows",
)
"""A notebook that touches what the notebooks of reports touch."""


def rehearse(template: str) -> None:
    """Import the library, run a small notebook as jobs are run, and make its page.

    Raises
    ------
    SurroundingsError
        The notebook does not run, so no other would.
    """
    for found in pkgutil.walk_packages(normlib.__path__, "normlib."):
        if not found.name.startswith(("normlib.report", "normlib.cli")):
            importlib.import_module(found.name)
    title = nbformat.v4.new_markdown_cell("# Rehearsal\n\nDoes everything work?")
    cells = [nbformat.v4.new_code_cell(scene) for scene in SCENES]
    notebook = nbformat.v4.new_notebook(cells=[title, *cells])
    edition = Edition("", "", "", "2020-01-01", "2020-01-01", False, 0, ())
    setting = Setting("rehearsal", "", "", "only", "", (), (), {})
    job = Job("rehearsal", notebook, {"as_of": "latest"}, "", edition, setting, template)
    executed = execute(job)
    failure = unproved(executed.notebook)
    if failure is not None:
        raise SurroundingsError(f"a small notebook does not run: {failure.message}")
    make_page(job, executed.notebook)
    prepared_shell()
