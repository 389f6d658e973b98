// The list of episodes and the replay of one.

import { Chart, number } from "/charts.js";

const element = (id) => document.getElementById(id);
const pageLength = 30;

export class Episodes {
  sheet = null;
  joints = [];
  #tools;
  #before = null;
  #asked = false;
  #replay = null;
  #chart = null;
  #rewards = null;
  #timer = null;
  #bars = [];

  constructor(tools) {
    this.#tools = tools;
    element("episodes-more").addEventListener("click", () => this.#older());
    element("episodes-newest").addEventListener("click", () => { this.#before = null; this.refresh(); });
    element("replay-close").addEventListener("click", () => this.#close());
    element("replay-play").addEventListener("click", () => (this.#timer ? this.#pause() : this.#play()));
    element("replay-at").addEventListener("input", () => { this.#pause(); this.#showStep(); });
  }

  /** Fetches the list again, unless that is under way. */
  async refresh() {
    if (this.#asked) return;
    this.#asked = true;
    try {
      const before = this.#before === null ? "" : `&before=${this.#before}`;
      this.#showList(await this.#tools.get(`/api/v1/episodes?limit=${pageLength}${before}`));
    } catch { /* there is no run yet, or the stream says what is wrong */ }
    this.#asked = false;
  }

  #older() {
    const rows = element("episodes").tBodies[0].rows;
    if (rows.length < pageLength) return;
    this.#before = Number(rows[rows.length - 1].dataset.index);
    this.refresh();
  }

  /** Rows that are there stay: a finger or a reader may be on one. */
  #showList(list) {
    const body = element("episodes").tBodies[0];
    const rows = new Map([...body.rows].map((row) => [Number(row.dataset.index), row]));
    const wanted = list.map((episode) => rows.get(episode.index) ?? this.#row(episode));
    for (const row of rows.values()) if (!wanted.includes(row)) row.remove();
    wanted.forEach((row, index) => {
      if (body.rows[index] !== row) body.insertBefore(row, body.rows[index] ?? null);
    });
    element("episodes-more").disabled = list.length < pageLength;
    this.#tools.show(element("episodes-newest"), this.#before !== null);
  }

  #row(episode) {
    const { make } = this.#tools;
    const row = make("tr", undefined, { "data-index": episode.index });
    const button = make("button", "Replay", {
      type: "button", class: "small", "data-episode": episode.index,
      "aria-label": `Replay episode ${episode.index}`,
    });
    button.disabled = episode.steps === 0;
    button.addEventListener("click", () => this.open(episode.index));
    const last = make("td");
    last.append(button);
    row.append(
      make("th", episode.index, { scope: "row", class: "number" }),
      make("td", episode.succeeded ? "held success" : episode.endReason || episode.end),
      make("td", number(episode.totalReward), { class: "number" }),
      make("td", episode.steps, { class: "number" }),
      make("td", `${episode.seconds.toFixed(1)} s`, { class: "number" }), last,
    );
    return row;
  }

  /** Fetches what was recorded in an episode and shows it. */
  async open(index) {
    const { say, show, announce } = this.#tools;
    this.#pause();
    try {
      this.#replay = await this.#tools.get(`/api/v1/episodes/${index}`);
    } catch (error) {
      announce(error.message);
      return;
    }
    show(element("replay"), true);
    say(element("replay-title"), `Replay of episode ${index}`);
    const { episode, times } = this.#replay;
    const limited = episode.limitedSteps ? `, ${episode.limitedSteps} changed by the supervisor` : "";
    say(element("replay-note"), `${new Date(episode.started * 1000).toLocaleString()}, policy ${episode.policyVersion}, `
      + `return ${number(episode.totalReward)}, ${times.length} steps${limited}. ${episode.endReason}`);
    element("replay-at").max = Math.max(0, times.length - 1);
    element("replay-at").value = 0;
    this.#draw();
    this.#showStep();
    element("replay").scrollIntoView({ block: "nearest" });
    element("replay-play").focus({ preventScroll: true });
  }

  /** Which numbers of the observation are joint positions, with the joint's limits. */
  #columns() {
    const names = this.sheet?.observations ?? [];
    return names.flatMap((observation, index) => {
      const match = /^joint_positions\.([^[]+)$/.exec(observation.name);
      const joint = match && this.joints.find((other) => other.name === match[1]);
      return joint ? [{ index, name: joint.name, limits: joint.limits }] : [];
    });
  }

  #draw() {
    const { times, observations, actions, rewards } = this.#replay;
    const columns = this.#columns();
    this.#chart?.remove();
    this.#rewards?.remove();
    this.#chart = new Chart(element("replay-chart"), { name: "Joint positions, °" });
    this.#rewards = new Chart(element("replay-rewards"), { name: "Reward of each step", hasLegend: false });
    if (columns.length > 0) {
      const degrees = this.#tools.degrees;
      this.#chart.show(columns.map((column) => column.name), times.map((time, step) =>
        [time, ...columns.map((column) => degrees(observations[step][column.index]))]));
    } else {
      const joints = this.sheet?.actions ?? [];
      this.#chart.show(joints.map((joint) => `action ${joint}`), times.map((time, step) => [time, ...actions[step]]));
    }
    this.#rewards.show(["reward"], times.map((time, step) => [time, rewards[step]]));
    this.#makeBars(columns);
  }

  #makeBars(columns) {
    const { make } = this.#tools;
    this.#bars = columns.map((column) => {
      const row = make("div");
      const gauge = make("div", undefined, { class: "gauge", "aria-hidden": "true" });
      const mark = make("i");
      gauge.append(mark);
      const value = make("output");
      row.append(make("span", column.name), gauge, value);
      return { row, mark, value, column };
    });
    element("replay-joints").replaceChildren(...this.#bars.map((bar) => bar.row));
  }

  #showStep() {
    const step = Number(element("replay-at").value);
    const { times, observations } = this.#replay;
    if (times.length === 0) return;
    for (const { mark, value, column } of this.#bars) {
      const at = observations[step][column.index];
      const { lowest, highest } = column.limits;
      mark.style.left = `${Math.max(0, Math.min(1, (at - lowest) / (highest - lowest))) * 100}%`;
      value.textContent = `${this.#tools.degrees(at).toFixed(1)}°`;
    }
    const text = `${times[step].toFixed(1)} s`;
    element("replay-time").textContent = text;
    element("replay-at").setAttribute("aria-valuetext", `step ${step}, ${text}`);
    this.#chart.mark(times[step]);
    this.#rewards.mark(times[step]);
  }

  #play() {
    const at = element("replay-at");
    const { times } = this.#replay;
    if (Number(at.value) >= times.length - 1) at.value = 0;
    let last = performance.now();
    let time = times[Number(at.value)] ?? 0;
    const step = (now) => {
      time += (now - last) / 1000 * Number(element("replay-speed").value);
      last = now;
      let next = Number(at.value);
      while (next < times.length - 1 && times[next + 1] <= time) next += 1;
      if (next !== Number(at.value)) { at.value = next; this.#showStep(); }
      if (next >= times.length - 1) return this.#pause();
      this.#timer = requestAnimationFrame(step);
    };
    element("replay-play").textContent = "Pause";
    this.#timer = requestAnimationFrame(step);
  }

  #pause() {
    if (this.#timer) cancelAnimationFrame(this.#timer);
    this.#timer = null;
    element("replay-play").textContent = "Play";
  }

  #close() {
    this.#pause();
    const index = this.#replay?.episode.index;
    this.#tools.show(element("replay"), false);
    document.querySelector(`[data-episode="${index}"]`)?.focus();
  }
}
