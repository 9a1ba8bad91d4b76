// Draws the page, then makes it interactive.
import { readState, unpack, writeState } from "./answers.js";
import { pickers, show } from "./ask.js";
import { controls, results } from "./change.js";
import { draw, drawPage } from "./draw.js";
import { element } from "./elements.js";
import { searchBox, showPanel } from "./panel.js";

async function start() {
  const { config, charts } = JSON.parse(document.getElementById("charts").textContent);
  const packed = document.getElementById("answers");
  if (packed) {
    try {
      const data = await unpack(packed);
      data.config = config;
      ask(data);
    } catch (error) {
      // Without interaction the page stays readable, as it is without scripts.
      console.error("answers", error);
    }
  }
  await drawPage(charts, config);
}

function ask(data) {
  const boxes = Object.fromEntries(["pickers", "asked", "entity", "controls", "results", "found"].map((name) => [name, document.getElementById(`ask-${name}`)]));
  let state = readState(data, isAsked() ? location.hash : "");
  const open = (of, entity) => {
    change({ of, entity });
    boxes.entity.scrollIntoView({ block: "start" });
    document.getElementById("entity-title").focus({ preventScroll: true });
  };
  const close = () => {
    change({ of: "", entity: -1 });
    boxes.found.querySelector("input").focus();
  };
  const within = (dimension) => {
    change({ dimension, within: state.of, value: state.entity, factors: new Map(), added: 0 }, "Dimension");
    boxes.asked.scrollIntoView({ block: "start" });
  };
  const change = (changed, picked = "") => {
    state = { ...state, ...changed };
    if (!data.indices[state.dimension][state.measure]) state.measure = data.first_measure;
    history.replaceState(null, "", writeState(data, state));
    render(Object.keys(changed));
    if (picked) fieldOf(boxes.pickers, picked)?.focus();
  };
  const render = (changed) => {
    const has = (...names) => !changed || names.some((name) => changed.includes(name));
    if (has("dimension", "measure", "period", "within")) {
      boxes.pickers.replaceChildren(pickers(data, state, change));
      show(data, state, boxes.asked, open);
    }
    if (has("of", "measure")) showPanel(data, state, boxes.entity, open, close, within);
    const focused = document.activeElement?.dataset?.control;
    boxes.controls.replaceChildren(controls(data, state, change));
    boxes.results.replaceChildren(...results(data, state));
    const isChanged = state.added > 0 || [...state.factors.values()].some((factor) => factor !== 1);
    document.getElementById("what-if").toggleAttribute("data-unchanged", !isChanged);
    if (focused) boxes.controls.querySelector(`[data-control="${focused}"]`)?.focus();
  };
  for (const section of document.querySelectorAll("[data-asked]")) section.hidden = false;
  boxes.found.replaceChildren(searchBox(data, open));
  render(null);
  window.addEventListener("hashchange", () => {
    if (!isAsked()) return;
    state = readState(data, location.hash);
    render(null);
  });
  if (isAsked()) document.getElementById("ask").scrollIntoView();
  document.documentElement.dataset.asked = "";
}

// Other addresses are positions on the page.
const isAsked = () => location.hash.includes("=");

const fieldOf = (box, label) =>
  [...box.querySelectorAll("label")].find((it) => it.textContent === label)?.control;

void start();
