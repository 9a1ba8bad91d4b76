"""Show a release in other tools: a dashboard for Superset, a notebook."""
