// Filters and sorts what stands on the page already; without it everything can still be read.
(function () {
  "use strict";
  var form = document.querySelector(".filter");
  var all = Array.from(document.querySelectorAll("tr[data-step], .card[data-step]"));
  var text = document.getElementById("filter-text");
  var step = document.getElementById("filter-step");
  var area = document.getElementById("filter-area");
  var count = form.querySelector(".count");
  var spoken = document.documentElement.lang;

  function off(part, hidden) {
    if (hidden) { part.setAttribute("data-off", ""); } else { part.removeAttribute("data-off"); }
  }

  function chapter(part) {
    return part.closest("section.page");
  }

  function fits(part, words) {
    var here = chapter(part);
    return (!step || !step.value || part.dataset.step === step.value)
      && (!area.value || (here && here.getAttribute("aria-labelledby") === area.value))
      && words.every(function (word) { return part.textContent.toLocaleLowerCase(spoken).includes(word); });
  }

  function apply() {
    var words = text.value.toLocaleLowerCase(spoken).split(/\s+/).filter(Boolean);
    var asked = words.length > 0 || (step && step.value) || area.value;
    var shown = all.filter(function (part) {
      var fit = fits(part, words);
      off(part, !fit);
      return fit;
    });
    document.querySelectorAll("main section").forEach(function (part) {
      var own = all.some(function (one) { return part.contains(one); });
      off(part, Boolean(asked) && (own ? !shown.some(function (one) { return part.contains(one); }) : true));
    });
    count.textContent = asked
      ? count.dataset.text.replace("{n}", shown.length).replace("{total}", all.length) : "";
  }

  function key(row, column) {
    var said = row.cells[column].textContent.trim();
    var number = /^[-–]?\d+([.,]\d+)?(?=\s|$)/.exec(said);
    return number ? parseFloat(number[0].replace("–", "-").replace(",", ".")) : said;
  }

  function compare(a, b) {
    if (typeof a === "number" && typeof b === "number") { return a - b; }
    if (a === "" || b === "") { return (a === "") - (b === ""); }
    return String(a).localeCompare(String(b), spoken, { numeric: true });
  }

  function sort(table, head, column) {
    var down = head.getAttribute("aria-sort") === "ascending";
    var body = table.tBodies[0];
    var rows = Array.from(body.rows);
    rows.sort(function (a, b) { return (down ? -1 : 1) * compare(key(a, column), key(b, column)); });
    rows.forEach(function (row) { body.appendChild(row); });
    Array.from(table.tHead.rows[0].cells).forEach(function (cell) { cell.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
  }

  document.querySelectorAll("table.filters").forEach(function (table) {
    if (table.tBodies[0].rows.length < 2) { return; }
    Array.from(table.tHead.rows[0].cells).forEach(function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      button.addEventListener("click", function () { sort(table, head, column); });
      head.replaceChildren(button);
    });
  });

  if (all.length > 1) {
    form.hidden = false;
    form.addEventListener("input", apply);
    form.querySelector("button").addEventListener("click", function () {
      [text, step, area].filter(Boolean).forEach(function (field) { field.value = ""; });
      apply();
    });
  }
}());
