"""Where revenue and activity are concentrated: from an export's files to a tested warehouse.

Imports go one way through the rooms, each of which may use those before it:

    mapping      what an export's files and columns mean: keys, checks, sources as SQL
    draft        a first mapping, made from the files, and what it has to ask
    report       the page: facts, charts, sections, what it can be asked
    publish      releases and what stands beside them: summary, differences, exports
    build        plan, loading, ingest, dbt: from a mapping to a release
    dashboards   what shows a release elsewhere: Superset, a notebook

The modules beside the rooms use no room. `python -m topheavy` has the commands; tools/ may use all
of this, and nothing here uses tools/.
"""
