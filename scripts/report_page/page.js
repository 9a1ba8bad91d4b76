"use strict";
// Draws the charts of the page one after the other, those of folded parts when they are opened.
// Colours are names of the style sheet, so that dark mode and print need no second drawing.
(async () => {
  const { config, charts } = JSON.parse(document.getElementById("charts").textContent);
  const narrow = window.matchMedia("(max-width: 640px)");
  // What a figure is wide on A4, in CSS pixels: the whole page, or half of it.
  const isWide = (plot) => plot.closest("figure").matches(".wide, :only-child");
  const printWidth = (plot) => (isWide(plot) ? 670 : 320);
  const views = new Map();

  // On a phone the name of a row stands above its bar, and the row is taller for it.
  const above = { labelAlign: "left", labelPadding: 0, labelOffset: -16, labelLimit: 330 };
  // In half a page long names must leave room for the bars.
  const halfConfig = { ...config, axisY: { labelLimit: 150 } };
  const narrowConfig = {
    ...config,
    axisYBand: above,
    scale: { bandPaddingInner: 0.62, bandPaddingOuter: 0.5 },
  };
  const hasNames = (spec) => spec.layer?.some((layer) => layer.encoding?.y?.field === "label");
  const fitted = (spec) => {
    if (!narrow.matches || !hasNames(spec) || spec.layer.length < 2) return spec;
    return { ...spec, height: spec.height * 1.7 };
  };

  const draw = async (plot) => {
    try {
      views.get(plot)?.finalize();
      const { view } = await window.vegaEmbed(plot, fitted(charts[plot.dataset.chart]), {
        actions: false,
        renderer: "svg",
        defaultStyle: false,
        tooltip: { disableDefaultStyle: true },
        config: narrow.matches ? narrowConfig : isWide(plot) ? config : halfConfig,
      });
      views.set(plot, view);
      // The plot says in words what its chart shows.
      plot.querySelector("svg").setAttribute("aria-hidden", "true");
      plot.style.minHeight = "";
    } catch (error) {
      plot.textContent = "This chart could not be drawn; its table has the numbers.";
      console.error(plot.dataset.chart, error);
    }
  };

  // A closed part has no width to draw in.
  const isShown = (plot) => !plot.closest("details:not([open])");
  const drawWhere = async (wanted) => {
    delete document.documentElement.dataset.drawn;
    for (const plot of document.querySelectorAll("[data-chart]")) {
      if (isShown(plot) && wanted(plot)) await draw(plot);
    }
    document.documentElement.dataset.drawn = "";
  };

  for (const plot of document.querySelectorAll("[data-chart]")) {
    plot.style.minHeight = `${plot.dataset.height}px`;
  }
  for (const part of document.querySelectorAll("details.more")) {
    part.addEventListener("toggle", () => drawWhere((plot) => !views.has(plot)));
  }
  narrow.addEventListener("change", () => drawWhere(() => true));

  window.addEventListener("beforeprint", () => {
    for (const [plot, view] of views) view.signal("width", printWidth(plot)).run();
  });
  window.addEventListener("afterprint", () => window.dispatchEvent(new Event("resize")));

  await drawWhere(() => true);
})();
