{#- Longer than others: it compares each cell with both margins and includes empty
   cells. -#}
with

combinations as (select * from {{ ref('int_matrix_months') }}),

matrix_cells as (
    {%- for pair in matrix_pairs() %}
    select
        '{{ pair.row }} x {{ pair.column }}' as matrix,
        {{ dimension_text(pair.row, pair.row ~ '_key') }} as row_id,
        {{ dimension_text(pair.column, pair.column ~ '_key') }} as column_id,
        {{ measure_rollup(measures()) }}
    from combinations
    where {{ pair.row }}_key is not null and {{ pair.column }}_key is not null
    group by {{ pair.row }}_key, {{ pair.column }}_key
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

row_ids as (
    select distinct
        matrix,
        row_id
    from matrix_cells
),

column_ids as (
    select distinct
        matrix,
        column_id
    from matrix_cells
),

-- Every pair is included: a segment that never buys on Sundays is a finding, not a gap.
cells as (
    {% for measure in measures() -%}
    select
        row_ids.matrix,
        row_ids.row_id,
        column_ids.column_id,
        '{{ measure }}' as measure,
        cast(coalesce(matrix_cells.{{ measure }}, 0) as {{ money_sum_type() }})
            as cell_value
    from row_ids
    inner join column_ids on row_ids.matrix = column_ids.matrix
    left join
        matrix_cells
        on
            {{ same_keys('row_ids', 'matrix_cells', 'matrix, row_id') }}
            and column_ids.column_id = matrix_cells.column_id
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

summed as (
    select
        *,
        sum(cell_value) over (partition by matrix, measure) as total_value,
        sum(cell_value) over (partition by matrix, measure, row_id) as row_value,
        sum(cell_value) over (partition by matrix, measure, column_id) as column_value
    from cells
),

shared as (
    select
        *,
        {%- for whole in ['total', 'row', 'column'] %}
        case
            when {{ whole }}_value > 0
                then {{ share_of('cell_value', whole ~ '_value') }}
        end as {{ whole }}_share,
        {%- endfor %}
        case
            when total_value > 0
                then
                    {{ share_of('row_value', 'total_value') }}
                    * {{ share_of('column_value', 'total_value') }}
        end as independent_share
    from summed
)

select
    split_part(matrix, ' x ', 1) as row_dimension,
    split_part(matrix, ' x ', 2) as column_dimension,
    row_id,
    column_id,
    measure,
    cell_value,
    total_share,
    row_share,
    column_share,
    independent_share,
    -- Sums that returns have turned negative have no meaningful expectation.
    case
        when row_value > 0 and column_value > 0 then total_share / independent_share
    end as independence_ratio
from shared
