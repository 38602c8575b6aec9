// Shows the ways to share a page that this browser has beside e-mail: its clipboard, and what the device shares with.
(() => {
  "use strict";
  const panel = document.getElementById("share");
  if (!panel) {
    return;
  }
  const { url, title } = panel.dataset;
  const said = panel.querySelector(".share-said");

  const offer = (name, share) => {
    const button = panel.querySelector(`button[data-share="${name}"]`);
    button.parentElement.hidden = false;
    button.addEventListener("click", share);
  };

  if (navigator.clipboard) {
    offer("link", () =>
      navigator.clipboard.writeText(url).then(
        () => (said.textContent = "The link is copied."),
        () => (said.textContent = `It cannot be copied; the link is ${url}`),
      ),
    );
  }
  if (navigator.share) {
    offer("device", () => navigator.share({ title, url }).catch(() => {})); // whoever changes their mind is no error
  }
})();
