// Open a report at two widths, light and dark, and on paper, and print what the browser sees as
// JSON: requests, console messages, accessibility findings, charts, overflow.
//
// usage: node report.test.mjs CHROMIUM REPORT.html PDF
import { pathToFileURL } from "node:url";
import { launch, violations } from "./browser.mjs";

const [executablePath, report, pdf] = process.argv.slice(2);
const drawn = () => document.documentElement.dataset.drawn !== undefined;

// In the page: problems with its charts and its width.
function inspect() {
  const undrawn = [...document.querySelectorAll("[data-chart]")].filter((plot) => {
    const marks = plot.querySelectorAll("svg .role-mark > *");
    return marks.length === 0 || plot.querySelector("svg").getBoundingClientRect().width < 100;
  });
  const shown = (element) => element.getBoundingClientRect().right;
  const isCut = (text) => shown(text) > shown(text.closest("svg")) + 1;
  return {
    charts: document.querySelectorAll("[data-chart]").length,
    undrawn: undrawn.map((plot) => plot.dataset.chart),
    overflow: document.documentElement.scrollWidth - window.innerWidth,
    cut: [...document.querySelectorAll("[data-chart] svg")]
      .filter((svg) => shown(svg) > shown(svg.closest("figure")) + 1)
      .map((svg) => svg.closest("figure").id),
    cutTexts: [...document.querySelectorAll("[data-chart] svg text")]
      .filter((text) => text.textContent && text.getAttribute("opacity") !== "0" && isCut(text))
      .map((text) => `${text.closest("figure").id}: ${text.textContent}`),
    // A chart that is wider than its container is scaled down, including its text.
    shrunk: [...document.querySelectorAll("[data-chart] svg")]
      .filter((svg) => svg.getBoundingClientRect().width < 0.95 * svg.viewBox.baseVal.width)
      .map((svg) => svg.closest("figure").id),
    // Two names on an axis that look the same.
    alike: [...document.querySelectorAll("[data-chart] svg .role-axis-label")]
      .filter((axis) => {
        const names = [...axis.querySelectorAll("text")].map((text) => text.textContent).filter(Boolean);
        return new Set(names).size < names.length;
      })
      .map((axis) => axis.closest("figure").id),
    paper: getComputedStyle(document.body).backgroundColor,
  };
}

async function open(browser, options) {
  const page = await browser.newPage(options);
  const seen = { requests: [], messages: [] };
  page.on("request", (request) => seen.requests.push(request.url().slice(0, 200)));
  page.on("console", (message) => seen.messages.push(message.text()));
  page.on("pageerror", (error) => seen.messages.push(error.message));
  await page.goto(pathToFileURL(report).href);
  await page.waitForFunction(drawn);
  return { page, seen };
}

// One width, light and dark: colours change without drawing again.
async function onScreens(browser, width) {
  const { page, seen } = await open(browser, { viewport: { width, height: 900 } });
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.evaluate(() => {
    for (const part of document.querySelectorAll("details")) part.open = true;
  });
  await page.waitForFunction(() => {
    const plots = [...document.querySelectorAll("[data-chart]")];
    return plots.every((plot) => plot.querySelector("svg"));
  });
  await page.waitForFunction(drawn);
  const screens = {};
  for (const scheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme: scheme });
    screens[`${width} ${scheme}`] = { ...seen, height, ...(await onScreen(page, width, scheme)) };
  }
  await page.close();
  return screens;
}

async function onScreen(page, width, colorScheme) {
  const found = await page.evaluate(inspect);
  // One width per scheme: this tests all colours and both layouts in half the time.
  const isJudged = (width < 600) === (colorScheme === "dark");
  const violated = isJudged ? await violations(page) : [];
  const findings = violated.map(({ id, impact, nodes }) => ({
    id,
    impact,
    where: nodes.slice(0, 3).map((node) => node.html.slice(0, 160)),
  }));
  return { ...found, findings };
}

async function onPaper(browser) {
  const { page, seen } = await open(browser, { colorScheme: "dark" });
  await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
  // Half a page of A4 is 326 pixels wide, a whole page 680.
  const tooWide = await page.evaluate(() =>
    [...document.querySelectorAll(".figures > figure:not(.wide, :only-child) [data-chart] svg")]
      .filter((svg) => svg.viewBox.baseVal.width > 330)
      .map((svg) => svg.closest("figure").id),
  );
  await page.pdf({ path: pdf, preferCSSPageSize: true });
  // As wide as the text on an A4 page.
  await page.setViewportSize({ width: 680, height: 900 });
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
  const found = await page.evaluate(inspect);
  await page.close();
  return { ...seen, ...found, shrunk: [...found.shrunk, ...tooWide] };
}

const browser = await launch(executablePath);
const results = {};
for (const width of [390, 1280]) {
  Object.assign(results, await onScreens(browser, width));
}
results.print = await onPaper(browser);
await browser.close();
console.log(JSON.stringify(results));
