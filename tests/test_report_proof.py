"""A notebook counts as executed only if every cell ran, a page as made only if it is whole."""

import pytest

from normlib.report.jobs import Page
from normlib.report.proof import broken, tail, unfit, unproved
from tests.pages_kit import PLOTLY_MIME, Json, code, executed, figure, shown


def with_output(cell: Json, **output: object) -> Json:
    return {**cell, "outputs": [output]}


def error(name: str, value: str) -> dict[str, object]:
    return {
        "output_type": "error",
        "ename": name,
        "evalue": value,
        "traceback": [f"\x1b[31m{name}\x1b[0m: {value}"],
    }


def test_a_notebook_whose_cells_all_ran_in_order_is_proved() -> None:
    assert unproved(executed(code("x = 1"), code("x"))) is None


def test_blank_cells_need_not_run() -> None:
    found = executed(code("x = 1"), code("  \n"))
    found["cells"][-1]["execution_count"] = None
    assert unproved(found) is None


def test_a_cell_that_never_ran_is_seen() -> None:
    found = executed(code("x = 1"), code("the_last()"))
    found["cells"][-1]["execution_count"] = None
    failure = unproved(found)
    assert failure is not None
    assert (failure.code, failure.cell) == ("cell-skipped", "the_last()")


def test_cells_out_of_order_are_seen() -> None:
    found = executed(code("x = 1"), code("x"))
    found["cells"][-1]["execution_count"] = 1
    failure = unproved(found)
    assert failure is not None
    assert failure.code == "cell-skipped"


def test_an_error_is_told_with_its_cell_and_without_terminal_colours() -> None:
    found = executed(with_output(code("\n  1 / 0\n"), **error("ZeroDivisionError", "by zero")))
    failure = unproved(found)
    assert failure is not None
    assert failure.code == "cell-error"
    assert failure.message == "ZeroDivisionError: by zero"
    assert failure.cell == "1 / 0"
    assert failure.tail == "ZeroDivisionError: by zero"


def test_a_parameter_that_the_record_refuses_is_to_be_given_another_value() -> None:
    told = "pair: the record knows no actor 'x'. Did you mean 'y'?"
    failure = unproved(executed(with_output(code("show()"), **error("RecipeError", told))))
    assert failure is not None
    assert (failure.code, failure.message) == ("wrong-value", told)
    assert "another value" in failure.remedy


@pytest.mark.parametrize("status", ["", "0", "3"])
def test_a_cell_that_ends_the_run_is_no_success(status: str) -> None:
    found = executed(with_output(code("sys.exit(0)"), **error("SystemExit", status)))
    failure = unproved(found)
    assert failure is not None
    assert failure.code == "cell-skipped"
    assert "never ran" in failure.message


@pytest.mark.parametrize("tag", ["skip-execution", "raises-exception"])
def test_tags_that_hide_what_does_not_run_are_refused(tag: str) -> None:
    failure = unfit(executed(code("x = 1", tag)))
    assert failure is not None
    assert tag in failure.message
    assert unfit(executed(code("x = 1", "headline"))) is None


LOST = """
try:
    figures.timeline_figure(lanes)
except ValueError:
    pass
"""
ASSIGNED = "fig = figures.timeline_figure(lanes)"


def test_a_figure_that_an_error_swallowed_is_missed() -> None:
    failure = unproved(executed(code(LOST), code("figures.timeline_note(lanes)")))
    assert failure is not None
    assert failure.code == "figure-lost"
    assert "calls 1 figure functions and shows 0" in failure.message


def test_a_figure_may_be_made_in_one_cell_and_shown_in_another() -> None:
    cells = [code(ASSIGNED), shown(figure(), PLOTLY_MIME), code("%time 1"), code("await later()")]
    assert unproved(executed(*cells)) is None


def test_only_the_last_lines_of_an_output_are_told() -> None:
    lines = "".join(f"line {number}\n" for number in range(100))
    cell = with_output(code("x"), output_type="stream", name="stdout", text=lines)
    assert tail(cell).splitlines()[0] == "line 80"


GOOD = '<h1>T</h1><div class="plot" id="a"></div><a href="#a">x</a>{}</html>\n'


def page(html: str) -> Page:
    return Page(html, "T", "", (), 1, 0, 0)


def test_a_whole_page_is_fit_to_be_published() -> None:
    program = "<script>if (a<b) x = '<h1 id=\"a\">'; y = '<a href=\"#z\">'</script>"
    assert broken(page(GOOD.format(program))) is None


def test_rows_that_wait_as_text_do_not_make_a_page_too_big() -> None:
    rows = f'<noscript class="rest">{" " * 17_000_000}</noscript>'
    assert broken(page(GOOD.format(rows))) is None


@pytest.mark.parametrize(
    ("html", "telling"),
    [
        ("<h1>T</h1></html>", "0 of 1 figures"),
        (GOOD.format("<h1>U</h1>"), "2 titles"),
        (GOOD.format('<p id="a"></p>'), "id stands twice"),
        (GOOD.format('<a href="#nowhere">x</a>'), "nowhere"),
        (GOOD.format("")[:-9], "is cut"),
        (GOOD.format(" " * 17_000_000), "over 16 MB"),
    ],
)
def test_a_broken_page_is_not(html: str, telling: str) -> None:
    failure = broken(page(html))
    assert failure is not None
    assert failure.code == "page-broken"
    assert telling in failure.message
