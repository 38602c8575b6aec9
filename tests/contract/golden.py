"""The golden records under schemas/golden: one of every event type version that was ever released, as it stood in Kafka."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.events import Record

FOLDER = Path(__file__).resolve().parents[2] / "schemas" / "golden"


@dataclass(frozen=True)
class Golden:
    """A golden record: what the file says, and the record that it stands for."""

    topic: str
    key: str | None
    headers: Mapping[str, str]
    value: Mapping[str, Any]

    @property
    def type(self) -> str:
        return self.headers["ce_type"]

    def record(self, *, indent: int | None = None) -> Record:
        """The record; compact as the services write it, or with the value indented, which is the same JSON."""
        separators = (",", ":") if indent is None else None
        return Record(
            topic=self.topic,
            partition=3,
            offset=1042,
            key=None if self.key is None else self.key.encode(),
            value=json.dumps(self.value, ensure_ascii=False, separators=separators, indent=indent).encode(),
            headers=tuple((name, value.encode()) for name, value in self.headers.items()),
            timestamp_ms=1_795_513_600_000,
        )


def load_all() -> list[Golden]:
    """Every golden record, by the name of its file."""
    return [Golden(**json.loads(path.read_text(encoding="utf-8"))) for path in sorted(FOLDER.glob("*.json"))]


GOLDEN = load_all()
OF_TYPE = {golden.type: golden for golden in GOLDEN}
