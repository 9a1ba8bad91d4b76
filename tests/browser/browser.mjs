// The browser in which both tests open a report.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

// Beside what Playwright says itself.
const quiet = [
  "--disable-gpu",
  "--disable-quic",
  // Every window would load the suggestions of its address bar, a page of 400 files that takes as
  // long as the report.
  "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup",
];
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const launch = (executablePath) => chromium.launch({ executablePath, args: quiet });

// The accessibility rules that a page, or one element of it, violates; what passes is only counted,
// because describing it takes as long as the rules.
export async function violations(page, id = null) {
  await page.evaluate(axe);
  const judged = await page.evaluate(
    (part) => window.axe.run(part ? document.getElementById(part) : document, { resultTypes: ["violations"] }),
    id,
  );
  return judged.violations;
}
