"""How a page looks: light and dark, on a phone, on a desk, on paper."""

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #f6f7f9; --card: #ffffff; --ink: #16202b; --soft: #55616e; --line: #dde2e8;
  --grid: #e6eaef; --gain: #0b6f6d; --loss: #b3430f; --warn-ink: #6b4a00; --warn: #fff4d6;
  --warn-line: #d9a520; --link: #1f62a0; --zebra: #f7f9fb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #10151b; --card: #182029; --ink: #e9eef4; --soft: #a3afbc; --line: #2c3844;
    --grid: #27323d; --gain: #45c4bf; --loss: #f08a58; --warn-ink: #ffe2a0; --warn: #33290f;
    --warn-line: #8f6d14; --link: #7fb8ee; --zebra: #1c2530;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  font-variant-numeric: tabular-nums;
}
main { max-width: 1120px; margin: 0 auto; padding: 20px 20px 64px; }
h1 { font-size: 1.65rem; line-height: 1.2; margin: 0; letter-spacing: -0.01em; }
h2 { font-size: 1.15rem; margin: 40px 0 12px; letter-spacing: -0.005em; }
h3 { font-size: 1rem; margin: 0 0 2px; }
a { color: var(--link); }
header .badge {
  display: inline-block; font-weight: 650; font-size: .8rem; letter-spacing: .02em;
  padding: 3px 10px; border-radius: 14px; border: 1px solid var(--warn-line);
  background: var(--warn); color: var(--warn-ink); margin: 0 0 10px; overflow-wrap: anywhere;
}
header .badge.real { border-color: var(--line); background: var(--card); color: var(--ink); }
header p { color: var(--soft); margin: 6px 0 0; }
.card {
  background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 16px;
}
.caution {
  background: var(--warn); color: var(--warn-ink); border: 1px solid var(--warn-line);
  border-radius: 12px; padding: 12px 16px; margin: 16px 0;
}
.caution p { margin: 0; } .caution p + p { margin-top: 6px; }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: 12px; margin: 18px 0; }
.tiles.thirds { grid-template-columns: repeat(3, 1fr); }
.tile { padding: 12px 14px; min-width: 0; overflow-wrap: anywhere; }
td.text { overflow-wrap: normal; }
.tile .name { color: var(--soft); font-size: .85rem; }
.tile .value { font-size: 1.5rem; font-weight: 650; line-height: 1.25; letter-spacing: -0.01em; }
.tile .value.unknown { font-size: 1.05rem; font-weight: 500; color: var(--soft); }
.tile .note { color: var(--soft); font-size: .8rem; line-height: 1.35; }
.gain { color: var(--gain); } .loss { color: var(--loss); }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: 6px 18px; margin: 0; }
dl.facts dd + dt, dl.facts dd { min-width: 0; }
.rests { font-size: .95rem; margin-top: 14px; } .rests h3 { margin-bottom: 6px; }
.rests dl + h3 { margin-top: 18px; }
table.formulas td { white-space: normal; }
section > details.card, section > .pair + .card { margin: 0 0 10px; }
dl.facts dt { color: var(--soft); } dl.facts dd { margin: 0; overflow-wrap: anywhere; }
figure { margin: 0 0 16px; }
figure .plot { width: 100%; min-height: 120px; }
figcaption { color: var(--soft); font-size: .9rem; margin-bottom: 6px; }
.pair { columns: 2; column-gap: 16px; margin: 0 0 16px; }
.pair figure { break-inside: avoid; }
.note { color: var(--soft); font-size: .85rem; margin: 6px 0 0; }
details > summary { cursor: pointer; color: var(--link); padding: 6px 0; }
details.data > summary { font-size: .9rem; }
details.product { margin: 0 0 10px; }
details.product > summary { font-weight: 600; color: var(--ink); padding: 2px 0; }
details.product > summary span { color: var(--soft); font-weight: 400; }
.scroll { overflow-x: auto; -webkit-overflow-scrolling: touch; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td {
  text-align: right; padding: 6px 10px; border-bottom: 1px solid var(--line); white-space: nowrap;
}
th { color: var(--soft); font-weight: 600; position: sticky; top: 0; background: var(--card); }
th.text, td.text { text-align: left; }
td.wide { white-space: normal; min-width: 16rem; }
table.settings { table-layout: fixed; }
table.settings td, table.settings td.name { white-space: normal; overflow-wrap: anywhere; }
table.formulas td.name { overflow-wrap: normal; white-space: nowrap; }
td.hash { white-space: normal; overflow-wrap: anywhere; min-width: 14rem; }
dl.facts + h3 { margin-top: 18px; }
tbody tr:nth-child(even) td { background: var(--zebra); }
table.months td { text-align: center; padding: 8px 4px; border: 2px solid var(--card); }
table.months th { text-align: center; } table.months th.text { text-align: left; }
table.months td.none { color: var(--soft); background: transparent; }
table.months td { background: transparent; border-radius: 6px; }
pre {
  background: var(--zebra); border: 1px solid var(--line); border-radius: 8px; padding: 12px;
  overflow-x: auto; font-size: .8rem; line-height: 1.45;
}
code { overflow-wrap: anywhere; font-size: .88em; }
nav { margin: 14px 0 0; display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: .9rem; }
.js-plotly-plot text { fill: var(--soft) !important; }
.js-plotly-plot .hoverlayer text { fill: #ffffff !important; }
.js-plotly-plot .legendtext { fill: var(--ink) !important; }
.js-plotly-plot .gridlayer path { stroke: var(--grid) !important; }
.js-plotly-plot .zerolinelayer path, .js-plotly-plot .zl { stroke: var(--soft) !important; }
.js-plotly-plot .hoverlayer .legend .bg { fill: #1d2733 !important; }
.js-plotly-plot .hoverlayer .legendtext { fill: #ffffff !important; }
footer { color: var(--soft); font-size: .85rem; margin-top: 40px; overflow-wrap: anywhere; }
p.paper { display: none; }
@media screen and (min-width: 721px) {
  /* Fourteen columns, all of them in sight on a desk. */
  table.trades { font-size: .75rem; } table.trades th, table.trades td { padding: 6px 4px; }
}
@media screen and (max-width: 720px) {
  main { padding: 16px 12px 48px; }
  h1 { font-size: 1.35rem; }
  h2 { margin-top: 32px; }
  .card { padding: 12px; border-radius: 10px; }
  .tiles, .tiles.thirds { grid-template-columns: 1fr 1fr; gap: 8px; }
  .tile .value { font-size: 1.25rem; }
  .pair { columns: auto; }
  dl.facts { gap: 3px 10px; font-size: .85rem; line-height: 1.35; }
  .caution { padding: 10px 12px; font-size: .92rem; }
  table { font-size: .82rem; } th, td { padding: 5px 7px; }
  th { white-space: normal; }
  /* Months one under the other, a column a year: twelve columns are wider than a phone. */
  table.months, table.months thead, table.months tbody { display: flex; }
  table.months tbody { flex: 1; }
  table.months tr { display: flex; flex-direction: column; flex: 1; }
  table.months td, table.months th { padding: 6px 3px; white-space: nowrap; line-height: 1.3; }
  table.months th { border: 2px solid transparent; position: static; }
  table.months thead th { text-align: left; padding-right: 10px; }
  table.months tbody th.text { text-align: center; }
  table.formulas thead { display: none; }
  table.formulas tr { display: block; padding: 7px 0; border-bottom: 1px solid var(--line); }
  table.compare th, table.compare td { white-space: normal; padding: 5px 4px; }
  table.formulas tbody tr td, table.formulas tbody tr:nth-child(even) td {
    display: block; border: 0; padding: 1px 0; min-width: 0; text-align: left;
    background: transparent; overflow-wrap: anywhere;
  }
  table.flowed thead { display: none; }
  table.flowed tr { display: block; padding: 6px 0; border-bottom: 1px solid var(--line); }
  table.flowed tbody tr td, table.flowed tbody tr:nth-child(even) td {
    display: inline-block; border: 0; padding: 1px 14px 1px 0; text-align: left;
    background: transparent; white-space: normal;
  }
  table.flowed tbody tr td:first-child { display: block; font-weight: 600; }
  table.flowed td + td::before, table.flowed.said td::before {
    content: attr(data-head) " "; color: var(--soft); font-weight: 400;
  }
  table.formulas td:first-child { font-weight: 600; }
  table.formulas tbody tr td.name { white-space: normal; overflow-wrap: anywhere; }
  table.formulas td + td::before, table.formulas.said td::before {
    content: attr(data-head) ": "; color: var(--soft); font-weight: 400;
  }
  table.flowed tr:last-child, table.formulas tr:last-child { border-bottom: 0; }
}
@media print {
  :root {
    --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --grid: #ddd;
    --gain: #0b6f6d; --loss: #b3430f; --warn: #fff; --warn-ink: #000; --zebra: #fff; --link: #000;
  }
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  nav, details.data { display: none; }
  .tiles { grid-template-columns: repeat(4, 1fr); }
  .tiles.thirds { grid-template-columns: repeat(3, 1fr); }
  .pair { columns: auto; }
  .card, figure, .tile, .caution { break-inside: avoid; }
  .card.long { break-inside: auto; }
  th { position: static; }
  h2 { break-after: avoid; }
  .scroll { overflow: visible; }
  table { font-size: 8pt; } th, td { padding: 3px 5px; }
  table.trades { font-size: 6.5pt; } table.trades th, table.trades td { padding: 2px 3px; }
  pre { white-space: pre-wrap; font-size: 7pt; columns: 2; widows: 6; }
  /* No row stands alone at an end of its table, and no footer on a page of its own: where columns
     go before it, nothing would be taken over to it. */
  tr { break-inside: avoid; }
  thead, tbody tr:nth-child(-n+3) { break-after: avoid; }
  tbody tr:nth-last-child(-n+2) { break-before: avoid; }
  footer { break-before: avoid; margin-top: 12pt; }
  footer.screen { display: none; }
  p.paper { display: block; margin: 0 0 8pt; font-size: 8pt; overflow-wrap: anywhere; }
}
"""

SCRIPT = """
(() => {
  const charts = new Map(
    JSON.parse(document.getElementById("charts").textContent).map((c) => [c.id, c]));
  const isCoarse = matchMedia("(pointer: coarse)").matches;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let isOnPaper = false;
  const lay = (node, width) => {
    const chart = charts.get(node.dataset.chart);
    const isSmall = (width || node.clientWidth) < 440;
    const layout = structuredClone(chart.layout);
    if (width) layout.width = width;
    layout.height = isSmall ? Math.round(chart.height * 0.92) : chart.height;
    layout.dragmode = isCoarse ? false : "zoom";
    node.style.minHeight = `${layout.height}px`;
    if (still) layout.transition = { duration: 0 };
    if (isSmall) {
      layout.font.size = 11;
      for (const key of Object.keys(layout)) {
        if (/^[xy]axis/.test(key)) {
          if (layout[key].type === "date") layout[key].nticks = 5;
          else if (/^x/.test(key) && layout[key].type !== "log") layout[key].nticks = 6;
        }
        if (/^yaxis/.test(key)) delete layout[key].title;
      }
    }
    if (node.dataset.width) Plotly.purge(node);
    node.dataset.width = node.clientWidth;
    Plotly.newPlot(node, chart.traces, layout, {
      responsive: !width, displayModeBar: false, scrollZoom: false, doubleClick: "reset",
    });
  };
  // A page may get another width without its window: a picture of it is taken, a phone is turned.
  const sized = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const moved = Math.abs(target.clientWidth - target.dataset.width);
      if (target.clientWidth && !isOnPaper && moved > 8) lay(target);
    }
  });
  const draw = (node) => {
    if (!charts.has(node.dataset.chart) || node.dataset.drawn) return;
    node.dataset.drawn = "1";
    lay(node);
    sized.observe(node);
  };
  const nodes = [...document.querySelectorAll("[data-chart]")];
  const isShown = (node) => {
    const closed = node.closest("details:not([open])");
    return !closed;
  };
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting && isShown(entry.target)) {
        seen.unobserve(entry.target);
        draw(entry.target);
      }
    }
  }, { rootMargin: "600px" });
  nodes.forEach((node) => seen.observe(node));
  // What nobody scrolls to is drawn too, one after the other, when there is time for it: a picture
  // of the whole page is taken without scrolling.
  const whenIdle = (call) => window.requestIdleCallback
    ? requestIdleCallback(call, { timeout: 100 }) : setTimeout(call, 50);
  const waiting = [...nodes];
  const drawNext = () => {
    const node = waiting.shift();
    if (!node) return;
    if (isShown(node)) {
      seen.unobserve(node);
      draw(node);
    }
    whenIdle(drawNext);
  };
  whenIdle(drawNext);
  // Paper cannot be opened: what is folded is printed whole, and folded again.
  let unfolded = [];
  const forPaper = () => {
    isOnPaper = true;
    unfolded = [...document.querySelectorAll("details:not(.data):not([open])")];
    for (const each of unfolded) each.open = true;
    nodes.filter(isShown).forEach((node) => {
      draw(node);
      // Drawn anew: what is only made narrower keeps its legend where it was, over the picture.
      lay(node, 680);
    });
  };
  const forScreen = () => {
    isOnPaper = false;
    for (const each of unfolded) each.open = false;
    unfolded = [];
    for (const node of nodes.filter((node) => node.dataset.drawn)) {
      if (isShown(node)) lay(node);
      else {  // its width is not known yet: it is drawn once it is unfolded
        Plotly.purge(node);
        delete node.dataset.drawn;
        delete node.dataset.width;
      }
    }
  };
  addEventListener("beforeprint", forPaper);
  addEventListener("afterprint", forScreen);
})();
"""
