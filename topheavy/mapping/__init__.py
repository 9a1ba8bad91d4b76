"""The mapping: what an export's files and columns mean, checked against both."""
