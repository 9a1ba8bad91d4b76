-- A part of a whole is one of several that make 1, in the matrix, its rows and its
-- columns, and among the slots of a time pattern.
with

concentration_matrix as (select * from {{ ref('concentration_matrix') }}),
time_patterns as (select * from {{ ref('time_patterns') }}),

wholes as (
    select
        'matrix' as kind,
        concat(row_dimension, ' x ', column_dimension) as whole,
        measure,
        sum(total_share) as share_sum,
        sum(independent_share) as other_sum
    from concentration_matrix
    group by row_dimension, column_dimension, measure
    union all
    select
        'row of the matrix' as kind,
        concat(row_dimension, ' x ', column_dimension, ': ', row_id) as whole,
        measure,
        sum(row_share) as share_sum,
        1 as other_sum
    from concentration_matrix
    group by row_dimension, column_dimension, row_id, measure
    union all
    select
        'column of the matrix' as kind,
        concat(row_dimension, ' x ', column_dimension, ': ', column_id) as whole,
        measure,
        sum(column_share) as share_sum,
        1 as other_sum
    from concentration_matrix
    group by row_dimension, column_dimension, column_id, measure
    union all
    select
        'time pattern' as kind,
        dimension as whole,
        measure,
        case when sum(value_share) > 0 then sum(value_share) end as share_sum,
        sum(adjusted_share) as other_sum
    from time_patterns
    group by dimension, measure
)

-- NULL means that the whole is not above zero and has no parts.
select * from wholes
where abs(share_sum - 1) > 1e-9 or abs(other_sum - 1) > 1e-9
