// Draws charts one after another, starting with those in view. Colours are variables of the style
// sheet, so that dark mode and print need no second drawing.
const narrow = window.matchMedia("(max-width: 640px)");
const views = new Map();
// The width of a figure on A4 in CSS pixels: the whole page, or half of it.
const isWide = (plot) => !plot.closest("figure") || plot.closest("figure").matches(".wide, :only-child");
const printWidth = (plot) => (isWide(plot) ? 670 : 320);
// Charts are lower on paper, so that a section fits on a page.
const PRINT_HEIGHT = 0.6;
// On a phone the name of a row is above its bar, and the row is taller.
const above = { labelAlign: "left", labelPadding: 0, labelOffset: -18, labelLimit: 342 };
const hasNames = (spec) => spec.layer?.some((layer) => layer.encoding?.y?.field === "label");

function fitted(spec) {
  if (!narrow.matches || !hasNames(spec) || spec.layer.length < 2) return spec;
  const short = shortNames([...new Set(spec.data.values.map(({ label }) => label))]);
  const values = spec.data.values.map((row) => ({ ...row, label: short.get(row.label) }));
  const layer = spec.layer.map((part) => (part.encoding?.y?.sort ? { ...part, encoding: { ...part.encoding, y: renamed(part.encoding.y, short) } } : part));
  return { ...spec, data: { values }, layer, height: spec.height * 1.7 };
}

const renamed = (y, short) => ({ ...y, sort: y.sort.map((label) => short.get(label)), axis: y.axis && { ...y.axis, labelLimit: above.labelLimit } });

// Names that are too long for a phone lose their middle if that keeps them distinct.
function shortNames(labels) {
  const taken = new Map();
  for (const label of labels) {
    const ways = label.length <= MOST_LETTERS ? [label] : HEADS.map((head) => `${label.slice(0, head)}…${label.slice(head - CUT_TO + 1)}`);
    const free = ways.find((way) => !taken.has(way)) ?? `${ways[0].slice(0, -4)} (${taken.size + 1})`;
    taken.set(free, label);
  }
  return new Map([...taken].map(([short, label]) => [label, short]));
}
// Names with at most this many letters are shown in full. Longer ones are cut to fewer letters,
// because letters differ in width.
const [MOST_LETTERS, CUT_TO] = [49, 46];
const HEADS = [22, 30, 38, 14, 6];

// In half a page, long names must leave room for the bars.
function fittedConfig(config, plot) {
  if (narrow.matches) {
    return { ...config, axisYBand: above, scale: { bandPaddingInner: 0.66, bandPaddingOuter: 0.6 } };
  }
  return isWide(plot) ? config : { ...config, axisY: { labelLimit: 172 } };
}

export async function draw(plot, spec, config) {
  try {
    views.get(plot)?.finalize();
    const { view } = await window.vegaEmbed(plot, fitted(spec), {
      actions: false,
      renderer: "svg",
      defaultStyle: false,
      tooltip: { disableDefaultStyle: true },
      config: fittedConfig(config, plot),
    });
    views.set(plot, view);
    // The plot describes its chart in words.
    plot.querySelector("svg").setAttribute("aria-hidden", "true");
    plot.style.minHeight = "";
  } catch (error) {
    plot.textContent = "This chart could not be drawn; its table has the numbers.";
    console.error(plot.dataset.chart, error);
  }
}

export function forget(container) {
  for (const [plot, view] of views) {
    if (container.contains(plot)) {
      view.finalize();
      views.delete(plot);
    }
  }
}

const isOpen = (plot) => !plot.closest("details:not([open]), [hidden]");
const pause = () => new Promise((done) => setTimeout(done));

// The charts of the page. Each gives the browser time to react before the next.
export async function drawPage(charts, config) {
  const plots = () => [...document.querySelectorAll("[data-chart]")];
  const drawWhere = async (wanted) => {
    delete document.documentElement.dataset.drawn;
    for (const plot of plots()) {
      if (isOpen(plot) && wanted(plot)) {
        await draw(plot, charts[plot.dataset.chart], config);
        await pause();
      }
    }
    document.documentElement.dataset.drawn = "";
  };
  for (const plot of plots()) plot.style.minHeight = `${plot.dataset.height}px`;
  for (const part of document.querySelectorAll("details.more")) {
    part.addEventListener("toggle", () => drawWhere((plot) => !views.has(plot)));
  }
  narrow.addEventListener("change", () => drawWhere(() => true));
  window.addEventListener("beforeprint", () => {
    for (const [plot, view] of views) {
      // The signal has the width of the plot without its names; setting it to the same number would
      // change nothing.
      const width = printWidth(plot);
      plot.screenHeight ??= view.height();
      view.signal("width", view.signal("width") === width ? width + 0.5 : width);
      view.height(plot.screenHeight * PRINT_HEIGHT).run();
    }
  });
  window.addEventListener("afterprint", () => {
    for (const [plot, view] of views) {
      if (plot.screenHeight) view.height(plot.screenHeight);
      delete plot.screenHeight;
    }
    window.dispatchEvent(new Event("resize"));
  });
  await drawWhere(() => true);
}
