with

rejected_rows as (select * from {{ ref('rejected_rows') }})

select
    source_block,
    source_file,
    source_row,
    concat(
        source_file, ' line ', cast(source_row as string),
        ': a quote is opened and never closed, so that every row after it is lost;',
        ' close it, or set quote: "" for ', source_block, ' in the mapping'
    ) as message
from rejected_rows
where
    detail like '%unterminated quote%'
    -- A text that continues after its closing quote affects only its own line.
    and not (
        {% for block in ['interactions', 'orders', 'customers', 'products'] -%}
        {{ 'or ' if not loop.first -}}
        source_block = '{{ block }}' and {{ goes_on_after_quote('raw_text', block) }}
        {% endfor %}
    )
