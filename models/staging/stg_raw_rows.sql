with

raw_rows as (
    {%- for block in ['interactions', 'orders', 'customers', 'products'] %}
    select
        '{{ block }}' as source_block,
        _source_file as source_file,
        _file_key as file_key,
        _is_blank as is_blank
    from {{ raw_rows(block) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from raw_rows
