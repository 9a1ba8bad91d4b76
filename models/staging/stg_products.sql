{#- Longer than others: it contains all rules that clean a product, in their order. -#}
{{ config(
    materialized='kept',
    incremental_strategy='by_file',
    post_hook={'sql': "{{ keep_malformed_lines('products') }}", 'transaction': false}
) }}

with

products as (select * from {{ raw_rows('products') }}),

texts as (
    select
        _source_file as source_file,
        _file_key as file_key,
        _source_row as source_row,
        _is_blank as is_blank,
        {{ mapped_id('products', 'product') }} as product_id,
        {{ left_out_reason('products') }} as left_out_reason,
        {{ mapped_text('products', 'name') }} as product_name,
        {{ mapped_text('products', 'category_path') }} as category_path,
        {{ mapped_text('products', 'category') }} as category_text,
        {{ mapped_text('products', 'price') }} as price_text,
        {% for dimension in mapped_dimensions('products') -%}
        {{ column_text(dimension.column, dimension.name) }} as {{ dimension.name }},
        {% endfor -%}
        _raw_text as row_text
    from products
),

named as (
    select
        *,
        {{ read_money('price_text', 'products', 'price') }} as parsed_price
    from texts
),

-- Most ids occur in only one row and need no comparison.
repeated as (
    select
        product_id,
        left_out_reason is not null as is_left_out
    from named
    where product_id is not null
    group by product_id, left_out_reason is not null
    having count(*) > 1
),

counted as (
    select
        named.*,
        {{ name_count('named.product_id', 'named.product_name') }} as name_count,
        {{ description_count('named.product_id', product_attributes()) }}
            as description_count
    from named
    inner join repeated
        on
            named.product_id = repeated.product_id
            and (named.left_out_reason is not null) = repeated.is_left_out
),

-- If a product has several rows, the row counts whose name, and then whose other
-- attributes, occur most often among them.
numbered as (
    select
        source_file,
        source_row,
        row_number() over (
            partition by product_id, left_out_reason is not null
            order by
                name_count desc,
                product_name nulls last,
                description_count desc,
                source_file,
                source_row
        ) as occurrence
    from counted
),

judged as (
    select
        named.*,
        coalesce(
            named.category_text,
            nullif({{ trimmed("split_part(named.category_path, '|', 1)") }}, '')
        ) as category,
        case when named.parsed_price > 0 then named.parsed_price end as price,
        {{ entity_key('named.product_id') }} as product_key,
        case
            when named.is_blank then null
            when named.left_out_reason is not null then named.left_out_reason
            when named.product_id is null then 'missing_product_id'
            when numbered.occurrence > 1 then 'repeated_product_id'
        end as reject_reason
    from named
    left join numbered
        on
            named.source_file = numbered.source_file
            and named.source_row = numbered.source_row
)

-- The text of an unusable row is kept so that it can be corrected.
select
    source_file,
    file_key,
    source_row,
    case when is_blank or reject_reason is not null then row_text end as raw_text,
    is_blank,
    product_id,
    product_key,
    left_out_reason,
    product_name,
    category_path,
    category_text,
    price_text,
    {% for dimension in mapped_dimensions('products') -%}
    {{ dimension.name }},
    {% endfor -%}
    parsed_price,
    category,
    price,
    reject_reason
from judged
