"""What is wrong with a request, said so that whoever sent it can mend it: pydantic's errors → fields and what to do.

Before this: `services.search.refusals`, which knows what the route takes.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

#: Errors that one answer names: enough to mend what is wrong, and no answer larger than its question.
MOST_ERRORS = 20
_LONGEST_NAME = 100
#: Errors of pydantic that say what is wrong better in other words.
_SAID_BETTER = {
    "missing": "it must be given",
    "bool_parsing": "write true or false",
    "int_parsing": "write a whole number",
    "int_from_float": "write a whole number",
    "json_invalid": "the body is not JSON",
}
#: Errors that do not say what would be right: what the parameter is stands behind them.
_SAYS_NO_MORE = frozenset({"missing", "string_pattern_mismatch", "bool_parsing", "int_parsing", "string_too_short"})


def explain_unknown(name: str, known: Sequence[str]) -> dict[str, str]:
    """Of a parameter that there is not: which one was probably meant, and which there are."""
    meant = get_close_matches(name, known, 1)
    there_are = f"there are {', '.join(known)}" if known else "there are none"
    did_you_mean = f": did you mean {meant[0]}?" if meant else ":"
    return {"field": name[:_LONGEST_NAME], "detail": f"there is no such parameter here{did_you_mean} {there_are}"}


def explain_errors(errors: Sequence[Mapping[str, Any]], known: Mapping[str, str]) -> list[dict[str, str]]:
    """Each error as `field` and `detail`, the first few only.

    Args:
        errors: as pydantic tells them; the first part of a place is `query`, `path` or `body`.
        known: the parameters or fields that there are, each with what it is.
    """
    return [_explain(error, known) for error in errors[:MOST_ERRORS]]


def _explain(error: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, str]:
    kind, place = str(error["type"]), [str(part) for part in error["loc"]]
    if kind == "json_invalid":
        reason = error.get("ctx", {}).get("error", "")
        return {"field": "body", "detail": f"{_SAID_BETTER[kind]}, at character {place[-1]}: {reason}"}
    field = ".".join(place[1:])[:_LONGEST_NAME] or place[0]
    if kind == "extra_forbidden":
        return explain_unknown(field, list(known))
    if kind == "too_long" and isinstance(error.get("input"), str):  # pydantic counts items of whatever it is given
        return {"field": field, "detail": f"it may have {error['ctx']['max_length']} characters at most"}
    detail = _SAID_BETTER.get(kind, str(error["msg"]).removeprefix("Value error, "))
    what_it_is = known.get(place[1] if len(place) > 1 else "", "") if kind in _SAYS_NO_MORE else ""
    return {"field": field, "detail": f"{detail}: {what_it_is}" if what_it_is else detail}


def summarize(errors: Sequence[Mapping[str, str]]) -> str:
    """All of them in one line: the first, and how many more there are."""
    first = errors[0]
    more = f"; {len(errors) - 1} more, see `errors`" if len(errors) > 1 else ""
    return f"{first['field']}: {first['detail']}{more}"
