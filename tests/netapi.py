"""Bare requests to an engine's networks and volumes, and the shapes of what comes back."""

from __future__ import annotations

import json
from typing import Any

import requests
from docker.api.client import APIClient

NETWORK_KEYS = [
    "Name", "Id", "Created", "Scope", "Driver", "EnableIPv6", "IPAM", "Internal", "Attachable",
    "Ingress", "ConfigFrom", "ConfigOnly", "Containers", "Options", "Labels",
]  # fmt: skip


class API:
    """Bare requests: what a client does to an answer must not hide anything."""

    def __init__(self, url: str) -> None:
        self._client = APIClient(base_url=url, version="1.41", timeout=20)

    def __call__(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, Any]:
        if "filters" in query:
            query["filters"] = json.dumps(query["filters"])
        url = f"{self._client.base_url}/v1.41{path}"
        answer: requests.Response = self._client.request(method, url, json=body, params=query)
        return answer.status_code, answer.json() if answer.content else None

    def close(self) -> None:
        self._client.close()
