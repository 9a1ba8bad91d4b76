// Formats numbers as the rest of the page does (topheavy/numbers.py has the same rules).
export const NO_VALUE = "–";
const NO_BREAK = "\u00a0";

const MOST_PLACES = 5;

// A new format takes longer than hundreds of numbers in it.
const formats = new Map();

function grouped(value, places) {
  if (!formats.has(places)) {
    formats.set(places, new Intl.NumberFormat("en-US", { minimumFractionDigits: places, maximumFractionDigits: places }));
  }
  return formats.get(places).format(value);
}

// The decimal places that distinguish values from each other and from zero.
export function placesOf(values, unit) {
  const sizes = values.filter((value) => Number.isFinite(value) && value !== 0).map(Math.abs);
  if (unit === "share") return fewPlaces(sizes.map((size) => 100 * size), 1, 0.1);
  if (unit === "points") return 1;
  if (unit === "index") return fewPlaces(sizes, 3, 0.01);
  if (Math.max(0, ...sizes) >= 1000 || sizes.every(Number.isInteger)) return 0;
  return unit === "money" || isCurrency(unit) ? 2 : 1;
}

function fewPlaces(sizes, places, small) {
  const digits = sizes.length === 1 ? 2 : 1;
  const needed = sizes.filter((size) => size < small).map((size) => Number(size.toPrecision(digits)).toFixed(10).replace(/0+$/, "").split(".")[1]?.length ?? 0);
  // Beside a large value, a tiny one is practically zero.
  const most = Math.max(0, ...sizes) >= small ? MOST_PLACES : 10;
  return Math.min(Math.max(places, ...needed), most);
}

const isCurrency = (unit) => /^[A-Z]{3}$/.test(unit);

function inCurrency(value, code, places) {
  const parts = new Intl.NumberFormat("en", { style: "currency", currency: code }).formatToParts(0);
  const sign = parts.find((part) => part.type === "currency")?.value ?? code;
  return sign + (sign === code ? NO_BREAK : "") + grouped(value, places);
}

function unsigned(value, unit, places) {
  if (unit === "share") return `${grouped(100 * value, places)}%`;
  return isCurrency(unit) ? inCurrency(value, unit, places) : grouped(value, places);
}

// Whether a value differs from 0 in the decimal places that are shown.
const isShown = (value, unit, places) => Math.abs(value) * (unit === "share" ? 100 : 1) >= 0.5 * 10 ** -places;

export function number(value, unit, places = placesOf([value], unit)) {
  if (value === null || value === undefined || !Number.isFinite(value)) return NO_VALUE;
  return (value < 0 && isShown(value, unit, places) ? "−" : "") + unsigned(Math.abs(value), unit, places);
}

// A remainder in the last digit of a sum is not a difference.
export function signed(value, unit, places = undefined) {
  const difference = Math.abs(value) < 1e-9 ? 0 : value;
  const shown = places ?? placesOf([difference], unit);
  return (difference > 0 && isShown(difference, unit, shown) ? "+" : "") + number(difference, unit, shown);
}

export const interval = (low, high, unit, places = placesOf([low, high], unit)) =>
  low === null || low === undefined || high === null || high === undefined
    ? ""
    : `${number(low, unit, places)} to ${number(high, unit, places)}`;

export const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

export function listed(words) {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

// Labels that a reader can distinguish: those that look alike are followed by their ids.
export function distinct(names) {
  const counts = new Map();
  for (const [, label] of names) counts.set(label, (counts.get(label) ?? 0) + 1);
  return names.map(([id, label]) => (counts.get(label) > 1 ? `${label} (${id})` : label));
}
