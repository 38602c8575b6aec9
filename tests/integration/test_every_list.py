"""Every list that popularity makes can be had from the API: each measure and window, of all, of groups, of recent articles."""

from typing import Any

import pytest

from shared.popularity import EVERYTHING, LISTED_WINDOWS, ListGroup, Measure, Window, list_id
from tests.builders import NOON
from tests.indexed import asking, open_newsroom

PARTITION = 9100
FRESH_DAYS = 7
LISTS = [(measure, window) for measure, windows in LISTED_WINDOWS.items() for window in windows]


@pytest.fixture(scope="module")
def newsroom(engines):
    with open_newsroom(engines.elasticsearch_url) as newsroom:
        picture: dict[str, Any] = {"image_url": "https://courier.example/ferry.jpg"}
        newsroom.write(
            newsroom.a_document("ferry", **picture), newsroom.a_document("pont", language="fr", headline={"fr": "Pont"}, body={})
        )
        newsroom.write(newsroom.a_document("elsewhere", section=f"{newsroom.section}/Elsewhere"))
        yield newsroom


@pytest.fixture(scope="module")
def search(engines, newsroom):
    with asking(engines.elasticsearch_url) as client:
        yield client


def groups(newsroom) -> dict[ListGroup, dict[str, int]]:
    """Every kind of group, each with its articles and their counts."""
    section, publisher = newsroom.section, newsroom.publisher
    return {
        EVERYTHING: {"ferry": 5, "elsewhere": 4, "pont": 3},
        ListGroup(section=section): {"ferry": 5, "pont": 3},
        ListGroup(language="fr"): {"pont": 3},
        ListGroup(publisher=publisher): {"ferry": 5, "elsewhere": 4, "pont": 3},
        ListGroup(section=section, language="fr"): {"pont": 3},
        ListGroup(section=section, publisher=publisher): {"ferry": 5, "pont": 3},
        ListGroup(language="en", publisher=publisher): {"ferry": 5, "elsewhere": 4},
        ListGroup(section=section, language="en", publisher=publisher): {"ferry": 5},
    }


#: Of recent articles there are lists by one value only.
RECENT = {"ferry": 5}


def write_lists(newsroom, measure, window):
    """The lists of one partition."""
    lists: list[tuple[ListGroup, int | None, dict[str, int]]] = [
        (group, None, counts) for group, counts in groups(newsroom).items()
    ]
    by_one = [EVERYTHING, ListGroup(section=newsroom.section), ListGroup(language="en"), ListGroup(publisher=newsroom.publisher)]
    lists += [(group, FRESH_DAYS, RECENT) for group in by_one]
    for group, fresh_days, counts in lists:
        document: dict[str, Any] = {
            "list_id": list_id(measure, window, PARTITION, group, fresh_days),
            "revision": 1,
            "measure": measure,
            "window": window,
            "as_of": NOON.isoformat(),
            "partition": PARTITION,
            "group": group.id,
            "section": group.section,
            "language": group.language,
            "publisher": group.publisher,
            "fresh_days": fresh_days,
            "groups_since": NOON.isoformat() if group == EVERYTHING else None,
            "entries": [{"article_id": newsroom.id_of(name), "count": count} for name, count in counts.items()],
        }
        newsroom.write_document("most-popular", document["list_id"], {k: v for k, v in document.items() if v is not None})


@pytest.mark.parametrize(("measure", "window"), LISTS, ids=str)
def test_a_list_can_be_had_of_all_of_every_group_and_of_recent_articles(search, newsroom, measure, window):
    write_lists(newsroom, measure, window)
    known = {newsroom.id_of(name): name for name in ("ferry", "pont", "elsewhere")}

    def listed(group: ListGroup, **more):
        asked = {name: value for name, value in vars(group).items() if value is not None}
        answer = search.get("/v1/most-popular", params={"measure": measure, "window": window, "size": 100, **asked, **more})
        assert answer.status_code == 200, answer.text
        entries = answer.json()["entries"]
        return {known[each["article_id"]]: each["count"] for each in entries if each["article_id"] in known}

    for group, counts in groups(newsroom).items():
        assert listed(group) == counts
    for group in (EVERYTHING, ListGroup(section=newsroom.section), ListGroup(publisher=newsroom.publisher)):
        assert listed(group, published_within_days=FRESH_DAYS) == RECENT


def test_an_entry_carries_headline_address_picture_section_and_count(search, newsroom):
    write_lists(newsroom, Measure.SHARES, Window.DAY)

    (entry,) = search.get(
        "/v1/most-popular",
        params={"measure": "shares", "section": newsroom.section, "publisher": newsroom.publisher, "language": "en"},
    ).json()["entries"]

    assert (entry["rank"], entry["count"], entry["headline"], entry["section"]) == (1, 5, "Headline of ferry", newsroom.section)
    assert (entry["url"], entry["image_url"]) == ("https://courier.example/ferry", "https://courier.example/ferry.jpg")
