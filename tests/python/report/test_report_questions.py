"""The page's answers to questions equal SQL on the same warehouse.

Chromium uses every picker, the search, the panel and what-if. Without it, Node or the packages of
tests/browser, these tests are skipped with a message.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import SAMPLE, Build, Warehouse
from test_report_browser import BROWSER_TESTS, needed

from tools.screenshot import BROWSERS
from topheavy.mapping.reading import read_mapping
from topheavy.numbers import NO_VALUE, number, numbers
from topheavy.report.answer_rows import prepare
from topheavy.report.answers import answers_of, read_answers
from topheavy.report.carried_rows import MOST_ROWS
from topheavy.report.facts import read_facts
from topheavy.report.head import read_edition
from topheavy.report.page import render

pytest_plugins = ("test_report_browser",)

VIEWS = [
    {"dimension": "customer", "measure": "revenue", "period": "all"},
    {"dimension": "customer", "measure": "purchases", "period": "2024-Q4"},
    {"dimension": "product", "measure": "interactions", "period": "2024"},
    {"dimension": "category", "measure": "revenue", "period": "2024-11"},
    {"dimension": "hour", "measure": "interactions", "period": "all"},
    {"dimension": "weekday", "measure": "revenue", "period": "2024-Q4",
     "within": "payment_method", "value": "Credit Card"},
]  # fmt: skip
PERIODS = {
    "all": ("all", "2023-01-01", "true"),
    "2024": ("year", "2024-01-01", "interacted_at >= '2024-01-01'"),
    "2024-Q4": ("quarter", "2024-10-01", "interacted_at >= '2024-10-01'"),
    "2024-11": ("month", "2024-11-01", "date_trunc('month', interacted_at) = date '2024-11-01'"),
}
SUMS = {
    "interactions": "count(*)",
    "purchases": "count(*) filter (interaction_type = 'purchase')",
    "revenue": "sum(revenue)",
}
COLUMNS = {
    "customer": "interactions.customer_id",
    "product": "interactions.product_id",
    "category": "products.category",
    "payment_method": "customers.payment_method",
    "weekday": "dayname(interacted_at)",
    "hour": "strftime(interacted_at, '%H')",
}
NAMES = ["1469", "Home & Kitchen"]
CHANGES: list[dict[str, Any]] = [
    {"dimension": "category", "percents": {"Home & Kitchen": 50}},
    {"dimension": "customer", "percents": {"1469": 150}},
    {"dimension": "customer", "period": "2024", "percents": {"1469": 25}, "removed": ["2219"],
     "add": 12000},
    {"dimension": "payment_method", "percents": {"PayPal": 150}, "removed": ["Credit Card"]},
]  # fmt: skip
SCREENS = [f"{width} {scheme}" for width in (390, 768, 1280) for scheme in ("light", "dark")]
Seen = dict[str, Any]


@pytest.fixture(scope="module")
def warehouse(build: Build) -> Warehouse:
    return build(read_mapping(SAMPLE).as_vars(), risk=True)


@pytest.fixture(scope="module")
def page(warehouse: Warehouse) -> str:
    answers = read_answers(warehouse)
    return render(read_facts(warehouse), "", read_edition(warehouse), answers)


@pytest.fixture(scope="module")
def seen(
    warehouse: Warehouse, page: str, packages: None, tmp_path_factory: pytest.TempPathFactory
) -> Seen:
    """The answers of the page, and of one that contains sums instead of rows."""
    node, browser = needed("node"), needed(*BROWSERS)
    folder: Path = tmp_path_factory.mktemp("questions")
    (folder / "report.html").write_text(page, encoding="utf-8")
    sums = render(read_facts(warehouse), "", read_edition(warehouse), read_answers(warehouse, 0))
    (folder / "sums.html").write_text(sums, encoding="utf-8")
    asked = {"views": VIEWS, "names": NAMES, "changes": CHANGES}
    (folder / "questions.json").write_text(json.dumps(asked), encoding="utf-8")
    done = subprocess.run(
        [node, "questions.test.mjs", browser, str(folder / "report.html"),
         str(folder / "sums.html"), str(folder / "questions.json")],
        cwd=BROWSER_TESTS, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: Seen = json.loads(done.stdout)
    return found


@pytest.fixture(params=["rows", "sums"])
def answered(seen: Seen, request: pytest.FixtureRequest) -> Seen:
    """The answers of a page that contains its rows, and of one that contains sums."""
    found: Seen = seen if request.param == "rows" else seen["sums"]
    return found


def values(warehouse: Warehouse, view: dict[str, Any]) -> list[tuple[str, str, float]]:
    """Return the entities of a view with their labels and values, summed from the rows."""
    _, _, within = PERIODS[view["period"]]
    if "within" in view:
        within += f" and {COLUMNS[view['within']]} = '{view['value']}'"
    found: list[tuple[str, str, float]] = warehouse.execute(f"""
        with summed as (
            select {COLUMNS[view["dimension"]]} as entity_id,
                cast({SUMS[view["measure"]]} as double) as entity_value
            from interactions left join customers using (customer_id)
            left join products on interactions.product_id = products.product_id
            where {within} group by all
        )
        select entity_id, any_value(entity_label), any_value(summed.entity_value)
        from summed inner join entity_concentration as named using (entity_id)
        where named.dimension = '{view["dimension"]}' and summed.entity_value > 0
        group by entity_id order by 3 desc, 1""").fetchall()
    return found


def is_in_some_style(text: str, value: float | None, unit: str) -> bool:
    """Return whether a text is a value in the number of decimal places of its column."""
    if value is None:
        return text == NO_VALUE
    places = len(text.rstrip("%").partition(".")[2])
    return text == number(value, unit, places) and places >= (unit in ("share", "index"))


def index_of(warehouse: Warehouse, view: dict[str, Any]) -> dict[str, Any]:
    grain, start, _ = PERIODS[view["period"]]
    found = warehouse.execute(
        f"select * from concentration_indices where dimension = '{view['dimension']}'"
        f" and measure = '{view['measure']}' and period_grain = '{grain}'"
        f" and period_start = date '{start}'"
    )
    names = [column[0] for column in found.description]
    return dict(zip(names, found.fetchone() or (), strict=True))


def unit_of(measure: str) -> str:
    return "money" if measure == "revenue" else "count"


WHOLE = range(len(VIEWS) - 1)


@pytest.mark.parametrize("place", WHOLE)
def test_index_figures_and_intervals_are_those_of_the_indices(
    seen: Seen, warehouse: Warehouse, place: int
) -> None:
    index = index_of(warehouse, VIEWS[place])
    shown = {row[0]: row[1:] for row in seen["views"][place]["figures"]}
    for words, column, unit, ends in [
        ("Share of the largest", "cr1", "share", "cr1"),
        ("Share of the 10 largest", "cr10", "share", "cr10"),
        ("HHI as counted", "hhi", "index", ""),
        ("HHI corrected for chance", "hhi_unbiased", "index", "hhi"),
        ("Effective number (1 / HHI)", "effective_number", "count", ""),
        ("Gini", "gini", "index", "gini"),
        ("Number needed for 50%", "entities_to_50pct", "count", ""),
    ]:
        assert is_in_some_style(shown[words][0], index[column], unit), words
        ends_of = [index.get(f"{ends}_low"), index.get(f"{ends}_high")]
        texts = shown[words][1].split(" to ") if ends_of[0] is not None else ["–", "–"]
        for text, end in zip(texts, ends_of, strict=True):
            assert is_in_some_style(text, end, unit), words
    others = {row[0]: row[1] for row in seen["views"][place]["others"]}
    for column in ("cr4", "top_20pct_share", "theil_t", "hall_tideman", "entity_count"):
        units = {"entity_count": "count", "theil_t": "index", "hall_tideman": "index"}
        assert is_in_some_style(others[column], index[column], units.get(column, "share")), column


@pytest.mark.parametrize("place", range(len(VIEWS)))
def test_the_largest_are_those_of_the_rows(seen: Seen, warehouse: Warehouse, place: int) -> None:
    view = VIEWS[place]
    expected = values(warehouse, view)
    total = sum(value for _, _, value in expected)
    shown = seen["views"][place]["largest"]
    assert len(shown) == min(15, len(expected))
    for row, (entity, label, _) in zip(shown, expected, strict=False):
        assert row[0] in (label or entity, f"{label} ({entity})")
    values_of = [value for _, _, value in expected[: len(shown)]]
    assert [row[1] for row in shown] == numbers([it / total for it in values_of], "share")
    assert [row[2] for row in shown] == numbers(values_of, unit_of(view["measure"]))
    assert f"dimension={view['dimension']}&" in seen["views"][place]["hash"]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_curves_are_those_of_the_rows(seen: Seen, warehouse: Warehouse, place: int) -> None:
    ranked = [value for _, _, value in values(warehouse, VIEWS[place])]
    total = sum(ranked)
    lorenz = [share for _, share in seen["views"][place]["lorenz"]]
    named = [len(ranked) - int(len(ranked) * step / 20 + 0.5) for step in range(len(lorenz))]
    assert lorenz == numbers([1 - sum(ranked[:count]) / total for count in named], "share")
    counts = [int(count) for count, _ in seen["views"][place]["pareto"]]
    pareto = numbers([sum(ranked[:count]) / total for count in counts], "share")
    assert [share for _, share in seen["views"][place]["pareto"]] == pareto


def test_the_trend_has_the_periods_of_the_same_grain(seen: Seen, warehouse: Warehouse) -> None:
    expected = warehouse.execute(
        "select hhi_unbiased, hhi_low, hhi_high, cr1, total_value from concentration_indices"
        " where dimension = 'customer' and measure = 'purchases' and period_grain = 'quarter'"
        " order by period_start"
    ).fetchall()
    shown = seen["views"][1]["trend"]
    assert [row[0] for row in shown][-1] == "2024-Q4"
    hhi, low, high, cr1, total = zip(*expected, strict=True)
    assert [row[1] for row in shown] == numbers(hhi, "index")
    ends = [row[2].split(" to ") for row in shown if row[2] != "–"]
    known = [pair for pair in zip(low, high, strict=True) if pair[0] is not None]
    assert len(ends) == len(known)
    for texts, pair in zip(ends, known, strict=True):
        assert all(is_in_some_style(*it, "index") for it in zip(texts, pair, strict=True))
    assert [row[3] for row in shown] == numbers(cr1, "share")
    assert [row[4] for row in shown] == numbers(total, "count")


def test_movers_are_shown_with_before_and_after(seen: Seen, warehouse: Warehouse) -> None:
    view = VIEWS[1]
    after = {entity: value for entity, _, value in values(warehouse, view)}
    PERIODS["2024-Q3"] = ("quarter", "2024-07-01", "interacted_at >= '2024-07-01'"
                          " and interacted_at < '2024-10-01'")  # fmt: skip
    before = {
        entity: value for entity, _, value in values(warehouse, {**view, "period": "2024-Q3"})
    }
    rows = seen["views"][1]["changes"]
    assert len(rows) == 10
    for name, change, was, became in rows:
        assert [was, became] == [
            number(before.get(name, 0.0), "count"),
            number(after.get(name, 0.0), "count"),
        ]
        difference = after.get(name, 0) - before.get(name, 0)
        assert change == ("+" if difference > 0 else "") + number(difference, "count")
    largest = max(after.keys() | before, key=lambda it: after.get(it, 0) - before.get(it, 0))
    assert largest in [row[0] for row in rows]


def test_which_weekday_for_card_payers_in_a_quarter(answered: Seen, warehouse: Warehouse) -> None:
    expected = values(warehouse, VIEWS[-1])
    answer = answered["views"][-1]["answer"]
    assert f"{expected[0][0]} first, with {number(expected[0][2], 'money')}" in answer
    assert [row[0] for row in answered["views"][-1]["order"]][:2] == ["Monday", "Tuesday"]
    assert answered["viewed"] == answer


def test_a_panel_shows_the_first_day_and_what_occurs_together(
    answered: Seen, warehouse: Warehouse
) -> None:
    panel = answered["entities"][0]
    first, last, revenue, interactions, purchases = warehouse.execute(
        "select min(interacted_at)::date, max(interacted_at)::date, sum(revenue), count(*),"
        " count(*) filter (interaction_type = 'purchase')"
        " from interactions where customer_id = '1469'"
    ).fetchall()[0]
    assert panel["title"] == "Customer 1469" and panel["focus"] == "entity-title"
    facts = " | ".join(panel["facts"])
    assert f"First day{first}" in facts and f"Last day{last}" in facts
    for words in (number(float(revenue), "money"), "1 of 1,067",
                  number(interactions, "count"), number(purchases, "count")):  # fmt: skip
        assert words in facts, words
    months = warehouse.execute(
        "select strftime(interacted_at, '%Y-%m'), sum(revenue)::double from interactions"
        " where customer_id = '1469' group by 1 order by 1"
    ).fetchall()
    assert [month for month, _ in panel["months"]] == [month for month, _ in months]
    shown = [value for _, value in panel["months"]]
    assert shown == numbers([value for _, value in months], "money")
    bought = warehouse.execute(
        "select products.category, sum(revenue)::double from interactions left join products"
        " using (product_id) where customer_id = '1469' group by 1 order by 2 desc limit 5"
    ).fetchall()
    assert [row[0] for row in panel["category"]] == [category for category, _ in bought]
    assert [row[2] for row in panel["category"]] == numbers([it for _, it in bought], "money")
    assert any("beyond the limit" in row[1] for row in panel["limits"])
    assert panel["findings"][0].startswith("Customer 1469 accounts for")
    assert "of=customer&entity=1469" in panel["hash"]


def test_share_and_rank_over_time_count_all_entities(answered: Seen, warehouse: Warehouse) -> None:
    expected = warehouse.execute("""
        with summed as (
            select date_trunc('quarter', interacted_at) as quarter, customer_id,
                sum(revenue) as value
            from interactions where customer_id is not null group by all
        ), ranked as (
            select *, rank() over (partition by quarter order by value desc) as place,
                value / sum(greatest(value, 0)) over (partition by quarter) as share
            from summed
        )
        select value::double, share, place from ranked where customer_id = '1469'
        order by quarter""").fetchall()
    shown = [row for row in answered["entities"][0]["ranks"] if "Q" in row[0]]
    values_of, shares, places = zip(*expected, strict=True)
    assert [row[1] for row in shown] == numbers(values_of, "money")
    assert [row[2] for row in shown] == numbers(shares, "share")
    assert [row[3] for row in shown] == numbers(places, "count")


def test_a_name_that_is_not_here_leads_to_the_warehouse(seen: Seen) -> None:
    assert "select * from entity_concentration where entity_label ilike" in seen["unknown"]
    assert seen["closed"] == {"hidden": True, "focus": "search"}


def changed_values(warehouse: Warehouse, change: dict[str, Any], dimension: str, measure: str,
                   within: str) -> list[float]:  # fmt: skip
    """Return the values of a dimension when the rows of some entities are scaled."""
    factors = {name: percent / 100 for name, percent in change["percents"].items()}
    factors |= dict.fromkeys(change.get("removed", []), 0.0)
    cases = " ".join(
        f"when {COLUMNS[change['dimension']]} = '{name}' then {factor}"
        for name, factor in factors.items()
    )
    found = warehouse.execute(f"""
        select sum(coalesce({"revenue" if measure == "revenue" else "1"}, 0)::double
            * case {cases} else 1 end) as changed
        from interactions left join customers using (customer_id)
        left join products on interactions.product_id = products.product_id
        where {within} and {COLUMNS[dimension]} is not null group by {COLUMNS[dimension]}""")
    changed = [value for (value,) in found.fetchall() if value > 1e-9]
    if change.get("add") and dimension == change["dimension"]:
        changed.append(float(change["add"]))
    return sorted(changed, reverse=True)


@pytest.mark.parametrize("place", range(len(CHANGES)))
def test_what_if_equals_sql(seen: Seen, warehouse: Warehouse, place: int) -> None:
    change = CHANGES[place]
    within = PERIODS[change.get("period", "all")][2]
    changed = changed_values(warehouse, change, change["dimension"], "revenue", within)
    total = sum(changed)
    hhi = sum((value / total) ** 2 for value in changed)
    total_row, *rows = seen["changes"][place]["figures"]
    shown = {row[0]: row[2] for row in rows}
    expected = {
        "HHI": number(hhi, "index"),
        "Effective number": number(1 / hhi, "count"),
        "Share of the largest": number(changed[0] / total, "share"),
        "Share of the 10 largest": number(sum(changed[:10]) / total, "share"),
        "Gini": number(gini(changed), "index"),
    }
    more = {
        f"Share of the {count} largest": number(sum(changed[:count]) / total, "share")
        for count in (4, 5, 20)
    }
    assert total_row[2] == number(total, "money")
    assert shown == {it: words for it, words in (more | expected).items() if it in shown | expected}


def gini(values: list[float]) -> float:
    """Return Gini of values in descending order."""
    ranked = sum(rank * value for rank, value in enumerate(values, 1)) / sum(values)
    return 1 + 1 / len(values) - 2 * ranked / len(values)


@pytest.mark.parametrize("place", range(len(CHANGES)))
def test_limits_under_what_if_equal_sql(seen: Seen, warehouse: Warehouse, place: int) -> None:
    assert_limits(warehouse, CHANGES[place], seen["changes"][place]["limits"])


def test_limits_under_what_if_from_sums_equal_sql(seen: Seen, warehouse: Warehouse) -> None:
    """Home & Kitchen falls by half, on a page without rows."""
    assert_limits(warehouse, CHANGES[0], seen["sums"]["changes"][0]["limits"])


def assert_limits(warehouse: Warehouse, change: dict[str, Any], rows: list[list[str]]) -> None:
    limits = warehouse.execute(
        "select dimension, measure, indicator, period_grain, warn_at, breach_at"
        " from limit_status where is_latest_complete"
    ).fetchall()
    shown = {row[0]: row for row in rows}
    words = {"cr1": "share of the largest", "hhi": "HHI", "hhi_normalized": "normalised HHI",
             "entity_share": "largest single share"}  # fmt: skip
    computed = 0
    for dimension, measure, indicator, grain, warn, breach in limits:
        label = f"{dimension.capitalize().replace('_', ' ')}, {words[indicator]}"
        row = next(it for name, it in shown.items() if name.startswith(label + ","))
        within = "true" if grain == "all" else "interacted_at >= '2024-01-01'"
        changed = changed_values(warehouse, change, dimension, measure, within)
        total = sum(changed)
        hhi, count = sum((value / total) ** 2 for value in changed), len(changed)
        expected = {
            "cr1": changed[0] / total,
            "entity_share": changed[0] / total,
            "hhi": hhi,
            "hhi_normalized": (hhi * count - 1) / (count - 1),
        }[indicator]
        unit = "index" if indicator.startswith("hhi") else "share"
        computed += 1
        assert is_in_some_style(row[3], expected, unit), (label, change)
        state = "limit" if expected >= breach else "warning" if expected >= warn else "within"
        assert state in row[1], (label, change)
        said = (
            ("Breaks if", "Holds however") if expected < breach else ("Holds again", "even without")
        )
        assert any(words in row[5] for words in said), (label, change)
    assert computed == 7


def test_how_far_is_where_the_limit_turns(seen: Seen, warehouse: Warehouse) -> None:
    """At the percentage that the page names, the indicator equals the limit."""
    row = next(it for it in seen["changes"][0]["limits"] if it[0].startswith("Category, normal"))
    percent = float(row[5].split(" at ")[1].split("%")[0])
    below, above = (
        changed_values(warehouse, {**CHANGES[0], "percents": {"Home & Kitchen": percent + step}},
                       "category", "revenue", "true")
        for step in (-0.1, 0.1)
    )  # fmt: skip
    indices = []
    for changed in (below, above):
        hhi = sum((value / sum(changed)) ** 2 for value in changed)
        indices.append((hhi * len(changed) - 1) / (len(changed) - 1))
    assert indices[0] < 0.18 < indices[1]


def test_the_address_brings_the_changes_back(seen: Seen) -> None:
    assert seen["sent"] == seen["changes"][-1]["figures"]
    assert "change=Credit+Card%3A0" in seen["changes"][-1]["hash"]


def test_back_from_a_link_restores_the_view(seen: Seen) -> None:
    assert seen["back"]["away"] == "#limits"
    assert seen["back"]["second"].startswith("Gender")
    assert seen["back"]["same"]


def test_a_slider_moves_by_keyboard_and_keeps_the_focus(seen: Seen) -> None:
    assert seen["keyboard"]["value"] == "50"
    assert seen["keyboard"]["focus"] == "range-0"
    assert seen["keyboard"]["total"][1] != seen["keyboard"]["total"][2]


def test_every_control_has_a_name(seen: Seen) -> None:
    assert len(seen["names"]) > 20
    assert [name for name in seen["names"] if not name.strip()] == []


@pytest.mark.parametrize("screen", SCREENS)
def test_answers_fit_every_screen(seen: Seen, screen: str) -> None:
    assert seen["screens"][screen]["overflow"] <= 0
    assert seen["screens"][screen]["plots"] > 0
    assert seen["screens"][screen]["findings"] == []
    assert seen["screens"][screen]["undrawn"] == seen["screens"][screen]["hidden"] == 0


def test_the_first_view_is_there_at_once(seen: Seen) -> None:
    """It takes a second if nothing else runs; a busy machine has twice the time."""
    assert 0 < seen["paint"] < 2000


def test_without_script_the_page_is_readable_and_asks_nothing(seen: Seen) -> None:
    assert not seen["plain"]["asked"]
    assert seen["plain"]["tables"] > 10 and seen["plain"]["text"] > 5000


def test_the_console_stays_silent_while_questions_are_answered(seen: Seen) -> None:
    assert seen["messages"] == []


def test_the_same_warehouse_gives_the_same_page(warehouse: Warehouse, page: str) -> None:
    again = render(read_facts(warehouse), "", read_edition(warehouse), read_answers(warehouse))
    assert again == page
    assert len(page.encode()) < 3_000_000


def test_a_dimension_whose_sums_are_not_the_published_ones_is_not_added_up(
    warehouse: Warehouse,
) -> None:
    """Its indices are shown; nothing is computed from rows that disagree."""
    with warehouse.cursor() as other:
        other.execute("create temp table entity_concentration as from main.entity_concentration")
        other.execute(
            "update temp.entity_concentration set entity_value = entity_value + 1"
            " where dimension = 'category' and entity_id = 'Home & Kitchen'"
        )
        carried = answers_of(prepare(other, MOST_ROWS)).data
    rows = carried["rows"]
    assert "payment_method" in rows["of_owner"]
    assert "category" not in {**rows["of_row"], **rows["of_day"], **rows["of_owner"]}
    assert list(carried["leaders"]["category"]["revenue"]) == [0]
    assert "category" in carried["indices"]
