"""Facts of a small invented shop: rows of every section, as in report_facts."""

from __future__ import annotations

from collections.abc import Iterator

from topheavy.report.facts import Fact

HOSTILE = "</script><script>alert(1)</script>"
SHARES = (0.4, 0.2, 0.1, 0.08, 0.06, 0.05)
DIMENSIONS = {"Customer": "Customer {}", "Product": "Product {}", "Category": "Category {}"}
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def fact(section: str, series: str, position: int, label: str | None, value: float | None,
         unit: str, *, low: float | None = None, high: float | None = None,
         comparison: float | None = None, state: str | None = None, detail: str | None = None,
         source: str = "model.column") -> Fact:  # fmt: skip
    """Return a row with the key and source of its position."""
    model, column = source.split(".")
    key = f"{section}, {series}, {position}"
    return Fact(section, series, position, label, value, unit, low, high, comparison, state,
                detail, model, column, key)  # fmt: skip


def made_up_facts() -> list[Fact]:
    return [*head(), *limits(), *dimensions(), *calendar(), *movements(), *losses(), *counts()]


def head() -> Iterator[Fact]:
    yield fact("overview", "", 1, "Export", None, "text", detail="made-up shop")
    yield fact("overview", "", 2, "First day", None, "date", detail="2023-01-01")
    yield fact("overview", "", 3, "Last day", None, "date", detail="2024-03-31")
    yield fact("overview", "", 4, "Revenue", 123456.5, "money", source="interactions.revenue")
    yield fact("overview", "", 5, "Customers", 1067, "count", source="customers.customer_id")
    yield fact(
        "headline", "", 1, "Customer 1 accounts for 40.0% of revenue, above the limit of 10.0%",
        49382.6, "money", state="beyond noise", detail="Win others of its size",
        source="risk_register.money_at_risk",
    )  # fmt: skip
    yield fact("headline", "details", 1, "losing it costs 49,382", None, "text",
               source="risk_register.details")  # fmt: skip


def limits() -> Iterator[Fact]:
    for position, (state, value) in enumerate(
        [("breach", 0.4), ("warn", 0.09), ("ok", 0.02), ("not_measurable", None)], 1
    ):
        yield fact(
            "limits", f"limit_{position}", position, f"Customer, indicator {position}, 2023",
            value, "share", low=value and value - 0.02, high=value and value + 0.02,
            comparison=0.1, state=state,
            detail="Agree how its loss would be met", source="limit_status.indicator_value",
        )  # fmt: skip


def dimensions() -> Iterator[Fact]:
    for rank, (name, words) in enumerate(DIMENSIONS.items()):
        for place, (label, value, unit, error, compared) in enumerate(
            [
                ("HHI", 0.22, "index", None, 0.17),
                ("HHI less chance", 0.18, "index", 0.06, 0.125),
                ("Gini", 0.5, "index", 0.06, None),
                ("Largest", 0.4, "share", 0.06, None),
                ("Excess over equals", 0.06, "index", None, None),
            ]
        ):
            yield fact(
                "concentration", name, 10 * rank + place, label, value, unit,
                low=error and value - error, high=error and value + error, comparison=compared,
                state="concentrated",
                detail="small" if label == "Excess over equals" else "more than chance",
                source=f"concentration_indices.{label.split()[0].lower()}",
            )  # fmt: skip
        for point in range(11):
            yield fact(
                "lorenz", name, point, None, (point / 10) ** 3, "share", comparison=point / 10,
                source="lorenz_curves.value_share",
            )  # fmt: skip
        so_far = 0.0
        # No two dimensions have the same shares, because one of them would be left out as a twin.
        for place, share in enumerate((*SHARES[:-1], SHARES[-1] + rank / 10_000), 1):
            so_far += share
            label = HOSTILE if (name, place) == ("Product", 2) else words.format(place)
            yield fact(
                "bars", name, place, label, share, "share", comparison=so_far,
                detail=f"{share * 123456.5:,.2f}", source="entity_concentration.value_share",
            )  # fmt: skip
        yield fact(
            "bars", name, 16, "all others", 1 - so_far, "share", comparison=1.0,
            state="rest", source="entity_concentration.value_share",
        )  # fmt: skip


def calendar() -> Iterator[Fact]:
    for day, weekday in enumerate(DAYS, 1):
        yield fact("bars", "Weekday", day, weekday, day / 28, "share", comparison=day / 7,
                   source="weekday_concentration.revenue_share")  # fmt: skip
        for hour in range(24):
            yield fact(
                "heat_map", weekday, day * 24 + hour, f"{hour:02}", day * hour / 7728, "share",
                comparison=1.0, source="concentration_matrix.value_share",
            )  # fmt: skip


def movements() -> Iterator[Fact]:
    for place in range(1, 16):
        month = f"{2023 + (place - 1) // 12}-{(place - 1) % 12 + 1:02}"
        state = "incomplete" if place == 15 else "complete"
        yield fact("trend", "Revenue", place, month, 8000.0 + 100 * place, "money", state=state,
                   source="monthly_concentration.revenue")  # fmt: skip
        yield fact(
            "trend", "Customer", place, month, 0.1 + place / 100, "index",
            low=0.08 + place / 100, high=0.12 + place / 100, comparison=0.12 + place / 100,
            state=state, source="concentration_indices.hhi_unbiased",
        )  # fmt: skip
    series = "Customer, 2023-Q4 against 2023-Q3"
    rows = [("HHI 2023-Q3", 0.2, "before"), ("Customer 1", 0.05, "grew"),
            ("Customer 2", -0.02, "left"), ("HHI 2023-Q4", 0.23, "after"),
            ("Change", 0.03, "change")]  # fmt: skip
    for place, (label, value, state) in enumerate(rows):
        is_change = state == "change"
        yield fact(
            "changes", series, place, label, value, "index", state=state,
            low=0.004 if is_change else None, high=0.024 if is_change else None,
            detail="rose beyond noise" if is_change else None,
            source="change_contributors.hhi_contribution",
        )  # fmt: skip
    for place, (label, value, state) in enumerate(
        [("Customer 3", -900.0, "left"), ("Product 1", 400.0, "grew")], 1
    ):
        yield fact(
            "value_changes", "", place, f"{label}, 2023-Q4 against 2023-Q3", value, "money",
            comparison=900.0, state=state, detail="900 to 0", source="value_changes.value_change",
        )  # fmt: skip


def losses() -> Iterator[Fact]:
    for place, (label, share) in enumerate([("The largest customer leaves", 0.4),
                                            ("No business on Sundays", 0.1)], 1):  # fmt: skip
        yield fact(
            "stress", "revenue", place, label, share * 123456.5, "money", comparison=share,
            state="breaks" if place == 1 else "holds", detail="Customer 1",
            source="stress_results.value_lost",
        )  # fmt: skip
    yield fact(
        "reverse_stress", "Customer", 1, "Customers to lose 25% of revenue", 1, "count",
        comparison=0.25, detail="Customer 1", source="reverse_stress.entity_count",
    )  # fmt: skip
    yield fact("compound", "", 1, "ten largest customers, main payment method", 0.3, "share",
               comparison=0.2, source="compound_exposure.revenue_share")  # fmt: skip


def counts() -> Iterator[Fact]:
    for place, (state, count) in enumerate([("valid", 900), ("blank", 40), ("rejected", 60)], 1):
        yield fact(
            "quality", "interactions", place, f"{state} rows", count, "rows",
            comparison=count / 1000, state=state, source="data_quality.row_count",
        )  # fmt: skip
    for place, kind in enumerate(["looked at but not bought", "bought though hardly looked at"]):
        yield fact("attention", kind, place + 1, "Product 3", 0.1 - place / 5, "share",
                   comparison=0.15, source="attention_gap.share_gap")  # fmt: skip
