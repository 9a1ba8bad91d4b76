{# The materialization of a unit test. Unlike dbt's own, it plans and runs the model once, into a
   table that has both its rows and the types of its columns; dbt plans it for each. #}
{% materialization unit, adapter='duckdb' -%}
  {%- set made = make_temp_relation(this.incorporate(type='table')) -%}
  {%- do run_query(get_create_table_as_sql(true, made, whole_query())) -%}
  {%- set types, names = {}, {} -%}
  {%- for column in adapter.get_columns_in_relation(made) -%}
    {%- do types.update({column.name | lower: column.data_type}) -%}
    {%- do names.update({column.name | lower: column.quoted}) -%}
  {%- endfor -%}
  {%- set expected_rows = config.get('expected_rows') -%}
  {%- set tested = expected_rows[0] if expected_rows else names -%}
  {%- set expected = config.get('expected_sql')
      or get_expected_sql(expected_rows, types, names) -%}
  {%- set compared = [] -%}
  {%- for name in tested -%}
    {%- do compared.append(names[name | lower]) -%}
  {%- endfor -%}
  {%- call statement('main', fetch_result=true) -%}
    {{ get_unit_test_sql('from ' ~ made, expected, compared) }}
  {%- endcall -%}
  {%- do adapter.drop_relation(made) -%}
  {{ return({'relations': []}) }}
{%- endmaterialization %}
