// Reports that a page is read: one view once it has been visible for a second, and for how long it was visible when it is left; and
// that its reader shares the article, by what is marked `data-share`: links that share (a mail, another site), and buttons, which
// open the browser's own dialogue or else copy the address. Buttons should be `hidden`: they are shown where they can do that.
// Text is sent as text/plain, so that no browser asks beforehand whether it may; the token says of which page it is.
(() => {
  "use strict";
  const named = (name) => document.querySelector(`meta[name="dateline-${name}"]`)?.content;
  const endpoint = named("view-endpoint");
  const view = { page_token: named("page-token"), article_id: named("article-id") };
  const address = document.querySelector('link[rel="canonical"]')?.href ?? location.href;
  const reports = Boolean(endpoint && view.page_token && view.article_id && navigator.sendBeacon);

  const send = (more) => navigator.sendBeacon(endpoint, JSON.stringify({ ...view, ...more }));

  let shareSent = false;
  const sendShare = () => {
    if (reports && !shareSent) {
      shareSent = send({ shared: true });
    }
  };

  const share = async (button) => {
    try {
      if (navigator.share) {
        await navigator.share({ title: document.title, url: address });
      } else {
        await navigator.clipboard.writeText(address);
      }
      button.dataset.shared = ""; // so that the page can say so
      sendShare();
    } catch {
      // The reader has thought better of it, or the browser does not let us.
    }
  };

  for (const marked of document.querySelectorAll("[data-share]")) {
    if (marked.matches("a[href]")) {
      marked.addEventListener("click", sendShare);
    } else if (navigator.share || navigator.clipboard) {
      marked.hidden = false;
      marked.addEventListener("click", () => share(marked));
    }
  }

  if (!reports) {
    return;
  }
  const READ_MS = 1000;
  let visibleMs = 0;
  let visibleSince = null;
  let timer = null;
  let viewSent = false;
  let timeSent = false;

  const sendView = () => {
    if (!viewSent) {
      viewSent = send({});
    }
  };

  const look = () => {
    const now = performance.now();
    if (visibleSince !== null) {
      visibleMs += now - visibleSince;
      visibleSince = null;
    }
    clearTimeout(timer);
    if (document.visibilityState === "visible") {
      visibleSince = now;
      if (!viewSent) {
        timer = setTimeout(sendView, Math.max(0, READ_MS - visibleMs));
      }
    }
  };

  const leave = () => {
    look();
    const seconds = Math.floor(visibleMs / 1000);
    if (viewSent && !timeSent && seconds >= 1) {
      timeSent = send({ engaged_seconds: seconds });
    }
  };

  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", leave);
  look();
})();
