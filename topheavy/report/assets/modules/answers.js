// The data behind the pickers, unpacked after the page has been drawn.
import { MEASURES, isCarried, lorenz, movers, panel, periodBefore, ranking, sums } from "./rows.js";
import { unpackSpectrum } from "./spectrum.js";
import { distinct } from "./words.js";

const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
// The period picker answers questions about these dimensions.
const PERIOD_DIMENSIONS = ["year", "month", "date"];
const MOST_LEADERS = 100;
const MOST_MOVERS = 5;
const LORENZ_POINTS = 20;
// In a dimension with more names, only the leading ones can be chosen.
export const MOST_PICKED = 40;

export async function unpack(element) {
  const bytes = Uint8Array.from(atob(element.textContent.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return prepared(JSON.parse(await new Response(stream).text()));
}

export function prepared(data) {
  for (const dimension of Object.values(data.dimensions)) {
    const names = dimension.names.map(([id, label]) => [id, label ?? id]);
    dimension.ids = names.map(([id]) => id);
    dimension.labels = distinct(names);
  }
  data.periodPlaces = new Map(data.periods.map((period, place) => [period.key, place]));
  data.limits.forEach((limit) => {
    limit.view = data.views.find(
      (view) =>
        view.dimension === limit.dimension &&
        view.measure === limit.measure &&
        view.grain === limit.grain &&
        view.start === limit.start,
    );
  });
  return data;
}

export function indexOf(data, dimension, measure, period) {
  const columns = data.indices[dimension]?.[measure];
  const counts = columns?.[data.columns.indexOf("entity_count")];
  if (!Number.isFinite(counts?.[period])) return null;
  return Object.fromEntries(data.columns.map((name, place) => [name, columns[place][period]]));
}

// The spectrum of a period, if the page contains it.
const spectra = new WeakMap();
export function spectrumAt(data, dimension, measure, period) {
  const packed = data.spectra[dimension]?.[measure]?.[period];
  if (!packed) return null;
  if (!spectra.has(packed)) spectra.set(packed, unpackSpectrum(packed));
  return spectra.get(packed);
}

// The values that rank below the leading ones, and how many entities have how much.
export const nextOf = (data, dimension, measure, period) => data.next[dimension]?.[measure]?.[period] ?? [];
export const spreadOf = (data, dimension, measure, period) => data.spread[dimension]?.[measure]?.[period] ?? null;

// The value of a leading entity in a period; null if it is unknown.
export function knownValue(data, dimension, measure, period, place) {
  const panel = data.panels[dimension]?.[place];
  if (!panel) return null;
  const { key, grain } = data.periods[period];
  const numbers = grain === "all" ? panel.all : panel.by?.[key];
  return numbers?.[2 * MEASURES.indexOf(measure)] ?? 0;
}

export const placeOfPeriod = (data, { grain, start }) =>
  data.periods.findIndex((it) => it.grain === grain && it.start === start);

// The largest entities of a period with their values, the largest first.
export function leadersOf(data, dimension, measure, period) {
  if (isCarried(data, dimension)) {
    return ranking(data, dimension, sums(data, dimension, measure, data.periods[period])).slice(0, MOST_LEADERS);
  }
  const flat = data.leaders[dimension]?.[measure]?.[period] ?? [];
  const rows = [];
  for (let at = 0; at < flat.length; at += 2) rows.push([flat[at], flat[at + 1]]);
  return rows;
}

export function lorenzOf(data, dimension, measure, period, index) {
  if (!isCarried(data, dimension)) return data.lorenz[dimension]?.[measure]?.[period] ?? [];
  const ranked = ranking(data, dimension, sums(data, dimension, measure, data.periods[period]));
  return lorenz(ranked, index.entity_count, index.total_value, LORENZ_POINTS);
}

// The largest rises and falls since the previous period: position, before, after, beyond chance.
export function moversOf(data, dimension, measure, period) {
  if (!isCarried(data, dimension)) return data.movers[dimension]?.[measure]?.[period] ?? [];
  const before = periodBefore(data, data.periods[period]);
  if (!before || PERIOD_DIMENSIONS.includes(dimension)) return [];
  const [was, is] = [before, data.periods[period]].map((it) => sums(data, dimension, measure, it));
  const clear = new Set(data.clear[dimension]?.[measure]?.[period] ?? []);
  return movers(data, dimension, was, is, MOST_MOVERS).map((row) => [...row, clear.has(row[0])]);
}

// The periods in which a name leads: place of the period, value and rank. Of a name without a panel,
// the page has no more than these.
const ledPeriods = new WeakMap();
export function periodsLed(data, dimension, measure, place) {
  const lists = data.leaders[dimension]?.[measure];
  if (!lists || isCarried(data, dimension)) return [];
  if (!ledPeriods.has(lists)) {
    const byPlace = new Map();
    for (const period of Object.keys(lists).map(Number)) {
      leadersOf(data, dimension, measure, period).forEach(([at, value], before) => {
        if (!byPlace.has(at)) byPlace.set(at, []);
        byPlace.get(at).push([period, value, before + 1]);
      });
    }
    ledPeriods.set(lists, byPlace);
  }
  return ledPeriods.get(lists).get(place) ?? [];
}

export const isLeader = (data, dimension, place) =>
  MEASURES.some((measure) => periodsLed(data, dimension, measure, place).length > 0);

export const hasPanel = (data, dimension, place) =>
  place >= 0 && (isCarried(data, dimension) || Boolean(data.panels[dimension]?.[place]));

export function panelOf(data, dimension, place) {
  if (!isCarried(data, dimension)) return summedPanel(data, dimension, place);
  const others = data.order.filter((it) => it !== dimension && isCarried(data, it) && !PERIOD_DIMENSIONS.includes(it));
  return panel(data, dimension, place, others);
}

// The cells contain the values of two small dimensions crossed.
function summedPanel(data, dimension, place) {
  const known = data.panels[dimension]?.[place];
  if (!known) return undefined;
  const goesWith = { ...known.with };
  for (const other of partners(data, dimension).filter((it) => !(it in goesWith))) {
    const found = MEASURES.map((measure) => within(data, other, dimension, place, measure, 0).map(([, value]) => value));
    const rows = data.dimensions[other].ids.map((_, at) => [at, ...found.map((values) => values[at] ?? 0)]);
    const some = rows.filter(([, ...values]) => values.some((value) => value !== 0));
    if (some.length) goesWith[other] = some;
  }
  return { ...known, with: goesWith };
}

export const labelOf = (data, dimension, place) => data.dimensions[dimension].labels[place] ?? "";

// The dimensions that one is crossed with, and its values within one entity of another.
export function partners(data, dimension) {
  if (isCarried(data, dimension)) {
    return data.order.filter((it) => it !== dimension && isCarried(data, it) && !PERIOD_DIMENSIONS.includes(it));
  }
  return Object.keys(data.cells)
    .map((key) => key.split("|"))
    .filter((pair) => pair.includes(dimension))
    .map(([first, second]) => (first === dimension ? second : first));
}

export function within(data, dimension, other, place, measure, period) {
  if (isCarried(data, dimension)) {
    const values = sums(data, dimension, measure, data.periods[period], { within: other, value: place });
    return Array.from(values, (value, at) => [at, value]);
  }
  const key = `${dimension}|${other}` in data.cells ? `${dimension}|${other}` : `${other}|${dimension}`;
  const crossed = data.cells[key];
  const cells = crossed?.[measure]?.[period];
  if (!cells) return [];
  const [rows, columns] = crossed.sizes;
  const isFirst = key.startsWith(`${dimension}|`);
  return Array.from({ length: isFirst ? rows : columns }, (_, at) => [
    at,
    isFirst ? cells[at * columns + place] : cells[place * columns + at],
  ]);
}

// The position of a weekday or an hour in the calendar; null for everything without a natural
// order.
export function calendarPlace(data, dimension, place) {
  const id = data.dimensions[dimension].ids[place];
  if (dimension === "weekday") return DAYS.indexOf(id);
  return dimension === "hour" || PERIOD_DIMENSIONS.includes(dimension) ? id : null;
}

// Names that contain the search text; those that begin with it come first.
export function search(data, looked, most) {
  const wanted = looked.trim().toLowerCase();
  if (!wanted) return [];
  const found = [];
  for (const [dimension, { labels, ids }] of Object.entries(data.dimensions)) {
    labels.forEach((label, place) => {
      const at = Math.min(...[label, ids[place]].map((text) => placeIn(text.toLowerCase(), wanted)));
      if (at < Infinity) found.push({ dimension, place, label, at, known: hasPanel(data, dimension, place) });
    });
  }
  const order = (one, other) =>
    Math.sign(one.at) - Math.sign(other.at) || other.known - one.known || one.place - other.place;
  return found.sort(order).slice(0, most);
}

function placeIn(text, wanted) {
  const at = text.indexOf(wanted);
  return at < 0 ? Infinity : at;
}

// The state in the address: #dimension=customer&period=2024-Q4.
export function readState(data, hash) {
  const asked = new URLSearchParams(hash.replace(/^#/, ""));
  const known = Object.keys(data.indices);
  const dimension = known.includes(asked.get("dimension")) ? asked.get("dimension") : data.first;
  const measures = Object.keys(data.indices[dimension] ?? {});
  const measure = measures.includes(asked.get("measure")) ? asked.get("measure") : measures.includes(data.main) ? data.main : measures[0];
  const period = data.periodPlaces.get(asked.get("period")) ?? 0;
  const other = partners(data, dimension).includes(asked.get("within")) ? asked.get("within") : "";
  const place = other ? data.dimensions[other].ids.indexOf(asked.get("value")) : -1;
  const state = { dimension, measure, period, within: place < 0 ? "" : other, value: place };
  return { ...state, ...readPanel(data, asked), ...readChanges(data, dimension, asked) };
}

function readPanel(data, asked) {
  const kind = asked.get("of");
  const place = data.dimensions[kind]?.ids.indexOf(asked.get("entity")) ?? -1;
  return { of: place < 0 ? "" : kind, entity: place };
}

function readChanges(data, dimension, asked) {
  const factors = new Map();
  for (const change of asked.getAll("change")) {
    const [, id, percent] = /^(.*):(\d+(?:\.\d+)?)$/.exec(change) ?? [];
    const place = data.dimensions[dimension].ids.indexOf(id);
    if (place >= 0) factors.set(place, Math.min(Number(percent), 200) / 100);
  }
  const added = Number(asked.get("add"));
  return { factors, added: added > 0 && Number.isFinite(added) ? added : 0 };
}

export function writeState(data, state) {
  const asked = new URLSearchParams();
  asked.set("dimension", state.dimension);
  asked.set("measure", state.measure);
  asked.set("period", data.periods[state.period].key);
  if (state.within) {
    asked.set("within", state.within);
    asked.set("value", data.dimensions[state.within].ids[state.value]);
  }
  if (state.of) {
    asked.set("of", state.of);
    asked.set("entity", data.dimensions[state.of].ids[state.entity]);
  }
  for (const [place, factor] of state.factors) {
    if (factor !== 1) asked.append("change", `${data.dimensions[state.dimension].ids[place]}:${Math.round(factor * 10000) / 100}`);
  }
  if (state.added) asked.set("add", String(state.added));
  return `#${asked}`;
}
