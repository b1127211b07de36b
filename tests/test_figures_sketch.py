"""A sketch becomes the figure that plotly would have made step by step."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import pytest

from normlib.figures.sketch import Sketch, bar, scatter
from normlib.figures.theme import finish

WORDS = {"key": "k", "title": "T", "stamp": "S", "caption": "C", "alt": "A"}


def draw(fig: Any) -> Any:
    """Draw with the methods that a sketch and a plotly figure share."""
    fig.add_scatter(x=[1, None, 2], y=[1, None, 2], mode="lines", line={"width": 2})
    fig.add_bar(x=[1], y=[2], marker={"color": "red", "pattern": {"shape": "/"}}, yaxis="y2")
    fig.add_annotation(text="a", x=1, y=1, font={"size": 2})
    fig.add_annotation(text="b", x=2, y=2, showarrow=False)
    fig.add_shape(type="line", x0=0, x1=1, y0=0, y1=1, line={"width": 1})
    fig.update_layout(margin={"l": 1, "r": 2}, yaxis2={"range": [0, 1]})
    fig.update_layout(margin={"l": 3}, legend={"orientation": "h"})
    fig.update_xaxes(range=[0, 3], tickfont={"size": 1})
    fig.update_yaxes(tickfont={"size": 2, "color": "red"})
    fig.update_yaxes(tickfont={"size": 3})
    return fig


def test_a_sketch_becomes_the_figure_that_its_steps_would_have_made() -> None:
    step_by_step = draw(go.Figure(layout={"template": "none"}))
    sketch = draw(Sketch())
    sketch.update_layout(template="none")
    assert sketch.figure().to_plotly_json() == step_by_step.to_plotly_json()


def test_a_sketch_and_a_plotly_figure_are_finished_alike() -> None:
    one, other = finish(draw(Sketch()), **WORDS), finish(draw(go.Figure()), **WORDS)
    assert one.to_plotly_json() == other.to_plotly_json()


def test_traces_are_plain_data() -> None:
    assert scatter(x=[1]) == {"type": "scatter", "x": [1]}
    assert bar(x=[1]) == {"type": "bar", "x": [1]}
    assert Sketch([bar(x=[1])]).traces == [{"type": "bar", "x": [1]}]


def test_joining_options_leaves_those_of_others_alone() -> None:
    shared = {"size": 1}
    sketch = Sketch()
    sketch.update_layout(font=shared)
    sketch.update_layout(font={"color": "red"})
    assert sketch.layout["font"] == {"size": 1, "color": "red"}
    assert shared == {"size": 1}


def test_what_plotly_does_not_know_is_still_refused() -> None:
    sketch = Sketch()
    sketch.add_scatter(colour="red")
    with pytest.raises(ValueError, match="colour"):
        sketch.figure()
