"use strict";
// Draws the charts of the page one after the other, the first ones first. Colours are names of the
// style sheet, so that dark mode and print need no second drawing.
(async () => {
  const { config, charts } = JSON.parse(document.getElementById("charts").textContent);
  const narrow = window.matchMedia("(max-width: 640px)");
  // What a figure is wide on A4, in CSS pixels: the whole page, or half of it.
  const printWidth = (plot) => (plot.closest(".wide") ? 680 : 330);
  const views = new Map();

  const options = () => ({
    actions: false,
    renderer: "svg",
    defaultStyle: false,
    tooltip: { disableDefaultStyle: true },
    config: narrow.matches ? { ...config, axisY: { labelLimit: 118 } } : config,
  });

  const draw = async (plot) => {
    try {
      views.get(plot)?.finalize();
      const { view } = await window.vegaEmbed(plot, charts[plot.dataset.chart], options());
      views.set(plot, view);
      plot.dataset.drawn = "";
    } catch (error) {
      plot.textContent = "This chart could not be drawn; its table has the numbers.";
      plot.closest("figure").querySelector("details")?.setAttribute("open", "");
      console.error(plot.dataset.chart, error);
    }
  };

  const drawAll = async () => {
    delete document.documentElement.dataset.drawn;
    for (const plot of document.querySelectorAll("[data-chart]")) await draw(plot);
    document.documentElement.dataset.drawn = "";
  };

  const plots = document.querySelectorAll("[data-chart]");
  for (const plot of plots) plot.style.minHeight = `${plot.dataset.height}px`;
  await document.fonts.ready;
  await drawAll();
  narrow.addEventListener("change", drawAll);

  window.addEventListener("beforeprint", () => {
    for (const [plot, view] of views) view.signal("width", printWidth(plot)).run();
  });
  window.addEventListener("afterprint", () => window.dispatchEvent(new Event("resize")));
})();
