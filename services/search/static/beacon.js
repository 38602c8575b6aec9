// Reports that a page is read: one view once it has been visible for a second, and for how long it was visible when it is left.
// Text is sent as text/plain, so that no browser asks beforehand whether it may; the token says of which page it is.
(() => {
  "use strict";
  const named = (name) => document.querySelector(`meta[name="dateline-${name}"]`)?.content;
  const endpoint = named("view-endpoint");
  const view = { page_token: named("page-token"), article_id: named("article-id") };
  if (!endpoint || !view.page_token || !view.article_id || !navigator.sendBeacon) {
    return;
  }
  const READ_MS = 1000;
  let visibleMs = 0;
  let visibleSince = null;
  let timer = null;
  let viewSent = false;
  let timeSent = false;

  const send = (more) => navigator.sendBeacon(endpoint, JSON.stringify({ ...view, ...more }));

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
