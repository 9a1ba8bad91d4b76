// A search box, and a panel for one entity: since when, how much, and what it occurs with.
import { indexOf, labelOf, panelOf, partners, periodsLed, search } from "./answers.js";
import { dimensionWords, figure, measureWords, opener, periodWords, plotOf, tableOf, unitOf } from "./ask.js";
import { draw, forget } from "./draw.js";
import { element, field, source, table } from "./elements.js";
import { MEASURES } from "./rows.js";
import { number, sentence } from "./words.js";

const MOST_FOUND = 8;
const valueAt = (numbers, measure) => numbers?.[2 * MEASURES.indexOf(measure)] ?? 0;
const rankAt = (numbers, measure) => numbers?.[2 * MEASURES.indexOf(measure) + 1] ?? null;

export function searchBox(data, open) {
  const found = element("ul", { class: "found", hidden: true });
  const message = element("p", { class: "remark", role: "status" });
  const input = element("input", { type: "search", autocomplete: "off", spellcheck: false, "aria-describedby": "search-help" });
  const close = () => {
    found.hidden = true;
    found.replaceChildren();
    message.textContent = "";
  };
  const pick = (dimension, place) => {
    close();
    input.value = "";
    open(dimension, place);
  };
  input.addEventListener("input", () => {
    const hits = search(data, input.value, MOST_FOUND);
    found.replaceChildren(...hits.map((hit) => element("li", {}, hitButton(data, hit, pick))));
    found.hidden = !hits.length;
    if (!input.value.trim()) message.textContent = "";
    else message.textContent = hits.length ? `${hits.length === MOST_FOUND ? "First " : ""}${hits.length} ${hits.length === 1 ? "match" : "matches"}` : notHere(data, input.value);
  });
  const move = (event) => {
    const buttons = [input, ...found.querySelectorAll("button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      buttons[buttons.indexOf(document.activeElement) + step]?.focus();
    } else if (event.key === "Escape") {
      close();
      input.focus();
    } else if (event.key === "Enter" && document.activeElement === input) {
      event.preventDefault();
      found.querySelector("button")?.click();
    }
  };
  const box = element("div", { class: "search", onkeydown: move }, field("Find by name", input), found, message, element("p", { class: "remark", id: "search-help" }, searchHelp(data)));
  return box;
}

const searchHelp = (data) => `Searches ${data.rows ? "every name" : "the leading names"}. Choose with the arrow keys.`;

function notHere(data, looked) {
  const text = looked.trim().replaceAll("'", "''");
  return `${data.rows ? "No name contains this text" : "None of the leading names contains this text"}. To search the warehouse: select * from entity_concentration where entity_label ilike '%${text}%'`;
}

function hitButton(data, hit, pick) {
  const kind = dimensionWords(data, hit.dimension).label;
  return element("button", { type: "button", onclick: () => pick(hit.dimension, hit.place) }, hit.label, element("span", { class: "kind" }, ` ${kind}`));
}

// Whether a dimension can be shown within an entity of another one.
const isPicked = (data, dimension, other) => partners(data, dimension).includes(other);

export function showPanel(data, state, box, open, close, ask) {
  forget(box);
  if (!state.of) {
    box.hidden = true;
    box.replaceChildren();
    return;
  }
  const panel = panelOf(data, state.of, state.entity);
  const kind = dimensionWords(data, state.of).label;
  const label = labelOf(data, state.of, state.entity);
  const heading = element("h3", { tabindex: "-1", id: "entity-title" }, `${kind} ${label}`);
  const shut = element("button", { type: "button", class: "quiet", onclick: close }, "Close");
  const other = partners(data, state.of)[0];
  const inside = other && state.entity >= 0 && isPicked(data, other, state.of)
    ? element("button", { type: "button", onclick: () => ask(other) }, `Show only this ${dimensionWords(data, state.of).one}`)
    : null;
  box.hidden = false;
  box.setAttribute("aria-labelledby", "entity-title");
  box.replaceChildren(element("div", { class: "panel-head" }, heading, element("div", { class: "actions" }, inside, shut)), ...(panel ? panelParts(data, state, panel, open) : brief(data, state)));
  for (const plot of box.querySelectorAll(".plot")) void draw(plot, plot.spec, data.config);
}

// A name that leads in some periods only, or that occurs with a leading one.
function brief(data, state) {
  const id = data.dimensions[state.of].ids[state.entity].replaceAll("'", "''");
  const query = `select * from entity_concentration where dimension = '${state.of}' and entity_id = '${id}'`;
  const measure = measureWords(data, state.measure);
  const rows = periodsLed(data, state.of, state.measure, state.entity).map(([period, value, rank]) => {
    const total = indexOf(data, state.of, state.measure, period)?.total_value;
    return [periodWords(data, period), { value, unit: unitOf(data, state.measure) }, { value: total ? value / total : null, unit: "share" }, { value: rank, unit: "count" }];
  });
  const led = rows.length ? `This page has ${labelOf(data, state.of, state.entity)} by ${measure} only in the periods in which it leads.` : `This page has no period in which ${labelOf(data, state.of, state.entity)} leads by ${measure}.`;
  return [
    element("p", { class: "lead" }, led, " For the rest, run in the warehouse: ", element("code", {}, query)),
    rows.length ? element("div", { class: "figures" }, figure("Periods in which it leads", null, table("Periods in which it leads", ["Period", sentence(measure), "Share", "Rank"], rows), source("entity_concentration", "interactions"))) : null,
  ].filter(Boolean);
}

function panelParts(data, state, panel, open) {
  const unit = unitOf(data, state.measure);
  const measure = measureWords(data, state.measure);
  const index = indexOf(data, state.of, state.measure, 0);
  const value = valueAt(panel.all, state.measure);
  const rank = rankAt(panel.all, state.measure);
  const facts = [
    ["First day", panel.days[0] ?? "no date"],
    ["Last day", panel.days[1] ?? "no date"],
    [sentence(measure), number(value, unit)],
    ["Share", index?.total_value ? number(value / index.total_value, "share") : "–"],
    ["Rank", rank === null ? "–" : `${number(rank, "count")} of ${number(index?.entity_count, "count")}`],
    ...MEASURES.filter((it) => it !== state.measure && data.words.measures[it]).map((it) => [sentence(measureWords(data, it)), number(valueAt(panel.all, it), unitOf(data, it))]),
  ];
  return [
    element("dl", { class: "key-figures" }, facts.map(([name, text]) => element("div", {}, element("dt", {}, name), element("dd", {}, text)))),
    element("div", { class: "figures" }, monthFigure(data, state, panel, unit, measure), rankFigure(data, state, panel, unit, measure)),
    limitsAndFindings(data, state, panel),
    withFigures(data, state, panel, open),
    source("entity_concentration", "interactions", "limit_status", "risk_register"),
  ].filter(Boolean);
}

function monthFigure(data, state, panel, unit, measure) {
  const months = data.periods.filter(({ grain }) => grain === "month");
  if (!panel.by || months.length < 2) return null;
  const values = months.map(({ key, partial }) => ({ key, partial, value: valueAt(panel.by[key], state.measure) }));
  const spec = {
    width: "container",
    height: 180,
    autosize: { type: "fit-x", contains: "padding" },
    data: { values: values.map(({ key, partial, value }) => ({ label: key, value, colour: partial ? "var(--accent-soft)" : "var(--accent)", tips: { Month: key, [sentence(measure)]: number(value, unit) } })) },
    layer: [
      {
        mark: { type: "bar", cornerRadiusEnd: 1 },
        encoding: {
          x: { field: "label", type: "nominal", sort: null, axis: { labelAngle: 0, title: null }, scale: { paddingInner: 0.15, paddingOuter: 0.1 } },
          y: { field: "value", type: "quantitative", axis: { format: "~s", labelExpr: "datum.value === 0 ? '0' : datum.label", tickCount: 4, title: null, grid: true } },
          color: { field: "colour", type: "nominal", scale: null },
          tooltip: { value: { expr: "datum.tips" } },
        },
      },
    ],
  };
  const active = values.filter(({ value }) => value > 0).length;
  const note = `Active in ${active} of ${months.length} months.`;
  const rows = values.map(({ key, value }) => [key, { value, unit }]);
  return figure(`${sentence(measure)} by month`, note, plotOf(spec, `${sentence(measure)} by month. ${note}`, 180), tableOf("By month", ["Month", sentence(measure)], rows));
}

function rankFigure(data, state, panel, unit, measure) {
  const periods = data.periods.map((period, place) => ({ ...period, place })).filter(({ grain }) => grain === "year" || grain === "quarter");
  if (!panel.by || !periods.length) return null;
  const rows = periods.map(({ key, place }) => {
    const numbers = panel.by[key];
    const total = indexOf(data, state.of, state.measure, place)?.total_value;
    const value = valueAt(numbers, state.measure);
    return [key, { value, unit }, { bar: total ? value / total : 0, value: total ? value / total : null, unit: "share" }, { value: rankAt(numbers, state.measure), unit: "count" }];
  });
  return figure("Share and rank over time", null, table("Share and rank over time", ["Period", sentence(measure), "Share", "Rank"], rows));
}

// The limits that apply to it, and the findings that name it.
function limitsAndFindings(data, state, panel) {
  const findings = data.findings.filter(([dimension, id]) => dimension === state.of && id === data.dimensions[state.of].ids[state.entity]);
  const limits = data.limits.filter(({ dimension }) => dimension === state.of).map((limit) => {
    const key = limit.grain === "all" ? null : data.periods.find(({ grain, start }) => grain === limit.grain && start === limit.start)?.key;
    const numbers = key === null ? panel.all : panel.by?.[key];
    const at = data.periods.findIndex(({ grain, start }) => grain === limit.grain && start === limit.start);
    const total = indexOf(data, limit.dimension, limit.measure, at)?.total_value ?? limit.view?.total;
    const rank = rankAt(numbers, limit.measure);
    const share = total && rank !== null ? valueAt(numbers, limit.measure) / total : null;
    const role = rank === 1 ? "the largest" : rank === null ? "no rank" : `rank ${number(rank, "count")}`;
    return [limit.words, { text: data.words.states[limit.status].join(" "), class: `state state-${data.words.colours[limit.status]}` }, { value: share, unit: "share" }, role];
  });
  const parts = [];
  if (findings.length) {
    parts.push(element("ul", { class: "named" }, findings.map(([, , rank, title]) => element("li", {}, element("a", { href: `#finding-${rank}` }, title)))));
  }
  if (limits.length) parts.push(table("Limits that apply", ["Limit", "Status", "Its share", "Its rank"], limits, [false, false, true, false]));
  if (!parts.length) parts.push(element("p", { class: "remark" }, "No limit applies here and no finding names it."));
  return element("figure", { class: "wide" }, element("figcaption", {}, element("h4", {}, "Limits and findings")), parts);
}

function withFigures(data, state, panel, open) {
  const whole = valueAt(panel.all, state.measure);
  const unit = unitOf(data, state.measure);
  const single = [];
  const figures = [];
  for (const other of data.order.filter((it) => panel.with?.[it])) {
    const all = panel.with[other].map(([place, ...values]) => [place, values[MEASURES.indexOf(state.measure)]]);
    const rows = all.filter(([, value]) => value > 0).sort((one, two) => two[1] - one[1] || one[0] - two[0]);
    const label = dimensionWords(data, other).label;
    if (rows.length === 1 && Math.abs(rows[0][1] - whole) <= 1e-9 * whole) single.push([label, opener(data, other, rows[0][0], open)]);
    else if (rows.length) figures.push(figure(label, null, withTable(data, other, rows.slice(0, 5), whole, unit, open)));
  }
  if (!figures.length && !single.length) return null;
  return element(
    "div",
    { class: "with" },
    element("h4", {}, "By other dimensions, over the whole period"),
    single.length ? element("dl", { class: "single" }, single.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)))) : null,
    element("div", { class: "small-figures" }, figures),
  );
}

function withTable(data, other, rows, whole, unit, open) {
  const lines = rows.map(([place, value]) => [
    opener(data, other, place, open),
    // If other values are negative, a part can exceed the whole.
    value <= whole ? { bar: value / whole, value: value / whole, unit: "share" } : "–",
    { value, unit },
  ]);
  const label = dimensionWords(data, other).label;
  return table(label, [label, "Share", "Value"], lines);
}
