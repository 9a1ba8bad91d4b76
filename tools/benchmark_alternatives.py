"""Compute the nine concentration tables of the sample by other means, to be timed beside a build.

Each alternative does what its users would write: read and clean the export, join customers and
products, and for each dimension sum interactions, purchases and revenue, with share, rank and
cumulative share. Every lane prints the totals that it found, so that they can be compared. No
alternative runs tests, keeps rejected rows or computes an index.

Usage:
    python -m tools.benchmark_alternatives pandas|polars|views FOLDER DATABASE
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

SALES, CUSTOMERS, PRODUCTS = "sales_data.csv", "customer_details.csv", "product_details.csv"
STAMP = "%d/%m/%Y %H:%M"
TYPES = ("purchase", "return", "view", "like")
PRICE = r"^\s*\$([0-9,]+\.[0-9]+)\s*$"
SEGMENTS = ("Low", "Medium", "High", "VIP")
QUARTILES = (0.25, 0.5, 0.75)
DIMENSIONS = (
    "customer",
    "product",
    "category",
    "segment",
    "payment_method",
    "date",
    "month",
    "weekday",
    "hour",
)
MEASURES = ("interactions", "purchases", "revenue")

Totals = dict[str, Any]


def with_pandas(folder: Path, _: str) -> Totals:
    """Compute eagerly, table by table, as notebooks on such exports do."""
    rows = pandas_rows(folder)
    for dimension in DIMENSIONS:
        table = rows.groupby(dimension)[list(MEASURES)].sum()
        for measure in MEASURES:
            table = table.sort_values(measure, ascending=False, kind="stable")
            positive = table[measure].clip(lower=0)
            table[f"{measure}_share"] = positive / positive.sum()
            table[f"{measure}_rank"] = range(1, len(table) + 1)
            table[f"{measure}_cumulative_share"] = table[f"{measure}_share"].cumsum()
    return {"interactions": len(rows), "revenue": round(float(rows["revenue"].sum()), 2)}


def pandas_rows(folder: Path) -> Any:
    """Return every valid row with its measures and dimensions."""
    import pandas as pd

    rows = pd.read_csv(folder / SALES, dtype="str").iloc[:, :4]
    rows.columns = pd.Index(["customer", "product", "type", "time"])
    rows = rows.dropna(how="all")
    rows["type"] = rows["type"].str.strip().str.lower()
    rows["time"] = pd.to_datetime(rows["time"].str.strip(), format=STAMP, errors="coerce")
    rows = rows[rows["type"].isin(TYPES) & rows["time"].notna()]
    for key in ("customer", "product"):
        rows[key] = rows[key].str.strip().str.replace(r"\.0+$", "", regex=True)
    products, people = pandas_products(folder), pandas_customers(folder)
    rows = rows.merge(products, on="product", how="left").merge(people, on="customer", how="left")
    sign = rows["type"].map({"purchase": 1.0, "return": -1.0})
    return rows.assign(
        revenue=(sign * rows["price"]).fillna(0.0),
        purchases=(rows["type"] == "purchase").astype("int64"),
        interactions=1,
        date=rows["time"].dt.normalize(),
        month=rows["time"].dt.to_period("M"),
        weekday=rows["time"].dt.day_of_week,
        hour=rows["time"].dt.hour,
    )


def pandas_products(folder: Path) -> Any:
    import pandas as pd

    products = pd.read_csv(folder / PRODUCTS, dtype="str")
    products.columns = pd.Index(["product", "name", "category", "price"])
    price = products["price"].str.extract(PRICE)[0].str.replace(",", "")
    category = products["category"].str.split("|").str[0].str.strip()
    return products.assign(price=price.astype("float64"), category=category)


def pandas_customers(folder: Path) -> Any:
    import pandas as pd

    people = pd.read_csv(folder / CUSTOMERS, dtype={"Customer ID": "str"})
    people = people[["Customer ID", "Purchase Amount (USD)", "Payment Method"]]
    people.columns = pd.Index(["customer", "amount", "payment_method"])
    edges = [-float("inf"), *people["amount"].quantile(list(QUARTILES)), float("inf")]
    segment = pd.cut(people["amount"], edges, labels=list(SEGMENTS))
    return people.assign(segment=segment.astype("str"))


def with_polars(folder: Path, _: str) -> Totals:
    """Compute lazily, so that polars plans the nine tables together."""
    import polars as pl

    rows = polars_rows(folder)
    tables = [polars_table(rows, dimension) for dimension in DIMENSIONS]
    totals = rows.select(pl.len().alias("interactions"), pl.col("revenue").sum())
    found = pl.collect_all([*tables, totals])[-1]
    return {"interactions": found.item(0, 0), "revenue": round(float(found.item(0, 1)), 2)}


def polars_table(rows: Any, dimension: str) -> Any:
    """Return the plan of one concentration table."""
    import polars as pl

    known = rows.filter(pl.col(dimension).is_not_null())
    table = known.group_by(dimension).agg(pl.col(measure).sum() for measure in MEASURES)
    for measure in MEASURES:
        share = pl.col(measure).clip(0) / pl.col(measure).clip(0).sum()
        table = table.sort(measure, descending=True).with_columns(
            share.alias(f"{measure}_share"),
            share.cum_sum().alias(f"{measure}_cumulative_share"),
            pl.int_range(1, pl.len() + 1).alias(f"{measure}_rank"),
        )
    return table


def polars_rows(folder: Path) -> Any:
    """Return the plan of every valid row with its measures and dimensions."""
    import polars as pl

    time = pl.col("time")
    rows = (
        polars_texts(folder / SALES, ["customer", "product", "type", "time"])
        .with_columns(
            pl.col("customer", "product").str.strip_chars().str.replace(r"\.0+$", ""),
            pl.col("type").str.strip_chars().str.to_lowercase(),
            time.str.strip_chars().str.to_datetime(STAMP, strict=False),
        )
        .filter(pl.col("type").is_in(TYPES) & time.is_not_null())
    )
    products = polars_texts(folder / PRODUCTS, ["product", "name", "category", "price"])
    priced = products.with_columns(
        pl.col("category").str.split("|").list.first().str.strip_chars(),
        pl.col("price").str.extract(PRICE).str.replace_all(",", "").cast(pl.Float64),
    )
    sign = pl.col("type").replace_strict({"purchase": 1.0, "return": -1.0}, default=None)
    joined = rows.join(priced, on="product", how="left")
    return joined.join(polars_customers(folder), on="customer", how="left").with_columns(
        (sign * pl.col("price")).fill_null(0.0).alias("revenue"),
        (pl.col("type") == "purchase").cast(pl.Int64).alias("purchases"),
        pl.lit(1, pl.Int64).alias("interactions"),
        time.dt.date().alias("date"),
        time.dt.truncate("1mo").alias("month"),
        time.dt.weekday().alias("weekday"),
        time.dt.hour().alias("hour"),
    )


def polars_texts(path: Path, columns: list[str]) -> Any:
    """Return the first columns of a file as text, under this project's names."""
    import polars as pl

    found = pl.scan_csv(path, infer_schema=False)
    titles = found.collect_schema().names()
    return found.select(
        pl.col(title).alias(name) for title, name in zip(titles, columns, strict=False)
    )


def polars_customers(folder: Path) -> Any:
    import polars as pl

    amount = pl.col("amount")
    low, middle, high = (amount.quantile(part, "linear") for part in QUARTILES)
    people = pl.scan_csv(folder / CUSTOMERS).select(
        pl.col("Customer ID").cast(pl.String).alias("customer"),
        pl.col("Purchase Amount (USD)").alias("amount"),
        pl.col("Payment Method").alias("payment_method"),
    )
    lower_half = pl.when(amount <= low).then(pl.lit("Low")).otherwise(pl.lit("Medium"))
    upper_half = pl.when(amount <= high).then(pl.lit("High")).otherwise(pl.lit("VIP"))
    segment = pl.when(amount <= middle).then(lower_half).otherwise(upper_half)
    return people.with_columns(segment.alias("segment"))


VIEWS = """
create view stg_sales as
select
    regexp_replace(trim("user id"), '[.]0+$', '') as customer,
    regexp_replace(trim("product id"), '[.]0+$', '') as product,
    lower(trim("Interaction type")) as type,
    try_strptime(trim("Time stamp"), '{stamp}') as time
from read_csv('{folder}/{sales}', header = true, all_varchar = true, delim = ',');
create view stg_products as
select
    "Uniq Id" as product,
    trim(split_part("Category", '|', 1)) as category,
    try_cast(replace(nullif(regexp_extract("Price", '{price}', 1), ''), ',', '') as decimal(18, 4))
        as price
from read_csv('{folder}/{products}', header = true, all_varchar = true);
create view stg_customers as
with source as (
    select
        "Customer ID" as customer,
        "Payment Method" as payment_method,
        cast("Purchase Amount (USD)" as double) as amount
    from read_csv('{folder}/{customers}', header = true, all_varchar = true)
),
edges as (
    select quantile_cont(amount, [0.25, 0.5, 0.75]) as edge from source
)
select
    customer,
    payment_method,
    case
        when amount <= edge[1] then 'Low'
        when amount <= edge[2] then 'Medium'
        when amount <= edge[3] then 'High'
        else 'VIP'
    end as segment
from source cross join edges;
create view facts as
select
    stg_sales.customer, stg_sales.product, category, segment, payment_method,
    cast(time as date) as date, date_trunc('month', time) as month,
    isodow(time) as weekday, hour(time) as hour,
    case when type = 'purchase' then 1 else 0 end as purchases,
    coalesce(case type when 'purchase' then price when 'return' then -price end, 0) as revenue
from stg_sales
left join stg_products on stg_sales.product = stg_products.product
left join stg_customers on stg_sales.customer = stg_customers.customer
where type in ('purchase', 'return', 'view', 'like') and time is not null;
"""

MART = """
create table {dimension}_concentration as
with summed as (
    select
        {dimension}, count(*) as interactions, sum(purchases) as purchases,
        sum(revenue) as revenue
    from facts
    where {dimension} is not null
    group by {dimension}
)
select *, {measures}
from summed
"""

MEASURE = """
    greatest({0}, 0) / sum(greatest({0}, 0)) over () as {0}_share,
    row_number() over (order by {0} desc, {1}) as {0}_rank,
    sum(greatest({0}, 0)) over (order by {0} desc, {1} rows unbounded preceding)
        / sum(greatest({0}, 0)) over () as {0}_cumulative_share"""


def with_views(folder: Path, database: str) -> Totals:
    """Compute as many dbt projects do: staging views over the files, and each mart separately."""
    import duckdb

    with duckdb.connect(database) as connection:
        connection.execute(
            VIEWS.format(
                folder=folder,
                sales=SALES,
                products=PRODUCTS,
                customers=CUSTOMERS,
                stamp=STAMP,
                price=PRICE,
            )
        )
        for dimension in DIMENSIONS:
            measures = ",".join(MEASURE.format(measure, dimension) for measure in MEASURES)
            connection.execute(MART.format(dimension=dimension, measures=measures))
        count, revenue = connection.execute(
            "select sum(interactions), sum(revenue) from hour_concentration"
        ).fetchall()[0]
    return {"interactions": int(count), "revenue": float(revenue)}


LANES: dict[str, Callable[[Path, str], Totals]] = {
    "pandas": with_pandas,
    "polars": with_polars,
    "views": with_views,
}


def main() -> int:
    lane, folder, database = sys.argv[1:]
    print(json.dumps(LANES[lane](Path(folder).resolve(), database)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
