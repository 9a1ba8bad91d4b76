"""What the Superset of `make superset` and of its test is set to; Superset reads it at its start.

It lives in the folder that SUPERSET_HOME names, and is gone with it.
"""

import copy
import os
import secrets

from superset.config import TALISMAN_CONFIG as DEFAULT_POLICY

# Made at each start and kept nowhere: what it signs are the cookies of this one run.
SECRET_KEY = secrets.token_urlsafe(48)
SQLALCHEMY_DATABASE_URI = f"sqlite:///{os.environ['SUPERSET_HOME']}/superset.db"

# The page loads nothing from elsewhere, nor does it say elsewhere that it was opened.
TALISMAN_CONFIG = copy.deepcopy(DEFAULT_POLICY)
for _kind, _sources in TALISMAN_CONFIG["content_security_policy"].items():
    if isinstance(_sources, list):
        TALISMAN_CONFIG["content_security_policy"][_kind] = [
            source for source in _sources if source.startswith("'") or source.endswith(":")
        ]

# For one person on one machine.
RATELIMIT_ENABLED = False
RATELIMIT_STORAGE_URI = "memory://"
CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
LOG_LEVEL = "ERROR"
