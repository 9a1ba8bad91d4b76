{# The indices of any column as expressions for `group by`, one value per entity: for the SQL of
   projects that install this one, `{{ topheavy.gini('revenue') }}`, and for the functions in the
   warehouse file. They cover values above zero, as in the marts; without any, they give NULL. Sums
   are taken in a fixed order or compensated, so that the same values give the same digits.

   They call each other by the package's name: in another project's SQL dbt looks for a plain name
   among that project's macros. #}

{% macro hhi(x) -%}
    {{ return(adapter.dispatch('hhi', 'topheavy')(x)) }}
{%- endmacro %}

{% macro effective_number(x) -%}
    1 / {{ topheavy.hhi(x) }}
{%- endmacro %}

{% macro shannon(x) -%}
    {{ return(adapter.dispatch('shannon', 'topheavy')(x)) }}
{%- endmacro %}

{% macro theil(x) -%}
    {{ return(adapter.dispatch('theil', 'topheavy')(x)) }}
{%- endmacro %}

{% macro gini(x) -%}
    {{ return(adapter.dispatch('gini', 'topheavy')(x)) }}
{%- endmacro %}

{% macro hoover(x) -%}
    {{ return(adapter.dispatch('hoover', 'topheavy')(x)) }}
{%- endmacro %}

{% macro top_share(x, k) -%}
    {{ return(adapter.dispatch('top_share', 'topheavy')(x, k)) }}
{%- endmacro %}

{# Counts from the largest until the part is reached; falling short by 1e-12 is rounding. #}
{% macro entities_to(x, share) -%}
    {{ return(adapter.dispatch('entities_to', 'topheavy')(x, share)) }}
{%- endmacro %}


{# --- DuckDB ------------------------------------------------------------------------------- #}

{% macro positive_amount(x) -%}
    {{ return('case when ' ~ x ~ ' > 0 then cast(' ~ x ~ ' as double) end') }}
{%- endmacro %}

{% macro positive_total(x) -%}
    {{ return('fsum(' ~ topheavy.positive_amount(x) ~ ')') }}
{%- endmacro %}

{% macro positive_count(x) -%}
    {{ return('count(case when ' ~ x ~ ' > 0 then 1 end)') }}
{%- endmacro %}

{% macro largest_first(x) -%}
    {{ return(
        'list_reverse_sort(list(' ~ topheavy.positive_amount(x) ~ ') filter (' ~ x ~ ' > 0))'
    ) }}
{%- endmacro %}

{% macro default__hhi(x) -%}
    (fsum(power({{ topheavy.positive_amount(x) }}, 2)) / power({{ topheavy.positive_total(x) }}, 2))
{%- endmacro %}

{% macro default__shannon(x) -%}
    (0 - list_sum(list_transform(
        {{ topheavy.largest_first(x) }},
        lambda amount: amount / {{ topheavy.positive_total(x) }}
            * ln(amount / {{ topheavy.positive_total(x) }})
    )))
{%- endmacro %}

{% macro default__theil(x) -%}
    list_sum(list_transform(
        {{ topheavy.largest_first(x) }},
        lambda amount: amount / {{ topheavy.positive_total(x) }}
            * ln(amount * {{ topheavy.positive_count(x) }} / {{ topheavy.positive_total(x) }})
    ))
{%- endmacro %}

{% macro default__gini(x) -%}
    (list_sum(list_transform(
        {{ topheavy.largest_first(x) }},
        lambda amount, place: ({{ topheavy.positive_count(x) }} + 1 - 2 * place) * amount
    )) / ({{ topheavy.positive_count(x) }} * {{ topheavy.positive_total(x) }}))
{%- endmacro %}

{% macro default__hoover(x) -%}
    (list_sum(list_transform(
        {{ topheavy.largest_first(x) }},
        lambda amount: abs(
            amount / {{ topheavy.positive_total(x) }} - 1 / {{ topheavy.positive_count(x) }}
        )
    )) / 2)
{%- endmacro %}

{% macro default__top_share(x, k) -%}
    case
        when {{ k }} >= 0
            then coalesce(
                list_sum({{ topheavy.largest_first(x) }}[1:cast(floor({{ k }}) as bigint)]), 0
            ) / {{ topheavy.positive_total(x) }}
    end
{%- endmacro %}

{% macro default__entities_to(x, share) -%}
    case when {{ share }} between 0 and 1 then list_reduce(
        list_transform(
            {{ topheavy.largest_first(x) }}, lambda amount: {'held': amount, 'counted': 1}
        ),
        lambda largest, next: {
            'held': largest.held + next.held,
            'counted': largest.counted + case
                when largest.held < {{ share }} * {{ topheavy.positive_total(x) }} * (1 - 1e-12)
                    then 1
                else 0
            end
        }
    ).counted end
{%- endmacro %}


{# --- Spark -------------------------------------------------------------------------------- #}

{# An expression over `entities`: their amounts `held`, with the smallest first, their number and
   their total. Each is computed once, because a lambda cannot contain a function that aggregates
   rows. #}
{% macro spark_over_entities(x, expression) -%}
    transform(
        transform(
            array(array_sort(collect_list({{ topheavy.positive_amount(x) }}))),
            held -> named_struct(
                'held', held,
                'counted', size(held),
                'total', aggregate(held, 0D, (sum, amount) -> sum + amount)
            )
        ),
        entities -> case when entities.counted > 0 then {{ expression }} end
    )[0]
{%- endmacro %}

{% macro spark_sum(term) -%}
    aggregate(entities.held, 0D, (sum, amount) -> sum + {{ term }})
{%- endmacro %}

{% macro spark__hhi(x) -%}
    {{ topheavy.spark_over_entities(
        x, topheavy.spark_sum('amount * amount') ~ ' / (entities.total * entities.total)'
    ) }}
{%- endmacro %}

{% macro spark__shannon(x) -%}
    {{ topheavy.spark_over_entities(
        x, '0 - ' ~ topheavy.spark_sum('amount / entities.total * ln(amount / entities.total)')
    ) }}
{%- endmacro %}

{% macro spark__theil(x) -%}
    {{ topheavy.spark_over_entities(x, topheavy.spark_sum(
        'amount / entities.total * ln(amount * entities.counted / entities.total)'
    )) }}
{%- endmacro %}

{% macro spark__gini(x) -%}
    {{ topheavy.spark_over_entities(
        x,
        'aggregate(transform(entities.held, (amount, place) -> '
        ~ '(2 * place + 1 - entities.counted) * amount), 0D, (sum, term) -> sum + term)'
        ~ ' / (entities.counted * entities.total)'
    ) }}
{%- endmacro %}

{% macro spark__hoover(x) -%}
    {{ topheavy.spark_over_entities(
        x, topheavy.spark_sum('abs(amount / entities.total - 1D / entities.counted)') ~ ' / 2'
    ) }}
{%- endmacro %}

{% macro spark__top_share(x, k) -%}
    case when {{ k }} >= 0 then {{ topheavy.spark_over_entities(
        x,
        'aggregate(slice(reverse(entities.held), 1, cast(floor(' ~ k ~ ') as int)), 0D, '
        ~ '(sum, amount) -> sum + amount) / entities.total'
    ) }} end
{%- endmacro %}

{% macro spark__entities_to(x, share) -%}
    case when {{ share }} between 0 and 1 then {{ topheavy.spark_over_entities(
        x,
        "aggregate(reverse(entities.held), named_struct('held', 0D, 'counted', 0L), "
        ~ '(largest, amount) -> case when largest.counted = 0 or largest.held < '
        ~ share ~ ' * entities.total * (1 - 1e-12) '
        ~ "then named_struct('held', largest.held + amount, 'counted', largest.counted + 1L) "
        ~ 'else largest end, largest -> largest.counted)'
    ) }} end
{%- endmacro %}
