"""The published vectors of this project, which a vector of another file may refer to."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

PUBLISHED = Path(__file__).with_name("published.json")


@cache
def published_vectors() -> dict[str, dict[str, Any]]:
    """By id, in the order of the file."""
    vectors = json.loads(PUBLISHED.read_text(encoding="utf-8"))["vectors"]
    return {str(vector["id"]): vector for vector in vectors}
