// The page: shows what /events tells and passes on what people ask for.
//
// All text from the program goes in as text, never as markup.

import { Chart, hasCharts, number, recolourAll } from "/charts.js";
import { access, command, get, listen } from "/stream.js";
import { Episodes } from "/episodes.js";

const element = (id) => document.getElementById(id);
const degrees = (radians) => (radians === undefined || radians === null ? undefined : radians * 180 / Math.PI);

let state = null;
let sheet = null;
let role = null;
let lastNews = 0;
let isListening = false;

// MARK: Small things

function make(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** Changes text only if it is another one, so that screen readers and selections are left alone. */
function say(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

function kind(place, name) {
  if (name) place.dataset.kind = name;
  else delete place.dataset.kind;
}

function show(place, isShown) {
  if (place.hidden === isShown) place.hidden = !isShown;
}

function announce(text) { say(element("announce"), text); }

// MARK: Colours

const themes = ["auto", "light", "dark"];
const system = matchMedia("(prefers-color-scheme: dark)");

function applyTheme() {
  const chosen = localStorage.getItem("sacbot-theme") ?? "auto";
  const isDark = chosen === "dark" || (chosen === "auto" && system.matches);
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
  const names = { auto: "as the system", light: "light", dark: "dark" };
  say(element("theme"), { auto: "◐", light: "☀", dark: "☾" }[chosen]);
  element("theme").setAttribute("aria-label", `Colours: ${names[chosen]}`);
  element("theme").title = `Colours: ${names[chosen]}`;
  recolourAll();
}

element("theme").addEventListener("click", () => {
  const now = themes.indexOf(localStorage.getItem("sacbot-theme") ?? "auto");
  localStorage.setItem("sacbot-theme", themes[(now + 1) % themes.length]);
  applyTheme();
});
system.addEventListener("change", applyTheme);
applyTheme();

// MARK: Emergency stop

const estop = element("estop");

/** Asks until the program says yes; says loudly what happens, because silence looks like success. */
async function emergencyStop() {
  const says = element("estop-says");
  say(says, "Emergency stop: asked …");
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    try {
      const reply = await command("estop", 1500);
      say(says, `Emergency stop: ${reply.message === "emergency stop" ? "the program has it" : reply.message}.`);
      return;
    } catch (error) {
      if (error.status === 401 || error.status === 403) {
        say(says, `NO EMERGENCY STOP: ${error.message}. Cut the motors' supply.`);
        return;
      }
      say(says, `NO EMERGENCY STOP YET: no answer (attempt ${attempt}). Cut the motors' supply.`);
    }
  }
  say(says, "NO EMERGENCY STOP: the program does not answer. Cut the motors' supply.");
}

// As a button of steel it acts when it goes down, not when it comes up; a click without that is a
// key's or a screen reader's.
let pressed = -Infinity;
estop.addEventListener("pointerdown", (event) => {
  if (event.button !== 0 || estop.disabled) return;
  pressed = performance.now();
  emergencyStop();
});
estop.addEventListener("click", () => {
  if (performance.now() - pressed > 1500) emergencyStop();
});

// MARK: Commands

async function give(name) {
  const reply = element("reply");
  try {
    const done = await command(name);
    say(reply, done.message);
  } catch (error) {
    say(reply, error.status ? error.message : `no answer: ${error.message}`);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-command]");
  if (button) give(button.dataset.command);
});

const commandNames = {
  stop: "Stop in order",
  pause: "Pause",
  resume: "Resume",
  release: "Pause without torque",
  evaluate: "Evaluate",
};

/** Buttons of what this program can do now. */
function showActions() {
  const isPaused = state.pause && state.pause !== "no";
  const wanted = (state.commands ?? []).filter((name) =>
    name in commandNames
    && !(name === "resume" && !isPaused) && !(["pause", "release"].includes(name) && isPaused));
  const buttons = wanted.map((name) => [name, commandNames[name]]);
  // Only an evaluation with interference by hand takes marks.
  for (const mark of state.marks ?? []) {
    buttons.push([`mark?mark=${encodeURIComponent(mark)}`, mark === "begin" ? "I interfere now" : "I let go"]);
  }
  const place = element("actions");
  const key = `${role} ${buttons.join()}`;
  if (place.dataset.key === key) return;
  place.dataset.key = key;
  place.replaceChildren(...buttons.map(([name, text]) => {
    const button = make("button", text, { type: "button", "data-command": name });
    if (name.startsWith("mark")) button.className = "interference";
    button.disabled = role !== "operator";
    return button;
  }));
}

// MARK: State

function showTop() {
  say(element("robot"), state.robot || "sacbot");
  document.title = `${state.fault ? "FAULT " : state.prompt ? "? " : ""}${state.robot || "robot"} – ${state.phase}`;
  say(element("task"), [state.task, state.backend, state.mode].filter(Boolean).join(" · "));
  say(element("phase"), state.phase);
  kind(element("phase"), state.phase === "running" ? "good" : state.prompt ? "warn" : undefined);
  say(element("safety"), `safety: ${state.safety}`);
  kind(element("safety"), ["fault", "e-stop"].includes(state.safety) ? "bad"
    : state.safety === "running" ? "good" : undefined);
}

function showPrompt() {
  show(element("prompt"), Boolean(state.prompt));
  say(element("prompt-text"), state.prompt ?? "");
  const awaitsClearing = Boolean(state.prompt && state.fault && state.isFaultLatched);
  show(element("prompt-clear"), awaitsClearing);
  show(element("prompt-go"), !awaitsClearing);
  show(element("fault"), Boolean(state.fault));
  say(element("fault-text"), state.fault ?? "");
  show(element("fault-latched"), Boolean(state.isFaultLatched));
  // Clearing is an answer: before the robot asks there is nothing to answer.
  show(element("fault-clear"), Boolean(state.fault && state.prompt && !awaitsClearing));
}

function percent(share) { return share === undefined || share === null ? "–" : `${Math.round(share * 100)} %`; }

function figures() {
  const learner = state.learner ?? {};
  const ratio = learner.updatesPerStep === undefined ? "–"
    : `${number(learner.updatesPerStep)} of ${number(learner.wantedUpdatesPerStep)}`;
  const list = [
    ["Episodes", `${state.episodes}`],
    ["Steps", `${state.steps}`],
    ["Updates", `${state.updates}`],
    ["Held lately", percent(state.recentSuccess)],
    ["Return lately", number(state.recentReturn)],
  ];
  if (state.learner) {
    list.push(["Updates a step", ratio], ["Updates behind", `${learner.lag}`]);
    if (learner.temperature !== undefined) list.push(["Temperature α", number(learner.temperature)]);
    if (learner.rolledBackUpdates) list.push(["Taken back", `${learner.rolledBackUpdates}`]);
  }
  const evaluation = state.evaluation;
  if (evaluation) {
    list.push([`Evaluation ${evaluation.number}`,
      `${evaluation.phase}, ${evaluation.held} of ${evaluation.done} held`]);
  }
  return list;
}

function showFigures() {
  const place = element("figures");
  const list = figures();
  if (place.childElementCount !== list.length) {
    place.replaceChildren(...list.map(([name]) => {
      const box = make("div");
      box.append(make("dt", name), make("dd"));
      return box;
    }));
  }
  list.forEach(([name, value], index) => {
    say(place.children[index].firstChild, name);
    say(place.children[index].lastChild, value);
  });
}

function showChecks() {
  const broken = state.checks.filter((check) => check.outcome !== "pass");
  const passed = state.checks.length - broken.length;
  say(element("checks-summary"), state.checks.length === 0 ? "Nothing was checked yet."
    : `${passed} of ${state.checks.length} pass.`);
  const place = element("checks");
  const key = JSON.stringify(broken);
  if (place.dataset.key === key) return;
  place.dataset.key = key;
  place.replaceChildren(...broken.map((check) => {
    const joints = check.joints.length ? ` (${check.joints.join(", ")})` : "";
    const item = make("li", undefined, { "data-kind": check.outcome });
    item.append(make("b", `${check.outcome}: not so: ${check.name}${joints}`), check.remedy);
    return item;
  }));
}

// MARK: Joints

const jointRows = new Map();

function jointRow(joint) {
  const row = make("tr");
  const cells = {
    name: make("th", joint.name, { scope: "row" }),
    place: make("td"),
    position: make("td", "", { class: "number" }),
    velocity: make("td", "", { class: "number more" }),
    current: make("td", "", { class: "number" }),
    temperature: make("td", "", { class: "number" }),
    supply: make("td", "", { class: "number more" }),
    servo: make("td", `${joint.servo} · ${joint.id}`, { class: "more" }),
  };
  cells.gauge = make("div", undefined, { class: "gauge" });
  cells.goal = make("i", undefined, { class: "goal" });
  cells.at = make("i");
  cells.gauge.append(cells.goal, cells.at);
  // The number beside it says the same.
  cells.gauge.setAttribute("aria-hidden", "true");
  cells.place.append(cells.gauge);
  row.append(cells.name, cells.place, cells.position, cells.velocity, cells.current,
    cells.temperature, cells.supply, cells.servo);
  return { row, cells };
}

function share(value, limits) {
  return Math.max(0, Math.min(1, (value - limits.lowest) / (limits.highest - limits.lowest))) * 100;
}

function put(cell, value, unit, digits, limit, alarms) {
  const text = value === undefined || value === null ? "–" : `${value.toFixed(digits)} ${unit}`;
  if (cell.firstChild?.data !== text) {
    cell.replaceChildren(text);
    if (limit) cell.append(" ", make("span", limit, { class: "faint" }));
  }
  kind(cell, alarms.find(([isSo]) => isSo)?.[1]);
}

function showJoint(joint) {
  if (!jointRows.has(joint.name)) {
    const made = jointRow(joint);
    jointRows.set(joint.name, made);
    element("joints").tBodies[0].append(made.row);
  }
  const { cells } = jointRows.get(joint.name);
  const limits = joint.limits;
  const isOutside = joint.position < limits.lowest || joint.position > limits.highest;
  kind(cells.gauge, isOutside ? "bad" : undefined);
  cells.at.hidden = joint.position === undefined;
  cells.at.style.left = `${share(joint.position ?? 0, limits)}%`;
  cells.goal.hidden = joint.goal === undefined;
  cells.goal.style.left = `${share(joint.goal ?? 0, limits)}%`;
  const isOld = joint.ageSeconds > 0.5;
  put(cells.position, degrees(joint.position), "°", 1,
    `${degrees(limits.lowest).toFixed(0)} to ${degrees(limits.highest).toFixed(0)}`,
    [[isOutside, "bad"], [isOld, "warn"]]);
  put(cells.velocity, degrees(joint.velocity), "°/s", 0, null,
    [[Math.abs(joint.velocity) > limits.tripVelocity, "bad"]]);
  put(cells.current, joint.currentAmperes, "A", 2, `of ${number(limits.currentAmperes)}`,
    [[Math.abs(joint.currentAmperes) > limits.currentAmperes, "bad"]]);
  put(cells.temperature, joint.temperatureCelsius, "°C", 0, `of ${limits.stopCelsius.toFixed(0)}`,
    [[joint.temperatureCelsius >= limits.stopCelsius, "bad"],
      [joint.temperatureCelsius >= (limits.slowCelsius ?? limits.pauseCelsius), "warn"]]);
  put(cells.supply, joint.voltageVolts, "V", 1, null, [[joint.hardwareError, "bad"]]);
  const words = [joint.hasTorque ? "torque on" : "torque off"];
  if (isOld) words.push(`last read ${joint.ageSeconds.toFixed(1)} s ago`);
  if (joint.hardwareError) words.push(`hardware error ${joint.hardwareError}`);
  cells.name.title = words.join(", ");
}

// MARK: Live traces

const kinds = {
  position: ["position, °", (joint) => degrees(joint.position)],
  goal: ["goal, °", (joint) => degrees(joint.goal)],
  error: ["goal − position, °", (joint) =>
    (joint.goal === undefined ? undefined : degrees(joint.goal - joint.position))],
  velocity: ["speed, °/s", (joint) => degrees(joint.velocity)],
  current: ["current, A", (joint) => joint.currentAmperes],
  temperature: ["temperature, °C", (joint) => joint.temperatureCelsius],
};
const traceSeconds = 60;
const history = [];
const traces = new Chart(element("traces"), { name: "Live traces", isTime: true });
const traceKind = element("trace-kind");
const traceHold = element("trace-hold");
for (const [name, [text]] of Object.entries(kinds)) traceKind.append(make("option", text, { value: name }));
traceKind.addEventListener("change", showTraces);
traceHold.addEventListener("click", () => {
  const isHeld = traceHold.getAttribute("aria-pressed") !== "true";
  traceHold.setAttribute("aria-pressed", `${isHeld}`);
});

function keepTrace() {
  const now = Date.now();
  history.push([now, state.joints]);
  while (history.length > 0 && history[0][0] < now - traceSeconds * 1000) history.shift();
}

function showTraces() {
  if (document.hidden || history.length === 0) return;
  if (traceHold.getAttribute("aria-pressed") === "true") return;
  const [text, value] = kinds[traceKind.value];
  const labels = history[history.length - 1][1].map((joint) => joint.name);
  const rows = history.filter(([, joints]) => joints.length === labels.length)
    .map(([time, joints]) => [new Date(time), ...joints.map((joint) => value(joint) ?? null)]);
  traces.name = `Live traces of ${text}`;
  const now = history[history.length - 1][0];
  traces.show(labels, rows, [now - traceSeconds * 1000, now]);
}

// MARK: Learning curves

const curveNames = {
  "episode/return": "Return of episodes",
  "episode/success": "Share that held success",
  "learner/critic_loss": "Critics' loss",
  "learner/actor_loss": "Actor's loss",
  "learner/temperature": "Temperature α",
  "learner/entropy": "Entropy, nats",
  "learner/mean_q": "Mean Q",
  "episode/reset_time": "Time of resets, s",
};
const curveCharts = new Map();

function curveChart(name) {
  if (curveCharts.has(name)) return curveCharts.get(name);
  const figure = make("figure");
  const caption = make("figcaption", curveNames[name]);
  const newest = make("span");
  caption.append(newest);
  const place = make("div", undefined, { class: "chart" });
  figure.append(caption, place);
  element("curves").append(figure);
  const least = name === "episode/success" ? 0 : undefined;
  const chart = new Chart(place, { name: `${curveNames[name]} over policy steps`, hasLegend: false, least });
  curveCharts.set(name, { chart, newest });
  return curveCharts.get(name);
}

async function showCurves() {
  if (!isListening || document.hidden) return;
  try {
    const found = await get("/api/v1/curves");
    for (const name of Object.keys(curveNames)) {
      const curve = found.curves[name];
      if (!curve || curve.steps.length < 2) continue;
      const { chart, newest } = curveChart(name);
      const rows = curve.steps.map((step, index) => [step, curve.values[index]]);
      chart.show([curveNames[name]], rows);
      say(newest, number(rows[rows.length - 1][1]));
    }
    say(element("curves-note"), `over policy steps, ${found.episodes} episodes`);
  } catch (error) {
    say(element("curves-note"), error.status === 404 ? "No run is open yet." : error.message);
  }
}

// MARK: Ticks

function showTicks() {
  const ticks = state.ticks;
  const rate = state.tickSeconds > 0 ? `${Math.round(1 / state.tickSeconds)} Hz. ` : "";
  say(element("ticks-note"), ticks
    ? `${rate}${state.tickCount} ticks, ${ticks.skipped} skipped, ${ticks.overruns} longer than a tick. `
      + "Lateness is the jitter of their beginning."
    : "No tick yet.");
  const body = element("ticks").tBodies[0];
  const stages = ticks?.stages ?? [];
  while (body.rows.length < stages.length) {
    const row = make("tr");
    row.append(make("th", "", { scope: "row" }));
    for (let column = 0; column < 4; column += 1) row.append(make("td", "", { class: "number" }));
    body.append(row);
  }
  stages.forEach((stage, index) => {
    const cells = body.rows[index].cells;
    [stage.name, stage.p50, stage.p99, stage.p999, stage.max]
      .forEach((value, column) => say(cells[column], column === 0 ? value : value.toFixed(value < 100 ? 1 : 0)));
  });
}

// MARK: Episodes

const episodes = new Episodes({ make, say, show, get, degrees, announce });

// MARK: News

let lastPhase = "";
let lastEpisodes = -1;

function news() {
  showTop();
  showPrompt();
  showFigures();
  showActions();
  showChecks();
  for (const joint of state.joints) showJoint(joint);
  showTicks();
  keepTrace();
  showTraces();
  if (state.phase !== lastPhase) announce(`The robot is ${state.phase}.`);
  lastPhase = state.phase;
  if (state.episodes !== lastEpisodes) episodes.refresh();
  lastEpisodes = state.episodes;
}

function showLink() {
  const quiet = (performance.now() - lastNews) / 1000;
  const isStale = !isListening || quiet > 7;
  document.body.classList.toggle("stale", isStale && state !== null);
  const place = element("link");
  if (!isListening) say(place, state ? "connection lost" : "connecting");
  else say(place, isStale ? `no news for ${quiet.toFixed(0)} s` : role === "viewer" ? "live, looking only" : "live");
  kind(place, isStale ? "bad" : "good");
}

async function enter() {
  show(element("login"), false);
  listen({
    async open() {
      isListening = true;
      lastNews = performance.now();
      role = (await get("/api/v1/session").catch(() => ({}))).role ?? null;
      estop.disabled = role === "viewer";
      showCurves();
    },
    alive() { lastNews = performance.now(); },
    event(name, data) {
      if (name === "robot") { sheet = data; episodes.sheet = data; }
      if (name === "state") { state = data; episodes.joints = data.joints; news(); }
    },
    lost(error) {
      isListening = false;
      if (error.status === 401) askForToken(access.token ? "That token is nobody's." : "");
      showLink();
    },
  });
}

function askForToken(problem) {
  access.token = "";
  show(element("login"), true);
  say(element("login-problem"), problem);
  element("token").focus();
}

element("login-form").addEventListener("submit", (event) => {
  event.preventDefault();
  access.token = element("token").value.trim();
  element("token").value = "";
  enter();
});

setInterval(showLink, 500);
setInterval(showCurves, 10_000);
document.addEventListener("visibilitychange", () => { showTraces(); showCurves(); });
if (!hasCharts()) announce("The chart library is missing.");
enter();
