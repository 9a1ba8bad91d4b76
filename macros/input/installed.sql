{# Installed as a package: another project's models or tables instead of files. That project's
   variables name them, in its dbt_project.yml, as one mapping or block by block:

     vars:
       topheavy:
         interactions:
           relation: "{{ ref('fct_orders') }}"
           columns: {customer: customer_id, product: sku, time: ordered_at, amount: net_amount}
         mapping: {revenue: amount, labels: {customer: [client, clients]}}

   There are no files then, and nothing is kept from build to build: dbt reads the relations, which
   have types, and the models are built as any of that project's. #}

{# Whether this project is a package of another. #}
{% macro is_installed() -%}
    {{ return(project_name != 'topheavy') }}
{%- endmacro %}


{# The mapping that the models follow: that of the build, or of the project that installed this. The
   sample is never the default of another project. #}
{% macro mapping_in_use() -%}
    {%- if not is_installed() -%} {{ return(var('mapping')) }} {%- endif -%}
    {%- set given = var('mapping') -%}
    {%- set found = {'name': project_name} -%}
    {%- if 'files' not in (given.get('interactions') or {}) -%} {%- do found.update(given) -%}
    {%- endif -%}
    {%- for block in blocks() if var(block, none) is mapping -%}
        {%- do found.update({block: var(block)}) -%}
    {%- endfor -%}
    {%- for key in ['limits', 'scenarios'] if key in found -%}
        {%- do found.update({
            key: {'rows': found[key], 'source': key ~ ' in the variables of ' ~ project_name}
        }) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{% macro blocks() -%}
    {{ return(['interactions', 'orders', 'customers', 'products']) }}
{%- endmacro %}


{# The rows of a block as the models upstream of the star read them: from its files, or from the
   relation that it names in a project that installed this one. #}
{% macro raw_rows(block) -%}
    {{ return(typed_rows(block) if is_installed() else source('raw', block)) }}
{%- endmacro %}


{# The same for a relation: its columns converted to text according to their types, under the names
   that the mapping uses. `ref` is called while the project is parsed, so that dbt builds the
   relation first. A relation has no order, so its rows are numbered if an order is needed. #}
{% macro typed_rows(block) -%}
    {%- set columns = {} -%}
    {%- set relation = named_relation(block) -%}
    {%- if not relation -%} {{ return(no_rows(provenance_types(), mapped_headers(block))) }}
    {%- endif -%}
    {%- set types = types_of_relation(relation) -%}
    {%- for header in mapped_headers(block) -%}
        {%- do columns.update({header: typed_text(block, header, types)}) -%}
    {%- endfor -%}
    {%- set texts = [] -%}
    {%- for text in columns.values() -%} {%- do texts.append("coalesce(" ~ text ~ ", '')") -%}
    {%- endfor -%}
    {%- set selected = [] -%}
    {%- for header, text in columns.items() -%}
        {%- do selected.append(text ~ ' as ' ~ quoted(header)) -%}
    {%- endfor -%}
    {%- set is_numbered = block != 'interactions' or depends_on_other_rows()
        or mapped_block('orders') | length > 0 -%}
    {%- set raw_text = "concat_ws(',', " ~ texts | join(', ') ~ ')' -%}
    {%- do selected.extend([
        text_literal(name_of_relation(block)) ~ ' as _source_file',
        'cast(' ~ blocks().index(block) ~ ' + 1 as bigint) as _file_key',
        'cast(' ~ (
            'row_number() over (order by ' ~ columns.values() | join(', ') ~ ')'
            if is_numbered else 'null'
        ) ~ ' as bigint) as _source_row',
        raw_text ~ ' as _raw_text',
        "trim(concat_ws('', " ~ texts | join(', ') ~ ")) = '' as _is_blank"
    ]) -%}
    {{ return(
        '(select ' ~ selected | join(', ') ~ ' from ' ~ relation ~ ') as ' ~ block ~ '_rows'
    ) }}
{%- endmacro %}


{# One row for each relation that is read, as for files. #}
{% macro raw_files() -%}
    {%- if not is_installed() -%} {{ return(source('raw', 'files')) }} {%- endif -%}
    {%- set types = {
        'block': 'string', 'source_file': 'string', 'sha256': 'string', 'byte_count': 'bigint',
        'file_key': 'bigint', 'is_new': 'boolean'
    } -%}
    {%- set rows = [] -%}
    {%- for block in blocks() if name_of_relation(block) -%}
        {%- do rows.append(
            "select '" ~ block ~ "' as block, " ~ text_literal(name_of_relation(block))
            ~ ' as source_file, cast(null as string) as sha256, cast(0 as bigint) as byte_count, '
            ~ 'cast(' ~ blocks().index(block) ~ ' + 1 as bigint) as file_key, true as is_new'
        ) -%}
    {%- endfor -%}
    {{ return(
        '(' ~ rows | join(' union all ') ~ ') as relations' if rows else no_rows(types)
    ) }}
{%- endmacro %}


{# Lines that the reader could not split: a relation has none. #}
{% macro raw_malformed_lines() -%}
    {{ return(
        no_rows({
            'block': 'string', 'source_file': 'string', 'file_key': 'bigint',
            'source_row': 'bigint', 'raw_text': 'string', 'detail': 'string'
        }) if is_installed() else source('raw', 'malformed_lines')
    ) }}
{%- endmacro %}


{% macro provenance_types() -%}
    {{ return({
        '_source_file': 'string', '_file_key': 'bigint', '_source_row': 'bigint',
        '_raw_text': 'string', '_is_blank': 'boolean'
    }) }}
{%- endmacro %}


{# A relation with these columns, and with text columns under these headers, but without rows. #}
{% macro no_rows(types, headers=[]) -%}
    {%- set columns = [] -%}
    {%- for header in headers -%}
        {%- do columns.append('cast(null as string) as ' ~ quoted(header)) -%}
    {%- endfor -%}
    {%- for name, type in types.items() -%}
        {%- do columns.append('cast(null as ' ~ type ~ ') as ' ~ name) -%}
    {%- endfor -%}
    {{ return(
        '(select ' ~ columns | join(', ') ~ ' from (select 1 as one) as nothing where one = 0)'
        ~ ' as no_rows'
    ) }}
{%- endmacro %}


{# --- the relation of a block ------------------------------------------------------------- #}

{# The relation that a block names, in parts: a kind (ref, source, table) and the names. To dbt,
   Jinja in a variable is only text. #}
{% macro relation_parts(block) -%}
    {%- set text = (mapped_block(block).get('relation') or '') | string | trim -%}
    {%- set call = modules.re.fullmatch(
        "(?:\\{\\{)?\\s*(ref|source)\\(\\s*['\"](\\w+)['\"]\\s*(?:,\\s*['\"](\\w+)['\"])?\\s*\\)"
        ~ "\\s*(?:\\}\\})?", text
    ) -%}
    {%- if call -%}
        {{ return([call[1], call[2]] + ([call[3]] if call[3] else [])) }}
    {%- endif -%}
    {{ return(['table', text] if text else []) }}
{%- endmacro %}


{# The relation itself, as a dependency of the model that reads it; none if the mapping has no such
   block. #}
{% macro named_relation(block) -%}
    {%- set parts = relation_parts(block) -%}
    {%- if not parts -%} {{ return(none) }}
    {%- elif parts[0] == 'source' -%} {{ return(source(*parts[1:])) }}
    {%- elif parts[0] == 'ref' -%}
        {# The package is included, because a model of the other project may have the same name as
           one of this project. #}
        {{ return(ref(*parts[1:]) if parts | length > 2 else ref(project_name, parts[1])) }}
    {%- endif -%}
    {%- set names = parts[1].split('.') -%}
    {{ return(api.Relation.create(
        database=names[-3] if names | length > 2 else target.database,
        schema=names[-2] if names | length > 1 else target.schema,
        identifier=names[-1]
    )) }}
{%- endmacro %}


{# Its name in tables: the name of the model or table. #}
{% macro name_of_relation(block) -%}
    {%- set parts = relation_parts(block) -%}
    {{ return(parts[-1] if parts else none) }}
{%- endmacro %}


{# Its columns with their types, by name; empty before it is built. #}
{% macro types_of_relation(relation) -%}
    {%- set found = {} -%}
    {%- for column in (adapter.get_columns_in_relation(relation) if execute else []) -%}
        {%- do found.update({column.name: column.dtype}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# One of its columns as text. #}
{% macro typed_text(block, header, types) -%}
    {%- set spelled = [] -%}
    {%- for name in types if name | lower == header | lower -%} {%- do spelled.append(name) -%}
    {%- endfor -%}
    {%- if types and not spelled -%}
        {%- do exceptions.raise_compiler_error(
            'topheavy: ' ~ block ~ '.columns: ' ~ name_of_relation(block) ~ " has no column '"
            ~ header ~ "'; it has " ~ types | join(', ')
        ) -%}
    {%- endif -%}
    {%- set name = header if header in spelled else (spelled or [header])[0] -%}
    {{ return(text_of_type(quoted(name), types.get(name, '') | string | lower)) }}
{%- endmacro %}


{# Instants are read in UTC, whatever the zone of the session. #}
{% macro text_of_type(column, type) -%}
    {{ return(adapter.dispatch('text_of_type', 'topheavy')(column, type)) }}
{%- endmacro %}

{% macro default__text_of_type(column, type) -%}
    {%- set is_instant = type.startswith('timestamp') and ('zone' in type or 'tz' in type)
        and 'without' not in type -%}
    {%- set in_utc = "timezone('UTC', " ~ column ~ ')' if is_instant else column -%}
    {{ return('cast(' ~ in_utc ~ ' as string)') }}
{%- endmacro %}

{# Spark timestamps are instants, shown in the time zone of the session. #}
{% macro spark__text_of_type(column, type) -%}
    {{ return('cast(' ~ column ~ ' as string)') }}
{%- endmacro %}


{# --- what a project may say ---------------------------------------------------------------- #}

{# The keys of a block that apply to a relation, and the roles of its columns: the other keys
   describe how texts in files are written. #}
{% macro roles_of_relations() -%}
    {{ return({
        'interactions': [
            'customer', 'customer_name', 'product', 'product_name', 'interaction_type', 'time',
            'date', 'time_of_day', 'amount', 'quantity', 'unit_price', 'category',
            'payment_method', 'order'
        ],
        'orders': [
            'order', 'customer', 'customer_name', 'time', 'date', 'time_of_day', 'payment_method'
        ],
        'customers': [
            'customer', 'name', 'age', 'gender', 'location', 'amount', 'payment_method',
            'purchase_frequency', 'subscription_status'
        ],
        'products': ['product', 'name', 'category_path', 'category', 'price']
    }) }}
{%- endmacro %}

{% macro keys_of_relations() -%}
    {{ return(['relation', 'columns', 'leave_out', 'sign', 'accepted']) }}
{%- endmacro %}

{% macro keys_of_installed_mappings() -%}
    {{ return(blocks() + [
        'name', 'description', 'revenue', 'currency', 'returns', 'undated', 'duplicates',
        'max_rejected_share', 'amount_decimals', 'time_zone', 'business_time_zone',
        'missing_values', 'fold_case', 'interaction_types', 'subject', 'labels', 'dimensions',
        'limits', 'scenarios'
    ]) }}
{%- endmacro %}


{# Runs before the first model of a project that installed this one, and refuses settings that would
   be misread. #}
{% macro check_installation() -%}
    {%- set reading = [] -%}
    {%- for name in selected_resources
            if name.startswith('model.topheavy.') or name.startswith('test.topheavy.') -%}
        {%- do reading.append(name) -%}
    {%- endfor -%}
    {%- if reading -%}
        {%- set faults = faults_of_mapping(mapping_in_use()) + faults_of_names() -%}
        {%- if faults -%}
            {%- do exceptions.raise_compiler_error('topheavy: ' ~ faults[0]) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{% macro faults_of_mapping(said) -%}
    {%- set faults = [] -%}
    {%- if not (said.get('interactions') or {}).get('relation') -%}
        {%- do faults.append(
            'vars.topheavy.interactions names no relation; write, for example, '
            ~ "interactions: {relation: \"ref('fct_orders')\", columns: {customer: customer_id}}"
        ) -%}
    {%- endif -%}
    {%- for key in said if key not in keys_of_installed_mappings() -%}
        {%- do faults.append(
            key ~ ': unknown key, or one of files; known: '
            ~ keys_of_installed_mappings() | join(', ')
        ) -%}
    {%- endfor -%}
    {%- for block, roles in roles_of_relations().items() if said.get(block) -%}
        {%- for key in said[block] if key not in keys_of_relations() -%}
            {%- do faults.append(
                block ~ '.' ~ key ~ ': unknown key, or one of files: a relation has types, cast in '
                ~ 'its model what is text; known: ' ~ keys_of_relations() | join(', ')
            ) -%}
        {%- endfor -%}
        {%- for role in said[block].get('columns') or {} if role not in roles -%}
            {%- do faults.append(
                block ~ '.columns.' ~ role ~ ': unknown role; known: ' ~ roles | join(', ')
            ) -%}
        {%- endfor -%}
        {%- if not said[block].get('relation') or not said[block].get('columns') -%}
            {%- do faults.append(block ~ ': needs relation and columns') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if ((said.get('interactions') or {}).get('columns') or {}).get('interaction_type')
            and not said.get('interaction_types') -%}
        {%- do faults.append(
            'interaction_types: missing; say which values of the column are a purchase, such as '
            ~ 'mapping: {interaction_types: {purchase: [sold]}}'
        ) -%}
    {%- endif -%}
    {%- for role, words in (said.get('labels') or {}).items()
            if words is string or words | length != 2 -%}
        {%- do faults.append(
            'labels.' ~ role ~ ': must be a list of two, for one and for several, such as '
            ~ '[client, clients]'
        ) -%}
    {%- endfor -%}
    {%- if said.get('currency') is mapping and said.currency.get('rates') -%}
        {%- do faults.append(
            'currency.rates: a file, which only make build reads; convert amounts in the model'
        ) -%}
    {%- endif -%}
    {%- for key in ['limits', 'scenarios'] if key in said and said[key].rows is string -%}
        {%- do faults.append(key ~ ': a file, which only make build reads; list its rows') -%}
    {%- endfor -%}
    {{ return(faults + faults_of_roles(said)) }}
{%- endmacro %}


{# The questions that the mapped columns leave open, in the words of topheavy/mapping/check.py:
   otherwise rows would be rejected, or not joined, because of the mapping. #}
{% macro faults_of_roles(said) -%}
    {%- set faults = [] -%}
    {%- set roles = {} -%}
    {%- for block in blocks() -%}
        {%- do roles.update({block: ((said.get(block) or {}).get('columns') or {}) | list}) -%}
    {%- endfor -%}
    {%- set lines, orders = roles.interactions, roles.orders -%}
    {%- set revenue = said.get('revenue', 'amount') -%}
    {%- set rules = [
        (
            said.get('orders') and 'order' not in lines,
            'interactions.columns.order: missing; orders join on it'
        ),
        (
            said.get('customers') and 'customer' not in lines + orders,
            'interactions.columns.customer: missing; customers join on it'
        ),
        (
            said.get('products') and 'product' not in lines,
            'interactions.columns.product: missing; products join on it'
        ),
        (
            'time' not in lines + orders and 'date' not in lines + orders,
            'interactions.columns: needs time or date (or map it in orders)'
        ),
        (
            revenue not in ['amount', 'list_price', 'customer_amount', 'none'],
            'revenue: must be amount, list_price, customer_amount or none, not ' ~ revenue
        ),
        (
            revenue == 'amount' and 'amount' not in lines
            and not ('quantity' in lines and 'unit_price' in lines),
            'revenue: amount needs interactions.columns.amount (or quantity and unit_price);'
            ~ ' set revenue: none for an export without money'
        ),
        (
            revenue == 'list_price' and 'price' not in roles.products,
            'revenue: list_price needs products.columns.price'
        ),
        (
            revenue == 'customer_amount' and 'amount' not in roles.customers,
            'revenue: customer_amount needs customers.columns.amount'
        ),
        (
            said.get('interaction_types') and 'interaction_type' not in lines,
            'interaction_types: needs interactions.columns.interaction_type'
        ),
        (
            said.get('interaction_types') and 'purchase' not in said.interaction_types
            and revenue != 'none',
            'interaction_types.purchase: missing; its spellings mark rows with revenue'
        ),
    ] -%}
    {%- for holds, fault in rules if holds -%} {%- do faults.append(fault) -%} {%- endfor -%}
    {{ return(faults) }}
{%- endmacro %}


{# A model of the other project with the same name as one of this project would be read instead of
   it, except by the models that read the mapped relations. #}
{% macro faults_of_names() -%}
    {%- set faults = [] -%}
    {%- set other = 'model.' ~ project_name ~ '.' -%}
    {%- for node in graph.nodes.values()
            if node.package_name == 'topheavy' and not node.name.startswith('stg_') -%}
        {%- for parent in node.depends_on.nodes if parent.startswith(other)
                and parent | replace(other, 'model.topheavy.') in graph.nodes -%}
            {%- do faults.append(
                project_name ~ ' has a model ' ~ parent.split('.')[2] ~ ', and so has topheavy; '
                ~ 'set flags: {require_ref_searches_node_package_before_root: true} in '
                ~ 'dbt_project.yml'
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(faults) }}
{%- endmacro %}
