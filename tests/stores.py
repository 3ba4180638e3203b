"""A store of files for each data folder: the folder itself, or a place of its own on the S3 server that the session runs on."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "TEST_S3"
"""The variable that holds the settings of the session's server, as JSON, if there is one."""


def store_settings(data: Path) -> Mapping[str, str]:
    """Return the settings that say where a data folder's files are kept."""
    if VARIABLE not in os.environ:
        return {}
    server: dict[str, str] = json.loads(os.environ[VARIABLE])
    return {**server, "s3_prefix": hashlib.sha256(bytes(data)).hexdigest()[:32]}
