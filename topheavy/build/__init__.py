"""Build a mapping: plan which files to read, read them, run dbt, and publish the result."""

from mashumaro.config import BaseConfig

# dbt's classes compile how they are read and written when they are first used, and not all of them
# when dbt is imported, which takes half a second.
BaseConfig.lazy_compilation = True
