"""The settings of the Superset of `make superset` and of its test; Superset reads them at startup.

Its data are in the folder that SUPERSET_HOME names, which is removed at the end.
"""

import copy
import os
import secrets

from superset.config import TALISMAN_CONFIG as DEFAULT_POLICY

# Created at each start and stored nowhere: it signs the cookies of this run only.
SECRET_KEY = secrets.token_urlsafe(48)
SQLALCHEMY_DATABASE_URI = f"sqlite:///{os.environ['SUPERSET_HOME']}/superset.db"

# The page loads nothing from other hosts and reports nothing to them.
TALISMAN_CONFIG = copy.deepcopy(DEFAULT_POLICY)
for _kind, _sources in TALISMAN_CONFIG["content_security_policy"].items():
    if isinstance(_sources, list):
        TALISMAN_CONFIG["content_security_policy"][_kind] = [
            source for source in _sources if source.startswith("'") or source.endswith(":")
        ]

# Settings for one person on one machine.
RATELIMIT_ENABLED = False
RATELIMIT_STORAGE_URI = "memory://"
CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
LOG_LEVEL = "ERROR"
