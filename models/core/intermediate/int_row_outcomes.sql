{{ config(post_hook={
    'sql': "{{ keep_malformed_lines('interactions') if not keeps_staged_rows() }}",
    'transaction': false
}) }}

-- Nothing is sorted, so rows stay in the order of their file, and hardly anything is
-- stored for a row that can be used.
with

staged as (
    select
        *,
        is_blank or reject_reason is not null as is_unusable
    from {{ ref('stg_interactions') }}
)

select
    file_key,
    source_row,
    is_blank,
    reject_reason,
    case when is_unusable then raw_text end as raw_text,
    case when is_unusable then interaction_type end as interaction_type,
    case when is_unusable then amount end as amount,
    case when is_unusable then quantity end as quantity,
    case when is_unusable then {{ revenue_key() }} end as revenue_key,
    {% if mapped_header('interactions', 'amount') -%}
    case when not is_unusable then {{ has_more_decimals('amount_text') }} end
    {%- else -%}
    false
    {%- endif %} as has_more_decimals
from staged
