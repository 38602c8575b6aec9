// Menus are `details`, which open and close by themselves; this closes an open one on Escape, and when something else is chosen.
(() => {
  "use strict";
  const open = () => document.querySelectorAll("details.menu[open]");

  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") {
      return;
    }
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  addEventListener("click", (event) => {
    for (const menu of open()) {
      if (!menu.contains(event.target)) {
        menu.open = false;
      }
    }
  });
})();
