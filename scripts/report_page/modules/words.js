// Numbers as the rest of the page writes them (report_words.py has the same rules).
export const NO_VALUE = "–";
const NO_BREAK = "\u00a0";

const grouped = (value, places) =>
  value.toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });

function decimals(value, places, small) {
  if (value === 0 || value >= small) return grouped(value, places);
  return Number(value.toPrecision(2)).toFixed(10).replace(/0+$/, "").replace(/\.$/, "") || "0";
}

function amount(value, places) {
  return grouped(value, value >= 1000 || Number.isInteger(value) ? 0 : places);
}

function inCurrency(value, code) {
  const parts = new Intl.NumberFormat("en", { style: "currency", currency: code }).formatToParts(0);
  const sign = parts.find((part) => part.type === "currency")?.value ?? code;
  return sign + (sign === code ? NO_BREAK : "") + amount(value, 2);
}

function unsigned(value, unit) {
  if (unit === "share") return `${decimals(100 * value, 1, 0.1)}${NO_BREAK}%`;
  if (unit === "points") return grouped(value, 1);
  if (unit === "index") return decimals(value, 3, 0.01);
  if (/^[A-Z]{3}$/.test(unit)) return inCurrency(value, unit);
  return amount(value, unit === "money" ? 2 : 1);
}

export function number(value, unit) {
  if (value === null || value === undefined || !Number.isFinite(value)) return NO_VALUE;
  return (value < 0 ? "−" : "") + unsigned(Math.abs(value), unit);
}

// What the last digit of a sum leaves behind is no difference.
export function signed(value, unit) {
  const difference = Math.abs(value) < 1e-9 ? 0 : value;
  return (difference > 0 ? "+" : "") + number(difference, unit);
}

export const interval = (low, high, unit) =>
  low === null || low === undefined || high === null || high === undefined
    ? ""
    : `${number(low, unit)} to ${number(high, unit)}`;

export const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

export function listed(words) {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

// Labels that a reader can tell apart: of those that look alike, each has its id behind it.
export function distinct(names) {
  const counts = new Map();
  for (const [, label] of names) counts.set(label, (counts.get(label) ?? 0) + 1);
  return names.map(([id, label]) => (counts.get(label) > 1 ? `${label} (${id})` : label));
}
