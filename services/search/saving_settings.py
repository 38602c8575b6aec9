"""The settings of saved searches."""

from pydantic import Field

from shared.settings import Group, Words


class SavingSettings(Group):
    """Who may save searches, and how many."""

    saving_token_hashes: Words = Field(
        default=(), description="SHA-256 (hex) of bearer tokens that may save and delete searches; without any, nobody may"
    )
    most_saved_searches: int = Field(
        default=10_000, ge=0, le=50_000, description="searches that may be saved at a time; a further one gets 409"
    )
    readers_save_until: int = Field(
        default=0,
        ge=0,
        le=50_000,
        description="readers may save searches on the pages, without a token, while fewer than these are saved; 0: never",
    )
