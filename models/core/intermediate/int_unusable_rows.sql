{{ config(materialized=kept_table(), pre_hook="{{ forget_files() }}") }}

-- The reader's own rejects are complete only once the tables have read their files.
-- depends_on: {{ ref('interactions') }}
-- depends_on: {{ ref('customers') }}
-- depends_on: {{ ref('products') }}

with

malformed_lines as (
    select * from {{ ref('stg_malformed_lines') }}
),

unusable as (
    {% for block in ['interactions', 'orders', 'customers', 'products'] -%}
    select
        '{{ block }}' as source_block,
        source_file,
        case when not is_blank then raw_text end as raw_text,
        case when is_blank then 'blank' else reject_reason end as reject_reason,
        file_key,
        source_row
    from {{ ref('stg_' ~ block) }}
    where is_blank or reject_reason is not null
    union all
    {% endfor -%}
    select
        source_block,
        source_file,
        raw_text,
        'malformed_line' as reject_reason,
        file_key,
        source_row
    from malformed_lines
)

select * from unusable
