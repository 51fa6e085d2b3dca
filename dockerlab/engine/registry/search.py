"""What Docker Hub knows by a word (``docker search``)."""

from __future__ import annotations

from typing import Any

from dockerlab.engine.errors import ServerError
from dockerlab.engine.registry import access
from dockerlab.formats import manifest

_INDEX = "https://index.docker.io/v1/search"
_LARGEST = 4 << 20


async def search(term: str, limit: int) -> list[dict[str, Any]]:
    """Rows as the API shows them. Raises ServerError when Docker Hub cannot be reached."""
    try:
        async with access.session() as session:
            query = {"q": term, "n": str(limit)}
            async with session.get(_INDEX, params=query) as response:
                raw = await response.content.read(_LARGEST)
                status = response.status
    except access.connection_errors() as error:
        raise ServerError(
            f'Get "{_INDEX}?q={term}&n={limit}": {str(error) or type(error).__name__}',
            "Docker Hub cannot be reached from here.",
        ) from error
    if status != 200:
        raise ServerError(f"Docker Hub answered {status} to the search")
    rows = manifest.parse_json(raw, "answer of Docker Hub").get("results") or []
    return [_row(row) for row in rows if isinstance(row, dict)][:limit]


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "star_count": int(row.get("star_count") or 0),
        "is_official": bool(row.get("is_official")),
        "name": str(row.get("name") or ""),
        "is_automated": bool(row.get("is_automated")),
        "description": str(row.get("description") or ""),
    }
