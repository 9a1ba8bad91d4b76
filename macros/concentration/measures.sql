{# The three measures, and the sums of powers of single transactions from which uncertainty follows.
   A transaction is everything that an entity has in one order, because the lines of an order are
   decided together. #}

{# The value of each measure in a group of interactions. #}
{% macro measure_sums() -%}
    count(*) as interactions,
    count(case when interaction_type = 'purchase' then 1 end) as purchases,
    coalesce(sum(revenue), 0) as revenue
{%- endmacro %}


{# The other sums kept for an entity's transactions: those of their squares and fourth powers, and
   their number. #}
{% macro transaction_columns() -%}
    {{ return([
        'interactions_squared', 'purchases_squared', 'revenue_squared',
        'interactions_fourth', 'purchases_fourth', 'revenue_fourth',
        'interaction_transactions', 'purchase_transactions'
    ]) }}
{%- endmacro %}


{# All of these columns, and the measures before them. #}
{% macro sum_columns() -%}
    {{ return(measures() + transaction_columns()) }}
{%- endmacro %}


{# The same, as the columns of a relation. #}
{% macro columns_of_sums(relation=none) -%}
    {%- for column in sum_columns() %}
    {{ relation ~ '.' if relation }}{{ column }}{{ ',' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{# Sums from rows, as if each row were a separate transaction. A row counts one, and so do its
   powers. #}
{% macro row_sums() -%}
    {{ measure_sums() }},
    coalesce(sum({{ money_squared('revenue') }}), 0) as revenue_squared,
    coalesce(sum({{ fourth_power('revenue') }}), 0) as revenue_fourth
{%- endmacro %}


{# The values of an entity in one order, from its parts there: lines, or the products that an
   attribute sums. #}
{% macro order_sums() -%}
    sum(interactions) as interactions,
    sum(purchases) as purchases,
    sum(revenue) as revenue,
    sum({{ squared('interactions') }}) as interactions_squared,
    sum({{ squared('purchases') }}) as purchases_squared,
    sum({{ money_squared(order_amount('revenue')) }}) as revenue_squared,
    sum({{ fourth_power('interactions') }}) as interactions_fourth,
    sum({{ fourth_power('purchases') }}) as purchases_fourth,
    sum({{ fourth_power('revenue') }}) as revenue_fourth,
    count(*) as interaction_transactions,
    count(case when purchases > 0 then 1 end) as purchase_transactions
{%- endmacro %}


{# The amount by which the powers of whole orders exceed those of their parts, and how many fewer
   orders there are than parts. #}
{% macro order_surplus() -%}
    sum({{ squared('interactions') }} - interactions_squared) as interactions_squared,
    sum({{ squared('purchases') }} - purchases_squared) as purchases_squared,
    sum({{ money_squared(order_amount('revenue')) }} - revenue_squared) as revenue_squared,
    sum({{ fourth_power('interactions') }} - interactions_fourth)
        as interactions_fourth,
    sum({{ fourth_power('purchases') }} - purchases_fourth) as purchases_fourth,
    sum({{ fourth_power('revenue') }} - revenue_fourth) as revenue_fourth,
    sum(1 - interaction_transactions) as interaction_transactions,
    sum(least(purchases, 1) - purchase_transactions) as purchase_transactions
{%- endmacro %}


{# The keys, and for each measure the sum of rows plus the surplus of the orders that have several
   rows. #}
{% macro sums_with_orders(keys, rows, orders) -%}
    {%- for key in keys.split(', ') %}
    {{ rows }}.{{ key }},
    {%- endfor %}
    {{ rows }}.interactions,
    {{ rows }}.purchases,
    {{ rows }}.revenue,
    {%- for measure in ['interactions', 'purchases'] %}
    cast({{ rows }}.{{ measure }} + coalesce({{ orders }}.{{ measure }}_squared, 0) as bigint)
        as {{ measure }}_squared,
    {%- endfor %}
    {{ rows }}.revenue_squared + coalesce({{ orders }}.revenue_squared, 0) as revenue_squared,
    {%- for measure, of_rows in [
        ('interactions', 'interactions'), ('purchases', 'purchases'), ('revenue', 'revenue_fourth')
    ] %}
    cast({{ rows }}.{{ of_rows }} as double) + coalesce({{ orders }}.{{ measure }}_fourth, 0)
        as {{ measure }}_fourth,
    {%- endfor %}
    {%- for measure in ['interaction', 'purchase'] %}
    cast(
        {{ rows }}.{{ measure }}s + coalesce({{ orders }}.{{ measure }}_transactions, 0) as bigint
    ) as {{ measure }}_transactions{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{# Sums from rows that are already sums. #}
{% macro measure_rollup(columns=none) -%}
    {%- for column in columns or sum_columns() %}
    {{ 'sum(' ~ column ~ ')' if column.startswith('revenue') or column.endswith('_fourth')
        else 'cast(sum(' ~ column ~ ') as bigint)' }} as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{# The order that a row belongs to, as a number. If the export has no orders, everything that a
   customer does at one moment is one order, or on one day if dates have no time of day. NULL if a
   row names neither: then it is an order by itself. #}
{% macro order_key(order_id, customer_key, interacted_at) -%}
    case
        when {{ order_id }} is not null then {{ row_hash([order_id]) }}
        when {{ customer_key }} is not null and {{ interacted_at }} is not null
            then {{ row_hash([customer_key, interacted_at]) }}
    end
{%- endmacro %}


{# The main measure of an export: revenue; if the mapping says revenue: none, or maps no column of
   prices or amounts, purchases; and if it has no purchases either, interactions. #}
{% macro main_measure() -%}
    {%- set types = mapping_in_use().get('interaction_types') or {'purchase': []} -%}
    {%- set has_revenue = {
        'amount': true,
        'list_price': mapped_header('products', 'price'),
        'customer_amount': mapped_header('customers', 'amount'),
    }.get(revenue_basis()) -%}
    {{ return(
        'revenue' if has_revenue else
        'purchases' if 'purchase' in types else 'interactions'
    ) }}
{%- endmacro %}


{# Its name at the start of a heading, and whether it is money or a count. #}
{% macro main_measure_label() -%}
    {%- set measure = main_measure() -%}
    {{ return(capitalized(
        label_for_one('revenue') if measure == 'revenue' else label_for_several(measure[:-1])
    )) }}
{%- endmacro %}

{% macro main_measure_unit() -%}
    {{ return('money' if main_measure() == 'revenue' else 'count') }}
{%- endmacro %}


{# The value of a row of interactions for it. #}
{% macro main_value(interaction_type, revenue) -%}
    {{ return({
        'revenue': revenue,
        'purchases': 'case ' ~ interaction_type ~ " when 'purchase' then 1 else 0 end",
        'interactions': '1',
    }[main_measure()]) }}
{%- endmacro %}


{% macro measures() -%}
    {{ return(['interactions', 'purchases', 'revenue']) }}
{%- endmacro %}


{# A double as a sum of money, rounded in the same way on both engines. #}
{% macro rounded_to_sum(expression) -%}
    {%- set decimals = amount_decimals() -%}
    {{ rounded(expression, [38, 24 + decimals] | min, decimals) }}
{%- endmacro %}


{# Exact if the decimals of the product fit next to the digits of large amounts. The type has
   nineteen digits, because DuckDB keeps the product of two 18-digit decimals in 18 digits and fails
   at 1e10. #}
{% macro money_squared(amount) -%}
    {%- set decimals = amount_decimals() -%}
    {%- if decimals <= 4 -%}
        cast({{ amount }} as decimal(19, {{ decimals }})) * {{ amount }}
    {%- else -%}
        cast({{ squared('cast(' ~ amount ~ ' as double)') }} as decimal(38, 14))
    {%- endif -%}
{%- endmacro %}


{# As wide as a single amount, so that its square is as exact. #}
{% macro order_amount(revenue) -%}
    cast({{ revenue }} as decimal(18, {{ amount_decimals() }}))
{%- endmacro %}


{# The column of the measure that a row names, from a relation that has all three. #}
{% macro measure_value(measure, relation) -%}
    case {{ measure }}
        {%- for column in measures() %}
        when '{{ column }}' then cast({{ relation }}.{{ column }} as {{ money_sum_type() }})
        {%- endfor %}
    end
{%- endmacro %}


{# Its squared orders. #}
{% macro measure_squares(measure, relation) -%}
    case {{ measure }}
        {%- for column in measures() %}
        when '{{ column }}' then cast({{ relation }}.{{ column }}_squared as double)
        {%- endfor %}
    end
{%- endmacro %}


{# The condition of a join by columns that have the same name in both relations. #}
{% macro same_keys(left, right, columns) -%}
    {%- for column in columns.split(', ') -%}
        {{ 'and ' if not loop.first }}{{ left }}.{{ column }} = {{ right }}.{{ column }}
        {{- ' ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{# The published type of a measure: money is as wide as its sums, and counts are unchanged. #}
{% macro sum_type(measure) -%}
    {{ return(money_sum_type() if measure == 'revenue' else 'bigint') }}
{%- endmacro %}


{# The columns of a wide mart: the value, share, rank, cumulative share and ABC class of each
   measure. #}
{% macro wide_measures() -%}
    {%- for measure in measures() -%}
        {%- for column in ['', '_share', '_rank', '_cumulative_share', '_abc_class'] %}
    {{ measure ~ column }}
            {{- ',' if not loop.last }}
        {%- endfor %}
        {{- ',' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{# The expressions by which equal values are grouped: a 64-bit number, which is grouped several
   times faster than a 128-bit number, and a second column for larger values. Counts need no
   narrowing. #}
{% macro grouping_values(measure) -%}
    {%- set is_wide = measure == 'revenue' and amount_decimals() <= 4 -%}
    {%- set narrow = 'decimal(18, ' ~ amount_decimals() ~ ')' -%}
    {%- set fits = 'abs(revenue) < 1' ~ '0' * (18 - amount_decimals()) -%}
    {{ return([
        'case when ' ~ fits ~ ' then cast(revenue as ' ~ narrow ~ ') end',
        'case when not ' ~ fits ~ ' then revenue end'
    ] if is_wide else [measure]) }}
{%- endmacro %}


{# The value that they represent. #}
{% macro grouped_value(measure) -%}
    {%- set values = grouping_values(measure) -%}
    {%- if values | length == 1 -%}
    cast({{ values[0] }} as {{ money_sum_type() }})
    {%- else -%}
    coalesce(
        cast({{ values[0] }} as {{ money_sum_type() }}),
        cast({{ values[1] }} as {{ money_sum_type() }})
    )
    {%- endif -%}
{%- endmacro %}


{# The columns of a spectrum for each group of equal values of a measure. Transactions with revenue
   are those of purchases. #}
{% macro spectrum_columns(measure) -%}
    {%- set transactions = {
        'interactions': 'interaction_transactions',
        'purchases': 'purchase_transactions',
        'revenue': 'purchase_transactions',
    } -%}
    '{{ measure }}' as measure,
    entity_key is not null as is_attributed,
    {{ grouped_value(measure) }} as entity_value,
    count(*) as entity_count,
    cast(sum({{ measure }}_squared) as double) as group_squared,
    sum({{ measure }}_fourth) as group_fourth,
    cast(sum({{ transactions[measure] }}) as bigint) as group_transactions
{%- endmacro %}
