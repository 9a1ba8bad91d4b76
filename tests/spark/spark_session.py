"""The single Spark session that all tests of this folder share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from one_spark import JAVA_OPTIONS

from topheavy.build.spark_build import session as shipped_session


@pytest.fixture(scope="session")
def spark_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which Spark keeps its tables and its catalog."""
    return tmp_path_factory.mktemp("spark") / "spark"


@pytest.fixture(scope="session")
def spark(spark_folder: Path) -> Iterator[Any]:
    """A session with the settings of profiles.yml."""
    if not shutil.which("java"):
        pytest.skip("Spark needs Java 17 or newer")
    with pytest.MonkeyPatch.context() as environment:
        options = f"{os.environ.get('SPARK_SUBMIT_OPTS', '')} {JAVA_OPTIONS}".strip()
        environment.setenv("SPARK_SUBMIT_OPTS", options)
        environment.setenv("TOPHEAVY_SPARK", str(spark_folder))
        spark_folder.mkdir()
        session = shipped_session()
        yield session
        session.stop()
