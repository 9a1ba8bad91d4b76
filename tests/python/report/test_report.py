"""The text of the report: the same bytes, everything escaped, every number with its source."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import random
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import altair as alt
import pytest
import vl_convert
from made_up_facts import HOSTILE, fact, made_up_facts

from topheavy.numbers import count_of, distinct, listed, number, plural
from topheavy.report.answers import Answers
from topheavy.report.blocks import interval
from topheavy.report.change import band_figure
from topheavy.report.charts import powers_of_ten
from topheavy.report.facts import Fact, Facts
from topheavy.report.head import Edition, findings
from topheavy.report.page import in_script, render
from topheavy.report.sections import ratio

LIMIT = 3_000_000
SECTIONS = [
    ("limits", "limits"),
    ("concentration", "concentration"),
    ("lorenz", "distribution"),
    ("bars", "leaders"),
    ("heat_map", "timing"),
    ("trend", "trend"),
    ("changes", "changes"),
    ("stress", "stress"),
    ("compound", "compound"),
    ("attention", "attention"),
    ("quality", "quality"),
]
# Sections that stay as long as the other of the two has facts.
FED_BY = {
    "lorenz": ["bars"],
    "heat_map": ["bars"],
    "stress": ["reverse_stress"],
    "changes": ["value_changes"],
}


class Page(HTMLParser):
    """A page as a browser parses it: elements with attributes, and scripts with text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[tuple[dict[str, str], str]] = []
        self.text = ""
        self.inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: text or "" for name, text in attrs}
        self.elements.append((tag, attributes))
        self.inside = tag
        if tag == "script":
            self.scripts.append((attributes, ""))

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside == "script":
            attributes, text = self.scripts[-1]
            self.scripts[-1] = attributes, text + data
        elif self.inside != "style":
            self.text += data

    def with_class(self, name: str) -> list[dict[str, str]]:
        return [it for _, it in self.elements if name in it.get("class", "").split()]


@pytest.fixture(scope="module")
def text() -> str:
    return render(made_up_facts())


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_the_same_facts_give_the_same_bytes(text: str) -> None:
    shuffled = made_up_facts()
    random.Random(7).shuffle(shuffled)
    assert render(shuffled) == text


def test_another_process_gives_the_same_bytes(text: str) -> None:
    code = (
        "import sys; from made_up_facts import *; from topheavy.report.page import *; "
        "sys.stdout.buffer.write("
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{code}render(made_up_facts()).encode())"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "3"},
        capture_output=True,
        check=True,
    )
    assert done.stdout == text.encode()


def test_text_from_data_is_never_markup(text: str, page: Page) -> None:
    assert HOSTILE not in text
    assert HOSTILE in page.text
    assert [it.get("type", "code") for it, _ in page.scripts] == [
        "application/json",
        "code",
        "code",
    ]


def test_text_in_the_charts_cannot_end_their_script(page: Page) -> None:
    _, charts = page.scripts[0]
    assert not set("<>&\u2028\u2029") & set(charts)
    assert HOSTILE in json.dumps(json.loads(charts))


@pytest.mark.parametrize("column", ["label", "series", "detail", "state", "model", "column"])
def test_no_column_can_break_out(column: str) -> None:
    changes: dict[str, Any] = {column: f"\"'>{HOSTILE}"}
    hostile = [replace(it, **changes) for it in made_up_facts()]
    read = Page(render(hostile))
    assert len(read.scripts) == 3
    assert "alert(1)" not in read.scripts[1][1] + read.scripts[2][1]
    assert not [it for _, attributes in read.elements for it in attributes if it.startswith("on")]


def test_the_policy_allows_these_scripts_alone(page: Page) -> None:
    policy = next(it["content"] for _, it in page.elements if "http-equiv" in it)
    assert policy.startswith("default-src 'none'; script-src 'unsafe-eval' 'sha256-")
    hashes = re.findall(r"'sha256-([^']+)'", policy)
    digests = [hashlib.sha256(code.encode()).digest() for _, code in page.scripts[1:]]
    assert hashes == [base64.b64encode(digest).decode() for digest in digests]


def test_it_is_one_file_that_asks_for_no_other(text: str, page: Page) -> None:
    links = [it[key] for _, it in page.elements for key in ("src", "href") if key in it]
    assert [link for link in links if not link.startswith(("#", "data:"))] == []
    style = text[text.index("<style>") : text.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
    assert len(text.encode()) < LIMIT


def test_every_number_names_its_model_and_column(page: Page) -> None:
    cells = [it for it in page.with_class("number") if "scope" not in it]
    cells += page.with_class("money")
    assert len(cells) > 300
    assert [it for it in cells if not re.fullmatch(r"\w+\.\w+", it.get("data-source", ""))] == []
    sources = {it["data-source"] for it in cells}
    assert {it.source for it in made_up_facts() if it.value is not None} <= sources | {
        it["data-source"] for it in (attributes for _, attributes in page.elements)
        if "data-source" in it
    }  # fmt: skip


def test_every_value_is_shown(page: Page) -> None:
    """The only exceptions are points between those of a curve that its table lists."""
    for row in made_up_facts():
        if row.value is not None and row.section != "lorenz":
            shown = (number(row.value, row.unit, places) for places in range(5))
            assert any(text in page.text for text in shown), row


def test_every_chart_is_valid_vega_lite(page: Page) -> None:
    """Rendering skips the schema because validation takes longer than everything else."""
    for spec in json.loads(page.scripts[0][1])["charts"].values():
        alt.LayerChart.from_dict(spec, validate=True)


def test_every_chart_has_words_and_a_table(page: Page) -> None:
    plots = [it for _, it in page.elements if "data-chart" in it]
    assert len(plots) >= 15
    assert all(it["role"] == "img" and len(it["aria-label"]) > 40 for it in plots)
    charts = json.loads(page.scripts[0][1])["charts"]
    assert sorted(it["data-chart"] for it in plots) == sorted(charts)
    assert [tag for tag, _ in page.elements].count("table") >= len(plots)


def test_headings_do_not_skip_a_level(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))


def test_identifiers_are_unique_and_links_lead_somewhere(page: Page) -> None:
    found = [it["id"] for _, it in page.elements if "id" in it]
    assert sorted(found) == sorted(set(found))
    targets = {it["href"][1:] for tag, it in page.elements if tag == "a"}
    assert targets <= set(found)


@pytest.mark.parametrize(("name", "section"), SECTIONS)
def test_a_section_without_facts_is_left_out_with_a_reason_at_the_end(
    name: str, section: str
) -> None:
    gone = [name, *FED_BY.get(name, [])]
    full, without = (
        Page(render([it for it in made_up_facts() if it.section not in left_out]))
        for left_out in ([], gone)
    )
    assert {"id": section, "aria-labelledby": f"{section}-title"} in [it for _, it in full.elements]
    assert section not in [it.get("id") for _, it in without.elements]
    assert f"#{section}" not in [it.get("href") for tag, it in without.elements if tag == "a"]
    assert len(without.with_class("missing")) > len(full.with_class("missing"))


def test_an_empty_export_has_a_page() -> None:
    page = Page(render([]))
    assert "The risk register is empty." in page.text
    assert not [it for _, it in page.elements if "data-chart" in it]


@pytest.mark.parametrize("value", [None, 0.0, -1.0])
@pytest.mark.parametrize("comparison", [None, 0.0, 1.0])
def test_no_value_is_an_obstacle(value: float | None, comparison: float | None) -> None:
    odd = [replace(it, value=value, comparison=comparison) for it in made_up_facts()]
    assert "<h1>made-up shop</h1>" in render(odd)


def test_the_title_states_the_finding(page: Page) -> None:
    for title in (
        "1 limit is broken, 1 is beyond the warning level, 1 holds, 1 not measurable",
        "3 of 3 dimensions are concentrated beyond chance, and by enough to matter",
        "Customer: Customer 1 accounts for 40.0% of revenue",
        "The 3 largest customers account for 70.0% of revenue",
        "Sunday at 23:00 is the busiest hour of the week: 2.1% of revenue",
        "Customer: more concentrated in 2024-02 than in 2023-01",
        "The largest customer leaves: 40.0% of revenue would be lost",
        "1 customer accounts for at least 25.0% of revenue",
    ):
        assert title in page.text


def test_losses_are_shown_in_their_own_measure() -> None:
    loss = next(it for it in made_up_facts() if it.section == "stress")
    counted = replace(loss, series="interactions", value=9e6, unit="count", comparison=0.7,
                      label="The largest product is withdrawn")  # fmt: skip
    page = Page(render([*made_up_facts(), counted]))
    charts = charts_of(page)
    assert [row["value"] for row in rows_of(charts, "stress-interactions")] == [9e6]
    assert 9e6 not in [row["value"] for row in rows_of(charts, "stress-revenue")]
    titles = [
        "The largest customer leaves: 40.0% of revenue would be lost",
        "The largest product is withdrawn: 70.0% of interactions would be lost",
    ]
    places = [page.text.index(title) for title in titles]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("together", "words"),
    [
        ([0.3], "No other combination exceeds chance by more."),
        ([0.1], "No combination exceeds chance."),
        ([0.2, 0.1], "No combination exceeds chance."),
        ([0.1, 0.3], "No other combination exceeds chance by more."),
    ],
)
def test_only_combinations_that_exceed_chance_are_said_to(
    together: list[float], words: str
) -> None:
    """Independent conditions would occur together in a fifth of the cases."""
    met = next(it for it in made_up_facts() if it.section == "compound")
    rows = [replace(met, position=place, value=it) for place, it in enumerate(together)]
    page = Page(render(rows))
    share = number(max(together), "share")
    assert f"main payment method: together in {share} of revenue" in page.text
    said = ("No combination exceeds chance.", "No other combination exceeds chance by more.")
    assert [it for it in said if it in page.text] == [words]


def test_one_may_be_called_all_others() -> None:
    odd = [
        replace(it, label="all others") if (it.label, it.section) == ("Category 1", "bars") else it
        for it in made_up_facts()
    ]
    page = Page(render(odd))
    assert "Category: all others accounts for 40.0% of revenue" in page.text
    assert page.text.count("The 6 named here account for 89.0%.") == 3


def test_a_finding_may_name_a_text_with_a_semicolon() -> None:
    odd = [
        replace(it, label="Product Pan; red accounts for half") if it.key == "headline, , 1" else it
        for it in made_up_facts()
    ]
    first, *_ = findings(Facts.of(odd))
    assert (first.title, first.rest) == (
        "Product Pan; red accounts for half",
        "Losing it costs 49,382",
    )


def test_a_percent_sign_follows_its_number_directly(page: Page) -> None:
    assert re.findall(r"\S*\d\s%", page.text) == []


def test_counts_are_not_said_to_be_at_risk() -> None:
    """A limit on interactions or purchases has no revenue at risk."""
    finding = next(it for it in made_up_facts() if it.section == "headline")
    counted = replace(finding, label="Product 1 has half of all views", value=None)
    assert "at risk" in Page(render([finding])).text
    page = Page(render([counted]))
    assert counted.words in page.text
    assert "at risk" not in page.text


def test_a_dimension_with_a_comma_keeps_its_place() -> None:
    """Changes follow the order of the dimensions, whose names may contain the separator."""
    index, step = (
        next(it for it in made_up_facts() if it.section == name)
        for name in ("concentration", "changes")
    )
    names = ["Town, country", "Area"]
    series = [f"{name}, 2023-Q4 against 2023-Q3" for name in names]
    facts = Facts.of([
        *(replace(index, series=name, position=place) for place, name in enumerate(names)),
        *(replace(step, series=name) for name in series),
    ])  # fmt: skip
    assert list(facts.series("concentration")) == names
    assert list(facts.series("changes")) == series


def test_limitations_of_the_data_come_before_any_figure() -> None:
    odd = [
        replace(it, state="more_even_than_chance", detail="it looks deduplicated")
        if it.section == "concentration" and it.series != "Category"
        else it
        for it in made_up_facts()
    ]
    page = Page(render(odd))
    warning = page.text.index("Customer and product: it looks deduplicated.")
    assert warning < page.text.index("1 limit is broken")
    assert "Not measurable." not in Page(render(made_up_facts())).text


def test_a_lower_limit_is_broken_on_the_same_side_of_the_line() -> None:
    upper = next(it for it in made_up_facts() if it.section == "limits")
    lower = replace(upper, label="Customer, effective number (at least), 2023", value=2.0)
    assert ratio(replace(lower, comparison=4.0), 2.0) == 2
    assert ratio(replace(lower, comparison=1.0), 2.0) == 0.5
    assert ratio(replace(upper, comparison=4.0), 2.0) == 0.5


def charts_of(page: Page) -> dict[str, Any]:
    charts: dict[str, Any] = json.loads(page.scripts[0][1])["charts"]
    return charts


def rows_of(charts: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the rows that a chart draws."""
    rows: list[dict[str, Any]] = charts[name]["data"]["values"]
    return rows


def test_marks_of_the_chart_exclude_the_effect_of_chance(page: Page) -> None:
    """The point, its interval and the reference exclude chance; the measured value is in the
    tooltip.
    """
    first = rows_of(charts_of(page), "concentration-all")[0]
    drawn = [first[key] for key in ("low", "value", "high", "even")]
    assert drawn == pytest.approx([0.12, 0.18, 0.24, 0.125])
    assert first["tips"]["HHI"] == "0.220"
    assert "0.180 (0.120 to 0.240)" in page.text
    assert "95% interval: 0.004 to 0.024." in page.text


def test_values_that_a_log_scale_cannot_show_are_not_drawn() -> None:
    def with_value(value: float, even: float | None) -> list[Fact]:
        return [
            replace(row, value=value, low=-1.0, high=0.01, comparison=even)
            if (row.series, row.label) == ("Customer", "HHI less chance")
            else row
            for row in made_up_facts()
        ]

    drawn = rows_of(charts_of(Page(render(with_value(-0.01, 0.125)))), "concentration-all")
    assert drawn[0]["label"] == "Customer"
    page = Page(render(with_value(-0.01, None)))
    assert rows_of(charts_of(page), "concentration-all")[0]["label"] != "Customer"
    assert "\N{MINUS SIGN}0.010 (\N{MINUS SIGN}1.000 to 0.010)" in page.text


def fields_of(spec: Any) -> set[str]:
    """Return the names of the fields that a chart reads, at any level."""
    if isinstance(spec, list):
        return {name for part in spec for name in fields_of(part)}
    if not isinstance(spec, dict):
        return set()
    named = {spec["field"]} if "field" in spec else set()
    return named.union(
        *(fields_of(part) for key, part in spec.items() if key not in ("data", "datasets"))
    )


@pytest.mark.parametrize("label", ['size [cm].x "o" \\', "e.g. [x]", "place", "Share", "it's"])
def test_a_dimension_may_be_called_anything(label: str) -> None:
    """Vega interprets field names as expressions, so a name from the export must not be one."""
    odd = [
        replace(it, series=it.series.replace("Customer", label)) if it.series else it
        for it in made_up_facts()
    ]
    charts = charts_of(Page(render(odd)))
    assert [name for name in fields_of(charts) if not re.fullmatch(r"[a-z_0-9]+", name)] == []
    bars = [name for name in charts if name.startswith("bars-") and "calendar" not in name]
    assert {
        "Name": "Customer 1", "Share": "40.0%",
        "Cumulative": "40.0%", "Revenue": "49,382.60",
    } in [row["tips"] for name in bars for row in rows_of(charts, name)]  # fmt: skip
    for name, spec in charts.items():
        assert "<svg" in vl_convert.vegalite_to_svg({**spec, "width": 600}), name


@pytest.mark.parametrize("value", [0.05, 0.3])
def test_limits_have_room_for_point_and_interval(value: float) -> None:
    limit = next(it for it in made_up_facts() if it.section == "limits")
    charts = charts_of(Page(render([replace(limit, value=value, low=0.08, high=0.12)])))
    drawn = rows_of(charts, "limits-all")[0]
    assert (drawn["low"], drawn["value"], drawn["high"]) == pytest.approx((0.8, value * 10, 1.2))
    point = charts["limits-all"]["layer"][3]["encoding"]
    assert point["x"]["scale"]["domain"][1] > max(drawn["value"], drawn["high"])


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0.304, 0.696, "0.304 to 0.696"),
        (-0.1, 0.1, "−0.100 to 0.100"),
        (0.49999, 0.50001, ""),
        (None, None, ""),
    ],
)
def test_an_interval_is_shown_by_its_ends(low: float | None, high: float | None, text: str) -> None:
    row = next(it for it in made_up_facts() if it.label == "HHI less chance")
    assert interval(replace(row, value=0.5, low=low, high=high)) == text


def test_a_band_ends_where_no_index_can_be() -> None:
    rows = [it for it in made_up_facts() if (it.section, it.series) == ("trend", "Customer")]
    figure = band_figure(0, "Customer", [replace(it, low=-0.5, high=1.5) for it in rows])
    rows_drawn: list[dict[str, Any]] = (figure.spec or {})["data"]["values"]
    assert {(row["low"], row["high"]) for row in rows_drawn} == {(0, 1)}
    assert figure.table.rows[0][1].interval == "\N{MINUS SIGN}0.500 to 1.500"


def test_intervals_that_reach_zero_do_not_stretch_the_scale() -> None:
    rows = [{"value": 0.2, "even": 0.05, "low": low, "high": 0.3} for low in (-0.1, 0.0, 1e-9)]
    assert powers_of_ten(rows) == [0.01, 0.1, 1.0]
    below = {"value": -0.01, "even": 0.08, "low": -0.1, "high": 0.3}
    assert powers_of_ten([below]) == [0.01, 0.1, 1.0]


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (12345.4, "money", "12,345"),
        (12.5, "money", "12.50"),
        (0.126, "share", "12.6%"),
        (0.00042, "share", "0.042%"),
        (1.0, "share", "100.0%"),
        (0.0343, "index", "0.034"),
        (0.000123, "index", "0.00012"),
        (-0.5, "index", "\N{MINUS SIGN}0.500"),
        (0.0, "index", "0.000"),
        (1067.0, "count", "1,067"),
        (38.74, "count", "38.7"),
        (None, "money", "–"),
    ],
)
def test_numbers_read_as_people_write_them(value: float | None, unit: str, words: str) -> None:
    assert number(value, unit) == words


def test_words() -> None:
    assert [count_of(n, "limit is", "limits are") for n in (0, 1, 2)] == [
        "no limit is", "1 limit is", "2 limits are",
    ]  # fmt: skip
    assert [listed(it) for it in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "", "a", "a and b", "a, b and c",
    ]  # fmt: skip
    assert [plural(it) for it in ("category", "day", "sales")] == ["categories", "days", "sales"]
    assert len(set(distinct(["a", "a", "b", "a"]))) == 4


def test_it_says_when_it_was_published() -> None:
    page = Page(render(made_up_facts(), "2026-11-28T18:24:22Z"))
    assert "2026-11-28 18:24:22 UTC" in page.text
    assert {"datetime": "2026-11-28T18:24:22Z"} in [
        it for tag, it in page.elements if tag == "time"
    ]
    assert "Published" not in Page(render(made_up_facts())).text


def test_the_first_screen_names_subject_and_date_and_links_to_the_evidence() -> None:
    limit = next(it for it in made_up_facts() if it.section == "headline")
    found = replace(limit, key="limit_status: limit_1, customer")
    facts = [it for it in made_up_facts() if it.section != "headline"]
    counted = [
        replace(it, column="entity_count", key="customer, all, revenue")
        if (it.section, it.label) == ("overview", "Customers")
        else it
        for it in facts
    ]
    edition = Edition("1.2.3", "CHF", {"customer": 1455})
    page = Page(render([*counted, found], "2026-11-28T18:24:22Z", edition))
    first = page.text[: page.text.index("What deserves attention")]
    for words in (
        "2023-01-01 to 2024-03-31", "CHF", "Topheavy 1.2.3", "Customers with revenue",
        "of 1,455 seen", "49,383", "1 beyond the limit", "1 beyond the warning level",
    ):  # fmt: skip
        assert words in first, words
    links = [it["href"] for tag, it in page.elements if tag == "a"]
    assert links.count("#finding-1") == 1
    assert links.index("#finding-1") < links.index("#findings", 1)
    assert "Evidence: Limits" in page.text


def test_the_foot_of_a_printed_page_has_name_date_and_number() -> None:
    hostile = [replace(it, detail='a"; } * { x: </style>') if it.label == "Export" else it
               for it in made_up_facts()]  # fmt: skip
    text = render(hostile, "2026-11-28T18:24:22Z")
    style = text[text.index("<style>") : text.index("</style>")]
    foot = style[style.rindex("@bottom-left") :]
    assert "published 2026-11-28" in foot and "counter(page)" in foot
    assert foot.count('"') == 6 and "*" not in foot and "<" not in foot


def test_a_page_without_data_offers_no_questions() -> None:
    nothing = Answers({"indices": {}, "periods": [], "dimensions": {}})
    page = Page(render(made_up_facts(), answers=nothing))
    assert "ask" not in [it.get("id") for _, it in page.elements]
    assert len(page.scripts) == 3


def test_twins_are_shown_once() -> None:
    """Another name for the same shares is not another dimension, but different names may be."""
    twins = [replace(it, series="Simplified category") for it in made_up_facts()
             if it.series == "Category"]  # fmt: skip
    assert "Simplified category" not in Page(render([*made_up_facts(), *twins])).text
    apart = [replace(it, value=0.3) if it.section == "bars" and it.position == 1 else it
             for it in twins]  # fmt: skip
    assert "Simplified category" in Page(render([*made_up_facts(), *apart])).text
    renamed = [replace(it, label=f"Region {it.label}") if it.section == "bars" else it
               for it in twins]  # fmt: skip
    assert "Simplified category" in Page(render([*made_up_facts(), *renamed])).text


def test_unchanged_dimensions_are_one_line() -> None:
    still = [
        replace(it, detail="no clear change") if it.state == "change" else it
        for it in made_up_facts()
    ]
    still = [
        replace(it, value=0.2, low=0.1, high=0.3) if it.section == "trend" and it.low else it
        for it in still
    ]
    page = Page(render(still))
    charts = charts_of(page)
    assert [name for name in charts if "customer" in name and name.startswith("trend")] == []
    assert [name for name in charts if name.startswith("changes-")] == []
    assert "From the first to the last complete month, no clear change: customer." in page.text
    assert "HHI, 2023-Q4 against 2023-Q3, no clear change: customer." in page.text


def test_dimensions_are_ordered_by_their_excess_over_equals() -> None:
    excess = {"Customer": 0.01, "Product": 0.3, "Category": 0.2}
    odd = [replace(it, value=excess[it.series]) if it.label == "Excess over equals" else it
           for it in made_up_facts()]  # fmt: skip
    assert list(Facts.of(odd).series("concentration")) == ["Product", "Category", "Customer"]
    charts = [it for it in charts_of(Page(render(odd))) if it.startswith("bars-")]
    assert charts[:3] == ["bars-0-product", "bars-1-category", "bars-2-customer"]


def test_a_cut_series_of_months_says_so() -> None:
    assert "Shown are" not in Page(render(made_up_facts())).text
    early = [replace(it, detail="2019-05-02") if it.label == "First day" else it
             for it in made_up_facts()]  # fmt: skip
    assert "Shown are the latest 15 months; the data begin in 2019-05." in Page(render(early)).text


def test_labels_that_an_axis_cuts_stay_apart() -> None:
    names = ["Regional distribution centre North", "Regional distribution centre South", "Shop"]
    assert distinct(names, 20) == ["Regional …tre North", "Regional …tre South", "Shop"]
    assert distinct(names) == names
    assert distinct(["a", "a", "a (2)"]) == ["a", "a (2)", "a (2) (2)"]


def test_a_row_follows_the_contract() -> None:
    assert list(Fact.__dataclass_fields__) == [
        "section", "series", "position", "label", "value", "unit", "low", "high",
        "comparison", "state", "detail", "model", "column", "key",
    ]  # fmt: skip


def test_the_page_speaks_in_the_words_of_the_mapping() -> None:
    """Labels of facts replace the project's own words in sentences and headings."""
    renamed = [
        replace(it, series="Supplier") if it.series == "Customer" else it for it in made_up_facts()
    ]
    labels = [
        fact("labels", "measure", 1, "revenue", None, "text", detail="spend"),
        fact("labels", "customer", 1, "supplier", None, "text", detail="suppliers"),
        fact("labels", "revenue", 1, "spend", None, "text", detail="spend"),
        fact("labels", "interaction", 1, "posting", None, "text", detail="postings"),
    ]
    text = Page(render([*renamed, *labels])).text
    assert "where spend is concentrated" in text
    assert "largest suppliers account for" in text
    assert "The part of spend that one supplier, product or hour accounts for" in text
    assert "share of postings" in text
    assert "customers account for" not in text and "of revenue to lose" not in text


def test_code_cannot_end_its_script() -> None:
    assert in_script('"</script>"\r\n"\r"') == '"<\\/script>"\n"\\r"'
