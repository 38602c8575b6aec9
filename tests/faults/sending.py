"""The senders of a run: publishers, readers, and whoever writes poison. They send again what was not answered, as clients do.

Everything that was answered 2xx is in the ledger before the next request goes out.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from itertools import islice

import httpx2

from shared.outcomes import NewRecord
from shared.producing import Producer
from tests.faults.ledger import Entry, Ledger
from tests.faults.newsroom import Comment, Poison, Publish, Retract, Step, plan_steps, plan_views, spell
from tests.faults.plans import Plan

_SEND_AGAIN_SECONDS = 0.5
#: Of updates whose request failed, so many are not sent again: nobody knows of them.
_GIVEN_UP = 0.1
_VIEWS_A_POST = 100
_LINES_A_POST = 12


class NotTaken(Exception):
    """The request was answered by an error that will not go away, which no sender of these expects."""


class Senders:
    """Sends all of a plan within its seconds, by threads of their own; `failure` is why one of them ended early."""

    def __init__(self, plan: Plan, ledger: Ledger, http: Callable[[], httpx2.Client], kafka: Producer) -> None:
        self._plan, self._ledger, self._http, self._kafka = plan, ledger, http, kafka
        self._ids: dict[int, str] = {}
        self._known = threading.Condition()
        self.sent_again = 0
        self.failure: BaseException | None = None
        self._threads = [
            threading.Thread(target=self._guarded, args=(work,), name=work.__name__, daemon=True)
            for work in (self._send_news, self._send_views)
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def is_done(self) -> bool:
        """Whether everything was sent, or one of them failed."""
        return self.failure is not None or not any(thread.is_alive() for thread in self._threads)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - the run is ended by it
            self.failure = error

    def _send_news(self) -> None:
        chance = random.Random(f"news posts {self._plan.seed}")  # noqa: S311 - the same posts every time
        steps, begun = plan_steps(self._plan), time.monotonic()
        pace = self._plan.seconds / len(steps)
        with self._http() as client:
            done, later = 0, list[Step]()
            while done < len(steps):
                some = steps[done : done + chance.randint(1, _LINES_A_POST)]
                done += len(some)
                later = self._send_some(client, [*later, *some], chance)
                time.sleep(max(0.0, done * pace - (time.monotonic() - begun)))  # so that news comes all the time
            if self._send_some(client, later, chance):
                raise NotTaken("articles were commented on or retracted that nobody published")

    def _send_some(self, client: httpx2.Client, steps: list[Step], chance: random.Random) -> list[Step]:
        """Send these; what waits for an article to be known comes back."""
        later: list[Step] = []
        lines = [step for step in steps if isinstance(step, Publish)]
        if lines:
            self._publish(client, lines, chance)
        for step in steps:
            match step:
                case Publish():
                    pass
                case Poison():
                    self._poison(step)
                case Retract() | Comment() if step.number not in self._ids:
                    later.append(step)
                case Retract():
                    self._retract(client, step)
                case Comment():
                    self._comment(client, step)
        return later

    def _publish(self, client: httpx2.Client, lines: list[Publish], chance: random.Random) -> None:
        may_give_up = all(line.number in self._ids for line in lines) and chance.random() < _GIVEN_UP
        content = b"\n".join(spell(line.submission) for line in lines)
        for answer in self._until_answered(client, "POST", "/v1/articles", content, "application/x-ndjson"):
            if answer is not None:
                results = answer.json()["results"]
                if any("errors" in result and result["errors"] for result in results):
                    raise NotTaken(f"refused: {results}")
                with self._known:
                    self._ids |= {line.number: result["article_id"] for line, result in zip(lines, results, strict=True)}
                    self._known.notify_all()
            elif not may_give_up:
                continue
            self._ledger.add(*(self._promise(line, is_accepted=answer is not None) for line in lines))
            return

    def _promise(self, line: Publish, *, is_accepted: bool) -> Entry:
        return {
            "answered": "accepted" if is_accepted else "unknown",
            "kind": "article",
            "article": self._ids[line.number],
            "revision": line.revision,
            "headline": line.submission["headline"],
            "body": line.submission["body"],
        }

    def _retract(self, client: httpx2.Client, step: Retract) -> None:
        own = self._ids[step.number]
        self._send(client, "DELETE", f"/v1/articles/{own}?revision={step.revision}")
        self._ledger.add({"answered": "accepted", "kind": "retraction", "article": own, "revision": step.revision})

    def _comment(self, client: httpx2.Client, step: Comment) -> None:
        comment = {"article_id": self._ids[step.number], "id": step.own_id, "author": "Reader", "text": step.text}
        answer = self._send(client, "POST", "/v1/comments", spell(comment), "application/json")
        self._ledger.add({"answered": "accepted", "kind": "comment", "comment": answer.json()["comment_id"]})

    def _poison(self, step: Poison) -> None:
        headers = tuple((name, value.encode()) for name, value in step.headers)
        self._kafka.send_all([NewRecord(step.topic, None, step.value.encode(), headers)])
        self._ledger.add({"answered": "accepted", "kind": "poison", "topic": step.topic, "value": step.value})

    def _send_views(self) -> None:
        begun, sent, views = time.monotonic(), 0, plan_views(self._plan)
        with self._http() as client:
            while some := list(islice(views, _VIEWS_A_POST)):
                self._view(client, some)
                sent += len(some)
                ahead = sent / self._plan.views * self._plan.seconds - (time.monotonic() - begun)
                time.sleep(max(0.0, ahead))  # so that views come all the time

    def _view(self, client: httpx2.Client, some: list[tuple[int, str]]) -> None:
        with self._known:
            self._known.wait_for(lambda: all(number in self._ids for number, _ in some), 120)
        # The time is the reader's, so that a view that is sent again stands in the minute in which it was seen.
        now = int(time.time())
        seen = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
        views = [{"article_id": self._ids[number], "visitor": visitor, "time": seen} for number, visitor in some]
        self._send(client, "POST", "/v1/views", spell({"views": views}), "application/json")
        seen_views: list[Entry] = [
            {"answered": "accepted", "kind": "view", "article": self._ids[number], "minute": now // 60, "visitor": visitor}
            for number, visitor in some
        ]
        self._ledger.add(*seen_views)

    def _send(
        self, client: httpx2.Client, method: str, path: str, content: bytes = b"", kind: str = "application/json"
    ) -> httpx2.Response:
        return next(answer for answer in self._until_answered(client, method, path, content, kind) if answer is not None)

    def _until_answered(
        self, client: httpx2.Client, method: str, path: str, content: bytes, kind: str
    ) -> Iterator[httpx2.Response | None]:
        """None for every attempt of which nobody knows what came of it; the answer at last."""
        while True:
            try:
                answer = client.request(method, path, content=content, headers={"Content-Type": kind})
            except httpx2.TransportError:
                answer = None
            if answer is not None and answer.is_success:
                yield answer
                return
            if answer is not None and answer.status_code not in (429, 500, 502, 503, 504):
                raise NotTaken(f"{method} {path} was answered {answer.status_code}: {answer.text[:500]}")
            self.sent_again += 1
            yield None
            time.sleep(_SEND_AGAIN_SECONDS)  # as a client that keeps to Retry-After
