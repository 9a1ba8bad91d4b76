// The rows on the page of a small export, from which every answer is computed.
export const MEASURES = ["interactions", "purchases", "revenue"];
const DAY = 86400000;
const MONTHS = { year: 12, quarter: 3, month: 1 };

// The position of each row's entity among the names of a dimension; −1 if the row names none.
function codesOf(data, dimension) {
  const { rows } = data;
  rows.codes ??= {};
  return (rows.codes[dimension] ??= Int32Array.from(codesIn(data, rows, dimension)));
}

function codesIn(data, rows, dimension) {
  if (dimension in rows.of_row) return rows.of_row[dimension];
  if (dimension in rows.of_day) return rows.day.map((day) => (day < 0 ? -1 : rows.of_day[dimension][day]));
  const [owner, codes] = rows.of_owner[dimension];
  return Array.from(codesOf(data, owner), (place) => (place < 0 ? -1 : codes[place]));
}

export const isCarried = (data, dimension) =>
  Boolean(data.rows && (dimension in data.rows.of_row || dimension in data.rows.of_day || dimension in data.rows.of_owner));

function amountsOf(data, measure) {
  const { rows } = data;
  if (measure === "interactions") return (rows.interactions ??= new Uint8Array(rows.day.length).fill(1));
  return rows[measure];
}

// The previous period, if the data had begun by then.
export function periodBefore(data, { grain, start }) {
  if (grain === "all") return null;
  const [year, month] = start.split("-").map(Number);
  const before = { grain, start: new Date(Date.UTC(year, month - 1 - MONTHS[grain])).toISOString().slice(0, 10) };
  return boundsOf(data, before)[1] > 0 ? before : null;
}

// The first day of a period and the day after its last, in the day numbers of the rows.
export function boundsOf(data, { grain, start }) {
  if (grain === "all") return [-Infinity, Infinity];
  const [year, month] = start.split("-").map(Number);
  const count = (time) => Math.round((time - Date.parse(data.rows.first)) / DAY);
  return [Math.max(count(Date.UTC(year, month - 1)), 0), count(Date.UTC(year, month - 1 + MONTHS[grain]))];
}

// The value of each entity of a dimension in a period: over all rows, over the rows within an
// entity of another dimension, or over all rows weighted by the entities of another one.
export function sums(data, dimension, measure, period, { within = "", value = -1, weights = null } = {}) {
  const codes = codesOf(data, dimension);
  const amounts = amountsOf(data, measure);
  const [from, to] = boundsOf(data, period);
  const kept = within ? codesOf(data, within) : null;
  const weighed = weights ? codesOf(data, weights.dimension) : null;
  const found = new Float64Array(data.dimensions[dimension].ids.length);
  for (let row = 0; row < codes.length; row += 1) {
    const day = data.rows.day[row];
    if (codes[row] < 0 || day < from || day >= to || (kept && kept[row] !== value)) continue;
    const factor = weighed && weighed[row] >= 0 ? weights.factors[weighed[row]] : 1;
    found[codes[row]] += amounts[row] * factor;
  }
  const unit = measure === "revenue" ? 10 ** data.rows.digits : 1;
  return unit === 1 ? found : found.map((sum) => sum / unit);
}

// The entities above zero, the largest first; entities of equal size are ordered by id.
export function ranking(data, dimension, values) {
  const { ids } = data.dimensions[dimension];
  const places = [];
  values.forEach((value, place) => value > 0 && places.push(place));
  return places
    .sort((one, other) => values[other] - values[one] || (ids[one] < ids[other] ? -1 : 1))
    .map((place) => [place, values[place]]);
}

// The cumulative values of the smallest twentieths, from none to all.
export function lorenz(ranked, count, total, most) {
  const steps = Math.min(most, count);
  const soFar = [0];
  for (const [, value] of ranked) soFar.push(soFar.at(-1) + value);
  return Array.from({ length: steps + 1 }, (_, step) => {
    const larger = count - Math.round((count * step) / steps);
    return 1 - soFar[Math.min(larger, ranked.length)] / total;
  });
}

// The largest rises and falls: position, before, after.
export function movers(data, dimension, before, after, most) {
  const { ids } = data.dimensions[dimension];
  const moved = [];
  after.forEach((value, place) => value !== before[place] && moved.push([place, before[place], value]));
  const change = ([, was, is]) => is - was;
  const byId = (one, other) => (ids[one[0]] < ids[other[0]] ? -1 : 1);
  const up = moved.filter((it) => change(it) > 0).sort((one, other) => change(other) - change(one) || byId(one, other));
  const down = moved.filter((it) => change(it) < 0).sort((one, other) => change(one) - change(other) || byId(one, other));
  const largest = [...up.slice(0, most), ...down.slice(0, most)];
  return largest.sort((one, other) => Math.abs(change(other)) - Math.abs(change(one)) || byId(one, other));
}

// The first and the last day of an entity.
export function daysOf(data, dimension, place) {
  const codes = codesOf(data, dimension);
  let [first, last] = [Infinity, -Infinity];
  for (let row = 0; row < codes.length; row += 1) {
    const day = data.rows.day[row];
    if (codes[row] !== place || day < 0) continue;
    first = Math.min(first, day);
    last = Math.max(last, day);
  }
  const text = (day) => new Date(Date.parse(data.rows.first) + day * DAY).toISOString().slice(0, 10);
  return first > last ? [null, null] : [text(first), text(last)];
}

// The data that the page of a large export stores for its leading entities.
export function panel(data, dimension, place, others) {
  const { ids } = data.dimensions[dimension];
  const numbers = (values) => {
    const own = values[place];
    if (!(own > 0)) return [own, null];
    let rank = 1;
    for (let at = 0; at < values.length; at += 1) {
      if (values[at] > own || (values[at] === own && ids[at] < ids[place])) rank += 1;
    }
    return [own, rank];
  };
  const whole = { grain: "all" };
  const byMeasure = MEASURES.map((measure) => sumsByPeriod(data, dimension, measure));
  const by = {};
  for (const { key } of data.periods.filter(({ grain }) => grain !== "all")) {
    by[key] = byMeasure.flatMap((periods) => numbers(periods[key]));
  }
  const goesWith = {};
  for (const other of others) {
    const found = MEASURES.map((measure) => sums(data, other, measure, whole, { within: dimension, value: place }));
    const rows = data.dimensions[other].ids.map((_, at) => [at, ...found.map((values) => values[at])]);
    goesWith[other] = rows.filter(([, ...values]) => values.some((value) => value !== 0));
  }
  const all = MEASURES.flatMap((measure) => numbers(sums(data, dimension, measure, whole)));
  return { days: daysOf(data, dimension, place), all, by, with: goesWith };
}

// The value of each entity in every period, by the key of the period, in one pass.
function sumsByPeriod(data, dimension, measure) {
  const codes = codesOf(data, dimension);
  const amounts = amountsOf(data, measure);
  const periods = data.periods.filter(({ grain }) => grain !== "all");
  const found = Object.fromEntries(periods.map(({ key }) => [key, new Float64Array(data.dimensions[dimension].ids.length)]));
  const keysOfDay = periodsOfDays(data, periods).map((keys) => keys.map((key) => found[key]));
  data.rows.day.forEach((day, row) => {
    if (day >= 0 && codes[row] >= 0) for (const values of keysOfDay[day]) values[codes[row]] += amounts[row];
  });
  if (measure !== "revenue") return found;
  return Object.fromEntries(Object.entries(found).map(([key, values]) => [key, values.map((sum) => sum / 10 ** data.rows.digits)]));
}

// The keys of the periods that contain each day.
function periodsOfDays(data, periods) {
  const last = data.rows.day.reduce((most, day) => Math.max(most, day), -1);
  const keys = Array.from({ length: last + 1 }, () => []);
  for (const period of periods) {
    const [from, to] = boundsOf(data, period);
    for (let day = from; day < Math.min(to, last + 1); day += 1) keys[day].push(period.key);
  }
  return keys;
}
