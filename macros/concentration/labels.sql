{# The labels of things: those of the mapping, or the project's, and those that the rows give. #}

{# The words of a role (customer, product, category, order, revenue, purchase, return, interaction):
   the singular first, then the plural. #}
{% macro label_pair(role) -%}
    {{ return((mapping_in_use().get('labels') or {}).get(role) or var('labels')[role]) }}
{%- endmacro %}


{# The singular word of a role, as written within a sentence. #}
{% macro label_for_one(role) -%}
    {{ return(label_pair(role)[0]) }}
{%- endmacro %}


{# The plural word. #}
{% macro label_for_several(role) -%}
    {{ return(label_pair(role)[1]) }}
{%- endmacro %}


{# A word with its first letter as at the start of a sentence or heading. #}
{% macro capitalized(word) -%}
    {{ return(word[:1] | upper ~ word[1:]) }}
{%- endmacro %}


{# The name of a measure in a sentence, as an SQL expression: revenue, purchases or interactions, or
   the mapping's words for them. #}
{% macro measure_words(measure) -%}
    case {{ measure }}
        when 'revenue' then {{ text_literal(label_for_one('revenue')) }}
        when 'purchases' then {{ text_literal(label_for_several('purchase')) }}
        when 'interactions' then {{ text_literal(label_for_several('interaction')) }}
        else {{ measure }}
    end
{%- endmacro %}


{# A text of a seed in which {customer}, {customers} and the like are replaced with the words of the
   business, as an SQL expression. #}
{% macro in_own_words(text) -%}
    {%- set replaced = namespace(text=text) -%}
    {%- for role in var('labels') -%}
        {%- set names = var('labels')[role] | unique | list -%}
        {%- for name in names -%}
            {%- set replaced.text = 'replace(' ~ replaced.text ~ ", '{" ~ name ~ "}', "
                ~ text_literal(label_pair(role)[loop.index0]) ~ ')' -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ replaced.text }}
{%- endmacro %}


{# The label of a dimension: the mapping's own word if it has one, or that of var `dimensions`,
   where the customer segment uses the mapping's word for customers. A dimension that the mapping
   adds has the label given there. #}
{% macro label_of_dimension(dimension) -%}
    {%- if dimension.is_added or not mapping_in_use().get('labels') -%}
        {{ return(dimension.label) }}
    {%- endif -%}
    {%- set own = mapping_in_use().labels.get(dimension.name) -%}
    {{ return(
        capitalized(own[0]) if own
        else dimension.label | replace('Customer ', capitalized(label_for_one('customer')) ~ ' ')
    ) }}
{%- endmacro %}


{# A select of the text that the rows of all months give each customer or product most often in a
   role, name or category; if several are equally frequent, the first in alphabetical order. It
   reads the CTE text_months of the model. #}
{% macro most_frequent_texts(role) -%}
    select
        dimension,
        entity_key,
        entity_text
    from (
        select
            dimension,
            entity_key,
            entity_text,
            row_number() over (
                partition by dimension, entity_key
                order by sum(row_count) desc, entity_text
            ) as place
        from text_months
        where text_role = '{{ role }}'
        group by dimension, entity_key, entity_text
    ) as ranked
    where place = 1
{%- endmacro %}
