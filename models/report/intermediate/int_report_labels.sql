-- Which measure the page is about, and which words it uses: those of the mapping, or
-- the project's own.
select
    {{ report_fact(
        section='labels',
        source='mapping.labels',
        key="'measure'",
        series="'measure'",
        position=1,
        label=text_literal(main_measure()),
        detail=measure_words(text_literal(main_measure()))
    ) }}
{% for role in var('labels') -%}
union all
select
    {{ report_fact(
        section='labels',
        source='mapping.labels',
        key=text_literal(role),
        series=text_literal(role),
        position=1,
        label=text_literal(label_for_one(role)),
        detail=text_literal(label_for_several(role))
    ) }}
{% endfor %}
