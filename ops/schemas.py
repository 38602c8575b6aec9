"""`make schemas`: writes what is generated from the code.

JSON Schemas of the events, OpenAPI of both services, `.env.example`, docs/settings.md.
"""

import json
import sys
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaMode

from ops.cli.settings import CLISettings
from ops.local.settings import LocalSettings
from services.enrich.settings import EnrichSettings
from services.indexer.settings import IndexerSettings
from services.ingest.api import build_ingest_app
from services.ingest.core.submissions import ArticleSubmission
from services.ingest.feeds_api import feeds_router
from services.ingest.page_extractor import PageExtractors
from services.ingest.settings import IngestSettings
from services.popularity.settings import PopularitySettings
from services.search.app import build_search_app
from services.search.settings import SearchSettings
from services.webhooks.settings import WebhooksSettings
from shared.events import EVENT_TYPES
from shared.settings import PREFIX

ROOT = Path(__file__).resolve().parents[1]
#: Every settings model, with who reads it.
SETTINGS: dict[str, type[BaseModel]] = {
    "ingest": IngestSettings,
    "enrich": EnrichSettings,
    "popularity": PopularitySettings,
    "indexer": IndexerSettings,
    "search": SearchSettings,
    "webhooks": WebhooksSettings,
    "the command dateline": CLISettings,
    "make run": LocalSettings,
}

_SETTINGS_INTRODUCTION = """# Settings

Generated from the settings models by `make schemas`; do not edit.

Settings are environment variables. A service with a wrong or unknown one names all that is wrong and ends with
exit code 78 before it connects to anything. `make run` takes them from the environment, docker compose from a
file `.env`; `.env.example` has them all."""


def build_files() -> dict[str, str]:
    """Every generated file: its path from the project's root, and its content."""
    files = {
        f"schemas/events/{name}.json": _json(build_schema(name, body, mode="serialization")) for name, body in EVENT_TYPES.items()
    }
    files["schemas/article-submission.json"] = _json(build_schema("article-submission", ArticleSubmission))
    files["schemas/openapi-ingest.json"] = _json(
        build_ingest_app(
            cast("Any", None), cast("Any", None), 1, PageExtractors(1), (feeds_router(cast("Any", None), cast("Any", None)),)
        ).openapi()
    )
    files["schemas/openapi-search.json"] = _json(build_search_app(SearchSettings()).openapi())
    files[".env.example"] = build_env_example()
    files["docs/settings.md"] = build_settings_page()
    return files


def build_schema(name: str, model: type[BaseModel], mode: JsonSchemaMode = "validation") -> dict[str, Any]:
    """The JSON Schema (2020-12) of a model: what it takes, or what it writes (`serialization`)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:dateline:{name}",
        **model.model_json_schema(mode=mode),
    }


def build_env_example() -> str:
    """Every setting, as environment variables with their defaults, and who reads them."""
    readers, fields = _collect_settings()
    lines = ["# Every setting of Dateline with its default. Remove the # before a variable to change it."]
    for variable, field in sorted(fields.items()):
        lines += ["", f"# {field.description}. Read by {', '.join(readers[variable])}.", f"#{variable}={_spell(field.default)}"]
    return "\n".join(lines) + "\n"


def build_settings_page() -> str:
    """docs/settings.md: a table of each group."""
    readers, fields = _collect_settings()
    groups: dict[str, list[str]] = {}
    for variable in sorted(fields):
        groups.setdefault(variable.removeprefix(PREFIX).split("_")[0], []).append(variable)
    lines = [_SETTINGS_INTRODUCTION]
    for group, variables in groups.items():
        lines += ["", f"## {PREFIX}{group}_…", "", "| variable | default | what it is | read by |", "|---|---|---|---|"]
        for variable in variables:
            default, description = _spell(fields[variable].default), (fields[variable].description or "").replace("|", "\\|")
            shown = f"`{default}`" if default else ""
            lines.append(f"| `{variable}` | {shown} | {description} | {', '.join(readers[variable])} |")
    return "\n".join(lines) + "\n"


def _collect_settings() -> tuple[dict[str, list[str]], dict[str, FieldInfo]]:
    """Of every variable: who reads it, and its field."""
    readers: dict[str, list[str]] = {}
    fields: dict[str, FieldInfo] = {}
    for reader, model in SETTINGS.items():
        for group_name, group in model.model_fields.items():
            for name, field in cast("type[BaseModel]", group.annotation).model_fields.items():
                variable = f"{PREFIX}{group_name}_{name}".upper()
                readers.setdefault(variable, []).append(reader)
                fields[variable] = field
    return readers, fields


def _spell(default: object) -> str:
    if default is None:
        return ""
    if isinstance(default, tuple):
        return " ".join(map(str, default))
    return str(default).lower() if isinstance(default, bool) else str(default)


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> None:
    """Write every generated file."""
    for path, content in build_files().items():
        file = ROOT / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
