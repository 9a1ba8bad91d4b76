// Compute as the page does, without a browser, and print the results as JSON.
//
// usage: node --experimental-default-type=module answers.test.mjs MODULES ANSWERS.json
// QUESTIONS.json
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [modules, answers, questions] = process.argv.slice(2);
globalThis.window = { matchMedia: () => ({ matches: false, addEventListener() {} }) };
const load = (name) => import(pathToFileURL(`${modules}/${name}.js`).href);
const { prepared, leadersOf, lorenzOf, moversOf, panelOf, periodsLed, within, indexOf, readState, writeState } = await load("answers");
const { figureWorlds, limitWorlds } = await load("change");
const { bounds, indicator, statusOf } = await load("what_if");
const data = prepared(JSON.parse(readFileSync(answers, "utf8")));
const asked = JSON.parse(readFileSync(questions, "utf8"));
const placeOf = (dimension, id) => data.dimensions[dimension].ids.indexOf(id);

// The value of each limit after each change, or its bounds; null if the page has neither.
const changes = asked.changes.map(({ dimension, factors, added }) => {
  const byPlace = new Map(Object.entries(factors).map(([id, factor]) => [placeOf(dimension, id), factor]));
  return asked.limits.map((limit) => {
    const view = data.views.find((it) => ["dimension", "measure", "grain", "start"].every((key) => it[key] === limit[key]));
    const world = limitWorlds(data, { ...limit, view }, dimension, byPlace, limit.dimension === dimension ? added ?? 0 : 0)(1);
    return indicator(world, limit.indicator) ?? bounds(world, limit.indicator);
  });
});
const views = asked.views.map(({ dimension, measure, period, inside }) => {
  const place = data.periodPlaces.get(period);
  const named = (rows) => rows.map(([at, ...rest]) => [data.dimensions[dimension].ids[at], ...rest]);
  const index = indexOf(data, dimension, measure, place);
  return {
    leaders: named(leadersOf(data, dimension, measure, place)),
    lorenz: index ? lorenzOf(data, dimension, measure, place, index) : [],
    movers: named(moversOf(data, dimension, measure, place)),
    within: inside ? named(within(data, dimension, inside[0], placeOf(...inside), measure, place)) : null,
  };
});
const panels = asked.panels.map(([dimension, id]) => panelOf(data, dimension, placeOf(dimension, id)));
// The periods in which each of them leads.
const led = asked.panels.map(([dimension, id]) =>
  periodsLed(data, dimension, "revenue", placeOf(dimension, id)).map(([period, ...rest]) => [data.periods[period].key, ...rest]),
);
const states = asked.states.map((state) => {
  const hash = writeState(data, { ...state, factors: new Map(state.factors) });
  const back = readState(data, hash);
  return { hash, back: { ...back, factors: [...back.factors] } };
});
// The figures of a view after each change: a value, bounds, or null.
const figures = asked.figures.map(({ dimension, measure, period, factors, added, indicators }) => {
  const place = data.periodPlaces.get(period);
  const byPlace = new Map(Object.entries(factors).map(([id, factor]) => [placeOf(dimension, id), factor]));
  const [, after] = figureWorlds(data, { dimension, measure, period: place, factors: byPlace, added }, indexOf(data, dimension, measure, place));
  return indicators.map((name) => indicator(after, name) ?? bounds(after, name));
});
const statuses = asked.statuses.map(([limit, value]) => statusOf(limit, value));
console.log(JSON.stringify({ changes, views, panels, led, states, figures, statuses }));
