// What if: the controls, and what they do to the figures and to each limit.
import { indexOf, labelOf, leadersOf } from "./answers.js";
import { dimensionWords, isSome, manyWords, measureWords, periodWords, unitOf } from "./ask.js";
import { element, field, select, source, table } from "./elements.js";
import { cutAll, growth, hhi, indicator, scaled, statusOf, turningPoint, worldOf } from "./what_if.js";
import { NO_VALUE, listed, number, signed } from "./words.js";

const SHOWN = 10;

// The world of a limit after the changes, or null where the page cannot tell.
export function limitWorld(data, limit, dimension, factors, added) {
  const { view } = limit;
  if (!view) return null;
  if (view.dimension === dimension) {
    const valueOf = (place) => {
      const panel = data.panels[dimension]?.[place];
      if (!panel) return null;
      const at = 2 * ["interactions", "purchases", "revenue"].indexOf(view.measure);
      if (view.grain === "all") return panel.all[at];
      const key = data.periods.find(({ grain, start }) => grain === view.grain && start === view.start)?.key;
      return key ? panel.by?.[key]?.[at] ?? 0 : null;
    };
    // What is added has the size of the measure that is looked at.
    return scaled({ ...view, extra: [] }, factors, added, valueOf);
  }
  const parts = view.parts[dimension];
  const changed = [...factors].filter(([, factor]) => factor !== 1);
  if (!changed.length) return { ...view, extra: [] };
  if (!parts) return null;
  const known = data.dimensions[dimension].ids.length && changed.every(([place]) => parts[place] || place < data.changed);
  return known ? cutAll(view, parts, new Map(changed)) : null;
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
  const lines = shown.map(([place, value]) => element("li", {}, changeRow(labelOf(data, state.dimension, place), number(value, unit), state.factors.get(place) ?? 1, (percent) => set(place, percent), place)));
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
  const remove = element("button", { type: "button", class: "quiet", "aria-label": percent === 0 ? `Put ${label} back` : `Remove ${label}`, onclick: () => set(percent === 0 ? 100 : 0), "data-control": `remove-${place}` }, percent === 0 ? "Put back" : "Remove");
  return [element("span", { class: "who" }, label), element("span", { class: "value" }, value), range, element("span", { class: "exact" }, exact, " %"), remove];
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
    field("The largest", count),
    field("to percent of today", percent),
    element("button", { type: "button", onclick: apply, "data-control": "apply" }, "Apply to them"),
  ];
}

function addControl(data, state, change) {
  const amount = element("input", { type: "number", min: "0", step: "any", value: state.added ? String(state.added) : "", placeholder: "0" });
  amount.addEventListener("change", () => change({ added: Math.max(0, Number(amount.value) || 0) }));
  return field(`Add one ${dimensionWords(data, state.dimension).one} of`, amount);
}

export function results(data, state) {
  const index = indexOf(data, state.dimension, state.measure, state.period);
  if (!index?.total_value) return [element("p", { class: "missing" }, "Nothing came in here that could change.")];
  const before = worldOf(index, data.leaders[state.dimension]?.[state.measure]?.[state.period], isSome(data, state));
  const after = scaled(before, state.factors, state.added);
  const unit = unitOf(data, state.measure);
  const rows = [
    [`Total ${measureWords(data, state.measure)} of ${manyWords(data, state.dimension, 2)}`, unit, (world) => world.total],
    ["HHI", "index", hhi],
    ["Effective number", "count", (world) => 1 / hhi(world)],
    ["Share of the largest", "share", (world) => indicator(world, "cr1"), index.cr1],
    ["Share of the 10 largest", "share", (world) => indicator(world, "cr10"), index.cr10],
  ].map(([name, kind, read, published]) => {
    const [now, then] = [published ?? read(before), after && after.total > 0 ? read(after) : null];
    return [name, number(now, kind), then === null ? outOfReach(after) : number(then, kind), then === null || now === null ? NO_VALUE : difference(then - now, kind)];
  });
  const limits = limitRows(data, state);
  return [
    element("p", { class: "answer-line", role: "status" }, summary(data, state, before, after, limits)),
    element("div", { class: "figures" },
      element("figure", { class: "wide" }, table("What if, figures", ["Figure", "Now", "Then", "Change"], rows)),
      limits.length ? element("figure", { class: "wide" }, table("What if, limits", ["Limit", "Now", "Then", "Against", "Status then", "How far"], limits.map(({ cells }) => cells), [false, true, true, true, false, false]), source("limit_status", "interactions")) : null,
    ),
  ];
}

// Shares differ by points of a percent.
const difference = (value, kind) =>
  kind === "share" ? `${signed(100 * value, "points")} points` : signed(value, kind);

const outOfReach = (world) => (world && world.total <= 0 ? "nothing left" : "needs more names than the page has");

function summary(data, state, before, after, limits) {
  const changes = [...state.factors].filter(([, factor]) => factor !== 1).map(([place, factor]) => `${labelOf(data, state.dimension, place)} at ${number(factor, "share")}`);
  if (state.added) changes.push(`one more of ${number(state.added, unitOf(data, state.measure))}`);
  const broken = limits.filter(({ then }) => then === "breach").length;
  const turned = limits.filter(({ now, then }) => now !== then && then !== "not_measurable").map(({ words, then }) => `${words}: ${data.words.states[then][1]}`);
  const what = changes.length ? `${listed(changes)}: ` : "Nothing changed yet: ";
  const limitsTold = limits.length ? `${broken} of ${limits.length} limits broken. ${turned.length ? `Turned: ${turned.join("; ")}.` : changes.length ? "None turned." : ""}` : "";
  return `${what}${number(after?.total ?? before.total, unitOf(data, state.measure))} of ${measureWords(data, state.measure)}, ${periodWords(data, state.period)}. ${limitsTold}`;
}

function limitRows(data, state) {
  return data.limits.map((limit) => {
    // Another measure is not changed by an amount of this one.
    const added = limit.measure === state.measure ? state.added : 0;
    const valueAt = (factors) => indicator(limitWorld(data, limit, state.dimension, factors, added), limit.indicator);
    const world = limitWorld(data, limit, state.dimension, state.factors, added);
    const isChanged = added > 0 || [...state.factors.values()].some((factor) => factor !== 1);
    const then = isChanged ? indicator(world, limit.indicator) : limit.value;
    const status = isChanged ? statusOf(limit, then) : limit.status;
    const [mark, words] = status === "not_measurable" && limit.status !== status ? ["○", "not computed here"] : data.words.states[status];
    return {
      words: limit.words,
      now: limit.status,
      then: status,
      cells: [
        limit.words,
        number(limit.value, limit.unit),
        number(then, limit.unit),
        number(limit.breach, limit.unit),
        { text: `${mark} ${words}`, class: `state state-${data.words.colours[status]}` },
        howFar(data, state, limit, world, valueAt),
      ],
    };
  });
}

// How far until this limit turns: by its largest, and by what is changed now.
function howFar(data, state, limit, world, valueAt) {
  if (limit.status === "not_measurable") return "";
  const said = [];
  const distance = growth(world, limit);
  const unit = unitOf(data, limit.measure);
  if (distance !== null) {
    said.push(distance > 0 ? `The largest can grow by ${number(distance, unit)}.` : `The largest must lose ${number(-distance, unit)}.`);
  }
  const changed = [...state.factors].filter(([, factor]) => factor !== 1);
  if (changed.length === 1) {
    const [place, factor] = changed[0];
    const statusAt = (it) => statusOf(limit, valueAt(new Map([[place, it]]))) === "breach";
    const turn = valueAt(new Map([[place, factor]])) === null ? null : turningPoint(statusAt, factor);
    if (turn !== null) {
      said.push(`${statusAt(factor) ? "Holds" : "Breaks"} with ${labelOf(data, state.dimension, place)} at ${number(turn, "share")} of today.`);
    }
  }
  return said.join(" ");
}
