// Filters, sorts and downloads what is on the page already. Without it everything can be read.
//
// The form of the filter is its state: the fields are named as in the address, so the form's own
// data is the address of a selection (#endring=tilbake&omrade=OPP). All texts are in the HTML.
(function () {
  "use strict";
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const language = document.documentElement.lang;
  const panel = document.querySelector(".filter");
  const form = panel.querySelector("form");
  const notice = document.querySelector(".notice");
  const texts = panel.dataset;

  // A measure is a row or card of a chapter. A mention leads to one from a list.
  const measures = all("main [data-answers]").map((part) => ({
    part,
    area: part.dataset.area,
    step: part.dataset.step,
    answers: part.dataset.answers.split(" "),
    text: "",
  }));
  const mentions = all("main [data-of]");
  const tables = new Set(measures.map(({ part }) => part).concat(mentions)
    .map((part) => part.closest("table")).filter(Boolean));
  const badges = all("main :is(h2, h3, h4, h5, h6) > .count");
  // What stands above the questions is never hidden, so that nothing jumps under the pointer.
  const sections = all("main section")
    .filter((part) => panel.compareDocumentPosition(part) & Node.DOCUMENT_POSITION_FOLLOWING);

  function fill(pattern, values) {
    return pattern.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  function hide(part, isHidden) {
    part.toggleAttribute("data-off", isHidden);
  }

  // ---- What is asked

  const value = (filter) => {
    const control = form.querySelector(`[data-filter="${filter}"]`);
    return control ? form.elements[control.name].value.trim() : "";
  };

  function read() {
    const asked = { answer: value("answer"), area: value("area"), step: value("step") };
    asked.words = value("text").toLocaleLowerCase(language).split(/\s+/).filter(Boolean);
    asked.anything = Boolean(asked.answer || asked.area || asked.step || asked.words.length);
    return asked;
  }

  function has(measure, words) {
    if (words.length && !measure.text) {
      // Collected at the first search only: the texts of thousands of measures take time.
      measure.text = measure.part.textContent.toLocaleLowerCase(language);
    }
    return words.every((word) => measure.text.includes(word));
  }

  // Each count is that of the measures which the choice would leave, with the other choices kept.
  function select(asked) {
    const shown = [];
    const counts = { answer: new Map(), area: new Map(), step: new Map() };
    const count = (of, key) => { counts[of].set(key, (counts[of].get(key) ?? 0) + 1); };
    measures.forEach((measure) => {
      if (!has(measure, asked.words)) { return; }
      const answer = !asked.answer || measure.answers.includes(asked.answer);
      const area = !asked.area || measure.area === asked.area;
      const step = !asked.step || measure.step === asked.step;
      if (area && step) { new Set(["", ...measure.answers]).forEach((key) => count("answer", key)); }
      if (answer && step) { new Set(["", measure.area]).forEach((key) => count("area", key)); }
      if (answer && area) { new Set(["", measure.step]).forEach((key) => count("step", key)); }
      if (answer && area && step) { shown.push(measure); }
    });
    return { shown, counts };
  }

  // ---- What is shown

  function apply() {
    const asked = read();
    const { shown, counts } = select(asked);
    const parts = new Set(shown.map(({ part }) => part));
    const ids = new Set(shown.map(({ part }) => part.id));
    measures.forEach(({ part }) => hide(part, !parts.has(part)));
    mentions.forEach((row) => {
      hide(row, !ids.has(row.dataset.of));
      if (ids.has(row.dataset.of)) { parts.add(row); }
    });
    showSections(asked, parts);
    tables.forEach((table) => showTable(table, asked));
    badges.forEach((badge) => showBadge(badge, asked));
    showCounts(counts);
    mark(asked.words, parts);
    tell(asked, shown.length);
    notice.hidden = true;
  }

  function showSections(asked, parts) {
    const kept = new Set();
    parts.forEach((part) => {
      let section = part.closest("section");
      while (section && !kept.has(section)) {
        kept.add(section);
        section = section.parentElement.closest("section");
      }
    });
    sections.forEach((section) => hide(section, asked.anything && !kept.has(section)));
  }

  // A heading among the rows stands only while one of its rows does. The caption says how many do.
  function showTable(table, asked) {
    let heading = null;
    let total = 0;
    let count = 0;
    Array.from(table.tBodies[0].rows).forEach((row) => {
      const isShown = !row.hasAttribute("data-off");
      if (row.classList.contains("heading")) {
        heading = row;
        hide(row, asked.anything);
      } else if (row.dataset.of || row.dataset.answers !== undefined) {
        total += 1;
        count += isShown;
        if (heading && isShown) { hide(heading, false); }
      }
    });
    let part = table.caption.querySelector(".part");
    if (!part) {
      part = document.createElement("span");
      part.className = "part";
      table.caption.append(part);
    }
    part.textContent = asked.anything ? ` ${fill(texts.count, { n: count, total })}` : "";
    hide(table.closest(".scroll"), count === 0);
  }

  // A list that is not whole has no count while something is asked: what it leaves out is unknown.
  function showBadge(badge, asked) {
    badge.dataset.total ??= badge.textContent;
    const list = badge.closest(".list, section");
    const named = all("[data-of]", list);
    const shown = named.filter((part) => !part.hasAttribute("data-off"));
    const isWhole = named.length === Number(badge.dataset.total);
    badge.textContent = asked.anything && isWhole
      ? fill(texts.part, { n: shown.length, total: named.length }) : badge.dataset.total;
    hide(badge, asked.anything && !isWhole);
    if (list.classList.contains("list")) {
      hide(list, asked.anything && !shown.length);
      all(".left", list).forEach((part) => hide(part, asked.anything));
    }
  }

  function showCounts(counts) {
    all("input[type=radio]", form).forEach((radio) => {
      radio.parentElement.querySelector("strong").textContent = counts.answer.get(radio.value) ?? 0;
    });
    all("select", form).forEach((select) => {
      Array.from(select.options).forEach((option) => {
        const count = counts[select.dataset.filter].get(option.value) ?? 0;
        option.textContent = `${option.dataset.label} (${count})`;
      });
    });
  }

  function tell(asked, count) {
    const said = fill(texts.count, { n: count, total: measures.length });
    panel.querySelector(".found").textContent = said;
    panel.querySelector(".chosen").hidden = !asked.anything;
    panel.querySelector(".csv").disabled = count === 0;
    const link = panel.querySelector(".chosen a");
    const query = address();
    link.href = `#${query}`;
    link.textContent = `${decodeURIComponent(location.pathname.split("/").pop())}#${query}`;
    document.querySelector(".nothing").hidden = count > 0;
    document.querySelector(".printed").textContent = asked.anything
      ? fill(texts.selection, { words: choices().join(" · "), count: said }) : "";
    document.body.toggleAttribute("data-asked", asked.anything);
  }

  // The choices in the words of the form, for the sentence of a printed selection.
  function choices() {
    const radio = form.querySelector("input[type=radio]:checked");
    const chosen = all("select", form).filter((select) => select.value);
    return [
      radio.value && radio.parentElement.querySelector(".label").textContent,
      ...chosen.map((select) => select.selectedOptions[0].dataset.label),
      value("text") && fill(texts.quoted, { text: value("text") }),
    ].filter(Boolean);
  }

  // Hits are marked without changing the page: marks around thousands of words would be slow, and
  // older browsers, which lack this, still show the right rows.
  function mark(words, parts) {
    if (!CSS.highlights) { return; }
    CSS.highlights.delete("hit");
    if (!words.length) { return; }
    const hits = new Highlight();
    parts.forEach((part) => {
      const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const node = walker.currentNode;
        const text = node.data.toLocaleLowerCase(language);
        words.forEach((word) => {
          for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
            const end = at + word.length;
            if (end > node.data.length) { return; }  // a letter that is two in lower case
            hits.add(new StaticRange(
              { startContainer: node, startOffset: at, endContainer: node, endOffset: end }));
          }
        });
      }
    });
    CSS.highlights.set("hit", hits);
  }

  // ---- The address

  function address() {
    const filled = Array.from(new FormData(form)).filter(([, text]) => text.trim());
    return new URLSearchParams(filled.map(([name, text]) => [name, text.trim()])).toString();
  }

  // A choice is a step that the browser's Back undoes; a typed letter is not.
  function remember(isStep) {
    const query = address();
    const target = query ? `#${query}` : location.pathname + location.search;
    if (`#${query}` === (location.hash || "#")) { return; }
    try {
      history[isStep ? "pushState" : "replaceState"](null, "", target);
    } catch {
      // In some previews a page may not change its address. The filter works all the same.
    }
  }

  // The address is a selection (#endring=tilbake), or the id of something on the page (#OPP-011).
  function follow() {
    const target = location.hash.slice(1);
    if (target && !target.includes("=")) {
      reach(document.getElementById(decodeURIComponent(target)));
      return;
    }
    form.reset();
    const asked = Array.from(new URLSearchParams(target));
    const unknown = asked.filter(([name, text]) => !choose(form.elements.namedItem(name), text));
    apply();
    if (target) { panel.scrollIntoView(); }
    if (unknown.length) {
      say(fill(texts.unknown, { words: unknown.map((pair) => pair.join("=")).join(", ") }));
    }
  }

  function choose(control, text) {
    if (!control) { return false; }
    control.value = text;
    if (control.selectedIndex === -1) { control.selectedIndex = 0; }
    return control.value === text;
  }

  // A link reaches what it names: a filter that hides it, or a part of its chapter, gives way.
  function reach(target) {
    if (!target) { return; }
    const chapter = /^H[1-6]$/.test(target.tagName) ? target.closest("section") : null;
    if (target.closest("[data-off]") || (chapter && chapter.querySelector("[data-off]"))) {
      const before = address();
      form.reset();
      apply();
      say(texts.gaveWay, before);
      target.scrollIntoView();
    }
  }

  function say(sentence, before = "") {
    notice.querySelector("span").textContent = sentence;
    const back = notice.querySelector(".back");
    back.hidden = !before;
    back.href = `#${before}`;
    notice.hidden = false;
  }

  async function copy() {
    const link = panel.querySelector(".chosen a").href;
    try {
      await navigator.clipboard.writeText(link);
      say(texts.copied);
    } catch {
      getSelection().selectAllChildren(panel.querySelector(".chosen a"));
      say(texts.notCopied);
    }
  }

  // ---- Sorting

  function number(text) {
    const found = /[-−–]?\d[\d\s.,]*/.exec(text);
    if (!found) { return undefined; }
    const plain = found[0].replace(/\s/g, "").replace(/^[−–]/, "-");
    return parseFloat(language.startsWith("en") ? plain.replace(/,/g, "") : plain.replace(",", "."));
  }

  function day(text) {
    const [, date, month, year] = /^(\d{1,2})[./](\d{1,2})[./](\d{4})/.exec(text) ?? [];
    return year ? Date.UTC(year, month - 1, date) : Date.parse(text) || undefined;
  }

  const readers = { number, date: day, text: (text) => text || undefined };

  // What does not sort by its words has the number to sort by in data-sort.
  function sortKey({ dataset, textContent }, kind) {
    return dataset.sort ? parseFloat(dataset.sort) : readers[kind](textContent.trim());
  }

  // A cell without a value comes last, whatever the direction.
  function compare(one, other, direction) {
    if (one === undefined || other === undefined) {
      return (one === undefined) - (other === undefined);
    }
    const order = typeof one === "number"
      ? one - other : one.localeCompare(other, language, { numeric: true });
    return order * direction;
  }

  // Upwards, then downwards, then as the report has it. Rows of totals stay where they are.
  const next = { none: "ascending", ascending: "descending", descending: "none" };

  function sort(table, head, rows) {
    const order = next[head.ariaSort ?? "none"];
    Array.from(head.parentElement.cells).forEach((cell) => cell.removeAttribute("aria-sort"));
    let sorted = rows;
    if (order !== "none") {
      head.setAttribute("aria-sort", order);
      const key = ({ cells }) => sortKey(cells[head.cellIndex], head.dataset.kind);
      const direction = order === "ascending" ? 1 : -1;
      sorted = rows.map((row) => [key(row), row])
        .sort(([one], [other]) => compare(one, other, direction)).map(([, row]) => row);
    }
    table.tBodies[0].prepend(...sorted);
  }

  function makeSortable(table) {
    const rows = all("tbody tr[data-answers]", table);
    if (rows.length < 2) { return; }
    Array.from(table.tHead.rows[0].cells).forEach((head) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(table, head, rows));
      head.append(button);
    });
  }

  // ---- Download

  function plain(part) {
    const copy = part.cloneNode(true);
    all(".pilcrow", copy).forEach((link) => link.remove());
    all(".note", copy).forEach((note) => note.before(" "));
    // A line of many dates has its numbers in a drawing; its words name each date.
    all(".history:has(svg)", copy).forEach((line) => line.replaceWith(line.ariaLabel));
    const lines = all("li, p", copy).map((line) => line.textContent);
    return (lines.length ? lines : [copy.textContent])
      .map((line) => line.trim().replace(/[^\S\n]+/g, " ")).join("\n");
  }

  // The headings between the chapter of an area and a measure.
  function groups(part) {
    const titles = [];
    let section = part.closest("section");
    while (section && !section.classList.contains("chapter")) {
      titles.unshift(plain(section.querySelector("h2, h3, h4, h5, h6")));
      section = section.parentElement.closest("section");
    }
    return titles.join(" · ");
  }

  function pairs(part) {
    if (part.cells) {
      const heads = Array.from(part.closest("table").tHead.rows[0].cells);
      return Array.from(part.cells, (cell, n) => [plain(heads[n]), plain(cell)]);
    }
    const title = part.querySelector("h2, h3, h4, h5, h6");
    return [
      ...(title ? [[texts.measure, plain(title)]] : []),
      ...all("dl > div", part).map((pair) => [
        plain(pair.querySelector("dt")), plain(pair.querySelector("dd"))]),
    ];
  }

  // What a spreadsheet would compute is kept as text; a number stays a number.
  function cellOf(text = "") {
    const isFormula = /^[=+\-@\t\r]/.test(text) && !/^-?\d[\d ]*(,\d+)?$/.test(text);
    const safe = isFormula ? `'${text}` : text;
    return /[";\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  }

  // As Excel in Scandinavia opens it right: a byte order mark, semicolons, CRLF.
  function download() {
    const areas = new Map(all("select[data-filter=area] option", form)
      .map((option) => [option.value, option.dataset.label]));
    const shown = all("main [data-answers]:not([data-off])");
    const hasGroups = measures.some(({ part }) => groups(part));
    const records = shown.map((part) => new Map([
      ...(areas.size ? [[texts.area, areas.get(part.dataset.area)]] : []),
      ...(hasGroups ? [[texts.group, groups(part)]] : []),
      ...pairs(part)]));
    const heads = Array.from(new Set(records.flatMap((record) => Array.from(record.keys()))));
    const lines = [heads, ...records.map((record) => heads.map((head) => record.get(head)))];
    const content = lines.map((line) => line.map(cellOf).join(";") + "\r\n").join("");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["\ufeff", content], { type: "text/csv" }));
    link.download = `${document.title.replace(/[\\/:*?"<>|]+/g, "-")}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  // ---- Start

  if (measures.length > 1) {
    panel.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      document.querySelector("main :is([data-of], [data-answers]):not([data-off]) a")?.focus();
    });
    form.addEventListener("input", (event) => {
      apply();
      remember(event.target.type !== "search");
    });
    all(".clear").forEach((button) => button.addEventListener("click", () => {
      form.reset();
      apply();
      remember(true);
    }));
    panel.querySelector(".copy").addEventListener("click", copy);
    panel.querySelector(".csv").addEventListener("click", download);
    notice.querySelector(".close").addEventListener("click", () => { notice.hidden = true; });
    window.addEventListener("hashchange", follow);
    apply();
    if (location.hash) { follow(); }
  }
  all("table.filters").forEach(makeSortable);
}());
