"""The pictures of the README can be taken, and it shows those that are."""

import re
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.pictures import FOLDER, MOST_BYTES, TAKEN, take_pictures

README = Path(__file__).parents[2] / "README.md"


def test_a_picture_of_each_main_page_can_be_taken_and_is_small(
    browser: Browser, addresses: dict[str, str], site: tuple[str, str], tmp_path: Path
) -> None:
    pictures = take_pictures(browser, site[0], addresses, tmp_path)

    assert [picture.name for picture in pictures] == [f"{'-'.join(taken)}.jpg" for taken in TAKEN]
    assert all(5_000 < picture.stat().st_size < MOST_BYTES for picture in pictures)


def test_the_readme_shows_pictures_that_are_there_with_words_for_who_cannot_see_them() -> None:
    shown = re.findall(r"!\[([^\]]*)\]\(docs/pictures/([^)]+)\)", README.read_text(encoding="utf-8"))

    assert len(shown) >= 2
    assert all(len(words) > 20 and (FOLDER / name).is_file() for words, name in shown)
