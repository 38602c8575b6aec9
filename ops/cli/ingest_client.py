"""The client of ingest's HTTP API that the commands share: where it is, with which token, and what its answers mean."""

from types import TracebackType
from typing import Any, Self

import httpx2

from ops.cli.settings import CLIGroup
from ops.local.settings import LocalSettings
from shared.failures import Misconfigured, Unavailable
from shared.settings import PREFIX

_TIMEOUT_SECONDS = 60.0


class IngestClient:
    """Speaks to ingest's HTTP API."""

    def __init__(self, url: str, token: str, patience_seconds: float = _TIMEOUT_SECONDS) -> None:
        self._where = url
        self._http = httpx2.Client(
            base_url=url, timeout=patience_seconds, trust_env=False, headers={"Authorization": f"Bearer {token}"}
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._http.close()

    def get(self, path: str, **parameters: str) -> tuple[int, dict[str, Any]]:
        """As `post`."""
        return self._answer("GET", path, b"", {}, parameters)

    def download(self, path: str) -> bytes:
        """The bytes of an answer that is not JSON; errors as in `post`, and Misconfigured for a problem."""
        response = self._request("GET", path, b"", {}, {})
        if response.status_code != 200:
            raise Misconfigured(reason_of(response.json()))
        return response.content

    def post(self, path: str, content: bytes, content_type: str, **parameters: str) -> tuple[int, dict[str, Any]]:
        """Status and JSON of the answer. Unavailable when ingest cannot take it now, Misconfigured when it does not know us."""
        return self._answer("POST", path, content, {"Content-Type": content_type}, parameters)

    def patch(self, path: str, content: bytes) -> tuple[int, dict[str, Any]]:
        """As `post`, with JSON."""
        return self._answer("PATCH", path, content, {"Content-Type": "application/json"}, {})

    def delete(self, path: str) -> tuple[int, dict[str, Any]]:
        """As `post`."""
        return self._answer("DELETE", path, b"", {}, {})

    def _answer(
        self, method: str, path: str, content: bytes, headers: dict[str, str], parameters: dict[str, str]
    ) -> tuple[int, dict[str, Any]]:
        response = self._request(method, path, content, headers, parameters)
        answer: dict[str, Any] = response.json() if response.content else {}
        return response.status_code, answer

    def _request(
        self, method: str, path: str, content: bytes, headers: dict[str, str], parameters: dict[str, str]
    ) -> httpx2.Response:
        try:
            response = self._http.request(method, path, content=content, headers=headers, params=parameters)
        except httpx2.HTTPError as error:
            raise Unavailable(f"ingest does not answer at {self._where}: {error}; is it running (`make run`)?") from error
        if response.status_code == 401:
            raise Misconfigured("ingest does not know this token: give one with --token or DATELINE_CLI_TOKEN")
        if response.status_code >= 500:
            raise Unavailable(f"ingest answered {response.status_code}: {response.text[:500]}")
        return response


def connect_ingest(settings: CLIGroup, token: str | None, patience_seconds: float = _TIMEOUT_SECONDS) -> IngestClient:
    """A client with the token given, or that of the settings, or that of the local stack."""
    return IngestClient(settings.ingest_url, token or settings.token or local_token(), patience_seconds)


def local_token() -> str:
    """The token of the stack that `dateline run` runs; Misconfigured when there is none."""
    file = LocalSettings().local.home / "token"
    if not file.exists():
        raise Misconfigured(f"no token: give one with --token or {PREFIX}CLI_TOKEN ({file} of a local stack does not exist)")
    return file.read_text(encoding="ascii").strip()


def reason_of(answer: dict[str, Any]) -> str:
    """What a problem says, with the fields that it names."""
    errors = "; ".join(f"{error['field']}: {error['detail']}" for error in answer.get("errors", []))
    return f"{answer.get('detail', answer)}" + (f" ({errors})" if errors else "")
