"""Concentration by dimension, measure and period, in a notebook: what `make explore` opens.

A marimo app over a published file, which it opens to read only. TOPHEAVY_PUBLISHED names the file;
where nothing does, it is the sample's.
"""

import marimo

app = marimo.App(width="medium", app_title="Topheavy")


@app.cell
def read_only():
    import os

    import altair
    import duckdb
    import marimo

    path = os.environ.get("TOPHEAVY_PUBLISHED", "warehouse/sample/topheavy.duckdb")
    warehouse = duckdb.connect(path, read_only=True)

    def ask(sql, *values):
        """The rows of a query, each by the names of its columns."""
        answer = warehouse.execute(sql, values)
        names = [column[0] for column in answer.description]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    return altair, ask, marimo


@app.cell
def choose_what(ask, marimo):
    dimensions = ask(
        """
        select dimension from concentration_indices
        group by dimension order by case dimension when 'customer' then 1 else 2 end, dimension
        """
    )
    # The measure that the export is about comes first.
    measures = ask(
        """
        select measure from concentration_indices
        group by measure order by measure not in (
            select label from report_facts where section = 'labels' and series = 'measure'
        ), measure desc
        """
    )
    dimension, measure = (
        marimo.ui.dropdown(names, value=names[0] if names else None, label=label)
        for names, label in (
            ([row["dimension"] for row in dimensions], "Dimension"),
            ([row["measure"] for row in measures], "Measure"),
        )
    )
    return dimension, measure


@app.cell
def choose_when(ask, dimension, marimo, measure):
    # The whole period first, then years, quarters and months, the latest of each first.
    found = ask(
        """
        select period_grain, period_start from concentration_indices
        where dimension = ? and measure = ?
        order by array_position(['all', 'year', 'quarter', 'month'], period_grain),
            period_start desc
        """,
        dimension.value,
        measure.value,
    )
    periods = {
        "whole period"
        if row["period_grain"] == "all"
        else f"{row['period_grain']} from {row['period_start']}": row
        for row in found
    }
    period = marimo.ui.dropdown(periods, value=next(iter(periods), None), label="Period")
    return (period,)


@app.cell
def chosen(dimension, marimo, measure, period):
    marimo.vstack(
        [marimo.md("# Where is it concentrated?"), marimo.hstack([dimension, measure, period])]
    )
    return


@app.cell
def indices(ask, dimension, measure, period):
    when = period.value or {"period_grain": None, "period_start": None}
    key = (dimension.value, measure.value, when["period_grain"], when["period_start"])
    of_period = "dimension = ? and measure = ? and period_grain = ? and period_start = ?"
    index = next(iter(ask(f"from concentration_indices where {of_period}", *key)), {})
    return index, key, of_period


@app.cell
def figures(index, marimo):
    shown = {
        "Entities": ("entity_count", "{:,.0f}", ""),
        "Total": ("total_value", "{:,.0f}", ""),
        "The largest": ("cr1", "{:.1%}", "of the total"),
        "The ten largest": ("cr10", "{:.1%}", "of the total"),
        "HHI": ("hhi", "{:.4f}", "from 1/n to 1"),
        "Effective number": ("effective_number", "{:,.1f}", "1/HHI"),
        "Gini": ("gini", "{:.3f}", "from 0 to 1"),
    }
    numbers = {
        label: form.format(index[name]) if index.get(name) is not None else "unknown"
        for label, (name, form, _) in shown.items()
    }
    marimo.vstack(
        [
            marimo.hstack(
                [
                    marimo.stat(number, label=label, caption=shown[label][2], bordered=True)
                    for label, number in numbers.items()
                ],
                widths="equal",
            ),
            marimo.md(
                f"Compared with equal chances for all: **{index.get('verdict') or 'unknown'}**; "
                f"{index.get('excess_level') or 'no'} excess over them."
            ),
        ]
    )
    return (numbers,)


@app.cell
def pictures(altair, ask, dimension, key, marimo, measure, of_period):
    largest = ask(
        """
        select entity_label, cast(entity_value as double) as entity_value, value_share, value_rank
        from entity_concentration
        where dimension = ? and measure = ? and value_rank <= 10 order by value_rank
        """,
        *key[:2],
    )
    curve = ask(
        f"select entity_share, value_share from lorenz_curves where {of_period} order by 1", *key
    )
    bars = (
        altair.Chart(altair.Data(values=largest), title="The ten largest, whole period")
        .mark_bar()
        .encode(
            altair.X("entity_value:Q", title=measure.value),
            altair.Y("entity_label:N", sort=None, title=dimension.value),
            [altair.Tooltip("entity_label:N"), altair.Tooltip("value_share:Q", format=".1%")],
        )
    )
    share = altair.Axis(format=".0%")
    lorenz = (
        altair.Chart(altair.Data(values=curve), title="Lorenz curve")
        .mark_line()
        .encode(
            altair.X("entity_share:Q", axis=share, title="share of entities, the smallest first"),
            altair.Y("value_share:Q", axis=share, title="share that they have together"),
        )
    )
    alike = lorenz.mark_line(strokeDash=[4, 4], color="gray").encode(
        altair.Y("entity_share:Q", axis=share)
    )
    no_curve = marimo.md("A Lorenz curve is published of the whole period and of each year.")
    marimo.hstack([bars, alike + lorenz if curve else no_curve], widths="equal")
    return (largest,)


@app.cell
def course(altair, ask, key):
    months = ask(
        """
        select
            cast(period_start as varchar) as month,
            cr1 as "the largest",
            cr10 as "the ten largest"
        from concentration_indices
        where dimension = ? and measure = ? and period_grain = 'month' order by period_start
        """,
        *key[:2],
    )
    altair.Chart(altair.Data(values=months), title="Share of the total, by month").transform_fold(
        ["the largest", "the ten largest"]
    ).mark_line().encode(
        altair.X("month:T", title=None),
        altair.Y("value:Q", axis=altair.Axis(format=".0%"), title=None),
        altair.Color("key:N", title=None),
    ).properties(width="container", height=200)
    return


@app.cell
def movers(ask, key, marimo, of_period):
    behind = ask(
        f"""
        select entity_label, movement, compared_share, value_share, contribution
        from change_contributors where {of_period} and comparison = 'previous'
        order by contribution_rank
        """,
        *key,
    )
    marimo.vstack(
        [
            marimo.md("## Who moved it"),
            marimo.ui.table(behind, selection=None)
            if behind
            else marimo.md("The whole period and the first of each kind have none before them."),
        ]
    )
    return (behind,)


if __name__ == "__main__":
    app.run()
