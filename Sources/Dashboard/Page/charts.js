// Charts by dygraphs, in the page's colours, each with a legend that can be read and switched.

const light = ["#1b5fb4", "#c2410c", "#15803d", "#a21caf", "#0e7490", "#92400e", "#be123c", "#4d7c0f", "#6d28d9", "#475569"];
const dark = ["#6fb1ff", "#ff9a62", "#6fdc8f", "#e58bf2", "#5fd3e6", "#e0b15c", "#ff8fa3", "#b6dd62", "#b9a2ff", "#a8b6c6"];
// Colour is not the only difference.
const dashes = [null, [7, 3], [2, 3], [9, 3, 2, 3]];
const all = new Set();

// Its legend, which ours stands for, writes style attributes: the content security policy forbids them.
if (window.Dygraph) Dygraph.PLUGINS = Dygraph.PLUGINS.filter((plugin) => plugin !== Dygraph.Plugins.Legend);

export const hasCharts = () => typeof window.Dygraph === "function";

function style(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function isDark() { return document.documentElement.dataset.theme === "dark"; }

/** A chart of several series over x in `place`; rows are [x, y...]. */
export class Chart {
  #graph = null;
  #labels = [];
  #hidden = new Set();
  #legend;
  #wanted = null;
  #last = 0;

  constructor(place, { name, isTime = false, hasLegend = true, least, format }) {
    this.place = place;
    this.name = name;
    this.isTime = isTime;
    this.least = least;
    this.format = format ?? ((value) => number(value));
    place.setAttribute("role", "img");
    this.#legend = document.createElement("ul");
    this.#legend.className = "legend";
    if (hasLegend) place.after(this.#legend);
    all.add(this);
    if (!hasCharts()) place.textContent = "The chart library is missing: apt install libjs-dygraphs.";
  }

  /** Shows rows; a change of labels begins the chart anew. */
  show(labels, rows, window) {
    if (!hasCharts() || rows.length === 0) return;
    this.#wanted = { labels, rows, window };
    const now = performance.now();
    // Screens need no more; phones have less power.
    if (this.#graph && now - this.#last < 180) return;
    this.#last = now;
    this.#draw();
  }

  #draw() {
    const { labels, rows, window } = this.#wanted;
    if (!this.#graph || labels.join() !== this.#labels.join()) return this.#begin(labels, rows, window);
    const options = { file: rows };
    if (window) options.dateWindow = window;
    this.#graph.updateOptions(options);
    this.#say(rows);
  }

  #begin(labels, rows, window) {
    this.#graph?.destroy();
    this.#labels = labels;
    const y = { axisLabelWidth: 54, axisLabelFormatter: (value) => this.format(value) };
    if (this.least !== undefined) y.includeZero = this.least === 0;
    this.#graph = new Dygraph(this.place, rows, {
      labels: ["x", ...labels],
      legend: "never",
      ...this.#colours(),
      strokeWidth: 1.8,
      dateWindow: window ?? null,
      includeZero: this.least === 0,
      axes: {
        x: this.isTime ? {} : { axisLabelFormatter: (value) => short(value) },
        y,
      },
      series: Object.fromEntries(labels.map((label, index) => [label, { strokePattern: pattern(index) }])),
      visibility: labels.map((label) => !this.#hidden.has(label)),
      drawPoints: rows.length < 3,
      highlightCircleSize: 3,
      interactionModel: {},
      rightGap: 8,
    });
    this.#makeLegend();
    this.#say(rows);
  }

  #colours() {
    const palette = isDark() ? dark : light;
    return {
      colors: this.#labels.map((_, index) => palette[index % palette.length]),
      gridLineColor: style("--grid"),
      axisLineColor: style("--line"),
    };
  }

  /** Takes over the page's colours after they changed. */
  recolour() {
    if (!this.#graph) return;
    this.#graph.updateOptions(this.#colours());
    this.#makeLegend();
  }

  /** The graph follows its place. */
  resize() { this.#graph?.resize(); }

  /** A mark at x, for a replay. */
  mark(x) {
    if (!this.#graph) return;
    const row = this.#wanted.rows.findIndex((entry) => entry[0] >= x);
    if (row >= 0) this.#graph.setSelection(row);
  }

  /** What a screen reader says of the picture: the newest values. */
  #say(rows) {
    const last = rows[rows.length - 1];
    const values = this.#labels.slice(0, 4).map((label, index) => `${label} ${this.format(last[index + 1])}`);
    this.place.setAttribute("aria-label", `${this.name}: ${values.join(", ")}`);
  }

  #makeLegend() {
    if (this.#labels.length < 2) return this.#legend.replaceChildren();
    const palette = isDark() ? dark : light;
    this.#legend.replaceChildren(...this.#labels.map((label, index) => {
      const item = document.createElement("li");
      const box = document.createElement("label");
      const tick = document.createElement("input");
      tick.type = "checkbox";
      tick.checked = !this.#hidden.has(label);
      tick.addEventListener("change", () => {
        if (tick.checked) this.#hidden.delete(label); else this.#hidden.add(label);
        this.#graph.setVisibility(index, tick.checked);
      });
      box.append(tick, sample(palette[index % palette.length], pattern(index)), label);
      item.append(box);
      return item;
    }));
  }

  remove() {
    this.#graph?.destroy();
    this.#legend.remove();
    all.delete(this);
  }
}

function pattern(index) { return dashes[Math.floor(index / 3) % dashes.length]; }

function sample(colour, dash) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 22 8");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(space, "path");
  line.setAttribute("d", "M0 4h22");
  line.setAttribute("stroke", colour);
  line.setAttribute("stroke-width", "2.5");
  if (dash) line.setAttribute("stroke-dasharray", dash.join(" "));
  svg.append(line);
  return svg;
}

/** A number with three or four figures. */
export function number(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1e6 || (size > 0 && size < 1e-3)) return value.toExponential(1);
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return value.toFixed(2);
}

function short(value) {
  if (Math.abs(value) >= 1e6) return `${+(value / 1e6).toFixed(2)}M`;
  if (Math.abs(value) >= 1e3) return `${+(value / 1e3).toFixed(2)}k`;
  return `${+value.toFixed(3)}`;
}

export function recolourAll() { for (const chart of all) chart.recolour(); }

addEventListener("resize", () => { for (const chart of all) chart.resize(); });
