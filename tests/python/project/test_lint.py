"""The SQL linter finds violations of each of its rules."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from configparser import ConfigParser
from pathlib import Path

import pytest

from tools.check_spark import LINTER

PROJECT = Path(__file__).resolve().parents[3]
SETTINGS = PROJECT / ".sqlfluff"

# Rules that are active but cannot fail here, with the reason.
SILENT = {
    "AL06": "limits the length of aliases only where a limit is set; AL07 forbids aliases",
    "AM02": "does not look at DuckDB's dialect",
    "CV10": "prefers no quotes in a dialect where single and double quotes differ in meaning",
    "CV13": "is off unless it is forced",
    "RF07": "is off unless it is forced",
}

# A violation of each rule.
PLANTED = {
    "AL01": "select a.x from a\njoin b c on a.x = c.x\n",
    "AL02": "select x y from a\n",
    "AL03": "select\n    x + 1,\n    y\nfrom a\n",
    "AL04": "select t.x from a as t\ninner join b as t on t.x = t.y\n",
    "AL05": "select a.x from a as t\n",
    "AL07": "select t.x from a as t\n",
    "AL08": "select x as y, z as y from a\n",
    "AL09": "select x as x from a\n",
    "AL10": "select x from (select 1 as x)\n",
    "AM01": "select distinct x from a\ngroup by x\n",
    "AM05": "select a.x from a\njoin b on a.x = b.x\n",
    "AM06": "select x from a\norder by 1\n",
    "AM07": "select x from a\nunion all\nselect x, y from b\n",
    "AM08": "select a.x from a\ninner join b\n",
    "AM09": "select x from a\nlimit 1\n",
    "CP01": "SELECT x from a\n",
    "CP02": "select X from a\n",
    "CP03": "select SUM(x) as y from a\n",
    "CP04": "select NULL as x\n",
    "CP05": "select cast(x as INTEGER) as y from a\n",
    "CV01": "select x from a\nwhere x <> 1\n",
    "CV02": "select ifnull(x, 0) as y from a\n",
    "CV03": "select\n    x,\nfrom a\n",
    "CV04": "select count(1) as n from a\n",
    "CV05": "select x from a\nwhere x = null\n",
    "CV06": "select x from a ;\n",
    "CV07": "(select x from a)\n",
    "CV08": "select a.x from a\nright join b on a.x = b.x\n",
    "CV09": "select x from a\nqualify x = 1\n",
    "CV12": "select a.x from a\ninner join b\nwhere a.x = b.x\n",
    "JJ01": "select {{'x'}} as y from a\n",
    "LT01": "select x  from a\n",
    "LT03": "select\n    x +\n    y as z\nfrom a\n",
    "LT04": "select\n    x\n    , y\nfrom a\n",
    "LT06": "select sum (x) as y from a\n",
    "LT07": "with\n\na as (\n    select 1 as x)\n\nselect * from a\n",
    "LT09": "select x, y from a\n",
    "LT10": "select\n    distinct x\nfrom a\n",
    "LT11": "select x from a union all\nselect x from b\n",
    "LT12": "select x from a",
    "LT13": "\nselect x from a\n",
    "LT14": "select x from a where\n    x = 1\n",
    "LT15": "select x from a\n\n\n\nwhere x = 1\n",
    "RF01": "select\n    a.x,\n    b.y\nfrom a\ninner join c on a.x = c.x\n",
    "RF02": "select x from a\ninner join b on a.y = b.y\n",
    "RF03": "select a.x, y from a\n",
    "RF05": 'select x as "a b" from a\n',
    "RF06": 'select "x" from a\n',
    "ST01": "select case when x then 1 else null end as y from a\n",
    "ST02": "select case when x then true else false end as y from a\n",
    "ST03": "with\n\na as (\n    select 1 as x\n)\n\nselect 1 as y\n",
    "ST04": "select case when x then 1 else case when y then 2 end end as z from a\n",
    "ST05": "select b.x from (select x from a) as b\n",
    "ST07": "select a.x from a\ninner join b using (x)\n",
    "ST08": "select distinct (x) from a\n",
    "ST09": "select a.x from a\ninner join b on b.x = a.x\n",
    "ST10": "select x from a\nwhere x = x\n",
    "ST11": "select a.x from a\nleft join b on a.x = b.x\n",
    "ST12": "select x from a;;\n",
}


def rules() -> Mapping[str, set[str]]:
    """Return the groups of each rule of the linter."""
    listed = subprocess.run([LINTER, "rules"], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^(\w{2}\d{2}):.*\n\s*groups: (.*)$", listed, re.MULTILINE)
    return {code: set(groups.split(", ")) for code, groups in found}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, set[str]]:
    """The rules that the linter finds violated in each planted file, with the project's settings.

    None of the violations needs dbt to render it.
    """
    folder = tmp_path_factory.mktemp("planted")
    settings = SETTINGS.read_text(encoding="utf-8")
    assert "templater = dbt" in settings
    jinja = settings.replace("templater = dbt", "templater = jinja")
    (folder / SETTINGS.name).write_text(jinja, encoding="utf-8")
    for rule, text in PLANTED.items():
        (folder / f"{rule}.sql").write_text(text, encoding="utf-8")
    command = [LINTER, "lint", "--format", "json", "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    violations = json.loads(done.stdout)
    return {Path(name).stem: {it["code"] for it in said} for name, said in violations.items()}


def test_every_rule_has_a_planted_violation() -> None:
    settings = ConfigParser()
    settings.read(SETTINGS, encoding="utf-8")
    chosen, excluded = (
        set(settings["sqlfluff"][name].split(", ")) for name in ("rules", "exclude_rules")
    )
    active = {code for code, groups in rules().items() if groups & chosen} - excluded
    assert active == PLANTED.keys() | SILENT.keys()


@pytest.mark.parametrize("rule", sorted(PLANTED))
def test_a_planted_violation_is_found(found: Mapping[str, set[str]], rule: str) -> None:
    assert rule in found[rule]
