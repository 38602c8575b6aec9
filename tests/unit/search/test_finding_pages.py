"""Templates of entities, stories and saved searches: what others wrote is shown as text, whatever it is."""

import itertools
import re

import pytest

from services.search.app import STATIC
from services.search.core.entity_page import EntityPage, Locator, Named
from services.search.core.page_links import build_take_along
from services.search.core.parameters import SearchParameters
from services.search.core.save_page import build_command
from services.search.core.saved import Match, MatchesAnswer
from services.search.core.search_page import build_bars, build_chips, build_hidden_fields
from services.search.core.story_page import StoryPage, Told
from services.search.pages import Site
from tests.builders import NOON
from tests.unit.search.builders import HOSTILE, a_hit
from tests.unit.search.test_pages import ELEMENTS, OPTIONS, Page, hostile_fields
from tests.unit.search.test_search_page import days

STORY = "5" * 32


@pytest.fixture(scope="module")
def site():
    return Site("Dateline", STATIC, options=OPTIONS)


def entity_context(text, **fields):
    asked = SearchParameters(entity=(text,))
    named = Named(text, text, "Person", 3)
    entity = EntityPage(
        entity_id=text,
        names=(text, text),
        kind="Place",
        roles=(text,),
        country="CL",
        locator=Locator(1, 2),
        total=2,
        total_is_exact=False,
        hits=(a_hit(**fields),),
        together=(named,),
        publishers=((text, 2),),
        languages=(("en", 1), ("ar", 1)),
        span=(0.0, 1.0),
        cursor="next",
    )
    shown = {"entity": entity, "country": text, "popular_articles": (a_hit(**fields),), "is_first": True}
    return shown | {"along": build_take_along(asked), "bars": build_bars(asked, days(1, 2, 0))}


def story_context(text, **fields):
    hit = a_hit(**fields)
    told = Told(hit, 300, "1 hour later", -20, is_in_other_language=True)
    named = (Named(text, text, "Person", 3),)
    story = StoryPage(STORY, hit, (told, told), 2, (text, text), (("en", 2),), named, "1 hour", "next")
    return {"story": story, "along": build_take_along(SearchParameters(story=(STORY,))), "is_first": False}


def saving_context(text, **more):
    asked = SearchParameters(q=text, section=(text,))
    own = {"title": text, "chips": build_chips(asked), "hidden": build_hidden_fields(asked), "along": build_take_along(asked)}
    command = build_command("https://news.example/v1/saved-searches", asked)
    return {"asked": asked, "fault": None, "may_save": False, "command": command} | own | more


def saved_context(text, **fields):
    match = Match(search_id=STORY, revision=1, matched=NOON, article=a_hit(**fields))
    answer = MatchesAnswer(search_id=STORY, matches=(match,), cursor="next")
    return {"search_id": STORY, "saved": True, "title": text, "query": "q=a", "answer": answer, "is_new": True, "is_first": True}


def contexts(text="Ada Lund", **fields):
    return [
        ("entity.html", entity_context(text, **fields)),
        ("no-entity.html", {"lately": (Named(text, text, None, 3),)}),
        ("story.html", story_context(text, **fields)),
        ("saving.html", saving_context(text)),
        ("saving.html", saving_context(text, may_save=True)),
        ("saving.html", saving_context(text, fault=text)),
        ("saved.html", saved_context(text, **fields)),
    ]


def render(site, template, context):
    return Page(site.render(template, context).body.decode())


@pytest.mark.parametrize(("template", "context"), contexts(HOSTILE, **hostile_fields()))
def test_hostile_text_makes_no_element_no_attribute_and_no_link(site, template, context):
    page = render(site, template, context)

    assert {tag for tag, _ in page.elements} <= ELEMENTS | {"dl", "dt", "dd", "pre", "code"}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on") or name == "style"]
    assert all(link["href"].startswith(("/", "?", "#")) for link in page.all("a"))
    assert all(script["src"].startswith("/static/") for script in page.all("script"))
    assert HOSTILE in page.text


@pytest.mark.parametrize(("template", "context"), contexts())
def test_pages_have_one_main_heading_none_skipped_and_names_for_all_fields(site, template, context):
    page = render(site, template, context)

    levels = page.levels()
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), levels
    labelled = {label.get("for") for label in page.all("label")}
    assert all(field["id"] in labelled for field in page.all("input") if field.get("type") != "hidden")


@pytest.mark.parametrize(("template", "context"), contexts())
def test_no_id_stands_twice_and_everything_that_is_named_is_there(site, template, context):
    page = render(site, template, context)

    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    named = {attributes[name] for _, attributes in page.elements for name in ("aria-labelledby", "for") if name in attributes}
    assert named <= set(ids)


def live_regions(page):
    return [attributes for _, attributes in page.elements if "data-live" in attributes]


@pytest.mark.parametrize(
    ("template", "context", "stream"),
    [
        ("entity.html", entity_context("Ada Lund"), "/v1/stream/search?entity=Ada+Lund"),
        ("saved.html", saved_context("Bridges"), f"/v1/stream/saved/{STORY}"),
        ("story.html", story_context("Ada Lund") | {"is_first": True}, f"/v1/stream/search?story={STORY}"),
    ],
)
def test_a_first_page_names_the_stream_of_what_it_lists(site, template, context, stream):
    (region,) = live_regions(render(site, template, context))

    assert region["data-live"] == stream
    assert region["id"]


def test_a_site_that_keeps_still_has_no_streams_no_switch_and_no_script_for_them():
    page = render(Site("Dateline", STATIC, options=OPTIONS, is_live=False), "entity.html", entity_context("Ada Lund"))

    assert live_regions(page) == []
    assert not [script for script in page.all("script") if "live" in script["src"]]
    assert not [button for button in page.all("button") if "data-live-switch" in button]


def test_a_form_saves_only_where_readers_may_and_where_it_can_be_saved(site):
    forms = [render(site, "saving.html", saving_context("a", **more)).all("form") for more in ({}, {"may_save": True})]
    unfit = render(site, "saving.html", saving_context("a", may_save=True, fault="it would match every article"))

    assert [len([form for form in each if form.get("method") == "post"]) for each in forms] == [0, 1]
    assert not [form for form in unfit.all("form") if form.get("method") == "post"]
    assert "it would match every article" in unfit.text


def test_bars_are_for_the_eye_and_the_same_stands_in_a_list_for_everybody(site):
    page = render(site, "entity.html", entity_context("Ada Lund"))

    bars = [link for link in page.all("a") if re.fullmatch(r"bar-\d+", link.get("class", ""))]
    assert [link["class"] for link in bars] == ["bar-10", "bar-20", "bar-0"]
    assert all(link["tabindex"] == "-1" for link in bars)
    listed = [link["href"] for link in page.all("a") if "class" not in link]
    assert {link["href"] for link in bars[:2]} <= set(listed)
    assert bars[2]["href"] not in listed  # there is nothing in it


def test_scripts_add_no_markup_of_what_they_get():
    for name in ("complete.js", "live.js"):
        text = (STATIC / name).read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", text), name
