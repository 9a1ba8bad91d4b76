"""Draft a mapping from the files of an export, and ask what only a person can answer."""
