// Opens pages in Chromium and prints what it sees as JSON: axe's violations, the width, what filtering leaves.
// node browser.cjs MODULES CHROMIUM PAGE WIDTH... ; MODULES holds playwright-core and axe-core.
"use strict";
const { createRequire } = require("module");
const path = require("path");
const fs = require("fs");

const [modules, chromium, page, ...widths] = process.argv.slice(2);
const from = createRequire(path.join(path.resolve(modules), "x.js"));
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

async function seen(browser, width) {
  const tab = await browser.newPage({ viewport: { width, height: 900 } });
  const wrong = [];
  const asked = [];
  tab.on("pageerror", (error) => wrong.push(String(error)));
  tab.on("console", (said) => { if (said.type() === "error") { wrong.push(said.text()); } });
  tab.on("request", (request) => asked.push(request.url()));
  await tab.goto("file://" + path.resolve(page));
  const room = await tab.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  await tab.addScriptTag({ content: fs.readFileSync(from.resolve("axe-core/axe.min.js"), "utf-8") });
  const found = await tab.evaluate((tags) => window.axe.run(document, { runOnly: tags }), TAGS);
  const told = (one) => one.id + ": " + one.nodes.slice(0, 3).map((node) => node.target.join(" ")).join(", ");
  await tab.close();
  return { width, scroll: room[0], client: room[1], violations: found.violations.map(told), wrong, asked };
}

async function used(browser) {
  const tab = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await tab.goto("file://" + path.resolve(page));
  const shown = () => tab.evaluate(() => [...document.querySelectorAll("[data-step]")]
    .filter((part) => part.getClientRects().length > 0).map((part) => part.id));
  const all = await shown();
  const steps = await tab.evaluate(() => [...document.querySelectorAll("#filter-step option")].map((one) => one.value));
  const byStep = {};
  for (const step of steps.filter(Boolean)) {
    await tab.selectOption("#filter-step", step);
    byStep[step] = await shown();
  }
  await tab.click(".filter button");
  const byArea = {};
  const areas = await tab.evaluate(() => [...document.querySelectorAll("#filter-area option")].map((one) => one.value));
  for (const area of areas.filter(Boolean)) {
    await tab.selectOption("#filter-area", area);
    byArea[area] = await shown();
  }
  await tab.click(".filter button");
  const again = await shown();
  const head = await tab.$("table.filters thead button");
  const sorted = [];
  for (let k = 0; head && k < 2; k += 1) {
    await head.click();
    sorted.push(await tab.evaluate(() => {
      const table = document.querySelector("table.filters:has(thead button)");
      const column = table.tHead.querySelector("[aria-sort]").cellIndex;
      return [...table.tBodies[0].rows].map((row) => row.cells[column].textContent.trim());
    }));
  }
  await tab.close();
  return { all, byStep, byArea, again, sorted };
}

async function unscripted(browser) {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1280, height: 900 } });
  const tab = await context.newPage();
  await tab.goto("file://" + path.resolve(page));
  const filter = await tab.isVisible(".filter");
  const text = await tab.innerText("main");
  await context.close();
  return { filter, text };
}

(async () => {
  const browser = await from("playwright-core").chromium.launch({ executablePath: chromium, args: FLAGS });
  const views = [];
  for (const width of widths) { views.push(await seen(browser, Number(width))); }
  const told = { views, used: await used(browser), unscripted: await unscripted(browser) };
  await browser.close();
  process.stdout.write(JSON.stringify(told));
})().catch((error) => { process.stderr.write(String(error.stack)); process.exit(1); });
