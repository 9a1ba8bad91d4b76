"""The picture in the README is what dbt knows of the models, without what is not published."""

from __future__ import annotations

from typing import Any

from conftest import PROJECT

from lineage import lineage, with_picture


def manifest_of(**parents: tuple[str, list[str]]) -> dict[str, Any]:
    """A manifest of models: the folder of each, and what it reads."""
    return {
        "nodes": {
            f"model.topheavy.{name}": {
                "name": name,
                "resource_type": "model",
                "fqn": ["topheavy", folder, name],
                "depends_on": {"nodes": [f"model.topheavy.{parent}" for parent in read]},
            }
            for name, (folder, read) in parents.items()
        }
    }


def test_arrows_pass_through_what_is_not_published() -> None:
    picture = lineage(
        manifest_of(
            stg_sales=("staging", []),
            sales=("core", ["stg_sales"]),
            int_sums=("concentration", ["sales"]),
            shares=("concentration", ["int_sums"]),
        )
    )
    arrows = [line.strip() for line in picture.splitlines() if "-->" in line]
    assert arrows == ["export --> sales", "sales --> shares"]


def test_a_shortcut_is_left_out() -> None:
    models = manifest_of(
        sales=("core", []),
        shares=("concentration", ["sales"]),
        limits=("risk", ["sales", "shares"]),
    )
    assert "sales --> limits" not in lineage(models)
    assert "shares --> limits" in lineage(models)


def test_the_readme_shows_the_models_as_they_are(manifest: dict[str, Any]) -> None:
    picture = lineage(manifest)
    page = (PROJECT / "README.md").read_text(encoding="utf-8")
    assert page == with_picture(page, picture), "make docs draws it anew"
    assert picture in page
