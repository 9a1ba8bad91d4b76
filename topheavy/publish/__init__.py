"""Releases: publishing one, saying what it changed, exporting it."""
