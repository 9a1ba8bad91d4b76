{#- Longer than others: each kind of entity finds its groups in a table of its own, and
   the spectrum of a group needs its sums first. -#}
{%- set nestings = [
    ('customer', 'customer_segment'),
    ('product', 'category'),
    ('date', 'month'),
] -%}
{%- set whole = 'dimension, group_dimension, period_grain, period_start, measure' -%}
{%- set group = whole ~ ', group_id' -%}
with

customer_groups as (
    select
        customer_key as entity_key,
        customer_segment as group_id
    from {{ ref('customers') }}
    where customer_segment is not null
),

products as (select * from {{ ref('products') }}),
text_months as (select * from {{ ref('int_entity_text_months') }}),

row_categories as (
    {{ most_frequent_texts('category') }}
),

-- If the rows carry the category, a product belongs to the category that its rows give
-- most often.
product_groups as (
    select
        products.product_key as entity_key,
        coalesce(row_categories.entity_text, products.category) as group_id
    from products
    left join row_categories
        on
            products.product_key = row_categories.entity_key
            and row_categories.dimension = 'product'
    where coalesce(row_categories.entity_text, products.category) is not null
),

date_groups as (
    select
        {{ attribute_key('date_name') }} as entity_key,
        month_name as group_id
    from {{ ref('calendar_dates') }}
),

-- An entity without a known group still has its value and joins the group of unknowns.
-- Each nesting is ranked and grouped separately, by four keys instead of six. If no
-- group is known, there is no nesting.
{% for dimension, group_dimension in nestings -%}
{{ dimension }}_values as (
    select * from {{ ref('int_entity_values') }}
    where
        dimension = '{{ dimension }}'
        and entity_key is not null
        and period_grain in ('all', 'year')
),

placed_{{ dimension }} as (
    select
        coalesce({{ dimension }}_groups.group_id, '(unknown)') as group_id,
        {%- for measure in measures() %}
        {{ dimension }}_values.{{ measure }},
        {%- endfor %}
        {{ dimension }}_values.period_grain,
        {{ dimension }}_values.period_start
    from {{ dimension }}_values
    left join
        {{ dimension }}_groups
        on {{ dimension }}_values.entity_key = {{ dimension }}_groups.entity_key
    where exists (select 1 from {{ dimension }}_groups)
),

{% endfor -%}
grouped as (
    {%- for dimension, group_dimension in nestings %}
    {%- for measure in measures() %}
    select
        '{{ dimension }}' as dimension,
        '{{ group_dimension }}' as group_dimension,
        group_id,
        period_grain,
        period_start,
        '{{ measure }}' as measure,
        cast({{ measure }} as {{ money_sum_type() }}) as entity_value,
        count(*) as entity_count
    from placed_{{ dimension }}
    where {{ measure }} > 0
    group by group_id, period_grain, period_start, {{ measure }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

valued as (
    select
        *,
        sum(entity_count) over own as member_count,
        sum(entity_value * entity_count) over own as total_value
    from grouped
    window own as (partition by {{ group }})
),

spectrum as (
    select
        *,
        {{ relative_value(
            'entity_value', 'member_count', 'total_value', amount_decimals()
        ) }} as relative_value
    from valued
),

-- Windows are over the groups: their sums are those of the whole.
groups as (
    select
        {{ group }},
        max(member_count) as entity_count,
        sum(max(member_count)) over whole as all_entities,
        max(total_value) as group_value,
        {{ share_of('max(total_value)', 'sum(max(total_value)) over whole') }}
            as group_share,
        {{ relative_variance('relative_value', 'entity_count', 'member_count') }}
            as relative_variance,
        {{ theil_t('relative_value', 'entity_count', 'member_count') }} as group_theil
    from spectrum
    group by {{ group }}
    window whole as (partition by {{ whole }})
)

-- Between is what would remain if all entities of a group were equal; within, the rest.
select
    {{ group }},
    cast(entity_count as bigint) as entity_count,
    cast(group_value as {{ money_sum_type() }}) as group_value,
    group_share,
    {{ hhi_of_sums('relative_variance', 'entity_count') }} as group_hhi,
    group_theil,
    {{ squared('group_share') }} / entity_count as hhi_between,
    {{ squared('group_share') }} * relative_variance / entity_count as hhi_within,
    group_share * ln(group_share * all_entities / entity_count) as theil_between,
    group_share * group_theil as theil_within
from groups
