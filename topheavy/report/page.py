"""Write the report: one HTML file that opens offline and can be read at a glance.

`render` is pure: the same facts give the same bytes. Everything that comes from data is escaped, in
the page and in the charts' JSON. A content security policy in the page allows only its own scripts,
identified by their hash, and no network requests.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from importlib.metadata import version
from pathlib import Path

import duckdb
import jinja2
from markupsafe import Markup

from topheavy.project import WORKSPACE
from topheavy.report.answers import Answers, read_answers
from topheavy.report.blocks import Section
from topheavy.report.charts import CONFIG
from topheavy.report.facts import Fact, Facts, read_facts
from topheavy.report.head import (
    Edition,
    as_of,
    calm,
    cautions,
    findings,
    key_figures,
    limit_states,
    read_edition,
    running_foot,
    title,
)
from topheavy.report.questions import asked
from topheavy.report.sections import sections
from topheavy.visible import visible
from topheavy.writing import write_whole

PAGE = Path(__file__).parent / "assets"
BUNDLES = WORKSPACE / "target"
# Vega, Vega-Lite and the tooltips in one script, without the rest of the bundle.
EXPORTED = "window.vegaEmbed = vegaEmbed;"
# The modules in the order of their imports. Their names are unique because they share one scope.
MODULES = (
    "words",
    "spectrum",
    "spread",
    "what_if",
    "below_zero",
    "cut",
    "rows",
    "answers",
    "elements",
    "draw",
    "ask",
    "panel",
    "change",
    "main",
)
# The data without which the page cannot answer questions.
NEEDED = ("indices", "periods")
IMPORT = re.compile(r"^import .*;\n", re.MULTILINE)
EXPORT = re.compile(r"^export ", re.MULTILINE)


def render(
    facts: list[Fact],
    published_at: str = "",
    edition: Edition | None = None,
    answers: Answers | None = None,
    refused: str = "",
) -> str:
    """Return the page of an export's facts; `published_at` is an ISO 8601 time.

    `edition` describes how the facts were made, and `answers` has the data for questions. `refused`
    gives the reason if they are not published.
    """
    everything = Facts.of([fact.visible() for fact in facts])
    edition = edition or Edition()
    parts = sections(everything)
    # Without periods there is nothing to choose from.
    can_be_asked = answers if answers and all(map(answers.data.get, NEEDED)) else None
    packed = asked(can_be_asked, everything).packed() if can_be_asked else ""
    scripts = [in_script(vega_bundle()), in_script(joined_modules())]
    page = environment().get_template("page.html.j2")
    return page.render(
        title=title(everything),
        lines=as_of(everything, edition, published_at),
        key_figures=key_figures(everything, edition),
        limit_states=limit_states(everything),
        findings=findings(everything, {part.id: part.title for part in parts if part.figures}),
        calm=calm(everything),
        refused=visible(refused),
        cautions=cautions(everything),
        measure=everything.measure,
        one=everything.one,
        several=everything.several,
        sections=parts,
        style=Markup(asset("style.css") + running_foot(title(everything), published_at)),
        charts=Markup(chart_data(parts)),
        answers=Markup(packed),
        scripts=[Markup(script) for script in scripts],
        policy=policy(scripts),
    )


def report_of(warehouse: Path, published_at: str, refused: str = "") -> str:
    """Return the page of a warehouse, or of a build that is refused."""
    with duckdb.connect(str(warehouse), read_only=True) as database:
        facts, edition = read_facts(database), read_edition(database)
        return render(facts, published_at, edition, read_answers(database), refused)


def joined_modules() -> str:
    """Return the page's modules as one script; each is a plain file that imports earlier ones."""
    parts = [IMPORT.sub("", asset(f"modules/{name}.js")) for name in MODULES]
    code = "\n".join(EXPORT.sub("", part) for part in parts)
    return f'(() => {{\n"use strict";\n{code}}})();\n'


@cache
def environment() -> jinja2.Environment:
    """Return templates that escape everything not marked as safe, and that refuse unknown names."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(PAGE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return made


def asset(name: str) -> str:
    return (PAGE / name).read_text(encoding="utf-8")


@cache
def vega_bundle() -> str:
    """Return the charts' library as one script. Making it takes seconds, so it is cached in dbt's
    folder.
    """
    kept = BUNDLES / f"vega-{version('vl-convert-python')}.js"
    try:
        return kept.read_bytes().decode()
    except FileNotFoundError:
        import vl_convert

        bundle = str(vl_convert.javascript_bundle(EXPORTED))
        write_whole(bundle, kept)
        return bundle


def in_script(code: str) -> str:
    """Return code that cannot close its script element and has no line ends that HTML
    would change.
    """
    return code.replace("\r\n", "\n").replace("\r", "\\r").replace("</script", "<\\/script")


def chart_data(parts: list[Section]) -> str:
    """Return the charts as JSON that contains nothing with a meaning in HTML."""
    figures = [figure for part in parts for figure in part.all_figures if figure.spec]
    data = {"config": CONFIG, "charts": {figure.id: figure.spec for figure in figures}}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def policy(scripts: list[str]) -> str:
    """Return a content security policy: these scripts, inline styles, and no network requests.

    Vega compiles its expressions, which the policy calls evaluation.
    """
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    hashes = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'none'; script-src 'unsafe-eval' {hashes}; "
        "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    )
