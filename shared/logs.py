"""Logs: one JSON object a line on standard output, with the names of the Elastic Common Schema."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from shared.settings import LogSettings

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
#: Libraries that say at INFO what is only of use at DEBUG.
_TALKATIVE = (
    "kafka",
    "aiokafka",
    "faust",
    "mode",
    "elastic_transport",
    "httpx",
    "httpx2",
    "httpcore",
    "trafilatura",
    "uvicorn.access",
)

Entry = MutableMapping[str, Any]


def _ecs_names(_: object, __: str, entry: Entry) -> Entry:
    entry["@timestamp"] = entry.pop("timestamp")
    entry["log.level"] = entry.pop("level")
    entry["message"] = entry.pop("event")
    return entry


def set_up_logs(service: str, settings: LogSettings) -> None:
    """Make every logger of the process, the libraries' too, write JSON lines that name the service."""

    def name_service(_: object, __: str, entry: Entry) -> Entry:
        entry["service.name"] = service
        return entry

    common: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        name_service,
        _ecs_names,
    ]
    structlog.configure(
        processors=[*common, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=common,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(_LEVELS[settings.level])
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(_LEVELS[settings.level], logging.WARNING))


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of a module."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger
