"""Who may enter the operators' page, what a foreign site can do there, and what it shows while nothing answers."""

import hashlib

import pytest
from fastapi.testclient import TestClient

from ops.cli.settings import CLIGroup, CLISettings, ConsoleGroup
from ops.console.app import build_console
from ops.console.entering import safe_path
from ops.console.sessions import SESSION_SECONDS, Sessions, find_holder
from ops.local.settings import LocalGroup, LocalSettings
from shared.failures import Misconfigured
from shared.settings import ElasticsearchSettings, KafkaSettings

TOKEN = "t" * 43
HASH = hashlib.sha256(TOKEN.encode()).hexdigest()
#: Nothing listens there.
NOWHERE = CLISettings(
    kafka=KafkaSettings(bootstrap_servers="127.0.0.1:9"),
    elasticsearch=ElasticsearchSettings(url="http://127.0.0.1:9"),
    cli=CLIGroup(ingest_url="http://127.0.0.1:9", token="x", operations=("enrich=http://127.0.0.1:9",), patience_seconds=1),
    console=ConsoleGroup(token_hashes=(HASH,)),
)
#: A form of the page of an origin.
OWN = {"origin": "http://testserver"}


@pytest.fixture
def visitor():
    """Nobody has entered yet."""
    with TestClient(build_console(NOWHERE), follow_redirects=False) as client:
        yield client


@pytest.fixture
def operator(visitor):
    """Somebody who has entered."""
    assert visitor.post("/login", data={"token": TOKEN}, headers=OWN).status_code == 303
    return visitor


def form_key(client):
    page = client.get("/trace").text
    return page.split('name="form_key" value="')[1].split('"')[0]


@pytest.mark.parametrize("path", ["/", "/dead-letters", "/trace?article=x", "/runbooks/DeadLetters"])
def test_who_has_not_entered_is_led_to_the_door_and_on_from_there(visitor, path):
    answer = visitor.get(path)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login")
    entered = visitor.post("/login", data={"token": TOKEN, "next": path}, headers=OWN)
    assert entered.headers["location"] == path


@pytest.mark.parametrize("path", ["/status.json", f"/trace.json?article={'0' * 32}"])
def test_programs_show_their_token_in_a_header(visitor, path):
    assert visitor.get(path).status_code == 401
    assert visitor.get(path, headers={"authorization": "Bearer wrong"}).status_code == 401
    assert visitor.get(path, headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_a_wrong_token_does_not_enter(visitor):
    answer = visitor.post("/login", data={"token": "wrong"}, headers=OWN)

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert "may not enter" in answer.text


def test_the_cookie_is_for_this_site_and_no_script(visitor):
    cookie = visitor.post("/login", data={"token": TOKEN}, headers=OWN).headers["set-cookie"].lower()

    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert TOKEN not in cookie


def test_behind_https_the_cookie_is_secure():
    secure = NOWHERE.model_copy(update={"console": ConsoleGroup(token_hashes=(HASH,), secure_cookie=True)})
    with TestClient(build_console(secure), base_url="https://testserver", follow_redirects=False) as client:
        cookie = client.post("/login", data={"token": TOKEN}).headers["set-cookie"]

    assert cookie.startswith("__Host-dateline-console=")
    assert "secure" in cookie.lower()


def test_leaving_ends_the_session_also_for_who_kept_the_cookie(operator):
    kept = dict(operator.cookies)

    assert operator.post("/logout", data={"form_key": form_key(operator)}, headers=OWN).status_code == 303

    operator.cookies.update(kept)
    assert operator.get("/trace").status_code == 303


@pytest.mark.parametrize(
    ("headers", "has_key"),
    [
        ({"origin": "https://evil.example"}, True),
        ({"sec-fetch-site": "cross-site"}, True),
        ({"sec-fetch-site": "same-site"}, True),
        (OWN, False),
        ({}, False),
    ],
)
@pytest.mark.parametrize("path", ["/dead-letters", "/dead-letters/articles.published-0-1", "/logout"])
def test_a_form_of_another_site_or_without_its_key_changes_nothing(operator, path, headers, has_key):
    key = form_key(operator) if has_key else "guessed"

    answer = operator.post(path, data={"form_key": key, "place": "articles.published-0-1", "action": "replay"}, headers=headers)

    assert answer.status_code == 403
    assert operator.get("/trace").status_code == 200


def test_a_form_key_of_another_session_is_refused(operator):
    other = operator.app.state.sessions.begin("console/other", 0)

    answer = operator.post("/logout", data={"form_key": other.form_key}, headers=OWN)

    assert answer.status_code == 403


def test_what_is_no_form_or_too_large_is_refused(operator):
    assert operator.post("/logout", json={"form_key": form_key(operator)}).status_code == 415
    large = b"form_key=" + b"a" * (5 * 1024 * 1024)
    typed = {"content-type": "application/x-www-form-urlencoded"}
    assert operator.post("/logout", content=large, headers=typed).status_code == 413
    assert operator.post("/logout", content=b"\xff=\xff", headers=typed).status_code == 400


@pytest.mark.parametrize("path", ["/login", "/readyz", "/static/console.css", "/nowhere", "/"])
def test_every_answer_forbids_scripts_frames_and_foreign_requests(visitor, path):
    headers = visitor.get(path).headers

    assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self';")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


def test_there_is_no_script_in_any_template():
    from ops.console.rendering import build_environment  # noqa: PLC0415 - only here

    environment = build_environment()
    sources = [environment.loader.get_source(environment, name)[0] for name in environment.list_templates()]  # type: ignore[union-attr]  # it has one

    assert len(sources) >= 7
    assert not any(sign in source for source in sources for sign in ("<script", "style=", "onclick", "| safe", "javascript:"))


def test_while_nothing_answers_the_page_says_so(operator):
    page = operator.get("/")

    assert page.status_code == 200
    assert "Nobody answers" in page.text
    assert "/runbooks/EngineAway" in page.text
    assert operator.get("/dead-letters").status_code == 503
    assert "did not answer" in operator.get(f"/trace?article={'0' * 32}").text


def test_runbooks_are_shown_and_nothing_else_of_the_disk(operator):
    assert "## How to mend" in operator.get("/runbooks/DeadLetters").text
    assert operator.get("/runbooks/..%2f..%2fREADME").status_code == 404
    assert operator.get("/runbooks/Nothing").status_code == 404


def test_what_names_no_article_is_told(operator):
    answer = operator.get("/trace", params={"article": "<b>bridge</b>"})

    assert answer.status_code == 400
    assert "<b>bridge" not in answer.text


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "", "/a\r\nSet-Cookie: x=1"])
def test_nobody_is_led_to_another_site(path):
    assert safe_path(path) == "/"


def test_a_session_ends_by_itself():
    sessions = Sessions()
    session = sessions.begin("console/ana", now=100.0)

    assert sessions.find(session.session_id, 100.0 + SESSION_SECONDS - 1) == session
    assert sessions.find(session.session_id, 100.0 + SESSION_SECONDS) is None


def test_the_oldest_session_gives_way_when_there_are_too_many():
    sessions = Sessions()
    first = sessions.begin("console/ana", 0.0)
    for _ in range(1000):
        last = sessions.begin("console/bo", 0.0)

    assert sessions.find(first.session_id, 1.0) is None
    assert sessions.find(last.session_id, 1.0) == last


def test_a_holder_is_known_by_the_beginning_of_its_hash():
    assert find_holder(TOKEN, (HASH.upper(),)) == f"console/{HASH[:8]}"
    assert find_holder(TOKEN, ()) is None


def test_without_a_token_nobody_may_enter_and_that_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr("ops.console.app.LocalSettings", lambda: LocalSettings(local=LocalGroup(home=tmp_path)))

    with pytest.raises(Misconfigured, match="DATELINE_CONSOLE_TOKEN_HASHES"):
        build_console(CLISettings())
