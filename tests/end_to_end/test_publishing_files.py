"""Files of every kind through the command, ingest and enrich into the index; and the commands of docs/publishing-files.md."""

import bz2
import gzip
import io
import json
import lzma
import os
import re
import subprocess
from pathlib import Path

import pytest
import zstandard
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.command import dateline
from tests.stack import eventually

# The writer of warcio leaves temporary files to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "publishing-files.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^```sh\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
PARAGRAPHS = [f"The {word} of the quokkaville observatory was opened to visitors on Monday after two years of work." for word in
              ("dome", "library", "garden", "workshop", "tower")]  # fmt: skip


def page(name):
    text = "".join(f"<p>{paragraph} It was the {name} that most people came for.</p>" for paragraph in PARAGRAPHS)
    head = f"<title>Quokkaville {name}</title><link rel=canonical href='https://quokka.example/{name}'>"
    return f"<html><head>{head}</head><body><article><h1>Quokkaville {name} opens</h1>{text}</article></body></html>"


def article(name):
    return {"headline": f"Quokkaville {name} opens", "url": f"https://quokka.example/{name}", "body": " ".join(PARAGRAPHS)}


def ninjs(name, **properties):
    return {
        "uri": f"urn:quokka:{name}",
        "versionCreated": "2026-11-24T08:00:00Z",
        "headlines": [{"value": f"Quokkaville {name} opens"}],
        "bodies": [{"contentType": "text/html", "value": "".join(f"<p>{each}</p>" for each in PARAGRAPHS)}],
        **properties,
    }


def rss(name):
    return f"""<rss version="2.0"><channel><title>Quokka</title><item><title>Quokkaville {name} opens</title>
<link>https://quokka.example/{name}</link><description>{PARAGRAPHS[0]}</description></item></channel></rss>"""


def warc(*names):
    output = io.BytesIO()
    writer = WARCWriter(output, gzip=True)
    for name in names:
        http = StatusAndHeaders("200 OK", [("Content-Type", "text/html"), ("Content-Encoding", "gzip")], protocol="HTTP/1.1")
        payload = io.BytesIO(gzip.compress(page(name).encode()))
        writer.write_record(
            writer.create_warc_record(f"https://quokka.example/{name}", "response", payload=payload, http_headers=http)
        )
    return output.getvalue()


def publish(stack, *arguments):
    return dateline("publish", *arguments, DATELINE_CLI_INGEST_URL=str(stack.ingest.base_url), DATELINE_CLI_TOKEN=stack.token)


def headlines(stack):
    answer = stack.search.get("/v1/search", params={"q": "quokkaville", "size": 50}).json()
    return {hit["headline"].removeprefix("Quokkaville ").removesuffix(" opens") for hit in answer["hits"]}


def test_a_folder_of_everything_is_published_and_found(stack, tmp_path):
    lines = "\n".join([json.dumps(article("line")), "no json", json.dumps(ninjs("ninjs-line")), '{"headline": "nowhere"}'])
    contents = {
        "a.html": page("html").encode(),
        "b.html.gz": gzip.compress(page("html-gz").encode()),
        "c.ndjson.zst": zstandard.compress(lines.encode()),
        "d.json": json.dumps([ninjs("array-one"), ninjs("array-two", version="3")]).encode(),
        "e.json.bz2": bz2.compress(json.dumps(article("native-json")).encode()),
        "f.rss.xz": lzma.compress(rss("feed").encode()),
        "deeper/g.warc.gz": warc("warc-one", "warc-two"),
        "h.ndjson.gz": gzip.compress(json.dumps(article("cut-off")).encode())[:-9],
        "i.md": b"not news",
    }
    for name, content in contents.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    expected = {"html", "html-gz", "line", "ninjs-line", "array-one", "array-two", "native-json", "feed", "warc-one", "warc-two"}

    done = publish(stack, tmp_path)

    assert done.returncode == 1
    assert len(set(done.stdout.split())) == len(expected), done.stderr
    assert f"refused: {tmp_path / 'c.ndjson.zst'}, line 2: " in done.stderr
    assert f"refused: {tmp_path / 'c.ndjson.zst'}, line 4: " in done.stderr
    assert f"refused: {tmp_path / 'h.ndjson.gz'}: its gz data are broken or end too early" in done.stderr
    assert done.stderr.endswith("10 accepted, 3 refused.\n")
    assert eventually(lambda: headlines(stack), lambda seen: seen >= expected, 120.0) == expected


def test_files_that_are_published_again_are_unchanged(stack, tmp_path):
    lines = tmp_path / "news.ndjson"
    lines.write_text(json.dumps({**article("again"), "url": "https://quokka.example/x/again"}), encoding="utf-8")
    (tmp_path / "page.html").write_text(page("page-again").replace("quokkaville", "wombat"), encoding="utf-8")

    first, second = publish(stack, tmp_path), publish(stack, tmp_path)

    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert first.stderr.endswith("2 accepted, 0 refused.\n")
    assert second.stderr.endswith("0 accepted, 2 unchanged, 0 refused.\n")
    assert sorted(first.stdout.split()) == sorted(second.stdout.split())


def test_a_canceled_item_takes_its_article_out(stack, tmp_path):
    news = tmp_path / "news.json"
    news.write_text(json.dumps(ninjs("canceled", version="1", bodies=[{"value": "The numbat."}])), encoding="utf-8")
    published = publish(stack, news).stdout
    hits = lambda: stack.search.get("/v1/search", params={"q": "numbat"}).json()["hits"]  # noqa: E731 - looked at twice
    eventually(hits, len)

    news.write_text(json.dumps({"uri": "urn:quokka:canceled", "version": "2", "pubStatus": "canceled"}), encoding="utf-8")
    canceled = publish(stack, news)

    assert canceled.returncode == 0, canceled.stderr
    assert canceled.stdout == published
    eventually(hits, lambda seen: not seen)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_page_about_files_works(stack, command, tmp_path):
    places = {"DATELINE_CLI_INGEST_URL": str(stack.ingest.base_url), "DATELINE_CLI_TOKEN": stack.token}
    command = command.replace("/tmp/", f"{tmp_path}/")  # noqa: S108 - of the page

    done = subprocess.run(command, shell=True, cwd=ROOT, env=os.environ | places, capture_output=True, text=True, check=False)  # noqa: S602 - of the page

    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert " 0 refused" in done.stderr
