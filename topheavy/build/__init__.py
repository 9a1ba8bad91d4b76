"""Build a mapping: plan which files to read, read them, run dbt, and publish the result."""
