// What if: the controls, and their effect on the figures and on each limit.
import { indexOf, knownValue, labelOf, leadersOf, nextOf, placeOfPeriod, spectrumAt, spreadOf } from "./answers.js";
import { isCarried, sums } from "./rows.js";
import { dimensionWords, manyWords, measureWords, periodWords, unitOf } from "./ask.js";
import { element, field, select, source, table } from "./elements.js";
import { cutAll } from "./cut.js";
import { bounds, estimate, growth, indicator, isCertain, joined, scaled, statusOf, turningPoint, withRest, worldOf, worldOfAll } from "./what_if.js";
import { NO_VALUE, listed, number, placesOf, sentence, signed } from "./words.js";

const SHOWN = 10;
// The shares in a table of figures besides that of the largest.
const SHARES_SHOWN = [["cr4", "Share of the 4 largest", 4], ["cr5", "Share of the 5 largest", 5], ["cr10", "Share of the 10 largest", 10], ["cr20", "Share of the 20 largest", 20]];
// The largest number of changes that are listed one by one.
const MOST_LISTED = 4;
// Slots of the calendar count even without any revenue.
const SLOTS = ["hour", "weekday"];
// With many entities, the search for a turning point uses larger steps.
const [MANY, STEPS, FEWER_STEPS] = [2000, 200, 40];

// Worlds after the changes as a function of the factor for one more entity: exact, or null if the
// page cannot compute them. Added values have the size of the chosen measure.
export function limitWorlds(data, limit, dimension, factors, added, more = -1) {
  if (isCarried(data, limit.dimension) && isCarried(data, dimension)) {
    return carriedWorlds(data, limit, dimension, factors, added, more);
  }
  return (factor) => {
    const all = new Map(factors);
    if (more >= 0) all.set(more, factor);
    return summedWorld(data, limit, dimension, all, added);
  };
}

// From rows: what the changes leave, and the entity that contains the changed one.
function carriedWorlds(data, { dimension: own, measure, grain, start }, dimension, factors, added, more) {
  const period = { grain, start };
  const weights = new Float64Array(data.dimensions[dimension].ids.length).fill(1);
  for (const [place, factor] of factors) weights[place] = factor;
  if (more >= 0) weights[more] = 0;
  const rest = sums(data, own, measure, period, { weights: { dimension, factors: weights } });
  const part = more >= 0 ? sums(data, own, measure, period, { within: dimension, value: more }) : null;
  const place = placeOfPeriod(data, period);
  const slots = SLOTS.includes(own) ? indexOf(data, own, measure, place)?.entity_count ?? 0 : 0;
  return (factor) => {
    const values = part ? rest.map((value, at) => value + factor * part[at]) : rest;
    return joined(worldOfAll(values, slots), own === dimension ? added : 0);
  };
}

// From sums and the leading entities.
function summedWorld(data, limit, dimension, factors, added) {
  const { view } = limit;
  if (!view) return null;
  if (view.dimension === dimension) {
    const period = placeOfPeriod(data, view);
    const valueOf = (place) => knownValue(data, dimension, view.measure, period, place);
    const rest = spectrumAt(data, dimension, view.measure, period);
    return scaled(withRest({ ...view, extra: [] }, rest), factors, added, valueOf);
  }
  const changed = [...factors].filter(([, factor]) => factor !== 1);
  if (!changed.length) return { ...view, extra: [] };
  const parts = view.parts[dimension];
  const isKnown = parts && changed.every(([place]) => parts.of[place] || place < data.changed);
  return isKnown ? cutAll(view, parts, new Map(changed)) : null;
}

export function controls(data, state, change) {
  const rows = leadersOf(data, state.dimension, state.measure, state.period);
  const unit = unitOf(data, state.measure);
  const shown = [...rows.slice(0, SHOWN), ...rows.slice(SHOWN).filter(([place]) => (state.factors.get(place) ?? 1) !== 1)];
  const set = (place, percent) => {
    const factors = new Map(state.factors);
    factors.set(place, Math.max(0, Math.min(200, percent || 0)) / 100);
    change({ factors });
  };
  const digits = placesOf(shown.map(([, value]) => value), unit);
  const lines = shown.map(([place, value]) => element("li", {}, changeRow(labelOf(data, state.dimension, place), number(value, unit, digits), state.factors.get(place) ?? 1, (percent) => set(place, percent), place)));
  return element(
    "div",
    { class: "controls" },
    element("ul", { class: "changes" }, lines),
    element("div", { class: "pickers" }, ...groupControls(data, state, rows, change), addControl(data, state, change), element("button", { type: "button", class: "quiet", onclick: () => change({ factors: new Map(), added: 0 }), "data-control": "reset" }, "Undo all changes")),
  );
}

function changeRow(label, value, factor, set, place) {
  const percent = Math.round(factor * 10000) / 100;
  const range = element("input", { type: "range", min: "0", max: "200", step: "5", "aria-label": `${label}, in percent of today`, "data-control": `range-${place}` });
  range.value = String(percent);
  const exact = element("input", { type: "number", min: "0", max: "200", step: "any", "aria-label": `${label}, percent, exact`, "data-control": `exact-${place}` });
  exact.value = String(percent);
  range.addEventListener("input", () => (exact.value = range.value));
  range.addEventListener("change", () => set(Number(range.value)));
  exact.addEventListener("change", () => set(Number(exact.value)));
  const remove = element("button", { type: "button", class: "quiet", "aria-label": percent === 0 ? `Restore ${label}` : `Remove ${label}`, onclick: () => set(percent === 0 ? 100 : 0), "data-control": `remove-${place}` }, percent === 0 ? "Restore" : "Remove");
  return [element("span", { class: "who" }, label), element("span", { class: "value" }, value), range, element("span", { class: "exact" }, exact, "%"), remove];
}

function groupControls(data, state, rows, change) {
  if (rows.length < 3) return [];
  const counts = [3, 5, 10, 20].filter((count) => count <= rows.length);
  const count = select(counts.map((it) => ({ value: String(it), words: String(it) })), String(counts.at(-1) < 10 ? counts.at(-1) : 10), () => {});
  const percent = element("input", { type: "number", min: "0", max: "200", step: "any", value: "50" });
  const apply = () => {
    const factors = new Map(state.factors);
    for (const [place] of rows.slice(0, Number(count.value))) factors.set(place, Math.max(0, Math.min(200, Number(percent.value) || 0)) / 100);
    change({ factors });
  };
  return [
    field("Set the largest", count),
    field("to this % of today", percent),
    element("button", { type: "button", onclick: apply, "data-control": "apply" }, "Apply"),
  ];
}

function addControl(data, state, change) {
  const amount = element("input", { type: "number", min: "0", step: "any", value: state.added ? String(state.added) : "", placeholder: "0" });
  amount.addEventListener("change", () => change({ added: Math.max(0, Number(amount.value) || 0) }));
  return field(`Add one ${dimensionWords(data, state.dimension).one} worth`, amount);
}

// A figure before and after the changes; two numbers if it is only known to lie between them.
function figureRow(words, kind, now, name, after) {
  const then = after && after.total > 0 ? indicator(after, name) : null;
  const ends = then === null && after?.total > 0 ? bounds(after, name) : null;
  const places = placesOf([now, then ?? ends?.[0]], kind);
  if (then === null && !ends) return [words, number(now, kind), outOfReach(after), NO_VALUE];
  const [low, high] = ends ?? [then, then];
  const isOne = number(low, kind, places) === number(high, kind, places);
  const afterwards = isOne ? number(low, kind, then === null ? places : undefined) : `between ${number(low, kind, places)} and ${number(high, kind, places)}`;
  return [words, number(now, kind), afterwards, isOne && now !== null ? difference((low + high) / 2 - now, kind, places) : NO_VALUE];
}

// The subject of the figures, before and after the changes.
export function figureWorlds(data, state, index) {
  if (isCarried(data, state.dimension)) {
    const view = { ...data.periods[state.period], dimension: state.dimension, measure: state.measure };
    const world = (factors, added) => carriedWorlds(data, view, state.dimension, factors, added, -1)(1);
    return [world(new Map(), 0), world(state.factors, state.added)];
  }
  const asked = [data, state.dimension, state.measure, state.period];
  const slots = SLOTS.includes(state.dimension) ? index.entity_count : 0;
  const before = worldOf(index, leadersOf(...asked), { next: nextOf(...asked), spread: spreadOf(...asked), rest: spectrumAt(...asked), slots });
  return [before, scaled(before, state.factors, state.added, (place) => knownValue(...asked, place))];
}

export function results(data, state) {
  const index = indexOf(data, state.dimension, state.measure, state.period);
  if (!index?.total_value) return [element("p", { class: "missing" }, "This view has no values to change.")];
  const [before, after] = figureWorlds(data, state, index);
  const unit = unitOf(data, state.measure);
  const rows = [
    ["total_value", `Total ${measureWords(data, state.measure)} of ${manyWords(data, state.dimension, 2)}`, unit],
    ["hhi", "HHI", "index"],
    ["effective_number", "Effective number", "count"],
    ["cr1", "Share of the largest", "share"],
    ...SHARES_SHOWN.filter(([, , most]) => most === 10 || index.entity_count > most).map(([name, words]) => [name, words, "share"]),
    ["gini", "Gini", "index"],
  ].map(([name, words, kind]) => figureRow(words, kind, index[name] ?? indicator(before, name), name, after));
  const limits = limitRows(data, state);
  const why = whyUnknown(data, state, rows, limits);
  return [
    element("p", { class: "answer-line", role: "status" }, summary(data, state, before, after, limits)),
    element("div", { class: "figures" },
      element("figure", { class: "wide" }, table("What if, figures", ["Figure", "Today", "After", "Change"], rows)),
      limits.length ? element("figure", { class: "wide" }, table("What if, limits", ["Limit", "Status after", "Today", "After", "Limit at", "What would turn it"], limits.map(({ cells }) => cells), [false, false, true, true, true, false]), source("limit_status", "interactions")) : null,
    ),
    why ? element("p", { class: "remark" }, why) : null,
  ].filter(Boolean);
}

// The reasons why some figures are missing, in one sentence each.
function whyUnknown(data, state, rows, limits) {
  const many = manyWords(data, state.dimension, 2);
  const said = [];
  if (rows.some((row) => row[2] === UNKNOWN)) {
    said.push(`This page has only some of the ${many} in ${periodWords(data, state.period)}. Pick the whole period to see what is missing.`);
  }
  if (limits.some(({ isUnknown }) => isUnknown)) {
    said.push(`This page has sums instead of the rows of so large an export. After a change of ${many}, sums are enough for totals, HHI and the shares of the largest. The limits marked “${UNKNOWN}” need every value after the change: compute them in the warehouse, from interactions.`);
  }
  return said.join(" ");
}

// The chosen factor, without unnecessary decimals.
const percentOf = (factor) => `${Math.round(factor * 10000) / 100}%`;

// Shares differ by percentage points.
const difference = (value, kind, places) =>
  kind === "share" ? `${signed(100 * value, "points")} points` : signed(value, kind, kind === "index" ? places : undefined);

const UNKNOWN = "cannot be computed here";
const outOfReach = (world) => (world && world.total <= 0 ? "nothing left" : UNKNOWN);

function summary(data, state, before, after, limits) {
  const changes = [...state.factors].filter(([, factor]) => factor !== 1).map(([place, factor]) => `${labelOf(data, state.dimension, place)} ${factor === 0 ? "removed" : `at ${percentOf(factor)}`}`);
  if (state.added) changes.push(`one ${dimensionWords(data, state.dimension).one} of ${number(state.added, unitOf(data, state.measure))} added`);
  const broken = limits.filter(({ then }) => then === "breach").length;
  const turned = limits.filter(({ now, then }) => now !== then && then !== "not_measurable").map(({ words, then }) => `${words}: ${data.words.states[then][1]}`);
  const many = changes.length > MOST_LISTED ? `${changes.length} ${manyWords(data, state.dimension, 2)} changed` : listed(changes);
  const what = changes.length ? `${many}: ` : "Nothing is changed yet. ";
  const wider = state.within ? ` These figures cover all ${manyWords(data, state.dimension, 2)}, not only those within ${labelOf(data, state.within, state.value)}.` : "";
  const limitsTold = limits.length ? `${broken || "None"} of ${limits.length === 1 ? "1 limit" : `${limits.length} limits`} ${broken < 2 ? "is" : "are"} broken. ${turned.length ? `New status: ${turned.join("; ")}.` : changes.length ? "No limit changes its status." : ""}` : "";
  const measure = measureWords(data, state.measure);
  const total = number(after?.total ?? before.total, unitOf(data, state.measure));
  return `${what}${changes.length ? measure : sentence(measure)} ${changes.length ? "becomes" : "is"} ${total} in ${periodWords(data, state.period)}. ${limitsTold}${wider}`;
}

export function limitRows(data, state) {
  return data.limits.map((limit) => {
    // An amount in one measure does not change another measure.
    const added = limit.measure === state.measure ? state.added : 0;
    const changed = [...state.factors].filter(([, factor]) => factor !== 1);
    const [more, factor] = changed.length === 1 ? changed[0] : [-1, 1];
    const worldAt = limitWorlds(data, limit, state.dimension, more < 0 ? state.factors : new Map(), added, more);
    const world = worldAt(factor);
    const isChanged = added > 0 || changed.length > 0;
    const then = isChanged ? indicator(world, limit.indicator) : limit.value;
    const ends = isChanged && then === null ? bounds(world, limit.indicator) : null;
    const status = isChanged ? statusBetween(limit, ends ?? [then, then]) : limit.status;
    const [mark, words] = status === "not_measurable" && limit.status !== status ? ["○", outOfReach(world)] : data.words.states[status];
    return {
      words: limit.words,
      isUnknown: words === UNKNOWN,
      now: limit.status,
      then: status,
      cells: [
        limit.words,
        { text: `${mark} ${words}`, class: `state state-${data.words.colours[status]}` },
        { value: limit.value, unit: limit.unit },
        valueBetween(world, limit, then, ends),
        { value: limit.breach, unit: limit.unit },
        howFar(data, limit, world, more < 0 ? null : { worldAt, factor, label: labelOf(data, state.dimension, more) }),
      ],
    };
  });
}

// The status of an indicator between two bounds, if both bounds have the same status.
function statusBetween(limit, ends) {
  const [one, two] = ends.map((end) => statusOf(limit, end));
  return one === two ? one : "not_measurable";
}

// One number if both bounds look the same; if they differ later on, with no more digits than that.
function valueBetween(world, limit, value, ends) {
  const { unit } = limit;
  if (!ends) return { value, unit };
  const [low, high] = ends;
  if (isCertain(world, limit.indicator)) return { value: (low + high) / 2, unit };
  const places = placesOf([low, high], unit);
  return number(low, unit, places) === number(high, unit, places) ? { value: low, unit, places } : { low, high, unit, places };
}

// The change at which this limit turns: of the largest, and of the entity that is being changed.
function howFar(data, limit, world, change) {
  if (limit.status === "not_measurable" || !world || !(world.total > 0)) return "";
  const said = [];
  const distance = growth(world, limit);
  const unit = unitOf(data, limit.measure);
  if (Number.isFinite(distance)) {
    const by = isCertain(world, limit.indicator) ? number(Math.abs(distance), unit) : `about ${number(Number(Math.abs(distance).toPrecision(2)), unit)}`;
    said.push(distance > 0 ? `Breaks if the largest grows by ${by}.` : `Holds again if the largest loses ${by}.`);
  } else if (distance === null) {
    const isBroken = statusOf(limit, estimate(world, limit.indicator)) === "breach";
    said.push(isBroken ? "Broken even without the largest." : "Holds however much the largest grows.");
  }
  if (change) {
    const { worldAt, factor, label } = change;
    const statusAt = (it) => statusOf(limit, estimate(worldAt(it), limit.indicator)) === "breach";
    const isClose = estimate(world, limit.indicator) !== null;
    const turn = isClose ? turningPoint(statusAt, factor, world.count > MANY ? FEWER_STEPS : STEPS) : null;
    if (turn !== null) said.push(`${statusAt(factor) ? "Holds again" : "Breaks"} with ${label} at ${number(turn, "share")} of today.`);
  }
  return said.join(" ");
}
