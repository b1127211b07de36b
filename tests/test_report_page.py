"""A page shows what the notebook showed, in numbered sources, escaped, and loses nothing."""

import re
from dataclasses import replace
from html import unescape

import pytest

from normlib.report.jobs import Page, ReportFailure
from normlib.report.links import anchor, safe_url
from normlib.report.page import make_page
from normlib.report.proof import broken
from tests.pages_kit import (
    NOTE_MIME,
    PLOTLY_MIME,
    TABLE_MIME,
    Json,
    code,
    edition,
    executed,
    figure,
    job,
    note,
    shown,
    table,
    words,
)


def page_of(*cells: Json, **changes: object) -> Page:
    content = executed(*cells)
    page = make_page(job(content, **changes), content)
    assert broken(page) is None
    return page


def text_of(html: str) -> str:
    return " ".join(
        re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<(style|script).*?</\1>", "", html)).split()
    )


def full_page(**changes: object) -> Page:
    return page_of(
        words("## What happened?"),
        shown(figure(), PLOTLY_MIME),
        shown(note(), NOTE_MIME, "headline"),
        shown(table(), TABLE_MIME),
        **changes,
    )


def failure_of(*cells: Json) -> str:
    with pytest.raises(ReportFailure) as failed:
        page_of(*cells)
    return failed.value.failure.code


def test_the_top_says_title_question_day_release_and_what_differs() -> None:
    text = text_of(full_page().html)
    for words_ in (
        "A page",
        "What has happened?",
        "31 December 2022",
        "2023-02-01",
        "14 January 2022",
    ):
        assert words_ in text


def test_the_end_of_coverage_is_said_only_where_the_day_reaches_it() -> None:
    assert "Last known." not in full_page().html
    assert "Last known." in full_page(edition=edition(last_known=True)).html


def test_a_day_before_the_record_says_that_nothing_is_recorded_yet() -> None:
    assert "Nothing is recorded yet." in full_page(edition=edition(rows=0)).html


def test_figures_that_come_in_go_out_with_caption_words_and_data() -> None:
    page = page_of(
        shown(figure("one"), PLOTLY_MIME),
        shown(figure("two", table=None, caption="Plain words"), PLOTLY_MIME),
    )
    assert page.figures == page.html.count('<div class="plot"') == 2
    assert page.html.count("<summary>In words</summary>") == 2
    assert page.html.count("<summary>Data (1 row)</summary>") == 1
    assert "Plain words" in page.html


def test_a_picture_that_a_page_cannot_show_is_a_failure_not_a_gap() -> None:
    assert failure_of(shown({}, "image/png")) == "figure-lost"
    lost = code("x")
    lost["outputs"] = [
        {"output_type": "display_data", "data": {"text/html": "<b>"}, "metadata": {}}
    ]
    assert failure_of(lost) == "figure-lost"


@pytest.mark.parametrize("kind", ["scattergeo", "choropleth", "scattermap", "densitymapbox"])
def test_a_figure_that_fetches_maps_is_refused(kind: str) -> None:
    drawn = figure()
    drawn["data"][0]["type"] = kind
    assert failure_of(shown(drawn, PLOTLY_MIME)) == "figure-online"


def test_a_figure_without_caption_and_sources_is_refused() -> None:
    drawn = figure()
    del drawn["layout"]["meta"]
    assert failure_of(shown(drawn, PLOTLY_MIME)) == "figure-bare"


def test_a_number_that_is_not_finite_is_refused() -> None:
    drawn = figure()
    drawn["data"][0]["y"] = [float("nan")]
    assert failure_of(shown(drawn, PLOTLY_MIME)) == "figure-lost"


def test_html_of_a_cell_is_never_taken_over_its_plain_text_is() -> None:
    cell = code("frame")
    data = {"text/html": "<table id='raw'>", "text/plain": "a <b> frame"}
    cell["outputs"] = [{"output_type": "execute_result", "data": data, "metadata": {}}]
    html = page_of(cell).html
    assert "a &lt;b&gt; frame" in html
    assert "id='raw'" not in html


def test_markup_in_every_field_stays_text() -> None:
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    drawn = figure(caption=evil, alt=evil, table=table(caption=evil))
    drawn["data"][0]["text"] = [evil]
    source = replace(edition().sources["s"], publisher=evil, title=evil, url="javascript:alert(1)")
    page = page_of(
        words(f"## {evil}\n\n{evil} [x](javascript:alert(1)) ![x](https://e.org/x.png)"),
        shown(drawn, PLOTLY_MIME),
        shown(note(evil), NOTE_MIME),
        edition=edition(sources={"s": source}, title=evil),
    )
    assert "<script>alert" not in page.html
    assert "<img" not in page.html
    assert 'href="javascript' not in page.html


def test_sources_are_numbered_in_the_order_of_the_page_and_listed_at_its_foot() -> None:
    first = {"parts": [{"t": "One."}, {"src": "t"}]}
    page = page_of(shown(first, NOTE_MIME), shown(note(), NOTE_MIME))
    assert '<a href="#source-1" aria-label="source 1">1</a>' in page.html
    assert re.search(r'id="source-1".*?Another page.*?id="source-2".*?A page', page.html, re.S)
    assert page.sources == 2
    link = 'href="https://example.org/a" rel="noopener noreferrer" hreflang="tr"'
    assert link in page.html


def test_the_list_stands_where_the_notebook_puts_its_sources() -> None:
    marked = shown({**table([]), "kind": "sources"}, TABLE_MIME)
    page = page_of(shown(note(), NOTE_MIME), words("## Sources"), marked, words("## After"))
    assert page.html.index('id="source-1"') < page.html.index('<h2 id="after">')
    assert page.html.count('class="sources"') == 1


def test_a_source_that_the_view_does_not_have_is_a_failure() -> None:
    assert failure_of(shown({"parts": [{"src": "later"}]}, NOTE_MIME)) == "source-missing"


def test_words_lead_to_their_row_here_or_to_its_home_page_or_nowhere() -> None:
    here = note("talks", row="events/2022-07-01-talks")
    away = note("cargo", row="commitments/air-cargo")
    none = note("somebody", row="actors/x")
    page = page_of(
        shown(here, NOTE_MIME),
        shown(away, NOTE_MIME),
        shown(none, NOTE_MIME),
        shown(table(), TABLE_MIME),
    )
    assert '<a href="#events-2022-07-01-talks">talks</a>' in page.html
    assert '<a href="20-commitments.html#commitments-air-cargo">cargo</a>' in page.html
    assert ">somebody<" in page.html


def test_a_row_has_one_place_and_a_table_of_its_own_comes_before_a_figures_data() -> None:
    page = full_page()
    assert page.html.count('id="events-2022-07-01-talks"') == 1
    after = page.html.partition("<table>")[2]
    assert 'id="events-2022-07-01-talks"' not in after.partition("</table>")[0]


def test_the_same_key_twice_gives_two_ids() -> None:
    page = page_of(shown(figure(), PLOTLY_MIME), shown(figure(), PLOTLY_MIME))
    assert 'id="figure-events-plot"' in page.html
    assert 'id="figure-events-2-plot"' in page.html


def test_an_empty_table_says_so() -> None:
    assert "Nothing is recorded here." in page_of(shown(table([]), TABLE_MIME)).html


def test_no_code_is_shown_but_in_the_one_disclosure() -> None:
    html = page_of(code("secret_call(1)"), words("## End")).html
    before, _, after = html.partition('<details class="code">')
    assert "secret_call" not in before
    assert "secret_call(1)" in after


def test_headlines_are_the_sentences_of_cells_with_the_tag() -> None:
    several = {"notes": [note("One."), note("Two.")]}
    page = page_of(shown(several, NOTE_MIME, "headline"), shown(note("Three."), NOTE_MIME))
    assert page.headlines == ("One.", "Two.")
    assert page.question == "What has happened?"


def test_a_notebook_needs_exactly_one_title() -> None:
    assert failure_of(words("# Another title")) == "untitled"


def test_the_same_inputs_give_the_same_bytes() -> None:
    assert full_page().html == full_page().html


def policy_of(page: Page) -> str:
    found = re.search(r'Content-Security-Policy" content="([^"]+)"', page.html)
    assert found is not None
    return unescape(found[1])


def test_only_what_has_our_hash_may_run() -> None:
    policy = policy_of(full_page())
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert re.search(r"script-src 'self' 'sha256-[^']+' 'strict-dynamic';", policy)


def test_a_page_without_figures_runs_nothing() -> None:
    page = page_of(shown(note(), NOTE_MIME))
    assert "script-src 'none'" in policy_of(page)
    assert "<script" not in page.html


def test_a_page_of_its_own_holds_the_library() -> None:
    shared = full_page()
    setting = replace(job({}).setting, single_file=True)
    alone = full_page(setting=setting)
    assert "../../assets/plotly-" in shared.html
    assert "../../assets/plotly-" not in alone.html
    assert len(alone.html) > 1_000_000 > len(shared.html)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " jAvascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "//evil.org",
        "https://user:pw@evil.org",
        "https://",
        "https://a b.org",
        'https://a.org/"onclick',
        "https://a.org/\u202ex",
        "file:///etc/passwd",
        "",
    ],
)
def test_an_address_that_is_not_plain_https_is_no_link(url: str) -> None:
    assert safe_url(url) is None


def test_a_host_with_look_alike_letters_is_written_so_that_they_are_seen() -> None:
    assert safe_url("https://аpple.com/x") == "https://xn--pple-43d.com/x"
    assert safe_url("https://example.org/Կարս?q=1") == "https://example.org/Կարս?q=1"


def test_keys_of_several_columns_have_a_place_too() -> None:
    assert anchor("targets/air-cargo|2022-07-01|../2022-08") == (
        "targets-air-cargo-2022-07-01-2022-08"
    )
