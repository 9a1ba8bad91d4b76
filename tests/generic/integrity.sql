{#- No two rows share the values of `key`, in which NULL counts as a value; no column of
   `required` is NULL; and the columns of each entry of `ranges` lie between its
   at_least and at_most, both included. NULL is in every range. One test reads the table
   twice, once for the key and once for all else, and says what is wrong with a row.
   `named_by` is returned with the key, for people. -#}
{% test integrity(model, key, required=[], ranges=[], named_by=[]) %}

{%- set faults = [] -%}
{%- for column in required -%}
    {%- do faults.append((column ~ ' is null', "'" ~ column ~ " is missing'")) -%}
{%- endfor -%}
{%- for range in ranges -%}
    {%- for column in range.columns -%}
        {%- for end, sign, words in [
            ('at_least', '<', 'below'), ('at_most', '>', 'above')
        ] if end in range -%}
            {%- do faults.append((
                column ~ ' ' ~ sign ~ ' ' ~ range[end],
                "concat('" ~ column ~ " is ', cast(" ~ column ~ " as string), ', "
                ~ words ~ ' ' ~ range[end] ~ "')"
            )) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endfor %}

select
    {{ key | join(', ') }},
    {%- for column in named_by %}
    min({{ column }}) as {{ column }},
    {%- endfor %}
    concat(cast(count(*) as string), ' rows have this key') as fault
from {{ model }}
group by {{ key | join(', ') }}
having count(*) > 1
{% if faults -%}
union all
select
    {{ (key + named_by) | join(', ') }},
    concat_ws(
        '; '
        {%- for condition, words in faults %},
        case when {{ condition }} then {{ words }} end
        {%- endfor %}
    ) as fault
from {{ model }}
where
    {%- for condition, words in faults %}
    {{ 'or ' if not loop.first }}{{ condition }}
    {%- endfor %}
{%- endif %}

{% endtest %}
