// Use a report as readers do, with mouse and keyboard, and print its answers as JSON.
//
// usage: node questions.test.mjs CHROMIUM REPORT.html SUMS.html QUESTIONS.json
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { launch, violations } from "./browser.mjs";

const [executablePath, report, sums, questions] = process.argv.slice(2);
const { views, names, changes } = JSON.parse(readFileSync(questions, "utf8"));
const [url, urlOfSums] = [report, sums].map((path) => pathToFileURL(path).href);
const messages = [];

async function open(browser, hash = "", options = {}, address = url) {
  const page = await browser.newPage({ viewport: { width: 1024, height: 900 }, ...options });
  page.on("console", (message) => messages.push(message.text()));
  page.on("pageerror", (error) => messages.push(error.message));
  await page.goto(address + hash);
  if (options.javaScriptEnabled !== false) {
    await page.waitForFunction(() => document.documentElement.dataset.asked !== undefined);
  }
  return page;
}

// The cells of a table as texts, by the table's name.
const cells = (page, name, within = "body") =>
  page.evaluate(
    ([caption, where]) => {
      const box = [...document.querySelectorAll(`${where} .scroll`)].find((it) => it.ariaLabel === `Table: ${caption}`);
      return box ? [...box.querySelectorAll("tbody tr")].map((row) => [...row.cells].map((cell) => cell.textContent)) : null;
    },
    [name, within],
  );
const answer = (page) => page.locator("#ask-asked .answer").textContent();
const hashOf = (page) => page.evaluate(() => location.hash);

// Choose every dimension, measure and grain of period with its picker.
async function pick(page, view) {
  for (const [label, value] of [["Dimension", view.dimension], ["Measure", view.measure], ["Period", view.period]]) {
    await page.getByLabel(label, { exact: true }).selectOption(value);
  }
  if (view.within) await page.getByLabel("Within", { exact: true }).selectOption({ label: view.value });
  return {
    answer: await answer(page),
    figures: await cells(page, "Index figures"),
    others: await cells(page, "All other columns"),
    largest: await cells(page, "The largest", "#ask-asked"),
    lorenz: await cells(page, "From the smallest up (Lorenz)"),
    pareto: await cells(page, "From the largest down (Pareto)"),
    trend: await cells(page, "Over time"),
    changes: await cells(page, "What changed", "#ask-asked"),
    order: await cells(page, "In calendar order"),
    hash: await hashOf(page),
  };
}

async function entity(page, name) {
  const input = page.getByLabel("Find by name");
  await input.fill(name);
  await page.locator(".found button").first().waitFor();
  await input.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.locator("#entity-title").waitFor();
  return {
    focus: await page.evaluate(() => document.activeElement.id),
    title: await page.locator("#entity-title").textContent(),
    facts: await page.locator("#ask-entity > dl.key-figures > div").allTextContents(),
    months: await cells(page, "By month"),
    ranks: await cells(page, "Share and rank over time"),
    limits: await cells(page, "Limits that apply"),
    category: await cells(page, "Category", "#ask-entity"),
    findings: await page.locator("#ask-entity .named a").allTextContents(),
    hash: await hashOf(page),
  };
}

async function whatIf(page, change) {
  await page.getByLabel("Dimension", { exact: true }).selectOption(change.dimension);
  await page.getByLabel("Period", { exact: true }).selectOption(change.period ?? "all");
  await page.getByRole("button", { name: "Undo all changes" }).click();
  for (const [label, percent] of Object.entries(change.percents)) {
    const field = page.getByLabel(`${label}, percent, exact`);
    await field.fill(String(percent));
    await field.press("Tab");
  }
  for (const label of change.removed ?? []) await page.getByRole("button", { name: `Remove ${label}` }).click();
  if (change.add) {
    const field = page.getByLabel(/^Add one /);
    await field.fill(String(change.add));
    await field.press("Enter");
  }
  return {
    said: await page.locator("#ask-results .answer-line").textContent(),
    figures: await cells(page, "What if, figures"),
    limits: await cells(page, "What if, limits"),
    hash: await hashOf(page),
  };
}

// Follow a link within the page, then go back: the chosen view is shown again.
async function backFromLink(page) {
  await page.getByLabel("Dimension", { exact: true }).selectOption("category");
  const asked = { hash: await hashOf(page), answer: await answer(page) };
  await page.locator("nav a[href='#limits']").click();
  const away = await hashOf(page);
  await page.getByLabel("Dimension", { exact: true }).selectOption("gender");
  await page.locator("nav a[href='#method']").click();
  await page.goBack();
  const second = await answer(page);
  await page.goBack();
  return { away, second, same: (await hashOf(page)) === asked.hash && (await answer(page)) === asked.answer };
}

// Panel, what-if and crossed dimensions on a page without rows.
async function askSums(browser) {
  const page = await open(browser, "", {}, urlOfSums);
  const found = {
    views: [await pick(page, views.at(-1))],
    entities: [await entity(page, names[0])],
    changes: [await whatIf(page, changes[0])],
  };
  const viewed = await open(browser, found.views[0].hash, {}, urlOfSums);
  found.viewed = await answer(viewed);
  await viewed.close();
  await page.close();
  return found;
}

// With the keyboard alone: tab to a slider, move it, watch the figures follow; the focus stays.
async function byKeyboard(page) {
  const slider = page.locator("#ask-controls input[type=range]").first();
  await slider.focus();
  for (let press = 0; press < 10; press += 1) await page.keyboard.press("ArrowLeft");
  return {
    value: await page.locator("#ask-controls input[type=range]").first().inputValue(),
    focus: await page.evaluate(() => document.activeElement.dataset.control),
    total: (await cells(page, "What if, figures"))[0],
  };
}

// The names of the page's controls for a screen reader.
async function controlNames(page) {
  const found = page.locator("#ask select, #ask input, #what-if input, #what-if select, #what-if button, #ask button");
  return found.evaluateAll((controls) =>
    controls.map((it) => it.ariaLabel || it.labels?.[0]?.textContent || it.textContent || ""),
  );
}

// One width, light and dark: colours change without drawing again.
async function screens(browser, width) {
  const page = await open(browser, "#dimension=customer&of=customer&entity=" + names[0], { viewport: { width, height: 900 } });
  await page.waitForFunction(() => document.documentElement.dataset.drawn !== undefined);
  const light = await scheme(page, width, "light");
  const dark = await scheme(page, width, "dark");
  await page.close();
  return { light, dark };
}

async function scheme(page, width, colorScheme) {
  await page.emulateMedia({ colorScheme });
  const seen = await page.evaluate(() => {
    const boxes = [...document.querySelectorAll("#ask .plot")];
    const texts = [...document.querySelectorAll("#ask th[scope=row], #what-if .who")].map((it) => it.getBoundingClientRect());
    return {
      overflow: document.documentElement.scrollWidth - window.innerWidth,
      undrawn: boxes.filter((plot) => !plot.querySelector("svg")).length,
      plots: boxes.length,
      hidden: texts.filter((box) => box.width < 20 || box.height < 10).length,
    };
  });
  // One width per scheme, as for the page itself.
  const isJudged = (width < 600) === (colorScheme === "dark") && width !== 768;
  const violated = isJudged ? await violations(page, "ask") : [];
  const findings = violated
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 160)}`);
  return { ...seen, findings };
}

async function withoutScript(browser) {
  const page = await open(browser, "", { javaScriptEnabled: false });
  const seen = {
    asked: await page.locator("#ask").isVisible(),
    tables: await page.locator("table").count(),
    text: (await page.locator("main").innerText()).length,
  };
  await page.close();
  return seen;
}

const browser = await launch(executablePath);
const results = { views: [], entities: [], changes: [] };
const page = await open(browser);
results.paint = await page.evaluate(
  () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? null,
);
for (const view of views) results.views.push(await pick(page, view));
for (const name of names) results.entities.push(await entity(page, name));
await page.getByRole("button", { name: "Close" }).click();
results.closed = { hidden: await page.locator("#ask-entity").isHidden(), focus: await page.evaluate(() => document.activeElement.type) };
await page.getByLabel("Find by name").fill("no such name");
results.unknown = await page.locator(".search [role=status]").textContent();
await page.getByLabel("Find by name").fill("");
await page.getByLabel("Measure", { exact: true }).selectOption("revenue");
for (const change of changes) results.changes.push(await whatIf(page, change));
results.names = await controlNames(page);
await page.getByRole("button", { name: "Undo all changes" }).click();
results.keyboard = await byKeyboard(page);
results.back = await backFromLink(page);
// The address alone restores the view.
const sent = await open(browser, results.changes.at(-1).hash);
results.sent = await cells(sent, "What if, figures");
await sent.close();
const viewed = await open(browser, results.views.at(-1).hash);
results.viewed = await answer(viewed);
await viewed.close();
await page.close();
results.sums = await askSums(browser);
results.screens = {};
for (const width of [390, 768, 1280]) {
  for (const [colours, seen] of Object.entries(await screens(browser, width))) results.screens[`${width} ${colours}`] = seen;
}
results.plain = await withoutScript(browser);
results.messages = messages;
await browser.close();
console.log(JSON.stringify(results));
