"""Measure where revenue and activity are concentrated, from the files of an export.

The subpackages import each other in one direction; each may use those listed above it.

    mapping      the meaning of an export's files and columns: keys, checks, sources as SQL
    draft        a first mapping, made from the files, and its questions
    report       the page: facts, charts, sections, answers to questions
    publish      releases and the files beside them: summary, differences, exports
    build        from a mapping to a release: plan, loading, ingest, dbt
    dashboards   a release in other tools: Superset, a notebook

The modules beside the subpackages use none of them. `python -m topheavy` runs the commands. tools/
may use everything here; nothing here uses tools/.
"""
