"""The build: which files are new, reading them, running dbt, publishing the result."""
