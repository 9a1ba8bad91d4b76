"""The page's calculations equal SQL on the same warehouse, both from rows and from sums.

Node runs the page's modules without a browser; without Node, these tests are skipped with a
message.
"""

from __future__ import annotations

import calendar
import json
import math
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import PROJECT, Warehouse
from test_report_browser import BROWSER_TESTS, needed

from topheavy.report import answer_rows, by_period, spectra
from topheavy.report.answers import Answers, read_answers
from topheavy.report.facts import Facts, read_facts
from topheavy.report.limit_view import View
from topheavy.report.questions import asked

MODULES = PROJECT / "topheavy" / "report" / "assets" / "modules"
COLUMNS = {
    "customer": "interactions.customer_id",
    "product": "interactions.product_id",
    "category": "products.category",
    "payment_method": "customers.payment_method",
    "interaction_type": "interactions.interaction_type",
    "weekday": "dayname(interacted_at)",
    "hour": "strftime(interacted_at, '%H')",
}
SUMS = {
    "interactions": "count(*)",
    "purchases": "count(*) filter (interaction_type = 'purchase')",
    "revenue": "coalesce(sum(revenue), 0)",
}
INDICATORS = (
    *("entity_share", "cr1", "cr4", "cr5", "cr10", "cr20", "top_1pct_share", "top_5pct_share"),
    *("top_10pct_share", "top_20pct_share", "hhi", "hhi_normalized", "effective_number", "gini"),
    *("gini_unbiased", "hall_tideman", "theil_t", "hoover", "shannon_entropy"),
)
# Indicators for which sums and leading entities are sufficient, whatever changes.
FROM_SUMS = ("entity_share", "cr1", "hhi", "effective_number")
VIEWED = (
    ("customer", "revenue", "all"), ("customer", "revenue", "year"), ("product", "revenue", "all"),
    ("category", "revenue", "all"), ("payment_method", "revenue", "all"),
)  # fmt: skip
CHANGES: list[dict[str, Any]] = [
    {"dimension": "category", "factors": {"Home & Kitchen": 0.5}},
    {"dimension": "category", "factors": {"Home & Kitchen": 0, "Books": 2, "Clothing": 0.25}},
    {"dimension": "payment_method", "factors": {"Credit Card": 0, "PayPal": 0}},
    {"dimension": "weekday", "factors": {"Sunday": 0, "Monday": 1.5}},
    {"dimension": "customer", "factors": {"1469": 0.25, "2219": 0}, "added": 12000},
    {"dimension": "customer", "factors": {"1469": 0, "2219": 0, "1188": 0, "1844": 2}},
    {"dimension": "interaction_type", "factors": {"return": 2}},
    {"dimension": "interaction_type", "factors": {"return": 1.33}},
    {"dimension": "hour", "factors": {f"{it:02}": 0.5 for it in range(8, 24)}},
]
# The largest relative distance between the bounds of HHI and CR1, from sums. If many can fall below
# zero, removed and halved sets and multiples of a twentieth are exact to the digits of bounds.
WIDEST = {1: 0.02, 2: 1e-6, 3: 0.02, 6: 1e-5, 7: 1e-4, 8: 1e-6}
# Changes of the leaders of a period, by rank, and the figures that follow.
FIGURE_NAMES = ("total_value", "hhi", "effective_number", "cr1", "cr4", "cr10", "gini")
FIGURES: list[dict[str, Any]] = [
    {"dimension": dimension, "measure": measure, "period": period, "factors": factors,
     "added": added, "indicators": FIGURE_NAMES}
    for dimension, measure, period, factors, added in (
        ("customer", "revenue", "2024-Q4", {"1469": 0}, 0),
        ("customer", "revenue", "2024-Q4", {"1469": 0.37, "2219": 1.8}, 9000),
        # The first of these ranks directly below the leaders.
        ("customer", "revenue", "2024-Q4", {"2032": 0.5}, 0),
        ("customer", "revenue", "2024-Q4", {"2032": 0, "1469": 0, "2219": 0}, 0),
        ("customer", "purchases", "2024-11", {"1469": 0}, 3),
        ("product", "revenue", "2024-Q3", {"P-000127": 0}, 0),
        ("product", "interactions", "2024-12", {"P-000127": 2}, 40),
        ("category", "revenue", "2024-10", {"Home & Kitchen": 0, "Books": 0.5}, 0),
    )
]  # fmt: skip
# All weekdays of a quarter removed: their sums leave last digits, not zero.
ALL_REMOVED: dict[str, Any] = {
    "dimension": "weekday", "measure": "revenue", "period": "2024-Q4", "added": 0,
    "factors": dict.fromkeys(calendar.day_name, 0), "indicators": FIGURE_NAMES,
}  # fmt: skip
VIEWS: list[dict[str, Any]] = [
    {"dimension": "customer", "measure": "revenue", "period": "all"},
    {"dimension": "product", "measure": "interactions", "period": "2024-11"},
    {"dimension": "customer", "measure": "purchases", "period": "2024-Q4"},
    {"dimension": "weekday", "measure": "revenue", "period": "2024-Q4",
     "inside": ["payment_method", "Credit Card"]},
    {"dimension": "product", "measure": "revenue", "period": "2024-12",
     "inside": ["customer", "1469"]},
]  # fmt: skip
PANELS = [["customer", "1469"], ["product", "P-000127"]]
PERIODS = {
    "all": "true",
    "2024-Q3": "interacted_at >= '2024-07-01' and interacted_at < '2024-10-01'",
    "2024-Q4": "interacted_at >= '2024-10-01'",
    "2024-10": "date_trunc('month', interacted_at) = date '2024-10-01'",
    "2024-11": "date_trunc('month', interacted_at) = date '2024-11-01'",
    "2024-12": "date_trunc('month', interacted_at) = date '2024-12-01'",
}
BEFORE = {"2024-11": "2024-10", "2024-Q4": "2024-Q3"}
JOINED = (
    "interactions left join customers using (customer_id)"
    " left join products on interactions.product_id = products.product_id"
)
Seen = dict[str, Any]


def packed(warehouse: Warehouse, most_carried: int) -> Answers:
    facts = Facts.of([fact.visible() for fact in read_facts(warehouse)])
    return asked(read_answers(warehouse, most_carried), facts)


@pytest.fixture(scope="module")
def ask(sample: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Seen]:
    """Return the page's answers if it may contain at most a number of rows."""
    node = needed("node")
    folder: Path = tmp_path_factory.mktemp("answers")
    questions = {
        "limits": [limit_on(*view, it) for view in VIEWED for it in INDICATORS],
        "changes": CHANGES,
        "views": VIEWS,
        "panels": PANELS,
        "states": [],
        "figures": [],
        "statuses": [],
    }

    def run(most_carried: int, data: dict[str, Any] | None = None, **more: Any) -> Seen:
        data = data or packed(sample, most_carried).data
        (folder / "answers.json").write_text(json.dumps(data))
        (folder / "questions.json").write_text(json.dumps({**questions, **more}))
        done = subprocess.run(
            [node, "--no-warnings", "--experimental-default-type=module", "answers.test.mjs",
             str(MODULES), str(folder / "answers.json"), str(folder / "questions.json")],
            cwd=BROWSER_TESTS, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found: Seen = json.loads(done.stdout)
        return found

    return run


@pytest.fixture(scope="module")
def from_rows(ask: Callable[[int], Seen]) -> Seen:
    return ask(100_000)


@pytest.fixture(scope="module")
def from_sums(ask: Callable[[int], Seen]) -> Seen:
    """Use the spectrum of each limit, as if its index needed every value, and count products."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spectra, "FROM_SUMS", ("no index",))
        patch.setattr(View, "needs_count", property(lambda view: view.dimension == "product"))
        return ask(0)


@pytest.fixture(scope="module")
def from_leaders(ask: Callable[..., Seen]) -> Seen:
    """Treat a dimension as large: only the leaders have names, and some more have values."""
    few = {"all": 6, "year": 6, "quarter": 6, "month": 6}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(answer_rows, "MANY_ENTITIES", 100)
        patch.setattr(by_period, "LEADERS", few)
        patch.setattr(by_period, "NEXT", 12)
        return ask(0, figures=[*FIGURES, ALL_REMOVED])


def limit_on(dimension: str, measure: str, grain: str, indicator: str) -> dict[str, str]:
    start = {"all": "2023-01-01", "year": "2024-01-01"}[grain]
    return {
        "dimension": dimension, "measure": measure, "grain": grain, "start": start,
        "indicator": indicator,
    }  # fmt: skip


def changed_values(
    warehouse: Warehouse, change: dict[str, Any], dimension: str, grain: str
) -> list[float]:
    """Return the revenue of a dimension when the rows of some entities are scaled."""
    cases = " ".join(
        f"when {COLUMNS[change['dimension']]} = '{name}' then {factor}"
        for name, factor in change["factors"].items()
    )
    within = "true" if grain == "all" else "interacted_at >= '2024-01-01'"
    found = warehouse.execute(f"""
        select sum(coalesce(revenue, 0)::double * case {cases} else 1 end) as changed
        from {JOINED} where {within} and {COLUMNS[dimension]} is not null
        group by {COLUMNS[dimension]}""").fetchall()
    changed = [value for (value,) in found if value > 1e-9]
    if change.get("added") and dimension == change["dimension"]:
        changed.append(float(change["added"]))
    return sorted(changed, reverse=True)


def index(values: list[float], indicator: str) -> float:
    """Return an index of values in descending order, as docs/measures.md defines it."""
    total, n = sum(values), len(values)
    shares = [value / total for value in values]
    hhi = sum(it * it for it in shares)
    ranked = sum(rank * it for rank, it in enumerate(shares, 1))
    gini = 1 + 1 / n - 2 * ranked / n
    if indicator.startswith("cr"):
        return sum(shares[: int(indicator[2:])])
    if indicator.startswith("top_"):
        percent = int(indicator.split("_")[1].removesuffix("pct"))
        return sum(shares[: math.ceil(n * percent / 100)])
    return {
        "entity_share": shares[0],
        "hhi": hhi,
        "hhi_normalized": (hhi * n - 1) / (n - 1),
        "effective_number": 1 / hhi,
        "gini": gini,
        "gini_unbiased": gini * n / (n - 1),
        "hall_tideman": 1 / (2 * ranked - 1),
        "theil_t": sum(it * math.log(it * n) for it in shares),
        "hoover": sum(abs(it - 1 / n) for it in shares) / 2,
        "shannon_entropy": -sum(it * math.log(it) for it in shares),
    }[indicator]


def expected_under(sample: Warehouse, place: int) -> Iterator[tuple[tuple[str, str, str], float]]:
    """Compute every index of every view after some changes in SQL, in the order of the page."""
    for dimension, _, grain in VIEWED:
        values = changed_values(sample, CHANGES[place], dimension, grain)
        for indicator in INDICATORS:
            yield (dimension, grain, indicator), index(values, indicator)


@pytest.mark.parametrize("place", range(len(CHANGES)))
def test_every_index_under_what_if_equals_sql(
    sample: Warehouse, from_rows: Seen, place: int
) -> None:
    shown = iter(from_rows["changes"][place])
    for name, expected in expected_under(sample, place):
        assert next(shown) == pytest.approx(expected, rel=1e-9), name


@pytest.mark.parametrize("place", range(len(CHANGES)))
def test_what_if_from_sums_equals_sql(sample: Warehouse, from_sums: Seen, place: int) -> None:
    """Figures are exact, between bounds, or not shown.

    A change of a dimension leaves its own indices exact, because the page has its spectrum; most
    limits have at least bounds.
    """
    shown = iter(from_sums["changes"][place])
    bounded = []
    for name, expected in expected_under(sample, place):
        value = next(shown)
        if isinstance(value, list):
            if name[2] in ("hhi", "cr1", "entity_share"):
                bounded.append((value[1] - value[0]) / expected)
            assert value[0] * (1 - 1e-9) <= expected <= value[1] * (1 + 1e-9), name
            assert name[0] != CHANGES[place]["dimension"], name
        elif value is None:
            assert name[0] != CHANGES[place]["dimension"] and name[2] not in FROM_SUMS, name
        else:
            assert value == pytest.approx(expected, rel=1e-9), name
    assert max(bounded, default=0) < WIDEST.get(place, 1e-9)


@pytest.mark.parametrize("place", range(len(FIGURES)))
def test_figures_of_a_period_under_what_if_equal_sql(
    sample: Warehouse, from_leaders: Seen, place: int
) -> None:
    """The figures of leaders in a period are exact; otherwise bounds are nearly equal.

    Bounds apply if a leader grows or shrinks, or if another entity has less than the leaders.
    """
    asked = FIGURES[place]
    values = values_of(sample, asked, asked["period"])
    changed = [it * asked["factors"].get(entity, 1) for entity, it in values.items()]
    left = sorted((it for it in [*changed, asked["added"]] if it > 0), reverse=True)
    expected = {"total_value": math.fsum(left), **{it: index(left, it) for it in FIGURE_NAMES[1:]}}
    for name, value in zip(FIGURE_NAMES, from_leaders["figures"][place], strict=True):
        low, high = value if isinstance(value, list) else (value, value)
        assert low * (1 - 1e-9) <= expected[name] <= high * (1 + 1e-9), name
        assert high - low < 2e-3 * expected[name], name


def test_nothing_is_left_when_everything_is_removed(from_leaders: Seen) -> None:
    assert from_leaders["figures"][len(FIGURES)] == [None] * len(FIGURE_NAMES)


def test_sums_give_no_guess_for_indices_that_need_every_value(from_sums: Seen) -> None:
    keys = [(view[0], indicator) for view in VIEWED for indicator in INDICATORS]
    figures = dict(zip(keys, from_sums["changes"][0], strict=True))
    assert figures["customer", "gini"] is None and figures["category", "gini"] is not None


def values_of(warehouse: Warehouse, view: dict[str, Any], period: str) -> dict[str, float]:
    within = PERIODS[period]
    if "inside" in view:
        within += f" and {COLUMNS[view['inside'][0]]} = '{view['inside'][1]}'"
    found = warehouse.execute(
        f"select {COLUMNS[view['dimension']]}, ({SUMS[view['measure']]})::double from {JOINED}"
        f" where {within} and {COLUMNS[view['dimension']]} is not null group by 1"
    )
    return dict(found.fetchall())


@pytest.mark.parametrize("place", range(len(VIEWS)))
def test_sums_of_rows_equal_sql(sample: Warehouse, from_rows: Seen, place: int) -> None:
    view = VIEWS[place]
    shown = from_rows["views"][place]
    whole = {key: value for key, value in view.items() if key != "inside"}
    expected = values_of(sample, whole, view["period"])
    ranked = sorted((it for it in expected.items() if it[1] > 0), key=lambda it: (-it[1], it[0]))
    assert shown["leaders"] == [[name, pytest.approx(value)] for name, value in ranked[:100]]
    total, count = sum(value for _, value in ranked), len(ranked)
    for step, share in enumerate(shown["lorenz"]):
        larger = count - math.floor(count * step / (len(shown["lorenz"]) - 1) + 0.5)
        largest = sum(value for _, value in ranked[:larger])
        assert share == pytest.approx(1 - largest / total, abs=1e-9)
    if "inside" in view:
        inside = values_of(sample, view, view["period"])
        assert {name: value for name, value in shown["within"] if value} == pytest.approx(
            {name: value for name, value in inside.items() if value}
        )


def test_two_dimensions_crossed_in_sums_equal_sql(sample: Warehouse, from_sums: Seen) -> None:
    """One dimension belongs to the rows and one to the customers: both are joined by key and summed
    by quarter.
    """
    view = VIEWS[3]
    expected = values_of(sample, view, view["period"])
    assert dict(from_sums["views"][3]["within"]) == pytest.approx(expected)


def test_movers_are_the_same_from_rows_and_sums(
    sample: Warehouse, from_rows: Seen, from_sums: Seen
) -> None:
    for place in (1, 2):
        view = VIEWS[place]
        after = values_of(sample, view, view["period"])
        before = values_of(sample, view, BEFORE[view["period"]])
        moved = {it: after.get(it, 0) - before.get(it, 0) for it in after.keys() | before.keys()}
        ups = sorted((it for it in moved.items() if it[1] > 0), key=lambda it: (-it[1], it[0]))[:5]
        downs = sorted((it for it in moved.items() if it[1] < 0), key=lambda it: (it[1], it[0]))[:5]
        for seen in (from_rows, from_sums):
            shown = {row[0]: row[2] - row[1] for row in seen["views"][place]["movers"]}
            assert shown == pytest.approx(dict(ups + downs))


def test_a_panel_from_rows_is_one_from_sums(from_rows: Seen, from_sums: Seen) -> None:
    for rows, sums in zip(from_rows["panels"], from_sums["panels"], strict=True):
        assert rows["days"] == sums["days"] and rows["all"] == pytest.approx(sums["all"])
        shown = {key: value for key, value in rows["by"].items() if any(value)}
        assert shown.keys() == sums["by"].keys()
        for key, numbers in sums["by"].items():
            assert shown[key] == pytest.approx(numbers), key


ODD = '=&#+ %:"<b>1|2é'


def test_a_panel_of_a_large_dimension_ranks_among_all(from_rows: Seen, from_leaders: Seen) -> None:
    """If the page cannot determine the rank in a period, it shows none."""
    for of_rows, of_leaders in zip(from_rows["panels"], from_leaders["panels"], strict=True):
        assert of_leaders["all"] == pytest.approx(of_rows["all"])
        assert of_leaders["days"] == of_rows["days"]
        for period, cells in of_leaders["by"].items():
            for shown, expected in zip(cells, of_rows["by"][period], strict=True):
                assert shown is None or shown == pytest.approx(expected), period
    assert from_leaders["panels"][0]["by"]["2024-Q4"][5] == 1


def test_periods_in_which_a_name_leads_equal_sql(sample: Warehouse, from_leaders: Seen) -> None:
    """The page shows these periods for a name without a panel, with its value and its rank."""
    for (dimension, name), led in zip(PANELS, from_leaders["led"], strict=True):
        periods = {period: rest for period, *rest in led if period in PERIODS}
        assert periods
        for period, (value, rank) in periods.items():
            view = {"dimension": dimension, "measure": "revenue"}
            values = values_of(sample, view, period)
            ranked = sorted(values, key=lambda it: (-values[it], it))
            assert (ranked.index(name) + 1, value) == (rank, pytest.approx(values[name]))


def test_the_address_keeps_odd_names(sample: Warehouse, ask: Any) -> None:
    data = packed(sample, 100_000).data
    place = next(at for at, (name, *_) in enumerate(data["dimensions"]["category"]["names"]))
    data["dimensions"]["category"]["names"][place] = [ODD]
    state = {
        "dimension": "category", "measure": "purchases", "period": 3, "within": "",
        "value": -1, "of": "category", "entity": place, "added": 12.5,
        "factors": [[place, 0.5], [place + 1, 0]],
    }  # fmt: skip
    crossed = {**state, "dimension": "weekday", "within": "category", "value": place,
               "factors": []}  # fmt: skip
    back = ask(100_000, data=data, states=[state, crossed])["states"]
    assert [it["back"] for it in back] == [state, crossed]


def test_a_value_on_a_threshold_has_the_status_of_the_tables(ask: Any) -> None:
    """The unit test a_limit_has_a_status has the same values."""
    share = {"direction": "above", "warn": 0.25, "breach": 0.5}
    spread = {"direction": "below", "warn": 8, "breach": 4}
    expected = [
        (share, 0.5, "breach"), (share, 0.25, "warn"), (share, 0.125, "ok"),
        (spread, 2, "breach"), (spread, 4, "warn"), (spread, 8, "ok"),
        (spread, None, "not_measurable"),
    ]  # fmt: skip
    statuses = ask(0, statuses=[[limit, value] for limit, value, _ in expected])["statuses"]
    assert statuses == [status for *_, status in expected]
