"""Do once, in the prepared process, all that every report does, so that its children need not.

Half of the time of a first report goes into what libraries put off until it is first used.
"""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping, Sequence

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
               insidetextfont={"size": 1}, outsidetextfont={"size": 1}, textfont={"size": 1}),
    ]
)
fig.add_annotation(text="b", x=1, y=1, font={"size": 2})
fig.add_shape(type="rect", x0=0, x1=1, y0=0, y1=1, line={"width": 0}, label={"text": "c"})
fig.update_layout(legend={"font": {"size": 1}}, margin={"l": 1}, xaxis2={"overlaying": "x"})
axis = {"title": {"text": "x", "font": {"size": 1}}, "tickfont": {"size": 1}}
fig.update_xaxes(type="date", **axis)
fig.update_yaxes(**axis)
rows = Table(pd.DataFrame({"a": ["b"], "sources": [()]}), {"a": "A"}, caption="Rows")
finish(fig, key="k", title="T", stamp="S", caption="C", alt="A", table=rows)
""",
    'Note("A sentence.")',
    "rows",
)
"""A notebook that touches what the notebooks of reports touch."""


PUTS_OFF: Mapping[str, Sequence[str]] = {
    "networkx": ("networkx", "scipy.sparse.linalg"),
    "normlib.durations": ("scipy.stats",),
    "scipy": ("scipy.stats", "scipy.sparse.linalg"),
}
"""What is imported beforehand where a notebook imports something: what that imports only once it is
used. Packages that may start threads when they are imported do not belong here."""


def rehearse(template: str, imports: Iterable[str] = ()) -> None:
    """Import the library, run a small notebook as jobs are run, and make its page.

    Parameters
    ----------
    template : folder of the page template.
    imports : packages that the notebooks to come import.

    Raises
    ------
    SurroundingsError
        The notebook does not run, so no other would.
    """
    for found in pkgutil.walk_packages(normlib.__path__, "normlib."):
        if not found.name.startswith(("normlib.report", "normlib.cli")):
            importlib.import_module(found.name)
    for name in imports:
        for module in PUTS_OFF.get(name, ()):
            importlib.import_module(module)
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
