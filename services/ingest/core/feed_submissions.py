"""What the API takes about feeds: one to add, what to change of one, an address to try. Unknown fields are refused."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from services.ingest.core.feed_records import FeedDefinition, FullText
from services.ingest.core.submissions import Name
from shared.articles import LanguageCode, WebURL
from shared.text import Line


def _web_address(text: str) -> str:
    url = text.strip()
    if not url.startswith(("http://", "https://")):
        raise PydanticCustomError("feed_url", "is no web address: it begins with neither http:// nor https://")
    if not url.isprintable() or " " in url:
        raise PydanticCustomError("feed_url", "holds blanks or control characters, which no address does")
    try:
        return _WEB_URL.validate_python(url)
    except ValidationError:
        raise PydanticCustomError("feed_url", "is no web address: it names no host") from None


_WEB_URL: TypeAdapter[str] = TypeAdapter(WebURL)
FeedURL = Annotated[str, Field(max_length=2048, json_schema_extra={"format": "uri"}), AfterValidator(_web_address)]


class FeedChange(BaseModel):
    """What is to change of a feed; what is left out stays, and null clears what was set."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"paused": True}, {"section": "World", "publisher": None}]}
    )

    publisher: Line | None = Field(default=None, min_length=1, max_length=200, description="the feed's own title if absent")
    section: Name | None = Field(default=None, description="the section of every article; the entry's own if absent")
    language: LanguageCode | None = Field(default=None, description="the language it is in; what the feed says if absent")
    full_text: FullText | None = Field(default=None, description="whether an entry's page is fetched; `teaser` if absent")
    paused: bool = Field(default=False, description="a paused feed is kept, and not polled")

    def applied_to(self, definition: FeedDefinition) -> FeedDefinition:
        """The definition with what was given changed."""
        given = {name: getattr(self, name) for name in self.model_fields_set - {"url"}}
        if given.get("full_text", FullText.TEASER) is None:
            given["full_text"] = FullText.TEASER
        return definition.model_copy(update=given)


class FeedSubmission(FeedChange):
    """A feed to add. For one that is known already, what is given is changed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"url": "https://courier.example/world.rss"},
                {"url": "https://courier.example/world.rss", "publisher": "Courier", "section": "World", "full_text": "always"},
            ]
        },
    )

    url: FeedURL = Field(description="RSS, Atom, JSON Feed or news sitemap, at http or https")


class CheckSubmission(BaseModel):
    """An address to try."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"url": "https://courier.example/world.rss"}]}
    )

    url: FeedURL
