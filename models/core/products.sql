{#- Longer than others: a product has a category, a price segment and a name, each with
   its own rule. -#}
with

staged as (
    select * from {{ ref('stg_products') }}
    where not is_blank and reject_reason is null
),

row_ids as (
    select * from {{ ref('int_row_ids') }}
    where entity_role = 'product'
),

interaction_facts as (select * from {{ ref('interaction_facts') }}),

-- The ids of rows from deleted files are still there.
seen as (
    {{ ids_without_description('product') }}
),

category_rules as (select * from {{ ref('category_rules') }}),

edges as (
    select
        {{ quartiles('price') }}
    from staged
),

-- The first rule whose keyword occurs anywhere in the category applies. Rules are
-- matched once per category and not per product, because there may be a thousand times
-- as many products.
category_texts as (
    select distinct coalesce(category_path, category) as category_text
    from staged
),

matched as (
    select
        category_texts.category_text,
        min(category_rules.rule_order) as rule_order
    from category_texts
    inner join
        category_rules
        on
            {{ lowered('category_texts.category_text') }}
            like concat('%', category_rules.keyword, '%')
    group by category_texts.category_text
),

-- If no rule matches any category, the rules say nothing, and neither would Other.
rules_at_work as (
    select count(*) as match_count from matched
),

simplified as (
    select
        matched.category_text,
        category_rules.simplified_category
    from matched
    inner join category_rules on matched.rule_order = category_rules.rule_order
)

select
    staged.product_key,
    staged.product_id,
    staged.product_name,
    staged.category,
    case
        when rules_at_work.match_count > 0
            then coalesce(simplified.simplified_category, 'Other')
    end as simplified_category,
    staged.category_path,
    {{ quarter_name(
        'staged.price', 'edges', ['Budget', 'Economy', 'Premium', 'Luxury']
    ) }} as price_segment,
    {% for dimension in mapped_dimensions('products') -%}
    staged.{{ dimension.name }},
    {% endfor -%}
    staged.price_text,
    staged.price,
    true as is_described
from staged
cross join edges
cross join rules_at_work
left join
    simplified
    on coalesce(staged.category_path, staged.category) = simplified.category_text
union all
select
    product_key,
    product_id,
    cast(null as string) as product_name,
    cast(null as string) as category,
    cast(null as string) as simplified_category,
    cast(null as string) as category_path,
    cast(null as string) as price_segment,
    {% for dimension in mapped_dimensions('products') -%}
    cast(null as string) as {{ dimension.name }},
    {% endfor -%}
    cast(null as string) as price_text,
    cast(null as {{ money_type() }}) as price,
    false as is_described
from seen
