// Elements made from values; text is always inserted as text.
import { NO_VALUE, interval, number, placesOf } from "./words.js";

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name in made && name !== "list" && typeof value !== "string") made[name] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

let count = 0;

// A field with its label.
export function field(label, control) {
  count += 1;
  control.id ||= `field-${count}`;
  return element("div", { class: "field" }, element("label", { for: control.id }, label), control);
}

export function select(options, chosen, onchange) {
  const groups = new Map();
  const made = element("select", { onchange: () => onchange(made.value) });
  for (const { value, words, group } of options) {
    const option = element("option", { value, selected: value === chosen }, words);
    if (!group) made.append(option);
    else {
      if (!groups.has(group)) {
        groups.set(group, element("optgroup", { label: group }));
        made.append(groups.get(group));
      }
      groups.get(group).append(option);
    }
  }
  return made;
}

// A table whose first column names its rows. A cell is a text, an element, { text, class, bar }, or
// { value, unit } or { low, high, unit }. Numbers with the same unit in a column have the same
// number of decimal places, unless a cell has its own.
export function table(caption, columns, rows, isNumber = columns.map((_, at) => at > 0)) {
  const head = columns.map((column, at) =>
    element("th", { scope: "col", class: isNumber[at] ? "number" : null }, column),
  );
  const places = columns.map((_, at) => placesByUnit(rows.map((row) => row[at])));
  const body = rows.map((row) =>
    element("tr", {}, row.map((cell, at) => tableCell(worded(cell, places[at]), at, isNumber[at]))),
  );
  return element(
    "div",
    { class: "scroll", role: "region", tabindex: "0", "aria-label": `Table: ${caption}` },
    element("table", {}, element("thead", {}, element("tr", {}, head)), element("tbody", {}, body)),
  );
}

function placesByUnit(cells) {
  const values = new Map();
  for (const { unit, value, low, high } of cells.filter((cell) => cell?.unit && cell.places === undefined)) {
    values.set(unit, [...(values.get(unit) ?? []), value, low, high].filter(Number.isFinite));
  }
  return new Map([...values].map(([unit, all]) => [unit, placesOf(all, unit)]));
}

function worded(cell, places) {
  if (!cell?.unit) return cell;
  const { value, low, high, unit, write = number } = cell;
  const own = cell.places ?? places.get(unit);
  const text = "low" in cell ? interval(low, high, unit, own) || NO_VALUE : write(value, unit, Math.min(own, places.get(unit) ?? own));
  return { ...cell, text };
}

function tableCell(cell, at, isNumber) {
  const kind = cell?.class ?? null;
  const inside = cell instanceof Node || typeof cell !== "object" || cell === null ? [cell ?? "–"] : inner(cell);
  if (at === 0) return element("th", { scope: "row" }, inside);
  return element("td", { class: [isNumber ? "number" : "", kind].filter(Boolean).join(" ") || null }, inside);
}

function inner({ text, note, bar, colour }) {
  const parts = bar === undefined ? [] : [barOf(bar, colour)];
  if (text !== undefined) parts.push(bar === undefined ? text : element("span", { class: "beside" }, text));
  if (note) parts.push(" ", element("span", { class: "ends" }, `(${note})`));
  return parts;
}

// A bar for a part between 0 and 1; its number is beside it.
function barOf(part, colour = "accent") {
  const width = `${Math.max(0, Math.min(1, part)) * 100}%`;
  const fill = element("span", { class: `fill ${colour}` });
  fill.style.width = width;
  return element("span", { class: "bar", "aria-hidden": "true" }, fill);
}

export function source(...names) {
  return element("p", { class: "source" }, "Source: ", names.flatMap((name, at) => [at ? ", " : "", element("code", {}, name)]));
}
