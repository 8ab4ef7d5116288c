"use strict";
const chartViews = {}; // by chart, for its download
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");

  // The colours and fonts of the charts are those of the page, read from its style sheet.
  const theme = () => {
    const css = getComputedStyle(document.documentElement);
    const of = (name) => css.getPropertyValue("--" + name).trim();
    const ink = of("ink"), quiet = of("quiet"), line = of("line"), sans = of("sans");
    const narrow = innerWidth < 760;
    return {
      background: "transparent", lineBreak: "\n", font: sans, padding: 4,
      view: { stroke: null },
      axis: { labelColor: ink, titleColor: quiet, gridColor: line, domainColor: line, tickColor: line, labelFontSize: 12, titleFontSize: 12, titleFontWeight: 400, labelLimit: narrow ? 124 : 200, labelPadding: 6, titlePadding: 8 },
      axisYQuantitative: { titleAnchor: "end", titleAngle: 0, titleAlign: "left", titleX: 0, titleY: -12, domain: false, ticks: false },
      axisYDiscrete: { grid: false, domain: false, ticks: false, labelFontSize: 13 },
      text: { color: ink, fontSize: 12 },
      bar: { stroke: quiet, strokeWidth: 0.75 },  // some colours alone are hard to see beside the paper
      style: {
        "baseline": { color: ink }, "baseline-label": { color: quiet, fontSize: 12 },
        "zero": { color: quiet }, "interval": { color: ink }, "span": { color: quiet },
        "dot": { color: ink }, "dot-hollow": { color: ink, fill: of("paper") },
        "coverage": { color: of("accent") }, "in-field": { color: ink },
      },
      range: { heatmap: [of("paper"), dark.matches ? "#a4441f" : "#ee9a73"] },
    };
  };

  const draw = () => Object.entries(data.charts).forEach(([name, spec]) => {
    const place = document.getElementById("chart-" + name);
    if (!place) return;
    const whole = { width: "container", autosize: { type: "fit-x", contains: "padding" }, ...spec, datasets: { ...spec.datasets, history: data.history } };
    vegaEmbed(place, whole, {
      renderer: "svg", actions: false, ast: true, logLevel: 1, config: theme(), tooltip: { theme: dark.matches ? "dark" : "light" },
    }).then((drawn) => { chartViews[name] = drawn.view; }).catch((error) => { place.textContent = "This chart could not be drawn: " + error.message; });
  });
  // The charts' library stands in the page as gzip in base64: unpacked, it runs like any other script of the page.
  const unpack = async () => {
    const bytes = Uint8Array.from(atob(document.getElementById("vega").textContent), (sign) => sign.charCodeAt(0));
    const library = document.createElement("script");
    library.textContent = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
    document.head.append(library);
  };
  unpack().then(() => {
    draw();
    dark.addEventListener("change", draw);
  }).catch((error) => document.querySelectorAll(".chart").forEach((place) => { place.textContent = "This chart needs a newer browser: " + error.message; }));

  // On paper a chart is no wider than A4: one that is only made smaller there has letters that are too small to read.
  const PAPER = 690;
  addEventListener("beforeprint", () => Object.entries(chartViews).forEach(([name, view]) => {
    const width = document.getElementById("chart-" + name).clientWidth;
    if (width > PAPER) view.width(PAPER).run();
  }));
  addEventListener("afterprint", () => dispatchEvent(new Event("resize")));

  // A chart has no width while it is folded away; and a link leads into what is folded.
  document.querySelectorAll("details").forEach((details) => details.addEventListener("toggle", () => dispatchEvent(new Event("resize"))));
  const unfold = () => {
    for (let place = document.getElementById(location.hash.slice(1)); place; place = place.parentElement) if (place.matches("details")) place.open = true;
  };
  addEventListener("hashchange", unfold);
  document.querySelectorAll("a[href^='#']").forEach((link) => link.addEventListener("click", () => setTimeout(unfold)));  // again, too
  unfold();

  document.querySelectorAll("button.copy").forEach((copy) => copy.addEventListener("click", async () => {
    const code = document.getElementById(copy.dataset.of);
    try {
      await navigator.clipboard.writeText(code.textContent);
      copy.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      copy.textContent = "Selected";
    }
  }));
})();
