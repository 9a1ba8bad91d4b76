with

combinations as (
    select * from {{ ref('int_matrix_months') }}
),

pairs as (
    {%- for pair in matrix_pairs() %}
    select
        '{{ pair.row }} x {{ pair.column }}' as matrix,
        {{ dimension_text(pair.row, pair.row ~ '_key') }} as row_id,
        {{ dimension_text(pair.column, pair.column ~ '_key') }} as column_id,
        {{ measure_rollup(measures()) }}
    from combinations
    group by {{ pair.row }}_key, {{ pair.column }}_key
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from pairs
