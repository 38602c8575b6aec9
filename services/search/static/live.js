// Tells of new articles, and renews the Most Popular list, as streams tell of them: regions of a page name theirs in `data-live`.
// Nothing moves under the eyes of a reader: a bar over the page offers what is new, and a list changes by itself only where no line
// of it becomes longer or shorter. Streams are read while the page can be seen. Whoever is refused comes again later and later.
(() => {
  "use strict";
  const MOST_NEWS = 99;
  const FIRST_WAIT_MS = 5_000;
  const LONGEST_WAIT_MS = 300_000;
  const STEADY_MS = 30_000;
  const QUIET_MS = 60_000; // between two times that a screen reader is told
  const PAUSED = "dateline-live-paused";

  const regions = [...document.querySelectorAll("[data-live][id]")];
  if (!regions.length || !window.TextDecoderStream) {
    return;
  }

  // One event of a stream (HTML standard, 9.2): lines of `name: value`.
  const parseEvent = (block) => Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s).slice(0, 2)));

  // Reads a stream to its end; `hear` gets each event. Throws when it is refused, or breaks off.
  const read = async (address, lastID, hear, signal) => {
    const answer = await fetch(address, { headers: lastID ? { "Last-Event-ID": lastID } : {}, signal, cache: "no-store" });
    if (!answer.ok) {
      throw Object.assign(new Error(answer.status), { isFinal: answer.status < 500 && answer.status !== 429 });
    }
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const blocks = (text + part.value).split("\n\n");
      text = blocks.pop();
      blocks.forEach((block) => hear(parseEvent(block)));
    }
  };

  // Follows a stream while the page can be seen, from where it stopped the last time.
  const follow = (address, afterMS, hear) => {
    let lastID = null;
    let failures = 0;
    let reading = null;
    let waiting = 0;
    let isOver = false;

    const hearOne = (event) => {
      lastID = event.id ?? lastID;
      if (event.event && !isOver) {
        hear(event.event, JSON.parse(event.data));
      }
    };

    const connect = async () => {
      const mine = reading = new AbortController();
      const since = performance.now();
      let isFinal = false;
      try {
        await read(address, lastID, hearOne, mine.signal);
      } catch (error) {
        isFinal = error.isFinal ?? false;
      }
      if (mine.signal.aborted) {
        return;
      }
      reading = null;
      isOver ||= isFinal;
      failures = performance.now() - since > STEADY_MS ? 0 : failures + 1;
      schedule();
    };

    // After failures with full jitter: readers who lost the stream together do not come back together.
    const schedule = () => {
      const backOffMS = failures ? 1_000 + Math.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures) : afterMS;
      waiting = isOver ? 0 : setTimeout(() => { waiting = 0; connect(); }, backOffMS);
    };

    const stop = () => {
      reading?.abort();
      reading = null;
      clearTimeout(waiting);
      waiting = 0;
    };

    return {
      start: () => { if (!reading && !waiting) { schedule(); } },
      stop,
      end: () => { isOver = true; stop(); },
    };
  };

  const make = (tag, attributes, text = "") => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.textContent = text;
    return element;
  };

  const status = make("p", { className: "unseen", role: "status" });
  document.body.append(status);
  let toldAt = -Infinity;
  const tell = (text) => {
    if (performance.now() - toldAt > QUIET_MS) {
      toldAt = performance.now();
      status.textContent = text;
    }
  };

  // The newest of what stands in a region, from the page as it is now.
  const renew = async (region) => {
    const answer = await fetch(location.pathname + location.search, { cache: "no-store" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(region.id);
    if (!answer.ok || !fresh) {
      throw new Error(answer.status);
    }
    region.replaceChildren(...fresh.childNodes);
    region.tabIndex = -1;
    region.focus({ preventScroll: true });
    region.scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  };

  // New articles of a region: counted in a bar over the page, shown when the reader asks for them.
  const offerNews = (region) => {
    const heard = new Set();
    const bar = make("div", { className: "news-bar", hidden: true });
    const show = make("button", { type: "button" });
    const dismiss = make("button", { type: "button", ariaLabel: "Do not tell of new articles on this page" }, "×");
    bar.append(show, dismiss);
    document.body.append(bar);

    const oldest = () => Math.min(...[...region.querySelectorAll("time[datetime]")].map((time) => Date.parse(time.dateTime)));
    const isNews = (article) => {
      const isShown = region.querySelector(`a[href="/articles/${CSS.escape(article.article_id)}"]`) !== null;
      const isTooOld = "liveSorted" in region.dataset && Date.parse(article.date) < oldest();
      return !isShown && !isTooOld;
    };

    const stream = follow(region.dataset.live, Number(region.dataset.liveAfter ?? 0) * 1000 + Math.random() * 1000, (name, change) => {
      if (name !== "article" || !change.article || !isNews(change.article)) {
        return;
      }
      heard.add(change.article_id);
      const count = heard.size > MOST_NEWS ? `More than ${MOST_NEWS}` : heard.size;
      show.textContent = `${count} new ${heard.size === 1 ? "article" : "articles"}`;
      bar.hidden = false;
      tell(`${show.textContent}. A button at the end of the page shows them.`);
      if (heard.size > MOST_NEWS) {
        stream.stop(); // there is no more to tell until they are shown
      }
    });

    show.addEventListener("click", async () => {
      show.disabled = true;
      try {
        await renew(region);
      } catch {
        location.reload();
        return;
      }
      show.disabled = false;
      bar.hidden = true;
      heard.clear();
      resume();
    });
    dismiss.addEventListener("click", () => {
      bar.hidden = true;
      stream.end();
      document.getElementById("content")?.focus({ preventScroll: true });
    });
    return { ...stream, start: () => { if (heard.size <= MOST_NEWS) { stream.start(); } } };
  };

  // A Most Popular list: what changed takes the place of what stood there, as long as no line grows or shrinks; else a button says so.
  const keepList = (region) => {
    let newest = null;

    const linkOf = (item) => item.querySelector("a[href^='/articles/']:not([tabindex])");
    const addressOf = (entry) => `/articles/${encodeURIComponent(entry.article_id)}`;

    const fill = (item, entry, unit) => {
      const link = linkOf(item);
      if (link.getAttribute("href") !== addressOf(entry)) {
        link.setAttribute("href", addressOf(entry));
        link.textContent = entry.headline;
        link.lang = entry.language;
        link.dir = "auto";
      }
      const section = document.createElement("span");
      section.append(make("bdi", {}, entry.section ?? ""));
      const count = make("span", { className: "counted" }, `${entry.count.toLocaleString("en")} ${unit}${entry.count === 1 ? "" : "s"}`);
      item.querySelector(".details").replaceChildren(...(entry.section ? [section] : []), count);
    };

    // The list as it would be, in the width of that which stands there.
    const build = (list) => {
      const next = list.cloneNode(true);
      while (next.children.length > newest.entries.length) { next.lastElementChild.remove(); }
      while (next.children.length < newest.entries.length) { next.append(next.lastElementChild.cloneNode(true)); }
      newest.entries.forEach((entry, at) => fill(next.children[at], entry, list.dataset.unit));
      return next;
    };

    const fits = (list, next) => {
      next.style.cssText = `position: absolute; visibility: hidden; inline-size: ${list.offsetWidth}px`;
      list.after(next);
      const heights = (ol) => [...ol.children].map((item) => item.offsetHeight).join();
      const isSame = heights(next) === heights(list);
      next.remove();
      return isSame;
    };

    const put = (list, next) => {
      list.replaceChildren(...next.children);
      const asOf = region.querySelector(".as-of");
      const time = new Date(newest.as_of ?? Date.now());
      const written = make("time", { dateTime: time.toISOString() });
      const day = time.toLocaleDateString("en-GB", { timeZone: "UTC", day: "numeric", month: "long", year: "numeric" });
      written.textContent = `${day}, ${time.toISOString().slice(11, 16)} UTC`;
      asOf?.replaceChildren("As of ", written);
    };

    const offer = (list) => {
      const asOf = region.querySelector(".as-of");
      if (!asOf || asOf.querySelector("button")) {
        return;
      }
      const show = make("button", { type: "button" }, "Show the list as it is now");
      asOf.replaceChildren(show);
      tell("The Most Popular list has changed.");
      show.addEventListener("click", () => {
        put(list, build(list));
        list.tabIndex = -1;
        list.focus({ preventScroll: true });
      });
    };

    return follow(region.dataset.live, Math.random() * 1000, (name, popular) => {
      const list = region.querySelector("ol");
      if (name !== "most-popular" || !list || !popular.entries.length) {
        return; // a list that was empty is there with the next page
      }
      newest = popular;
      const next = build(list);
      if (next.isEqualNode(list)) {
        return;
      }
      const isBusy = region.matches(":hover") || list.contains(document.activeElement);
      const isSameOrder = [...list.children].every((item, at) => linkOf(item).href === linkOf(next.children[at] ?? item).href);
      if (fits(list, next) && (isSameOrder || !isBusy)) {
        put(list, next);
      } else {
        offer(list);
      }
    });
  };

  const isList = (region) => region.dataset.live.startsWith("/v1/stream/most-popular");
  const streams = regions.map((region) => (isList(region) ? keepList(region) : offerNews(region)));

  let isPaused = false;
  try {
    isPaused = localStorage.getItem(PAUSED) !== null;
  } catch { /* without storage it is paused for this page only */ }

  const resume = () => streams.forEach((stream) => stream.start());
  const pause = () => streams.forEach((stream) => stream.stop());
  const look = () => (document.visibilityState === "visible" && !isPaused ? resume() : pause());

  const toggle = document.querySelector("[data-live-switch]");
  const label = () => { toggle.textContent = isPaused ? "Resume live updates" : "Pause live updates"; };
  if (toggle) {
    label();
    toggle.hidden = false;
    toggle.addEventListener("click", () => {
      isPaused = !isPaused;
      try {
        isPaused ? localStorage.setItem(PAUSED, "yes") : localStorage.removeItem(PAUSED);
      } catch { /* as above */ }
      label();
      look();
    });
  }

  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", pause);
  addEventListener("pageshow", look);
  look();
})();
