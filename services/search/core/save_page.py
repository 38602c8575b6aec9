"""What the page that saves a search shows and takes: the form of readers, and the command for who has a token.

After this: `services.search.saved_pages`.
"""

import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import orjson
from pydantic import ValidationError

from services.search.core.parameters import SearchFilters
from services.search.core.saved import SavedSearchSubmission

#: Longer forms save no search.
MOST_FORM_BYTES = 64 * 1024
_MOST_FIELDS = 120
#: What readers may fill in. Matches are sent to nobody for them: a form needs no token.
_TAKEN = {"name", *SearchFilters.model_fields, "from", "to"} - {"date_from", "date_to"}


def parse_save_form(body: bytes) -> SavedSearchSubmission:
    """The form as browsers send it (`application/x-www-form-urlencoded`). Raises ValueError, which says what is wrong."""
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise ValueError("this is no form that saves a search") from error
    return build_submission({name: values for name, values in fields.items() if name in _TAKEN})


def build_submission(fields: Mapping[str, Any]) -> SavedSearchSubmission:
    """The search to be saved, each field with its value or its values. Raises ValueError, which says what is wrong."""
    many = {name for name, field in SearchFilters.model_fields.items() if field.default == ()}
    given = {name: value if name in many or not isinstance(value, list) else value[0] for name, value in fields.items()}
    try:
        return SavedSearchSubmission.model_validate(given)
    except ValidationError as error:
        raise ValueError("; ".join(_explain(each) for each in error.errors()[:3])) from None


def _explain(error: Mapping[str, Any]) -> str:
    place = ".".join(str(part) for part in error["loc"])
    text = str(error["msg"]).removeprefix("Value error, ")
    return f"{place}: {text}" if place else text


def build_command(address: str, filters: SearchFilters) -> str:
    """The shell command that saves a search by the API, for who has a token in `$TOKEN`."""
    asked = filters.model_dump(mode="json", by_alias=True, exclude_defaults=True, include=set(SearchFilters.model_fields))
    body = orjson.dumps({"name": filters.q or "My search", **asked}).decode()
    return (
        f"curl {shlex.quote(address)} \\\n"
        "  -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\\n"
        f"  -d {shlex.quote(body)}"
    )
