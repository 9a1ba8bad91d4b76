"""The draft of a mapping: what the files are, and what only a person can answer."""
