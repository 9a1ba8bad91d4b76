// The pickers and what they show: indices, leaders, curves, trend, changes.
import { MOST_PICKED, calendarPlace, hasPanel, indexOf, isLeader, labelOf, leadersOf, lorenzOf, moversOf, partners, spreadOf, within } from "./answers.js";
import { isCarried } from "./rows.js";
import { draw, forget } from "./draw.js";
import { curveOf } from "./spread.js";
import { element, field, select, source, table } from "./elements.js";
import { NO_VALUE, interval, listed, number, sentence, signed } from "./words.js";

// The page's names for columns that texts of the warehouse mention.
const COLUMN_WORDS = { shannon_entropy: "Shannon entropy", gini: "Gini", hhi: "HHI", cr10: "the share of the 10 largest", cr1: "the share of the largest" };
const inWords = (text) => Object.entries(COLUMN_WORDS).reduce((said, [name, words]) => said.replaceAll(new RegExp(`\\b${name}\\b`, "g"), words), text);
const GRAINS = { all: "All", year: "Years", quarter: "Quarters", month: "Months" };
const VERDICTS = {
  concentrated: "concentrated beyond chance",
  indistinguishable_from_even: "no more concentrated than chance alone would make it",
  more_even_than_chance: "more even than chance: the extract looks deduplicated or sampled",
  not_measurable: "not measurable",
};
// Name, unit, explanation, and the columns of the interval.
const FIRST_INDICES = [
  ["cr1", "share", "Share of the largest", "cr1"],
  ["cr10", "share", "Share of the 10 largest", "cr10"],
  ["hhi", "index", "HHI as counted"],
  ["hhi_unbiased", "index", "HHI corrected for chance", "hhi"],
  ["effective_number", "effective", "Effective number (1 / HHI)"],
  ["gini", "index", "Gini", "gini"],
  ["entities_to_50pct", "count", "Number needed for 50%"],
  ["entities_to_80pct", "count", "Number needed for 80%"],
];
const SHOWN_FIRST = 15;
// Names with at most this many letters fit in half the page.
const HALF_LETTERS = 26;
// If entities share the largest value, at most this many are named.
const MOST_ALIKE = 3;
const NOTHING = "There are no data for this choice.";
const SHARE = /^cr\d+$|_share$/;
const COUNT = /_count$|^entities_to/;
const EFFECTIVE = /^effective/;
const VALUE = /_value$/;

export const unitOf = (data, measure) => data.words.measures[measure].unit;
export const measureWords = (data, measure) => data.words.measures[measure].words;
export const dimensionWords = (data, dimension) => data.words.dimensions[dimension];
export const manyWords = (data, dimension, count) =>
  count === 1 ? dimensionWords(data, dimension).one : dimensionWords(data, dimension).many;

export const periodWords = (data, place) =>
  data.periods[place].grain === "all" ? "the whole period" : data.periods[place].key;

// Whether this dimension has only the leading entities of the whole period.
export const isSome = (data, state) => data.dimensions[state.dimension].partial && state.period > 0;

// The pickers; `change` is called with the selection.
export function pickers(data, state, change) {
  const dimensions = data.order.map((name) => ({ value: name, words: dimensionWords(data, name).label }));
  const measures = Object.keys(data.indices[state.dimension]).map((name) => ({ value: name, words: sentence(measureWords(data, name)) }));
  const periods = data.periods.map((period, at) => ({
    value: period.key,
    words: (period.grain === "all" ? "Whole period" : period.key) + (period.partial ? " (partial)" : ""),
    group: GRAINS[period.grain],
  }));
  return element(
    "form",
    { class: "pickers", "aria-label": "What to show", onsubmit: (event) => event.preventDefault() },
    field("Dimension", select(dimensions, state.dimension, (dimension) => change({ dimension, ...keptWithin(data, state, dimension), factors: new Map(), added: 0 }, "Dimension"))),
    field("Measure", select(measures, state.measure, (measure) => change({ measure }, "Measure"))),
    field("Period", select(periods, data.periods[state.period].key, (key) => change({ period: data.periodPlaces.get(key) }, "Period"))),
    field("Within", withinSelect(data, state, change)),
  );
}

// A new dimension keeps the selected entity if the two are crossed.
const keptWithin = (data, { within: other, value }, dimension) =>
  partners(data, dimension).includes(other) ? { within: other, value } : { within: "", value: -1 };

function withinSelect(data, state, change) {
  const options = [{ value: "", words: "Everything" }];
  for (const other of data.order.filter((name) => partners(data, state.dimension).includes(name))) {
    const { ids, count } = data.dimensions[other];
    const places = [...ids.keys()].slice(0, Math.min(count, MOST_PICKED));
    if (state.within === other && !places.includes(state.value)) places.push(state.value);
    if (calendarPlace(data, other, 0) !== null) places.sort(inCalendarOrder(data, other));
    for (const place of places) {
      options.push({ value: `${other}=${place}`, words: labelOf(data, other, place), group: dimensionWords(data, other).label });
    }
  }
  const chosen = state.within ? `${state.within}=${state.value}` : "";
  return select(options, chosen, (value) => {
    const at = value.lastIndexOf("=");
    change(value ? { within: value.slice(0, at), value: Number(value.slice(at + 1)) } : { within: "", value: -1 }, "Within");
  });
}

// The current selection in the pickers.
export function show(data, state, box, open) {
  forget(box);
  const index = indexOf(data, state.dimension, state.measure, state.period);
  const parts = state.within ? sliceParts(data, state, open) : periodParts(data, state, index, open);
  box.replaceChildren(...parts.filter(Boolean));
  for (const plot of box.querySelectorAll(".plot")) void draw(plot, plot.spec, data.config);
}

function periodParts(data, state, index, open) {
  const heading = element("h3", { class: "answer" }, unbroken(answer(data, state, index)));
  if (!index || !index.entity_count) return [heading, element("p", { class: "missing" }, index?.undefined_reason || NOTHING)];
  const notes = [noteOf(data, state, index)];
  const figures = [
    leaderFigure(data, state, index, open),
    indexFigure(data, state, index),
    curveFigure(data, state, index, "lorenz"),
    curveFigure(data, state, index, "pareto"),
    trendFigure(data, state),
    changeFigure(data, state, open),
  ].filter(Boolean);
  // Long names need the whole width; the last of an odd number of figures has a row to itself.
  if (hasLongNames(data, state)) figures[0].classList.add("wide");
  if (figures.filter((it) => !it.matches(".wide")).length % 2) figures.at(-1).classList.add("wide");
  return [heading, ...notes, element("div", { class: "figures" }, figures)];
}

const hasLongNames = (data, state) =>
  leadersOf(data, state.dimension, state.measure, state.period)
    .slice(0, SHOWN_FIRST)
    .some(([place]) => labelOf(data, state.dimension, place).length > HALF_LETTERS);

// No line breaks within a period such as 2024-Q4.
const unbroken = (text) => text.replaceAll(/(\d{4})-(?=Q?\d)/g, "$1\u2060-\u2060");

function answer(data, state, index) {
  const what = `${dimensionWords(data, state.dimension).label}, ${periodWords(data, state.period)}`;
  if (!index?.entity_count) return `${what}: no ${measureWords(data, state.measure)}`;
  const total = number(index.total_value, unitOf(data, state.measure));
  const counted = unitOf(data, state.measure) === "count" ? ` ${measureWords(data, state.measure)}` : "";
  if (index.entity_count === 1) return `${what}: one ${dimensionWords(data, state.dimension).one} accounts for all ${total}${counted}`;
  const many = `${number(index.entity_count, "count")} ${manyWords(data, state.dimension, index.entity_count)} account for ${total}${counted}`;
  return `${what}: ${many}; the largest accounts for ${number(index.cr1, "share")}`;
}

function noteOf(data, state, index) {
  const said = [];
  if (index.verdict) said.push(sentence(VERDICTS[index.verdict] ?? index.verdict) + ".");
  if (index.interval_reason) said.push(`${sentence(inWords(index.interval_reason))}.`);
  if (data.periods[state.period].partial) said.push("The data cover only part of this period.");
  const unit = unitOf(data, state.measure);
  if (Number(index.unattributed_value)) said.push(`${number(index.unattributed_value, unit)} of ${measureWords(data, state.measure)} has no ${dimensionWords(data, state.dimension).one}.`);
  if (Number(index.nonpositive_value)) said.push(`Shares leave out ${number(index.nonpositive_entity_count, "count")} ${manyWords(data, state.dimension, index.nonpositive_entity_count)} with zero or negative ${measureWords(data, state.measure)} (${number(index.nonpositive_value, unit)}).`);
  return element("p", { class: "lead" }, said.join(" "));
}

export function figure(title, note, ...inside) {
  return element("figure", {}, element("figcaption", {}, element("h4", {}, title), note ? element("p", {}, note) : null), inside);
}

// A name that opens its panel.
export const opener = (data, dimension, place, open) =>
  hasPanel(data, dimension, place) || isLeader(data, dimension, place)
    ? element("button", { type: "button", class: "name", onclick: () => open(dimension, place) }, labelOf(data, dimension, place))
    : labelOf(data, dimension, place);

function leaderFigure(data, state, index, open) {
  const rows = leadersOf(data, state.dimension, state.measure, state.period);
  if (!rows.length) return null;
  return leaderTable(data, state, rows, index.total_value, index.entity_count, open, "entity_concentration, interactions");
}

function leaderTable(data, state, rows, total, count, open, from) {
  const unit = unitOf(data, state.measure);
  const most = rows[0][1];
  let soFar = 0;
  const shown = rows.slice(0, SHOWN_FIRST);
  const lines = shown.map(([place, value]) => {
    soFar += value;
    return [
      opener(data, state.dimension, place, open),
      { bar: value / most, value: value / total, unit: "share" },
      { value, unit },
      { value: soFar / total, unit: "share" },
    ];
  });
  const label = dimensionWords(data, state.dimension).label;
  const left = count > lines.length ? `The ${lines.length} largest of ${number(count, "count")}.` : `All ${lines.length} with ${measureWords(data, state.measure)}.`;
  return figure(
    "The largest",
    left,
    table("The largest", [label, "Share", sentence(measureWords(data, state.measure)), "Cumulative"], lines),
    source(from),
  );
}

function indexFigure(data, state, index) {
  const lines = FIRST_INDICES.filter(([name]) => index[name] !== null && index[name] !== undefined).map(([name, unit, words, ends]) => [
    words,
    { value: index[name], unit },
    ends ? { low: index[`${ends}_low`], high: index[`${ends}_high`], unit } : NO_VALUE,
  ]);
  const rest = Object.entries(index)
    .filter(([name, value]) => typeof value === "number" && !FIRST_INDICES.some(([first]) => first === name))
    .map(([name, value]) => [name, number(value, unitOfColumn(data, state, name))]);
  return figure(
    "Index figures",
    "With 95% intervals where the data allow them.",
    table("Index figures", ["Index", "Value", "95% interval"], lines),
    element("details", {}, element("summary", {}, `${rest.length} more columns`), table("All other columns", ["Column", "Value"], rest)),
    source("concentration_indices"),
  );
}

function unitOfColumn(data, state, name) {
  if (VALUE.test(name)) return unitOf(data, state.measure);
  if (COUNT.test(name)) return "count";
  if (EFFECTIVE.test(name)) return "effective";
  return SHARE.test(name) ? "share" : "index";
}

const curve = (points, across, up, diagonal) => ({
  width: "container",
  height: 240,
  autosize: { type: "fit-x", contains: "padding" },
  layer: [
    ...(diagonal
      ? [{ data: { values: [{ x: 0, y: 0 }, { x: 1, y: 1 }] }, mark: { type: "line", strokeWidth: 1, color: "var(--muted)" }, encoding: { x: { field: "x", type: "quantitative" }, y: { field: "y", type: "quantitative" } } }]
      : []),
    {
      data: { values: points },
      mark: { type: "line", strokeWidth: 2.2, color: "var(--accent)", point: points.length < 50 ? { size: 26, color: "var(--accent)" } : false },
      encoding: {
        x: { field: "x", type: "quantitative", axis: { title: across, grid: true, tickCount: 5, ...(diagonal ? { format: "~%" } : { tickMinStep: 1 }) } },
        y: { field: "y", type: "quantitative", axis: { title: up, grid: true, tickCount: 5, format: "~%" }, scale: { domainMin: 0 } },
        tooltip: { value: { expr: "datum.tips" } },
      },
    },
  ],
});

function curveFigure(data, state, index, kind) {
  const measure = measureWords(data, state.measure);
  const many = manyWords(data, state.dimension, 2);
  let points = [];
  const shares = kind === "lorenz" ? lorenzOf(data, state.dimension, state.measure, state.period, index) : [];
  if (kind === "lorenz") {
    points = shares.map((y, at) => ({ x: at / (shares.length - 1), y: Math.max(y, 0) }));
    if (!shares.length) points = curveOf(spreadOf(data, state.dimension, state.measure, state.period), index);
  } else {
    let soFar = 0;
    points = leadersOf(data, state.dimension, state.measure, state.period).map(([, value], at) => {
      soFar += value;
      return { x: at + 1, y: soFar / index.total_value };
    });
  }
  if (points.length < 3) return null;
  for (const point of points) {
    const left = kind === "lorenz" ? `Smallest ${number(point.x, "share")}` : `Largest ${point.x}`;
    point.tips = { [left]: number(point.y, "share") };
  }
  const half = points.reduce((best, point) => (Math.abs(point.x - 0.5) < Math.abs(best.x - 0.5) ? point : best));
  const isHalf = Math.abs(half.x - 0.5) < 0.005;
  const note = kind === "lorenz"
    ? `The smaller ${isHalf ? "half" : number(half.x, "share")} of ${many} ${isHalf ? "accounts" : "account"} for ${number(half.y, "share")} of ${measure}.`
    : `The ${points.at(-1).x} largest account for ${number(points.at(-1).y, "share")} of ${measure}.`;
  const title = kind === "lorenz" ? "From the smallest up (Lorenz)" : "From the largest down (Pareto)";
  const spec = kind === "lorenz" ? curve(points, `share of ${many}`, `share of ${measure}`, true) : curve(points, `number of ${many}`, `share of ${measure}`, false);
  const rows = points.map(({ x, y }) => [kind === "lorenz" ? { value: x, unit: "share" } : String(x), { value: y, unit: "share" }]);
  return figure(title, note, plotOf(spec, `${title}. ${note}`, 240), tableOf(title, [kind === "lorenz" ? "Smallest" : "Largest", `Share of ${measure}`], rows), source(kind === "lorenz" ? (shares.length ? "lorenz_curves" : "interactions") : "entity_concentration"));
}

export function plotOf(spec, message, height) {
  const plot = element("div", { class: "plot", role: "img", "aria-label": `Chart: ${message} The table below has the numbers.` });
  plot.style.minHeight = `${height}px`;
  plot.spec = spec;
  return plot;
}

export function tableOf(caption, columns, rows) {
  return element("details", {}, element("summary", {}, `Table of ${rows.length} ${rows.length === 1 ? "row" : "rows"}`), table(caption, columns, rows));
}

function trendFigure(data, state) {
  const grain = data.periods[state.period].grain === "all" ? (data.periods.some((it) => it.grain === "month") ? "month" : "year") : data.periods[state.period].grain;
  const unit = unitOf(data, state.measure);
  const points = data.periods
    .map((period, place) => ({ period, place, index: indexOf(data, state.dimension, state.measure, place) }))
    .filter(({ period, index }) => period.grain === grain && index?.hhi_unbiased !== null && index !== null);
  if (points.length < 2) return null;
  const drawn = points.map(({ period, place, index }) => ({
    label: period.key,
    value: index.hhi_unbiased,
    low: index.hhi_low === null ? null : Math.max(index.hhi_low, 0),
    high: index.hhi_high,
    fill: place === state.period ? "var(--breach)" : period.partial ? "var(--paper)" : "var(--accent)",
    tips: { Period: period.key, HHI: number(index.hhi_unbiased, "index"), "95% interval": interval(index.hhi_low, index.hhi_high, "index") || "–" },
  }));
  const rows = points.map(({ period, index }) => [
    period.key + (period.partial ? " (partial)" : ""),
    { value: index.hhi_unbiased, unit: "index" },
    { low: index.hhi_low, high: index.hhi_high, unit: "index" },
    { value: index.cr1, unit: "share" },
    { value: index.total_value, unit },
  ]);
  const note = `HHI corrected for chance, with its 95% interval, by ${grain}.${points.some(({ period }) => period.partial) ? " Hollow points: the data cover only part of the period." : ""}`;
  const columns = ["Period", "HHI", "95% interval", "Largest", sentence(measureWords(data, state.measure))];
  return figure("Over time", note, plotOf(trendSpec(drawn), `Over time. ${note}`, 200), tableOf("Over time", columns, rows), source("concentration_indices"));
}

function trendSpec(values) {
  const x = { field: "label", type: "ordinal", sort: null, axis: { labelAngle: 0, title: null, labelOverlap: "greedy" } };
  const hasBand = values.some(({ low }) => low !== null);
  const axis = { tickCount: 4, title: null, grid: true, format: "~g" };
  return {
    width: "container",
    height: 190,
    autosize: { type: "fit-x", contains: "padding" },
    data: { values },
    layer: [
      ...(hasBand ? [{ mark: { type: "area", opacity: 0.18, color: "var(--accent)" }, encoding: { x, y: { field: "low", type: "quantitative", axis }, y2: { field: "high" } } }] : []),
      { mark: { type: "line", strokeWidth: 2, color: "var(--accent)" }, encoding: { x, y: { field: "value", type: "quantitative", axis } } },
      {
        mark: { type: "point", size: 45, opacity: 1, strokeWidth: 1.8, color: "var(--accent)" },
        encoding: { x, y: { field: "value", type: "quantitative" }, fill: { field: "fill", type: "nominal", scale: null }, tooltip: { value: { expr: "datum.tips" } } },
      },
    ],
  };
}

function changeFigure(data, state, open) {
  const comparisons = data.changes[state.dimension]?.[state.measure]?.[state.period] ?? {};
  const movers = moversOf(data, state.dimension, state.measure, state.period);
  const names = { previous: "the period before", year_earlier: "a year earlier" };
  const said = Object.entries(names)
    .filter(([comparison]) => comparisons[comparison])
    .map(([comparison, words]) => {
      const [against, , change, low, high, direction] = comparisons[comparison];
      const verdict = { rose: "more concentrated", fell: "less concentrated" }[direction] ?? "no clear change";
      const range = low === null ? "" : `, 95% interval ${signed(low, "index")} to ${signed(high, "index")}`;
      return `Compared with ${words} (${data.periods[against].key}): ${verdict} (HHI ${signed(change, "index")}${range}).`;
    });
  if (!said.length && !movers.length) return null;
  const unit = unitOf(data, state.measure);
  const most = Math.max(...movers.map(([, before, after]) => Math.abs(after - before)));
  const isAnyClear = movers.some(([, , , isClear]) => isClear);
  const rows = movers.map(([place, before, after, isClear]) => [
    opener(data, state.dimension, place, open),
    { bar: Math.abs(after - before) / most, colour: after > before ? "line-2" : "line-1", value: after - before, unit, write: signed },
    { value: before, unit },
    { value: after, unit },
    ...(isAnyClear ? [isClear ? "beyond chance" : "within chance"] : []),
  ]);
  const columns = [dimensionWords(data, state.dimension).label, "Change", "Before", "After", ...(isAnyClear ? ["Verdict"] : [])];
  if (rows.length && isSome(data, state)) said.push("The table compares only the names that lead over the whole period.");
  return figure(
    "What changed",
    said.join(" "),
    rows.length ? table("What changed", columns, rows, [false, true, true, true, false]) : null,
    source("concentration_changes", "value_changes", "interactions"),
  );
}

// One dimension within one entity of another.
function sliceParts(data, state, open) {
  const cells = within(data, state.dimension, state.within, state.value, state.measure, state.period);
  const unit = unitOf(data, state.measure);
  const rows = cells.filter(([, value]) => value > 0).sort((one, other) => other[1] - one[1] || one[0] - other[0]);
  const total = rows.reduce((sum, [, value]) => sum + value, 0);
  const where = `${dimensionWords(data, state.within).label} ${labelOf(data, state.within, state.value)}`;
  const what = `${dimensionWords(data, state.dimension).label} within ${where}, ${periodWords(data, state.period)}`;
  if (!rows.length) {
    const isCrossed = data.periods[state.period].grain !== "month" || isCarried(data, state.dimension);
    const reason = isCrossed ? NOTHING : "This page combines two dimensions by quarter, by year and over the whole period, but not by month. Pick one of these.";
    return [element("h3", { class: "answer" }, what), element("p", { class: "missing" }, reason)];
  }
  const largest = rows.filter(([, value]) => value === rows[0][1]).map(([place]) => labelOf(data, state.dimension, place));
  const share = number(rows[0][1] / total, "share");
  const heading = `${what}: ${listed(largest.slice(0, MOST_ALIKE))}${largest.length > MOST_ALIKE ? " and others" : ""} first, with ${number(rows[0][1], unit)} of ${number(total, unit)} (${share})`;
  const squares = rows.reduce((sum, [, value]) => sum + (value / total) ** 2, 0);
  return [
    element("h3", { class: "answer" }, unbroken(heading)),
    element("p", { class: "lead" }, `HHI ${number(squares, "index")} and effective number ${number(1 / squares, "count")}, as counted. Shares are parts of the total within ${where}.`),
    element("div", { class: "figures" }, leaderTable(data, state, rows, total, rows.length, open, "interactions"), calendarFigure(data, state, cells)),
  ];
}

const inCalendarOrder = (data, dimension) => (one, other) =>
  calendarPlace(data, dimension, one) < calendarPlace(data, dimension, other) ? -1 : 1;

// In calendar order, if the dimension has one.
function calendarFigure(data, state, cells) {
  if (!cells.length || calendarPlace(data, state.dimension, 0) === null || cells.length > MOST_PICKED) return null;
  const before = inCalendarOrder(data, state.dimension);
  const sorted = [...cells].sort(([one], [other]) => before(one, other));
  const most = Math.max(...sorted.map(([, value]) => value));
  const unit = unitOf(data, state.measure);
  const rows = sorted.map(([place, value]) => [labelOf(data, state.dimension, place), { bar: value / most, value, unit }]);
  return figure("In calendar order", null, table("In calendar order", [dimensionWords(data, state.dimension).label, sentence(measureWords(data, state.measure))], rows), source("interactions"));
}
