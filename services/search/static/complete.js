// Offers names and keywords while somebody types into a search box: an editable combobox with a list (WAI-ARIA APG 1.2).
// Without it the boxes search all the same.
(() => {
  "use strict";
  const WAIT_MS = 150;
  const TELL_MS = 600;
  const MOST = 8;
  const LONGEST = 64;
  // One character of these scripts is a word.
  const IDEOGRAPHS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
  // Who writes these knows the query language, and is left alone.
  const OPERATORS = /["():|]/;

  const isLongEnough = (text) => [...text].length > 1 || IDEOGRAPHS.test(text);

  const fetchNames = async (prefix, signal) => {
    if (!isLongEnough(prefix) || prefix.length > LONGEST) {
      return [];
    }
    const answer = await fetch(`/v1/complete?${new URLSearchParams({ q: prefix, size: MOST })}`, { signal });
    return answer.ok ? (await answer.json()).completions : [];
  };

  // What would be read as an operator stands in quotes, and so does a name of several words behind others.
  const asQuery = (name, isWhole) => {
    const isPlain = !OPERATORS.test(name) && !/(^|\s)-/.test(name) && (isWhole || !/\s/.test(name));
    return isPlain ? name : `"${name.replaceAll('"', " ").trim()}"`;
  };

  // The queries that what was typed may become: as a whole, else by its last word.
  const complete = async (typed, signal) => {
    const names = await fetchNames(typed, signal);
    const [, before, last] = /^(.*\s)(\S+)$/su.exec(typed) ?? [];
    if (names.length || last === undefined) {
      return names.map((name) => asQuery(name, true));
    }
    return (await fetchNames(last, signal)).map((name) => before + asQuery(name, false));
  };

  const make = (tag, attributes) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      element.setAttribute(name, value);
    }
    return element;
  };

  const attach = (input, number) => {
    const list = make("ul", { id: `completions-${number}`, class: "completions", role: "listbox", "aria-label": "Suggestions" });
    const status = make("p", { class: "unseen", role: "status" });
    let active = -1;
    let asked = null;
    let waiting = 0;
    let telling = 0;

    const options = () => [...list.children];

    const activate = (index) => {
      active = index;
      options().forEach((option, at) => option.setAttribute("aria-selected", String(at === active)));
      const option = options()[active];
      if (option) {
        input.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
      } else {
        input.removeAttribute("aria-activedescendant");
      }
    };

    const tell = (text) => {
      clearTimeout(telling);
      telling = setTimeout(() => { status.textContent = text; }, text ? TELL_MS : 0);
    };

    const close = () => {
      clearTimeout(waiting);
      asked?.abort();
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      activate(-1);
      tell("");
    };

    const choose = (option) => {
      input.value = option.textContent;
      close();
      input.form.requestSubmit();
    };

    const write = (query, at, typed) => {
      const option = make("li", { id: `${list.id}-${at}`, role: "option", "aria-selected": "false", dir: "auto" });
      if (query.toLowerCase().startsWith(typed.toLowerCase())) {
        const rest = document.createElement("b");
        rest.textContent = query.slice(typed.length);
        option.append(query.slice(0, typed.length), rest);
      } else {
        option.textContent = query;
      }
      option.addEventListener("click", () => choose(option));
      return option;
    };

    const show = (queries, typed) => {
      const others = [...new Set(queries)].filter((query) => query.toLowerCase() !== typed.toLowerCase());
      if (!others.length || document.activeElement !== input) {
        close();
        return;
      }
      list.replaceChildren(...others.map((query, at) => write(query, at, typed)));
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      activate(-1);
      tell(`${others.length} ${others.length === 1 ? "suggestion" : "suggestions"}; the arrow keys lead to them`);
    };

    const ask = async () => {
      clearTimeout(waiting);
      asked?.abort();
      const typed = input.value.trimStart();
      if (!isLongEnough(typed.trim()) || OPERATORS.test(typed)) {
        close();
        return;
      }
      const mine = asked = new AbortController();
      try {
        const queries = await complete(typed, mine.signal);
        if (mine === asked && !mine.signal.aborted) {
          show(queries, typed);
        }
      } catch {
        if (mine === asked && !mine.signal.aborted) {
          close(); // nobody is helped by an error about help
        }
      }
    };

    const step = (by) => {
      const places = list.childElementCount + 1; // the box itself is one
      activate(((active + 1 + by + places) % places) - 1);
    };

    const keys = {
      ArrowDown: (event) => (list.hidden ? ask() : !event.altKey && step(1)),
      ArrowUp: (event) => (list.hidden ? ask() : event.altKey ? close() : step(-1)),
      Enter: () => (list.hidden || active < 0 ? (close(), false) : choose(options()[active])),
      Escape: () => (list.hidden ? false : close()),
      Tab: () => (close(), false),
    };

    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id, autocomplete: "off" })) {
      input.setAttribute(name, value);
    }
    list.hidden = true;
    input.parentElement.classList.add("completes");
    input.parentElement.append(list, status);
    input.addEventListener("input", (event) => {
      clearTimeout(waiting);
      if (!event.isComposing) {
        waiting = setTimeout(ask, WAIT_MS);
      }
    });
    input.addEventListener("compositionend", () => {
      clearTimeout(waiting);
      waiting = setTimeout(ask, WAIT_MS);
    });
    input.addEventListener("keydown", (event) => {
      const react = event.isComposing ? undefined : keys[event.key];
      if (react && react(event) !== false) {
        event.preventDefault();
      }
    });
    input.addEventListener("blur", close);
    list.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
  };

  document.querySelectorAll("input[data-complete]").forEach(attach);
})();
