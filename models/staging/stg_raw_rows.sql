with

malformed_lines as (select * from {{ raw_malformed_lines() }}),

raw_rows as (
    {%- for block in ['interactions', 'orders', 'customers', 'products'] %}
    select
        '{{ block }}' as source_block,
        _source_file as source_file,
        cast(null as string) as raw_text,
        cast(null as string) as detail,
        _file_key as file_key,
        cast(null as bigint) as source_row,
        _is_blank as is_blank,
        false as is_malformed
    from {{ raw_rows(block) }}
    union all
    {%- endfor %}
    select
        block as source_block,
        source_file,
        raw_text,
        detail,
        file_key,
        source_row,
        false as is_blank,
        true as is_malformed
    from malformed_lines
)

select * from raw_rows
