"""The settings of enrich."""

from pydantic import Field, field_validator

from services.enrich.models import ENGLISH_MODEL
from services.enrich.name_recognisers import PLUG_INS
from shared.settings import Group, KafkaSettings, ServiceSettings, TraceSettings, Words


class ModelSettings(Group):
    """What articles are read with."""

    english_model: str = Field(default=ENGLISH_MODEL, description="the installed spaCy package that recognises English names")
    recognisers: Words = Field(
        default=(),
        description="languages besides English whose names are recognised: fr (the extra ner-fr), ja (ner-ja, 200 MB more)",
    )
    batch_records: int = Field(default=32, ge=1, le=1000, description="articles of one batch at most")
    known_articles: int = Field(
        default=100_000,
        ge=2_000,
        le=1_000_000,
        description="the newest articles whose copies are recognised as the same story, at some 0.8 kB of memory each",
    )

    @field_validator("recognisers")
    @classmethod
    def _are_known(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        unknown = sorted(set(languages) - PLUG_INS.keys())
        if unknown:
            raise ValueError(f"no recogniser knows {', '.join(unknown)}; there are {', '.join(PLUG_INS)}, and English always")
        return tuple(dict.fromkeys(languages))


class EnrichSettings(ServiceSettings):
    """All of enrich's settings."""

    kafka: KafkaSettings = KafkaSettings()
    traces: TraceSettings = TraceSettings()
    enrich: ModelSettings = ModelSettings()
