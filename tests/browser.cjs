// Plays visits to pages in Chromium, as JSON from standard input, and prints the answers as JSON.
// node browser.cjs MODULES CHROMIUM < VISITS
// A visit is {page, hash, width, height, scale, dark, forced, script, actions}. Each action is a
// list: a name below and its arguments. Its answer is null if it has none.
"use strict";
const { createRequire } = require("module");
const fs = require("fs");
const path = require("path");

const [modules, chromium] = process.argv.slice(2);
const from = createRequire(path.join(path.resolve(modules), "x.js"));
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

// Texts that lie over one another or leave their cell, and a page that is wider than the window.
function overprints() {
  const found = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) { found.push(`page: ${root.scrollWidth} px`); }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const lines = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const owner = node.parentElement;
    if (!node.data.trim() || owner.closest("script, style, option, .told, .skip, .notice")
      || !owner.checkVisibility({ visibilityProperty: true, opacityProperty: true })) { continue; }
    const box = owner.closest(".parts > span, td, th, dd, li, figure, label, button, p")?.getBoundingClientRect();
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const line of range.getClientRects()) {
      if (line.width < 1) { continue; }
      lines.push({ node, line });
      if (box && (line.right > box.right + 1.5 || line.left < box.left - 1.5)) {
        found.push(`outside: ${node.data.trim().slice(0, 30)}`);
      }
    }
  }
  lines.sort((one, other) => one.line.top - other.line.top);
  lines.forEach(({ node, line }, k) => {
    for (let n = k + 1; n < lines.length && lines[n].line.top < line.bottom - 3; n += 1) {
      const other = lines[n];
      const across = Math.min(line.right, other.line.right) - Math.max(line.left, other.line.left);
      const down = Math.min(line.bottom, other.line.bottom) - other.line.top;
      if (other.node !== node && across > 1 && down > 4) {
        found.push(`over: ${node.data.trim().slice(0, 30)} | ${other.node.data.trim().slice(0, 30)}`);
      }
    }
  });
  return found;
}

// The colours of a picture, the most frequent first: [red, green, blue, share of the pixels].
async function colours(picture) {
  const image = new Image();
  image.src = `data:image/png;base64,${picture}`;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  const counts = new Map();
  for (let at = 0; at < data.length; at += 4) {
    const colour = `${data[at]},${data[at + 1]},${data[at + 2]}`;
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  return [...counts].sort((one, other) => other[1] - one[1]).slice(0, 8)
    .map(([colour, count]) => [...colour.split(",").map(Number), count / (data.length / 4)]);
}

async function violations(tab) {
  await tab.addScriptTag({ content: fs.readFileSync(from.resolve("axe-core/axe.min.js"), "utf-8") });
  const found = await tab.evaluate((tags) => window.axe.run(document, { runOnly: tags }), TAGS);
  return found.violations.map((one) => (
    one.id + ": " + one.nodes.slice(0, 3).map((node) => node.target.join(" ")).join(", ")));
}

async function downloaded(tab, selector) {
  const [download] = await Promise.all([tab.waitForEvent("download"), tab.click(selector)]);
  const content = fs.readFileSync(await download.path());
  return { name: download.suggestedFilename(), base64: content.toString("base64") };
}

const actions = {
  ask: (tab, expression) => tab.evaluate(expression),
  axe: violations,
  back: async (tab) => { await tab.goBack(); },
  check: async (tab, selector) => { await tab.check(selector); },
  click: async (tab, selector) => { await tab.click(selector); },
  colours: async (tab, selector) => {
    const picture = await tab.locator(selector).first().screenshot();
    return tab.evaluate(colours, picture.toString("base64"));
  },
  download: downloaded,
  go: async (tab, hash) => { await tab.evaluate((to) => { location.hash = to; }, hash); },
  overprints: (tab) => tab.evaluate(overprints),
  pdf: async (tab) => (await tab.pdf({ preferCSSPageSize: true })).toString("base64"),
  press: async (tab, key) => { await tab.keyboard.press(key); },
  print: async (tab) => { await tab.emulateMedia({ media: "print" }); },
  select: async (tab, selector, value) => { await tab.selectOption(selector, value); },
  type: async (tab, selector, text) => { await tab.fill(selector, text); },
  width: async (tab, width) => {
    await tab.setViewportSize({ width, height: tab.viewportSize().height });
  },
};

async function play(browser, visit) {
  const context = await browser.newContext({
    viewport: { width: visit.width ?? 1280, height: visit.height ?? 900 },
    deviceScaleFactor: visit.scale ?? 1,
    colorScheme: visit.dark ? "dark" : "light",
    forcedColors: visit.forced ? "active" : "none",
    javaScriptEnabled: visit.script ?? true,
    reducedMotion: "reduce",
  });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const tab = await context.newPage();
  const wrong = [];
  const asked = [];
  tab.on("pageerror", (error) => wrong.push(String(error)));
  tab.on("console", (said) => { if (said.type() === "error") { wrong.push(said.text()); } });
  tab.on("request", (request) => asked.push(request.url()));
  const hash = visit.hash ? `#${visit.hash}` : "";
  await tab.goto("file://" + encodeURI(path.resolve(visit.page)) + hash);
  const answers = [];
  for (const [name, ...words] of visit.actions) {
    answers.push((await actions[name](tab, ...words)) ?? null);
  }
  await context.close();
  return { answers, wrong, asked: asked.filter((url) => !url.startsWith("data:")) };
}

(async () => {
  const visits = JSON.parse(fs.readFileSync(0, "utf-8"));
  const browser = await from("playwright-core").chromium.launch({ executablePath: chromium, args: FLAGS });
  const seen = [];
  for (const visit of visits) { seen.push(await play(browser, visit)); }
  await browser.close();
  process.stdout.write(JSON.stringify(seen));
})().catch((error) => { process.stderr.write(String(error.stack)); process.exit(1); });
