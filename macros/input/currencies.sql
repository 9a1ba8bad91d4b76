{# Currencies: how amounts and columns spell them. Three letters count as a currency only if they
   are a known code. #}

{# The codes of ISO 4217, including those that are no longer in use. #}
{% macro currency_codes() -%}
    {{ return((
        'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP '
        ~ 'BYN BZD CAD CDF CHF CLP CNH CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD '
        ~ 'FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD '
        ~ 'JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK '
        ~ 'MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR '
        ~ 'PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL '
        ~ 'THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG '
        ~ 'XOF XPF YER ZAR ZMW ZWG '
        ~ 'ANG ATS BEF BYR CUC CYP DEM EEK ESP FIM FRF GRD HRK IEP ITL LTL LUF LVL MRO MTL NLG '
        ~ 'PTE ROL SIT SKK SLL STD TRL VEF ZMK ZWL'
    ).split()) }}
{%- endmacro %}


{# Signs and words that only one currency has, in lower case, without dots and blanks. #}
{% macro currency_names() -%}
    {{ return({
        'AED': ['dh', 'dhs'], 'AUD': ['a$', 'au$'], 'BRL': ['r$'], 'CAD': ['c$', 'ca$', 'cdn$'],
        'CHF': ['sfr', 'franken'], 'CNY': ['rmb', '元', 'yuan'], 'CZK': ['kč', 'kc'], 'DEM': ['dm'],
        'EUR': ['€', 'euro', 'euros'], 'GBP': ['pound', 'pounds', 'sterling'],
        'HKD': ['hk$'], 'HUF': ['ft'], 'IDR': ['rp'], 'ILS': ['₪', 'nis'], 'INR': ['₹'],
        'JPY': ['円', 'yen'], 'KES': ['ksh', 'kshs'], 'KRW': ['₩', '원'], 'KZT': ['₸'],
        'MXN': ['mx$', 'mex$'], 'MYR': ['rm'], 'NGN': ['₦'], 'NZD': ['nz$'], 'PEN': ['s'],
        'PHP': ['₱'], 'PLN': ['zł', 'zl'], 'RUB': ['₽', 'руб', 'р'], 'SGD': ['s$', 'sg$'],
        'THB': ['฿', 'baht'], 'TRY': ['₺', 'tl'], 'TWD': ['nt$', 'ntd'], 'UAH': ['₴', 'грн'],
        'USD': ['us$', 'usdollar', 'dollar', 'dollars'], 'VND': ['₫'], 'ZAR': ['r'], 'BGN': ['лв']
    }) }}
{%- endmacro %}


{# Signs that several currencies share: each means the currency of the mapping's amounts if that
   uses it, or otherwise the first. #}
{% macro shared_currency_signs() -%}
    {{ return({
        '$': ['USD', 'CAD', 'AUD', 'NZD', 'SGD', 'HKD', 'MXN', 'ARS', 'CLP', 'COP', 'TWD', 'JMD'],
        '£': ['GBP', 'EGP', 'LBP', 'FKP', 'GIP'],
        '¥': ['JPY', 'CNY'],
        'kr': ['SEK', 'NOK', 'DKK', 'ISK'],
        'rs': ['INR', 'PKR', 'LKR', 'NPR', 'MUR', 'SCR'],
        'fr': ['CHF', 'FRF', 'XOF', 'XAF'],
        'lei': ['RON', 'MDL'], 'din': ['RSD', 'DZD', 'TND']
    }) }}
{%- endmacro %}


{# The code of each spelling, in lower case and without blanks: `€` and `eur` are EUR, and so is
   `€eur`, because an amount may have a sign before it and a code after it. #}
{% macro currency_spellings() -%}
    {%- set found = {} -%}
    {%- set ours = mapped_currency().into -%}
    {%- for code in currency_codes() -%}
        {%- do found.update({code | lower: code}) -%}
    {%- endfor -%}
    {%- for code, names in currency_names().items() -%}
        {%- for name in names -%}
            {%- for spelling in [name, name ~ code | lower, code | lower ~ name] -%}
                {%- do found.update({spelling: code}) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for name, codes in shared_currency_signs().items() -%}
        {%- do found.update({name: ours if ours in codes else codes[0]}) -%}
        {%- for code in codes -%}
            {%- do found.update({name ~ code | lower: code, code | lower ~ name: code}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# All spellings and their codes in one text, `|eur=EUR|€=EUR|`, which is searched faster than
   hundreds of values are compared. An amount without a currency has the empty spelling. #}
{% macro currency_list() -%}
    {%- set entries = [] -%}
    {%- for spelling, code in currency_spellings().items() -%}
        {%- do entries.append(spelling ~ '=' ~ code) -%}
    {%- endfor -%}
    {{ return(text_literal('|=|' ~ entries | join('|') ~ '|')) }}
{%- endmacro %}


{# The position of a spelling in the list; 0 if it is not a currency. #}
{% macro currency_place(spelling) -%}
    instr({{ currency_list() }}, '|' || {{ spelling }} || '=')
{%- endmacro %}


{# The code of a spelling in lower case; a text that is not a currency is returned unchanged, in
   capitals. #}
{% macro currency_code(spelling) -%}
    case
        when {{ currency_place(spelling) }} > 0 then nullif(
            substr(
                {{ currency_list() }},
                {{ currency_place(spelling) }} + length({{ spelling }}) + 2,
                3
            ),
            ''
        )
        else upper({{ spelling }})
    end
{%- endmacro %}


{# The code of the currency that a text of any form names; NULL if it has no letter or sign. #}
{% macro named_currency(expression) -%}
    {{ currency_code("nullif(" ~ letters_of(expression) ~ ", '')") }}
{%- endmacro %}


{# The currency that an amount names, by sign or code; NULL without one. Most amounts begin and end
   in a digit, which is the quickest check. #}
{% macro currency_of_amount(expression, block) -%}
    {%- set spelling = currency_text(expression, block) -%}
    case
        when {{ ends_in_digits(expression) }} or {{ spelling }} = '' then null
        else {{ currency_code(spelling) }}
    end
{%- endmacro %}


{# True for texts whose first and last characters are digits. #}
{% macro ends_in_digits(expression) -%}
    {{ return(
        first_letter(expression) ~ ' between 48 and 57 and '
        ~ first_letter('substr(' ~ expression ~ ', -1)') ~ ' between 48 and 57'
    ) }}
{%- endmacro %}


{# The mapping's settings for currencies: the column, the currency that counts, and rates into it.
   `topheavy/mapping/currencies.py` adds the column that it finds, and the rates of their file. #}
{% macro mapped_currency() -%}
    {%- set said = mapping_in_use().get('currency') or {} -%}
    {%- set said = {'into': said} if said is string else said -%}
    {{ return({
        'column': said.get('column'), 'block': said.get('from') or 'interactions',
        'into': said.get('into'), 'rates': said.get('rates') or []
    }) }}
{%- endmacro %}


{# The text of a block's currency column; NULL if it has none. #}
{% macro mapped_currency_text(block) -%}
    {%- set is_there = mapped_currency().block == block -%}
    {{ column_text(mapped_currency().column if is_there else none, 'currency') }}
{%- endmacro %}


{# The currency of a row, from its column or otherwise from its amount; NULL if neither has one, or
   if the mapping names no currency. #}
{% macro row_currency() -%}
    {%- if not mapped_currency().into -%}
        cast(null as string)
    {%- elif is_installed() -%}
        {# A number has no currency, and a column of them has codes. #}
        upper(currency_text)
    {%- else -%}
        coalesce(
            {{ named_currency('currency_text') }},
            {{ currency_of_amount('amount_text', 'interactions') }}
        )
    {%- endif -%}
{%- endmacro %}


{# True for a row whose amount is in the currency that counts, or was converted to it. #}
{% macro is_in_currency() -%}
    {%- set is_ours = "coalesce(currency = '" ~ mapped_currency().into ~ "', true)" -%}
    {{ return('(' ~ is_ours ~ ' or rate is not null)' if mapped_currency().rates else is_ours) }}
{%- endmacro %}


{# The reject reason of a row in another currency, by currency, because amounts in several
   currencies are not added together. #}
{% macro currency_reason() -%}
    {%- set reason = 'no_exchange_rate_' if mapped_currency().rates else 'other_currency_' -%}
    concat('{{ reason }}', lower(currency))
{%- endmacro %}


{# The exchange rates as rows: one per currency and span of days. #}
{% macro exchange_rates() -%}
    {%- set rows = [] -%}
    {%- for code, first, last, rate in mapped_currency().rates -%}
        {%- do rows.append(
            "('" ~ code ~ "', date '" ~ first ~ "', date '" ~ last ~ "', cast(" ~ rate
            ~ ' as decimal(18, 8)))'
        ) -%}
    {%- endfor -%}
    select * from (values {{ rows | join(', ') }})
        as rates (rate_currency, first_date, last_date, rate)
{%- endmacro %}


{# An amount in the currency that counts. #}
{% macro converted(amount) -%}
    case
        when rate is null then {{ amount }}
        else try_cast(cast({{ amount }} as decimal(18, 4)) * rate as {{ money_type() }})
    end
{%- endmacro %}


{# An amount as people write it, with its currency if the mapping names one: 52,000 EUR. #}
{% macro revenue_words(value, decimals=0) -%}
    {%- set currency = mapped_currency().into -%}
    {%- if currency -%}
        concat({{ money_words(value, decimals) }}, ' {{ currency }}')
    {%- else -%}
        {{ money_words(value, decimals) }}
    {%- endif -%}
{%- endmacro %}


{# A value of a measure as people write it: revenue with its currency, other measures without. #}
{% macro amount_words(measure, value) -%}
    {%- if mapped_currency().into -%}
        case
            when {{ measure }} = 'revenue' then {{ revenue_words(value) }}
            else {{ money_words(value) }}
        end
    {%- else -%}
        {{ money_words(value) }}
    {%- endif -%}
{%- endmacro %}
