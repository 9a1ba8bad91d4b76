{# Conversion from text to typed values: NULL if the text does not fit the type. #}

{% macro amount_decimals() -%}
    {{ return(mapping_in_use().get('amount_decimals', 4)) }}
{%- endmacro %}


{% macro money_type() -%}
    {%- set decimals = amount_decimals() -%}
    {{ return('decimal(' ~ (18 if decimals <= 4 else 38) ~ ', ' ~ decimals ~ ')') }}
{%- endmacro %}


{# Sums of money, exact: ten billion rows of the largest amounts fit. They are no wider because
   several clients support 28 digits, and read more as text or not at all. #}
{% macro money_sum_type() -%}
    {%- set decimals = amount_decimals() -%}
    {{ return('decimal(' ~ [38, 24 + decimals] | min ~ ', ' ~ decimals ~ ')') }}
{%- endmacro %}


{# The characters for a minus, for a space and between thousands, as the content of a character
   class. They include all that Unicode has, because keyboards, banks and typesetters use many of
   them. #}
{% macro minus_signs() -%}
    {{ return(
        '\\-\\x{00AD}\\x{02D7}\\x{2010}-\\x{2015}\\x{2043}\\x{207B}\\x{208B}\\x{2212}\\x{2796}'
        ~ '\\x{FE58}\\x{FE63}\\x{FF0D}'
    ) }}
{%- endmacro %}

{% macro blank_signs() -%}
    {{ return(
        '\\s\\p{Z}\\x{0085}\\x{180E}\\x{200B}-\\x{200F}\\x{202A}-\\x{202E}\\x{2060}-\\x{2069}'
        ~ '\\x{FEFF}'
    ) }}
{%- endmacro %}

{% macro apostrophe_signs() -%}
    {{ return(
        "'\\x{0060}\\x{00B4}\\x{02B9}\\x{02BC}\\x{02C8}\\x{02D9}\\x{066C}\\x{2018}\\x{2019}"
        ~ '\\x{201B}\\x{2032}\\x{FF07}'
    ) }}
{%- endmacro %}


{# Blanks, digits, punctuation and symbols, as the content of a character class: neither letters nor
   marks on them nor currency signs. Symbols that are missing count as letters, so an amount that
   contains one is in no known currency. A statement spends milliseconds on each pattern that has
   `\p{L}` with its hundreds of ranges, however few rows it reads, and an amount needs dozens of
   patterns. #}
{% macro no_letters() -%}
    {{ return(
        '\\x00-#%-@\\[-`{-\\x{00A1}\\x{00A6}-\\x{00A9}\\x{00AB}-\\x{00B4}\\x{00B6}-\\x{00B9}'
        ~ '\\x{00BB}-\\x{00BF}\\x{00D7}\\x{00F7}\\x{02C2}-\\x{02C5}\\x{02D2}-\\x{02DF}\\p{Z}\\p{Nd}'
        ~ '\\x{066A}-\\x{066D}\\x{180E}\\x{2000}-\\x{206F}\\x{207A}-\\x{207E}\\x{208A}-\\x{208E}'
        ~ '\\x{2116}\\x{2122}\\x{2150}-\\x{2182}\\x{2190}-\\x{2BFF}\\x{2E00}-\\x{2E2E}'
        ~ '\\x{2E30}-\\x{2E5D}\\x{3000}-\\x{3004}\\x{3008}-\\x{3020}\\x{FE30}-\\x{FE68}\\x{FE6A}'
        ~ '\\x{FE6B}\\x{FEFF}\\x{FF01}-\\x{FF03}\\x{FF05}-\\x{FF20}\\x{1F300}-\\x{1FAFF}'
    ) }}
{%- endmacro %}


{% macro a_letter() -%}
    {{ return('[^' ~ no_letters() ~ '\\p{Sc}]') }}
{%- endmacro %}


{% macro not_a_letter() -%}
    {{ return('[' ~ no_letters() ~ '\\p{Sc}]') }}
{%- endmacro %}


{# The letters and currency signs of a text, in lower case. #}
{% macro letters_of(expression) -%}
    {{ return(lowered(replace_all(expression, '[' ~ no_letters() ~ ']', ''))) }}
{%- endmacro %}


{# An amount in plain characters: `-` for a minus, a space for separators between digits, `x` for
   each word and currency sign. Patterns that repeat long character classes are slow. #}
{% macro amount_shape(expression) -%}
    {%- set parted = replace_all(
        expression, '[' ~ blank_signs() ~ apostrophe_signs() ~ ']', ' '
    ) -%}
    {{ replace_all(
        replace_all(parted, '[' ~ minus_signs() ~ ']', '-'),
        a_letter() ~ '*\\p{Sc}|' ~ a_letter() ~ '+/?[.]?', 'x'
    ) }}
{%- endmacro %}


{# How a word after a number multiplies it. `m`, `b` and `mil` have different meanings in different
   places and are therefore excluded. #}
{% macro scale_words(block) -%}
    {%- set words = {
        'e3': 'k|tsd|tausend|thousand',
        'e5': 'lakhs?|lacs?',
        'e6': 'mio|mn|mln|millions?|millionen|millones|milioni|miljoen',
        'e7': 'crores?',
        'e9': 'mrd|mld|bn|milliarden?|milliards?|miljard'
    } -%}
    {%- if mapped_block(block).get('cr') == 'crore' -%}
        {%- do words.update({'e7': 'crores?|cr'}) -%}
    {%- endif -%}
    {{ return(words) }}
{%- endmacro %}

{% macro scale_pattern(words) -%}
    {{ return('(?i)[0-9][' ~ blank_signs() ~ ']*(?:' ~ words ~ ')(' ~ not_a_letter() ~ '|$)') }}
{%- endmacro %}


{% macro side_pattern(words) -%}
    {{ return('(?i)' ~ not_a_letter() ~ '(' ~ words ~ ')[.]?[' ~ blank_signs() ~ ']*$') }}
{%- endmacro %}


{# The power of ten of an amount's scale word, such as e6; empty without one. #}
{% macro scale_of(expression, block) -%}
    case
        {%- for power, words in scale_words(block).items() %}
        when {{ matches(expression, scale_pattern(words)) }} then '{{ power }}'
        {%- endfor %}
        else ''
    end
{%- endmacro %}


{# The letters and currency signs of an amount without its scale word and its CR, DR or DB: the
   currency, in lower case. #}
{% macro currency_text(expression, block) -%}
    {%- set scales = scale_words(block).values() | join('|') -%}
    {# Unicode classifies some apostrophes as letters. #}
    {%- set parted = replace_all(expression, '[' ~ apostrophe_signs() ~ ']', ' ') -%}
    {{ letters_of(replace_all(
        replace_all(parted, scale_pattern(scales), '\\1'), side_pattern('cr|dr|db'), ' '
    )) }}
{%- endmacro %}


{# A plain number is cast directly. Anything else must be exactly one amount: at most one known
   currency, thousands in groups of three (or two, as in India), one decimal separator, after which
   a dash means no cents, a scale word, and a minus sign before, after or as brackets. CR after the
   number also makes it negative, and DR or DB does not. Ranges and words give NULL. #}
{% macro parse_money(expression, block, type=none) -%}
    {%- set type = type or money_type() -%}
    {%- set decimal = mapped_block(block).get('decimal') or '.' -%}
    {%- if decimal == 'either' -%}
        {# Three digits after the only separator are thousands; otherwise the last separator is the
           decimal one. #}
        case
            when {{ matches(expression, three_digits_pattern('[.,]')) }}
                then {{ parse_amount(replace_all(expression, '[.,]', ''), block, type, '.', ',') }}
            else coalesce(
                {{ parse_amount(expression, block, type, '.', ',') }},
                {{ parse_amount(expression, block, type, ',', '.') }}
            )
        end
    {%- else -%}
        {%- set thousands = mapped_block(block).get('thousands', ',' if decimal == '.' else '.') -%}
        {{ parse_amount(expression, block, type, decimal, thousands) }}
    {%- endif -%}
{%- endmacro %}


{# The amount of a role, read from its text, or unchanged if its column has a type. #}
{% macro read_money(expression, block, role, type=none) -%}
    {%- if type_of(block, role) == 'number' -%}
        {{ try_number(expression, type or money_type()) }}
    {%- else -%}
        {{ parse_money(expression, block, type) }}
    {%- endif -%}
{%- endmacro %}


{% macro parse_amount(expression, block, type, decimal, thousands) -%}
    {# Spaces and apostrophes separate thousands in every file that has separated thousands. #}
    {%- set group = '[ ' ~ (thousands if thousands in ',._' else '') ~ ']' -%}
    {%- set group = group if thousands else '[\\x00]' -%}
    {%- set digits = '([0-9]+|[0-9]{1,3}(' ~ group ~ '[0-9]{2,3})*' ~ group ~ '[0-9]{3})'
        ~ '([' ~ decimal ~ ']([0-9]*|-{1,2}))?' -%}
    {# A currency may come before; a scale word, a currency and the side of the account may come
       after. #}
    {%- set before, after = '(x *)?', '( *x){0,3}' -%}
    {%- set positive = '^ *[+]? *' ~ before ~ digits ~ '[+]?' ~ after ~ ' *$' -%}
    {%- set negative = '^ *(- *' ~ before ~ digits ~ after
        ~ '|' ~ before ~ '- *' ~ digits ~ after
        ~ '|' ~ before ~ digits ~ '-' ~ after ~ '|' ~ before ~ digits ~ after ~ ' *-'
        ~ '|[(] *' ~ before ~ digits ~ after ~ ' *[)]|' ~ before ~ '[(]' ~ digits ~ '[)]' ~ after
        ~ ') *$' -%}
    {%- set is_credit = 'false' if mapped_block(block).get('cr') == 'crore'
        else matches(expression, side_pattern('cr')) -%}
    {# A dot may follow letters, as in `Rs.`. #}
    {%- set bare = replace_all(
        replace_all(expression, a_letter() ~ '+/?[.]?', ''), '[^0-9' ~ decimal ~ ']', ''
    ) -%}
    {%- set number -%}
        try_cast(
            concat(replace({{ bare }}, '{{ decimal }}', '.'), {{ scale_of(expression, block) }})
            as {{ type }}
        )
    {%- endset -%}
    {%- set shape = amount_shape(expression) -%}
    coalesce(
        {% if decimal == '.' -%}
        {{ try_number(expression, type) }},
        {% endif -%}
        case
            when {{ currency_place(currency_text(expression, block)) }} = 0 then null
            when {{ matches(shape, positive) }}
                then cast(
                    {{ number }} * case when {{ is_credit }} then -1 else 1 end as {{ type }}
                )
            when {{ matches(shape, negative) }} and not {{ is_credit }} then -{{ number }}
        end
    )
{%- endmacro %}


{# Digits that may be thousands or three decimals: the number alone does not tell. #}
{% macro three_digits_pattern(marks) -%}
    {{ return('(^|[^0-9.,])[1-9][0-9]{0,2}' ~ marks ~ '[0-9]{3}([^0-9.,]|$)') }}
{%- endmacro %}


{# Excel writes a number of more than eleven digits like this, without its last digits. #}
{% macro scientific_pattern() -%}
    {{ return('^[0-9]([.,][0-9]+)?[Ee][+]?[0-9]{1,2}$') }}
{%- endmacro %}


{# True for an amount that the money type would round. With sixteen digits or more, the last ones
   come from a float, such as 0.30000000000000004, and not from money. #}
{% macro has_more_decimals(expression) -%}
    {%- set decimal = '.' if type_of('interactions', 'amount') == 'number'
        else mapped_block('interactions').get('decimal') or '.' -%}
    {%- set mark = '[.,]' if decimal == 'either' else '[' ~ decimal ~ ']' -%}
    {{ matches(expression, mark ~ '[0-9]{' ~ amount_decimals() ~ '}[0-9]*[1-9]') }}
    and length({{ replace_all(expression, '[^0-9]', '') }}) < 16
{%- endmacro %}


{# True for a number followed by a letter or word whose factor depends on where it is used: `5m`,
   `1.2 B`, `3 mil`. #}
{% macro has_unclear_scale(expression) -%}
    {{ matches(expression, scale_pattern('mm?|b|t|l|mill?|billions?|bill')) }}
{%- endmacro %}


{# The time in the zone of the business, read with the first of the mapping's formats that fits. A
   date alone is the same in every zone. #}
{% macro parse_timestamp(expression, block) -%}
    {%- set formats = time_formats(block) -%}
    {%- set zone = mapping_in_use().get('time_zone') -%}
    {%- set business_zone = mapping_in_use().get('business_time_zone') -%}
    {%- set stamp -%}
        {% if type_of_time(block) or is_installed() -%}
        try_cast({{ expression }} as timestamp)
        {%- else -%}
        coalesce(
            {%- for time_format in formats %}
            {{ read_time(expression, time_format) }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
        {%- endif %}
    {%- endset -%}
    {%- set timed = has_time_of_day(expression, block) | trim -%}
    {%- if not zone or not business_zone or zone == business_zone or timed == 'false' -%}
        {{ stamp }}
    {%- elif timed == 'true' -%}
        {{ in_zone(stamp, zone, business_zone) }}
    {%- else -%}
        case when {{ timed }} then {{ in_zone(stamp, zone, business_zone) }} else {{ stamp }} end
    {%- endif -%}
{%- endmacro %}


{# A time read with one format: the number of days that Excel counts, or as strptime reads it, with
   month names in any of the languages that drafts support. #}
{% macro read_time(expression, time_format) -%}
    {%- if time_format == 'excel_serial' -%}
        {{ excel_time(expression) }}
    {%- elif modules.re.search('%[bBh]', time_format) -%}
        {{ try_timestamp(
            english_months(expression), modules.re.sub('%[Bh]', '%b', time_format)
        ) }}
    {%- else -%}
        {{ try_timestamp(expression, time_format) }}
    {%- endif -%}
{%- endmacro %}


{# Days since the end of 1899 with their fraction, to the second, if they lie in the years 1927 to
   2173: other numbers are not dates. #}
{% macro excel_time(expression) -%}
    case
        when {{ matches(expression, '^[1-9][0-9]{4}([.,][0-9]+)?$') }} then {{ days_after(
            "timestamp '1899-12-30 00:00:00'",
            "cast(replace(" ~ expression ~ ", ',', '.') as decimal(20, 10))"
        ) }}
    end
{%- endmacro %}


{# Names of months in English, as strptime expects them. #}
{% macro english_months(expression) -%}
    {%- set text = namespace(sql=expression) -%}
    {%- for name, spellings in {
        'Jan': 'j[aäÄ]n(uary|uari|uar|vier|v|ner|eiro)?|enero|ene|gen(naio)?',
        'Feb': 'feb(ruary|ruari|ruar|rero|braio|r)?|f[eéÉ]v(rier|ereiro|r)?',
        'Mar': 'm[aäÄ]r(ch|z|s|zo|[cçÇ]o)?|maart|mrt|mrz',
        'Apr': 'apr(ile|il)?|avr(il)?|abr(il)?',
        'May': 'ma[iy]o?|mei|mag(gio)?',
        'Jun': 'jun(ho|io|i|e)?|juin|giu(gno)?',
        'Jul': 'jul(ho|io|i|y)?|juil(let)?|lug(lio)?',
        'Aug': 'aug(ustus|ust)?|ao[uûÛ]t|ago(sto)?',
        'Sep': 'sept?(iembre|ember|embre)?|set(tembre|embro|iembre)?',
        'Oct': 'o[ck]t(ober|obre|ubre)?|out(ubro)?|ott(obre)?',
        'Nov': 'nov(iembre|ember|embre|embro)?',
        'Dec': 'dez(ember|embro)?|d[eéÉ]c(ember|embre)?|dic(iembre|embre)?'
    }.items() -%}
        {%- set words = '(?:' ~ spellings | replace('(', '(?:') ~ ')[.]?' -%}
        {%- set text.sql = replace_all(
            text.sql, '(?i)(^|' ~ not_a_letter() ~ ')' ~ words, '\\1' ~ name
        ) -%}
    {%- endfor -%}
    {{ text.sql }}
{%- endmacro %}


{# The mapping's formats, and the text formats of typed times from Parquet and workbooks. #}
{% macro time_formats(block) -%}
    {%- set given = mapped_block(block).get('time_formats') or [] -%}
    {%- set typed = ['%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M:%S.%f', '%Y-%m-%d'] -%}
    {%- set has_types = modules.re.search(
        '[.](parquet|xls[xmb]?|ods)', mapped_block(block).get('files') | string
    ) or 'relation' in mapped_block(block) -%}
    {{ return(given + typed if has_types or not given else given) }}
{%- endmacro %}


{# The type of a block's times if their column has one: date or timestamp. #}
{% macro type_of_time(block) -%}
    {%- set role = 'date' if mapped_header(block, 'date') else 'time' -%}
    {%- set kind = type_of(block, role) -%}
    {{ return(kind if kind != 'number' and not mapped_header(block, 'time_of_day') else none) }}
{%- endmacro %}


{# True if the time has an hour: an export with dates only says nothing about hours, and neither
   does a column that is mapped as a date and has midnight in every row. The length of a typed time
   as text shows whether it is a date. #}
{% macro has_time_of_day(expression, block) -%}
    {%- set timed, hours = [], ['%H', '%I', '%-H', '%-I', '%c', '%T', '%X'] -%}
    {%- set dates_only =
        mapped_header(block, 'date') and not mapped_header(block, 'time_of_day') -%}
    {%- for time_format in time_formats(block) if not dates_only -%}
        {%- for hour in hours + ['excel_serial'] if hour in time_format -%}
            {%- do timed.append(time_format) if time_format not in timed -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if is_installed() -%}
        {{ 'false' if dates_only else 'coalesce(length(' ~ expression ~ ') > 10, false)' }}
    {%- elif type_of_time(block) -%}
        {{ 'true' if type_of_time(block) == 'timestamp' and not dates_only else 'false' }}
    {%- elif timed | length == time_formats(block) | length -%}
        true
    {%- elif not timed -%}
        false
    {%- else -%}
        coalesce(
            {%- for time_format in timed %}
            {{ read_time(expression, time_format) }}{{ ',' if not loop.last }}
            {%- endfor %}
        ) is not null
    {%- endif -%}
{%- endmacro %}


{# Converts the mapping's spellings to its canonical names, compared without regard to case. #}
{% macro canonical_interaction_type(expression) -%}
    {%- if not mapped_header('interactions', 'interaction_type') -%}
        'purchase'
    {%- else -%}
        case
            {%- for canonical, spellings in mapping_in_use().interaction_types.items() %}
            when {{ lowered(expression) }} in (
                {%- for spelling in spellings -%}
                {{ text_literal(spelling | lower) }}{{ ', ' if not loop.last }}
                {%- endfor -%}
            ) then {{ text_literal(canonical) }}
            {%- endfor %}
        end
    {%- endif -%}
{%- endmacro %}


{# The block that has the time: the orders file, unless the lines have it. #}
{% macro time_block() -%}
    {%- set columns = mapped_roles('interactions') -%}
    {{ return('interactions' if 'time' in columns or 'date' in columns else 'orders') }}
{%- endmacro %}


{# The time as text; a date and a time of day in two columns are joined by one space. #}
{% macro mapped_time_text(block) -%}
    {%- if mapped_header(block, 'date') and mapped_header(block, 'time_of_day') -%}
        nullif(
            concat_ws(
                ' ', {{ mapped_text(block, 'date') }}, {{ mapped_text(block, 'time_of_day') }}
            ),
            ''
        )
    {%- elif mapped_header(block, 'date') -%}
        {{ mapped_text(block, 'date') }}
    {%- else -%}
        {{ mapped_text(block, 'time') }}
    {%- endif -%}
{%- endmacro %}


{# The value of a line, or otherwise of its order. Nothing is joined if there are no orders, because
   joined rows do not keep the order of their file. #}
{% macro from_line_or_order(column) -%}
    {%- if mapped_block('orders') -%}
        coalesce(named.{{ column }}, orders.{{ column }})
    {%- else -%}
        named.{{ column }}
    {%- endif -%}
{%- endmacro %}


{# The amount of a row: its own column, or quantity times unit price; NULL if it has neither. Prices
   keep eight decimals until they are multiplied, and the types leave room for any product: a
   quantity or price outside their range is not a number. #}
{% macro mapped_amount(block) -%}
    {%- if mapped_header(block, 'amount_out') -%}
        case
            when named.amount_out_text is null
                then {{ read_money('named.amount_text', block, 'amount') }}
            when named.amount_text is null
                then -abs({{ read_money('named.amount_out_text', block, 'amount_out') }})
            else try_cast(
                {{ read_money('named.amount_text', block, 'amount') }}
                - abs({{ read_money('named.amount_out_text', block, 'amount_out') }})
                as {{ money_type() }}
            )
        end
    {%- elif mapped_header(block, 'amount') -%}
        {{ read_money('named.amount_text', block, 'amount') }}
    {%- elif not mapped_header(block, 'unit_price') -%}
        cast(null as {{ money_type() }})
    {%- else -%}
        {%- set decimals = [amount_decimals(), 8] | max %}
        try_cast(
            {{ parse_quantity(block) }}
            * {{ read_money(
                'named.unit_price_text', block, 'unit_price', 'decimal(23, ' ~ decimals ~ ')'
            ) }}
            as {{ money_type() }}
        )
    {%- endif -%}
{%- endmacro %}


{# The amount with the sign that the mapping gives it. #}
{% macro signed_amount(amount) -%}
    {%- set sign = mapped_block('interactions').get('sign') or 'as_written' -%}
    {%- if sign is mapping -%}
        case
            when {{ lowered('sign_text') }} in (
                {%- for value in sign.negative -%}
                {{ text_literal(value | trim | lower) }}{{ ', ' if not loop.last }}
                {%- endfor -%}
            ) then -abs({{ amount }})
            else {{ amount }}
        end
    {%- else -%}
        {{ '-' if sign == 'reversed' }}{{ amount }}
    {%- endif -%}
{%- endmacro %}


{# The amount as it counts: 0 on all but the first line of an order with the same amount, if the
   mapping says that the amount belongs to the whole order. Lines that are left out are treated
   separately. #}
{% macro counted_amount(amount) -%}
    {%- if is_once_per_order() -%}
        case
            when
                order_id is not null
                and row_number() over (
                    partition by
                        order_id, {{ amount }},
                        left_out_reason is null and time_text is not null
                    order by source_file, source_row
                ) > 1
                then cast(0 as {{ money_type() }})
            else {{ signed_amount(amount) }}
        end
    {%- else -%}
        {{ signed_amount(amount) }}
    {%- endif -%}
{%- endmacro %}


{% macro parse_quantity(block) -%}
    {{ read_money('named.quantity_text', block, 'quantity', 'decimal(14, 4)') }}
{%- endmacro %}


{# The units of the product on a row; NULL if revenue does not need them. #}
{% macro mapped_quantity(block) -%}
    {%- if prices_quantities() -%}
        {{ parse_quantity(block) }}
    {%- else -%}
        cast(null as decimal(14, 4))
    {%- endif -%}
{%- endmacro %}


{# A list price times a quantity as money; NULL if it is too large for the type. #}
{% macro priced(price, quantity) -%}
    {{ return(
        'try_cast(try_cast(' ~ price ~ ' as decimal(23, ' ~ amount_decimals() ~ ')) * ' ~ quantity
        ~ ' as ' ~ money_type() ~ ')'
    ) }}
{%- endmacro %}


{# The key that determines the revenue of a row under the mapping: none for the row itself, or that
   of its product or customer. #}
{% macro revenue_key(relation=none) -%}
    {%- set of = relation ~ '.' if relation else '' -%}
    {{ return({
        'amount': 'cast(null as bigint)',
        'none': 'cast(null as bigint)',
        'list_price': of ~ 'product_key',
        'customer_amount': of ~ 'customer_key',
    }[revenue_basis()]) }}
{%- endmacro %}


{# The revenue of one purchase by the key that determines it: the price of a product or the amount
   of a customer. If rows have amounts, there is nothing to look up. #}
{% macro unit_revenues(customers, products) -%}
    {%- set looked_up = {
        'list_price': (products, 'product_key', 'price'),
        'customer_amount': (customers, 'customer_key', 'purchase_amount'),
    }.get(revenue_basis()) -%}
    {%- if looked_up -%}
    select
        {{ looked_up[1] }} as revenue_key,
        {{ looked_up[2] }} as unit_revenue
    from {{ looked_up[0] }}
    where reject_reason is null and not is_blank
    {%- else -%}
    select
        cast(null as bigint) as revenue_key,
        cast(null as {{ money_type() }}) as unit_revenue
    where false
    {%- endif -%}
{%- endmacro %}


{# The revenue of a row, joined with unit_revenues; NULL if nothing was sold. For an unusable row,
   it may be unknown what happened: it then counts as a sale. #}
{% macro revenue_of(relation, is_typed=true) -%}
    {%- set quantity = relation ~ '.quantity' -%}
    {%- set amount = relation ~ '.amount' if revenue_basis() == 'amount'
        else 'cast(null as ' ~ money_type() ~ ')' if revenue_basis() == 'none'
        else priced('unit_revenues.unit_revenue', quantity) if prices_quantities()
        else 'unit_revenues.unit_revenue' -%}
    case {{ relation }}.interaction_type
        when 'purchase' then {{ amount }}
        when 'return' then -abs({{ amount }})
        {%- if not is_typed and revenue_basis() == 'amount' %}
        else case when {{ relation }}.interaction_type is null then {{ amount }} end
        {%- endif %}
    end
{%- endmacro %}


{# The reason of the first of the mapping's leave_out rules that matches a row. #}
{% macro left_out_reason(block) -%}
    {%- set rules = mapped_block(block).get('leave_out') or [] -%}
    {%- if not rules -%}
        cast(null as string)
    {%- else -%}
        case
            {%- for rule in rules %}
            {%- set text = trimmed(quoted(rule.column)) %}
            {%- set patterns = [] %}
            {%- for start in rule.get('starts_with') or [] %}
            {%- do patterns.append(like_text(start | lower) ~ '%') %}
            {%- endfor %}
            {%- for end in rule.get('ends_with') or [] %}
            {%- do patterns.append('%' ~ like_text(end | lower)) %}
            {%- endfor %}
            when
                {%- for pattern in patterns %}
                {{ lowered(text) }} like {{ text_literal(pattern) }}
                {{ 'or' if not loop.last or rule.get('values') }}
                {%- endfor %}
                {%- if rule.get('values') %}
                {{ text }} in (
                    {%- for value in ([''] if rule['values'] == 'blank' else rule['values']) -%}
                    {{ text_literal(value) }}{{ ', ' if not loop.last }}
                    {%- endfor -%}
                )
                {%- endif %}
                then {{ text_literal(rule.reason) }}
            {%- endfor %}
        end
    {%- endif -%}
{%- endmacro %}


{# The number of rows of a lookup file that give an id the same name, or the same description. Rows
   that are left out on purpose do not count. #}
{% macro name_count(id, name) -%}
    count({{ name }}) over (
        partition by {{ id }}, {{ name }}, named.left_out_reason is not null
    )
{%- endmacro %}


{% macro description_count(id, attributes) -%}
    count(*) over (
        partition by {{ id }}, {{ row_hash(attributes) }}, named.left_out_reason is not null
    )
{%- endmacro %}


{# The columns that describe a customer, and a product, in the lookup files. #}
{% macro customer_attributes() -%}
    {{ return([
        'customer_name', 'gender', 'location', 'subscription_status', 'payment_method',
        'purchase_frequency', 'age', 'purchase_amount'
    ] + (mapped_dimensions('customers') | map(attribute='name') | list)) }}
{%- endmacro %}


{% macro product_attributes() -%}
    {{ return([
        'product_name', 'category_path', 'category_text', 'parsed_price'
    ] + (mapped_dimensions('products') | map(attribute='name') | list)) }}
{%- endmacro %}


{# A text in a LIKE pattern; characters that would be wildcards match any single character. #}
{% macro like_text(text) -%}
    {{ return(text | replace('%', '_')) }}
{%- endmacro %}


{# True for all but one of several rows that repeat each other, if the mapping drops them: equal raw
   rows, or rows with the same values in the roles that it names. Only rows that count are compared.
   #}
{% macro is_repeated_row() -%}
    {%- set roles = duplicate_roles() -%}
    {%- if roles -%}
        {%- set columns = [] -%}
        {%- for role in roles -%}
            {%- do columns.append({
                'customer': 'customer_id', 'product': 'product_id', 'order': 'order_id',
                'time': 'time_text', 'date': 'time_text', 'time_of_day': 'time_text',
                'amount': 'amount_text', 'amount_out': 'amount_text',
                'quantity': 'quantity_text', 'unit_price': 'unit_price_text',
            }.get(role, role)) -%}
        {%- endfor -%}
        {%- set turn = ' desc' if mapping_in_use().duplicates.get('keep') == 'last' else '' -%}
        {{ columns | first }} is not null
        and row_number() over (
            partition by
                {{ columns | unique | join(', ') }},
                left_out_reason is null and read_amount is not null and time_text is not null
            order by source_file{{ turn }}, source_row{{ turn }}
        ) > 1
    {%- elif mapping_in_use().get('duplicates') == 'drop' -%}
        row_number() over (partition by raw_text order by source_file, source_row) > 1
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}


{# Why the time of a row is unknown; NULL if its time can be read. A typing error in the year would
   stretch the calendar over millennia. The case of a readable time comes first. #}
{% macro undated_reason() -%}
    case
        -- Many systems write the first day of 1900 if they have no date.
        when interacted_at between timestamp '1900-01-02 00:00:00'
            and timestamp '2100-12-31 23:59:59.999999' then null
        when is_blank then null
        when time_text is null then 'missing_timestamp'
        when interacted_at is null then 'malformed_timestamp'
        else 'implausible_timestamp'
    end
{%- endmacro %}


{# Whether rows with an unknown date stay in all figures except those of time. #}
{% macro keeps_undated() -%}
    {{ return((mapping_in_use().get('undated') or 'keep') == 'keep') }}
{%- endmacro %}


{# Such a row names a customer or a product. A line of totals, which has no date either, may have
   its text in the column of names, but it names neither. #}
{% macro is_kept_undated() -%}
    (
        coalesce(customer_id, product_id) is not null
        and not {{ is_total_word('customer_id') }}
        and not {{ is_total_word('product_id') }}
    )
{%- endmacro %}


{% macro is_total_word(expression) -%}
    coalesce({{ matches(
        lowered(expression),
        '^((grand|sub|report)[ -]?)?(total|totals|sum|summe|gesamt|gesamtsumme|zwischensumme|'
        ~ 'insgesamt|totale|totaal|somme|suma)([^a-z].*)?$'
    ) }}, false)
{%- endmacro %}


{# Why a row of the export is not an interaction: the first reason that applies, or NULL. Blank rows
   have no reason; they are counted separately. #}
{% macro reject_reason() -%}
    {%- set sold = "interaction_type in ('purchase', 'return')" -%}
    {%- set measured = 'quantity' if prices_quantities() else 'amount' -%}
    {%- set is_needed = revenue_basis() == 'amount' or prices_quantities() -%}
    {%- set returned = '(' ~ measured ~ " < 0 or interaction_type = 'return')" -%}
    case
        when is_blank then null
        -- This case comes first, so that the time of a good row is read once and not
        -- for each reason.
        when
            left_out_reason is null
            {%- if mapped_currency().into %}
            and {{ is_in_currency() }}
            {%- endif %}
            {%- if mapped_block('orders') %}
            and not is_orphan
            {%- endif %}
            and interaction_type is not null
            and (undated_reason is null
            {%- if keeps_undated() %} or {{ is_kept_undated() }}{% endif %})
            {%- if is_needed %}
            and ({{ measured }} is not null or not {{ sold }})
            {%- endif %}
            {%- if mapping_in_use().get('returns') == 'exclude' %}
            and not coalesce({{ returned }}, false)
            {%- endif %}
            and not is_repeated
            then null
        when left_out_reason is not null then left_out_reason
        {%- if mapped_block('orders') %}
        when is_orphan then 'order_line_without_order'
        {%- endif %}
        {%- if mapped_header('interactions', 'interaction_type') %}
        when interaction_type_text is null then 'missing_interaction_type'
        when interaction_type is null then 'unknown_interaction_type'
        {%- endif %}
        when undated_reason is not null
        {%- if keeps_undated() %} and not {{ is_kept_undated() }}{% endif %} then undated_reason
        {%- if is_needed %}
        when {{ sold }} and {{ measured }}_text is null then 'missing_amount'
        when
            {{ sold }} and {{ measured }} is null
            and {{ has_unclear_scale(measured ~ '_text') }}
            then 'unclear_scale_word'
        when {{ sold }} and {{ measured }} is null then 'malformed_amount'
        {%- endif %}
        {%- if mapped_currency().into %}
        when not {{ is_in_currency() }} then {{ currency_reason() }}
        {%- endif %}
        {%- if mapping_in_use().get('returns') == 'exclude' %}
        when {{ returned }} then 'return_left_out'
        {%- endif %}
        when is_repeated then 'repeated_row'
    end
{%- endmacro %}


{# True for a line with a quoted text that continues after its closing quote, such as `1,"x"y,2`. #}
{% macro goes_on_after_quote(expression, block) -%}
    {%- set quote = mapped_block(block).get('quote', '"') or '"' -%}
    {%- set delimiter = mapped_block(block).get('delimiter') or ',' -%}
    {%- set delimiter = delimiter if delimiter | length == 1 else ' ' -%}
    {%- set escaped = '\\' ~ delimiter if delimiter in '^]\\-' else delimiter -%}
    {%- set plain = '[^' ~ escaped ~ quote ~ '\\r\\n]' -%}
    {%- set quoted_text = quote ~ '([^' ~ quote ~ '\\r\\n]|' ~ quote ~ quote ~ ')*' ~ quote -%}
    {{ matches(
        expression,
        '^((' ~ quoted_text ~ '|' ~ plain ~ '*)[' ~ escaped ~ '])*' ~ quoted_text ~ plain ~ '.*$'
    ) }}
{%- endmacro %}
