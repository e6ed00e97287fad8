// Draw every [data-chart] from the JSON beside it, in the page's own colours; the table beside says the same.
"use strict";

(() => {
  // Okabe and Ito's palette: tells series apart with any kind of colour vision.
  const PALETTE = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00"];

  const number = (value) => new Intl.NumberFormat(document.documentElement.lang).format(value);
  const short = (value) =>
    new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumFractionDigits: 1 }).format(value);

  // The canvas knows no light-dark(); a probe element lets the browser resolve the colour.
  function colour(name) {
    const probe = document.createElement("span");
    probe.style.color = `var(${name})`;
    document.body.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  }

  function option(chart) {
    const ink = colour("--ink");
    const soft = colour("--ink-soft");
    const line = colour("--line");
    const text = { color: soft, fontFamily: getComputedStyle(document.body).fontFamily };
    return {
      animation: false,
      color: PALETTE,
      aria: { enabled: true },
      textStyle: text,
      grid: { left: 8, right: 16, top: chart.series.length > 1 ? 36 : 12, bottom: 8, containLabel: true },
      legend: chart.series.length > 1 ? { top: 0, left: 0, textStyle: text, icon: "roundRect", itemWidth: 12 } : undefined,
      // Drawn on the canvas: an HTML tooltip would need inline styles, which the page's policy forbids.
      tooltip: {
        trigger: "axis", renderMode: "richText", confine: true, backgroundColor: colour("--surface"),
        borderColor: line, textStyle: { color: ink }, valueFormatter: (value) => (value == null ? "–" : `${number(value)} ${chart.unit}`),
      },
      xAxis: { type: "category", data: chart.categories, axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: text },
      yAxis: { type: "value", min: 0, minInterval: 1, splitLine: { lineStyle: { color: line } }, axisLabel: { ...text, formatter: short } },
      series: chart.series.map((one) => ({
        name: one.name, type: chart.kind, data: one.values, showSymbol: false, lineStyle: { width: 2 }, barMaxWidth: 28,
        stack: chart.is_stacked ? "all" : undefined, itemStyle: chart.kind === "bar" ? { borderRadius: [2, 2, 0, 0] } : undefined,
      })),
    };
  }

  function draw(root) {
    for (const element of root.querySelectorAll("[data-chart]")) {
      const chart = JSON.parse(document.getElementById(element.dataset.chart).textContent);
      const drawn = echarts.getInstanceByDom(element) || echarts.init(element);
      drawn.setOption(option(chart), true);
    }
  }

  function redraw() {
    draw(document);
  }

  draw(document);
  document.addEventListener("htmx:afterSettle", (event) => draw(event.target));
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  window.addEventListener("resize", () => {
    for (const element of document.querySelectorAll("[data-chart]")) {
      const drawn = echarts.getInstanceByDom(element);
      if (drawn) drawn.resize();
    }
  });
})();
