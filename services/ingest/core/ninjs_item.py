"""An IPTC ninjs document as one shape for all versions: 1.x, 2.x and 3.x differ in how their properties are written.

https://iptc.org/std/ninjs/ninjs-schema_1.8.json, …_2.4.json and …_3.3.json. 2.x writes `versioncreated` where 3.x writes
`versionCreated`, and 1.x has `headline`, `body_text` and `byline` where the later ones have `headlines`, `bodies` and `by`.
Before this: a document. After it: `core.ninjs`.
"""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

#: Deeper documents than this are not folded: associations of associations are nobody's article.
_DEEPEST = 12
#: What 1.x calls a thing, and what the later versions call it.
_RENAMED = {
    "byline": "by",
    "subject": "subjects",
    "genre": "genres",
    "infosource": "infosources",
    "embargoed": "embargoeduntil",
    "mimetype": "contenttype",
}
_MARKUP = ("text/html", "application/xhtml+xml")
_PLAIN = "text/plain"


class _Lenient(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Wording(_Lenient):
    """One of the headlines, descriptions or bodies."""

    value: str
    role: str | None = None
    contenttype: str | None = None

    @property
    def is_markup(self) -> bool:
        """Whether it is HTML: by its media type, or without one by what it looks like."""
        if self.contenttype is None:
            return "</" in self.value or "/>" in self.value
        return self.contenttype.split(";")[0].strip().lower() in _MARKUP

    @property
    def is_readable(self) -> bool:
        """Whether it is text or HTML, and not NITF or another vocabulary."""
        return self.is_markup or self.contenttype is None or self.contenttype.split(";")[0].strip().lower() == _PLAIN


class Concept(_Lenient):
    """A subject, genre or source by its name."""

    name: str | None = None
    role: str | None = None
    rel: str | None = None


class AltID(_Lenient):
    """Another identifier."""

    role: str | None = None
    value: str | None = None


class Rendition(_Lenient):
    """One of the files of a picture, or of the item."""

    href: str | None = None
    contenttype: str | None = None
    width: float | None = None


class Association(_Lenient):
    """An item that belongs to this one, such as a picture."""

    uri: str | None = None
    type: str | None = None
    headlines: tuple[Wording, ...] = ()
    renditions: tuple[Rendition, ...] = ()


class NinjsItem(_Lenient):
    """What Dateline reads of a document; properties that it does not read may be anything."""

    uri: Annotated[str, Field(min_length=1, max_length=500)]
    type: str | None = None
    version: str | int | None = None
    pubstatus: str = "usable"
    firstcreated: str | None = None
    versioncreated: str | None = None
    contentcreated: str | None = None
    embargoeduntil: str | None = None
    language: str | None = None
    title: str | None = None
    headlines: tuple[Wording, ...] = ()
    descriptions: tuple[Wording, ...] = ()
    bodies: tuple[Wording, ...] = ()
    by: str | None = None
    copyrightholder: str | None = None
    ednote: str | None = None
    subjects: tuple[Concept, ...] = ()
    genres: tuple[Concept, ...] = ()
    infosources: tuple[Concept, ...] = ()
    altids: tuple[AltID, ...] = ()
    renditions: tuple[Rendition, ...] = ()
    associations: tuple[Association, ...] = ()


class Spelling:
    """How a document writes its properties, so that an error names the property as its sender knows it."""

    def __init__(self) -> None:
        self._written: dict[str, str] = {}

    def learn(self, folded: str, written: str) -> None:
        """Remember how a property was written first."""
        self._written.setdefault(folded, written)

    def of(self, *path: str | int) -> str:
        """The path of a property in the sender's words, such as `bodies.0.contentType`."""
        return ".".join(self._written.get(str(part), str(part)) for part in path)


def fold_item(document: dict[str, Any], spelling: Spelling) -> dict[str, Any]:
    """The document with names in lower case and as 2.x and 3.x have them; values are left as they are."""
    folded = _fold(document, spelling, 0)
    assert isinstance(folded, dict)  # noqa: S101 - for the type checker: a dict stays one
    folded["associations"] = _listed(folded.get("associations"))
    if isinstance(folded["associations"], list):
        folded["associations"] = [_fold_words(each, spelling) for each in folded["associations"]]
    folded["altids"] = _alt_ids(folded.get("altids"))
    words = _fold_words(folded, spelling)
    return {name: value for name, value in words.items() if value is not None}


def parse_item(document: dict[str, Any], spelling: Spelling) -> NinjsItem | tuple[tuple[str, str], ...]:
    """The item of a document, or what is wrong with it by property."""
    try:
        return NinjsItem.model_validate(fold_item(document, spelling))
    except ValidationError as error:
        wrong = {spelling.of(*_path(problem["loc"])): problem["msg"] for problem in error.errors(include_url=False)}
        return tuple(wrong.items())


def _path(location: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Without what pydantic adds for the alternatives of a union."""
    return tuple(part for part in location if part not in ("str", "int"))


def _fold(value: object, spelling: Spelling, depth: int) -> object:
    if depth > _DEEPEST:
        return value
    if isinstance(value, dict):
        folded: dict[str, object] = {}
        for name, inner in value.items():
            known = _RENAMED.get(name.lower(), name.lower())
            spelling.learn(known, name)
            folded[known] = _fold(inner, spelling, depth + 1)
        return folded
    if isinstance(value, list):
        return [_fold(each, spelling, depth + 1) for each in value]
    return value


def _listed(value: object) -> Any:
    """1.x has objects with a name for each member, later versions have arrays."""
    return list(value.values()) if isinstance(value, dict) else [] if value is None else value


def _fold_words(value: Any, spelling: Spelling) -> Any:
    """An item, or an association, with renditions and wordings in arrays."""
    if not isinstance(value, dict):
        return value
    folded = {**value, "renditions": _listed(value.get("renditions"))}
    for plural, single in (("headlines", "headline"), ("descriptions", "description"), ("bodies", "body")):
        if folded.get(plural) is None:
            folded[plural] = list(_wordings(folded, single, spelling, plural))
    return folded


def _alt_ids(value: object) -> Any:
    if isinstance(value, dict):
        return [{"role": role, "value": each} for role, each in value.items() if isinstance(each, str)]
    return value


def _wordings(folded: dict[str, Any], single: str, spelling: Spelling, plural: str) -> Iterator[dict[str, Any]]:
    """`headline`, `headline_x`, `body_text`, `body_xhtml` and the like of 1.x, the plain name first."""
    names = [name for name in (single, *folded) if name == single or name.startswith(f"{single}_")]
    for name in dict.fromkeys(names):
        if folded.get(name) is not None:
            spelling.learn(plural, name)
            kind = name.removeprefix(single).strip("_")
            media = _PLAIN if kind in ("", "text") else _MARKUP[0] if "html" in kind else f"application/x-{kind}"
            yield {"value": folded[name], "role": kind or "main", "contenttype": media if single != "headline" else _PLAIN}
