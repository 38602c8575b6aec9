"""The settings of enrich."""

from pydantic import Field

from services.enrich.models import ENGLISH_MODEL
from shared.settings import Group, KafkaSettings, ServiceSettings


class ModelSettings(Group):
    """What articles are read with."""

    english_model: str = Field(default=ENGLISH_MODEL, description="the installed spaCy package that recognises English names")
    batch_records: int = Field(default=32, ge=1, le=1000, description="articles of one batch at most")
    known_articles: int = Field(
        default=100_000,
        ge=2_000,
        le=1_000_000,
        description="the newest articles whose copies are recognised as the same story, at some 0.8 kB of memory each",
    )


class EnrichSettings(ServiceSettings):
    """All of enrich's settings."""

    kafka: KafkaSettings = KafkaSettings()
    enrich: ModelSettings = ModelSettings()
