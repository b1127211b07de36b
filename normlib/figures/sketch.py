"""What a picture is made of, as plain data until all of it is there.

Plotly checks a value whenever one is set, and all notes anew with each one that is added. So a
picture is put together here, under plotly's own names, and becomes a plotly figure once.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import plotly.graph_objects as go

Trace = dict[str, Any]
"""A trace as plain data, with its ``type``."""


def scatter(**options: Any) -> Trace:
    """Return a trace of points, lines or words."""
    return {"type": "scatter", **options}


def bar(**options: Any) -> Trace:
    """Return a trace of bars."""
    return {"type": "bar", **options}


class Sketch:
    """Traces and layout of a figure to be.

    Its methods are called like those of a plotly figure and do the same, but check nothing.
    """

    def __init__(self, traces: Iterable[Trace] = ()) -> None:
        self.traces = list(traces)
        self.layout: dict[str, Any] = {"xaxis": {}, "yaxis": {}}

    @classmethod
    def of(cls, figure: go.Figure) -> "Sketch":
        """Return the sketch of a plotly figure, without its template."""
        plain = figure.to_plotly_json()
        sketch = cls(plain["data"])
        sketch.update_layout(**{**plain["layout"], "template": None})
        return sketch

    def add_traces(self, traces: Iterable[Trace]) -> None:
        """Add traces on top of those that are there."""
        self.traces.extend(traces)

    def add_scatter(self, **options: Any) -> None:
        """Add a trace of points, lines or words."""
        self.traces.append(scatter(**options))

    def add_bar(self, **options: Any) -> None:
        """Add a trace of bars."""
        self.traces.append(bar(**options))

    def add_annotation(self, **note: Any) -> None:
        """Add words, or an arrow."""
        self.layout.setdefault("annotations", []).append(note)

    def add_shape(self, **shape: Any) -> None:
        """Add a line or a rectangle."""
        self.layout.setdefault("shapes", []).append(shape)

    def update_layout(self, **options: Any) -> None:
        """Set options of the layout; groups of options are joined, lists replaced."""
        self.layout = _joined(self.layout, options)

    def update_xaxes(self, **options: Any) -> None:
        """Set options of every horizontal axis."""
        self._update_axes("xaxis", options)

    def update_yaxes(self, **options: Any) -> None:
        """Set options of every vertical axis."""
        self._update_axes("yaxis", options)

    def figure(self) -> go.Figure:
        """Return the plotly figure."""
        return go.Figure(data=self.traces, layout=self.layout)

    def _update_axes(self, kind: str, options: Mapping[str, Any]) -> None:
        axes = [name for name in self.layout if name.startswith(kind)]
        self.update_layout(**dict.fromkeys(axes, options))


def _joined(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(old)
    for name, value in new.items():
        both = isinstance(value, Mapping) and isinstance(found.get(name), Mapping)
        found[name] = _joined(found[name], value) if both else value
    return found
