with

products as (
    select * from {{ source('raw', 'products') }}
),

named as (
    select
        _source_file as source_file,
        _file_key as file_key,
        _source_row as source_row,
        _raw_text as raw_text,
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
        {{ parse_money(mapped_text('products', 'price'), 'products') }} as parsed_price
    from products
),

counted as (
    select
        *,
        {{ name_count('product_id', 'product_name') }} as name_count,
        {{ description_count('product_id', product_attributes()) }} as description_count
    from named
),

-- Of several rows of a product the one counts that bears the name, and the rest of the
-- description, that most of them bear.
numbered as (
    select
        *,
        coalesce(
            category_text,
            nullif({{ trimmed("split_part(category_path, '|', 1)") }}, '')
        ) as category,
        case when parsed_price > 0 then parsed_price end as price,
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
)

select
    *,
    case
        when is_blank then null
        when left_out_reason is not null then left_out_reason
        when product_id is null then 'missing_product_id'
        when occurrence > 1 then 'repeated_product_id'
    end as reject_reason
from numbered
