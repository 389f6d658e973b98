// swift-format-ignore-file
// Made by make-page.py from the files beside it; do not edit.

enum PageText {
    static let html = #"""
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>sacbot</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/dygraph.min.css">
<link rel="stylesheet" href="/dashboard.css">
<script src="/dygraph.min.js" defer></script>
<script src="/dashboard.js" type="module"></script>
</head>
<body>
<a class="skip" href="#main">Skip to the robot's state</a>

<header class="top">
  <div class="who">
    <h1 id="robot">sacbot</h1>
    <p id="task" class="quiet"></p>
  </div>
  <p class="pills" role="group" aria-label="State">
    <span id="phase" class="pill">starting</span>
    <span id="safety" class="pill">–</span>
    <span id="link" class="pill" data-kind="warn">connecting</span>
  </p>
  <button id="theme" type="button" class="plain" aria-label="Colours: as the system"></button>
  <button id="estop" type="button" class="estop" aria-describedby="estop-says">E-STOP</button>
</header>

<div id="estop-says" class="estop-says" role="alert"></div>
<div id="announce" class="unseen" role="status" aria-live="polite"></div>

<main id="main" tabindex="-1">
  <section id="login" class="card wide" aria-labelledby="login-title" hidden>
    <h2 id="login-title">Who are you?</h2>
    <p>This dashboard asks for a token. An operator's token may stop and answer; a viewer's may look.</p>
    <form id="login-form" autocomplete="off">
      <label for="token">Token</label>
      <input id="token" type="password" autocomplete="current-password" spellcheck="false"
             autocapitalize="off" required aria-describedby="login-problem">
      <button type="submit" class="main">Enter</button>
      <p id="login-problem" class="problem" role="alert"></p>
    </form>
  </section>

  <section id="prompt" class="card wide prompt" aria-labelledby="prompt-title" hidden>
    <h2 id="prompt-title">The robot asks</h2>
    <p id="prompt-text" role="alert"></p>
    <p class="row">
      <button id="prompt-go" type="button" class="main" data-command="continue">Put right: go on</button>
      <button id="prompt-clear" type="button" class="main" data-command="clear-fault">Looked into: clear the fault</button>
      <button type="button" data-command="stop">Stop instead</button>
    </p>
  </section>

  <section id="fault" class="card wide fault" aria-labelledby="fault-title" hidden>
    <h2 id="fault-title">Stopped by a fault</h2>
    <p id="fault-text" role="alert"></p>
    <p id="fault-latched" class="quiet" hidden>It is latched: no torque before a person has cleared it, also after a restart.</p>
    <p class="row">
      <button id="fault-clear" type="button" data-command="clear-fault">Looked into: clear the fault</button>
    </p>
  </section>

  <section class="card state" aria-labelledby="state-title">
    <h2 id="state-title">State</h2>
    <dl id="figures" class="figures"></dl>
    <p id="actions" class="row" role="group" aria-label="Commands"></p>
    <p id="reply" class="quiet" role="status"></p>
  </section>

  <section class="card checks" aria-labelledby="checks-title">
    <h2 id="checks-title">Checks</h2>
    <p id="checks-summary" class="quiet"></p>
    <ul id="checks" class="list"></ul>
  </section>

  <section class="card wide" aria-labelledby="joints-title">
    <h2 id="joints-title">Joints</h2>
    <div class="scroll" role="region" aria-labelledby="joints-title" tabindex="0">
      <table id="joints">
        <thead><tr>
          <th scope="col">Joint</th>
          <th scope="col"><span class="more">Position in its limits</span><span class="less">Limits</span></th>
          <th scope="col" class="number">Position</th>
          <th scope="col" class="number more">Speed</th>
          <th scope="col" class="number">Current</th>
          <th scope="col" class="number">Temp<span class="more">erature</span></th>
          <th scope="col" class="number more">Supply</th>
          <th scope="col" class="more">Servo</th>
        </tr></thead>
        <tbody></tbody>
      </table>
    </div>
  </section>

  <section class="card wide" aria-labelledby="traces-title">
    <div class="title">
      <h2 id="traces-title">Live traces</h2>
      <label class="inline">of <select id="trace-kind"></select></label>
      <button id="trace-hold" type="button" aria-pressed="false">Hold</button>
    </div>
    <div id="traces" class="chart tall"></div>
  </section>

  <section class="card wide" aria-labelledby="curves-title">
    <div class="title">
      <h2 id="curves-title">Learning</h2>
      <p id="curves-note" class="quiet"></p>
    </div>
    <div id="curves" class="charts"></div>
  </section>

  <section class="card" aria-labelledby="ticks-title">
    <h2 id="ticks-title">Ticks</h2>
    <p id="ticks-note" class="quiet"></p>
    <div class="scroll" role="region" aria-labelledby="ticks-title" tabindex="0">
      <table id="ticks">
        <thead><tr>
          <th scope="col">Stage, µs</th>
          <th scope="col" class="number">p50</th>
          <th scope="col" class="number">p99</th>
          <th scope="col" class="number">p99.9</th>
          <th scope="col" class="number">max</th>
        </tr></thead>
        <tbody></tbody>
      </table>
    </div>
  </section>

  <section class="card" aria-labelledby="episodes-title">
    <div class="title">
      <h2 id="episodes-title">Episodes</h2>
      <button id="episodes-more" type="button">Older</button>
      <button id="episodes-newest" type="button" hidden>Newest</button>
    </div>
    <div class="scroll low" role="region" aria-labelledby="episodes-title" tabindex="0">
      <table id="episodes">
        <thead><tr>
          <th scope="col" class="number">No.</th>
          <th scope="col">End</th>
          <th scope="col" class="number">Return</th>
          <th scope="col" class="number">Steps</th>
          <th scope="col" class="number">Time</th>
          <th scope="col"><span class="unseen">Replay</span></th>
        </tr></thead>
        <tbody></tbody>
      </table>
    </div>
  </section>

  <section id="replay" class="card wide" aria-labelledby="replay-title" hidden tabindex="-1">
    <div class="title">
      <h2 id="replay-title">Replay</h2>
      <button id="replay-close" type="button">Close</button>
    </div>
    <p id="replay-note" class="quiet"></p>
    <p class="row">
      <button id="replay-play" type="button" class="main">Play</button>
      <label class="inline">speed
        <select id="replay-speed">
          <option value="0.25">¼</option><option value="1" selected>1</option>
          <option value="4">4</option><option value="16">16</option>
        </select>
      </label>
      <label class="grow">step <input id="replay-at" type="range" min="0" value="0"></label>
      <output id="replay-time" for="replay-at"></output>
    </p>
    <div class="pair">
      <div id="replay-joints" class="bars" role="group" aria-label="Joints at this step"></div>
      <div>
        <div id="replay-chart" class="chart"></div>
        <div id="replay-rewards" class="chart low"></div>
      </div>
    </div>
  </section>
</main>

<footer class="quiet">
  <p>The e-stop here is software: it needs this machine, its network and the servos' wire. Keep a switch in the motors' supply.</p>
</footer>
</body>
</html>

"""#

    static let style = #"""
:root {
  color-scheme: light;
  --ground: #f3f4f6; --card: #ffffff; --ink: #17202b; --quiet: #52606f; --line: #d5dbe2;
  --accent: #1b5fb4; --on-accent: #ffffff; --good: #17703b; --warn: #8a5200; --bad: #b3140f;
  --good-back: #dff3e5; --warn-back: #fdeed3; --bad-back: #fde3e1; --track: #e4e8ed;
  --stop: #c40f0f; --stop-ring: #ffc400; --grid: #e2e6eb; --focus: #1b5fb4;
}
:root[data-theme="dark"] {
  color-scheme: dark;
  --ground: #0f141a; --card: #1a212a; --ink: #e8edf2; --quiet: #a3b0be; --line: #35404d;
  --accent: #6fb1ff; --on-accent: #08192e; --good: #7ad79a; --warn: #f5bd5f; --bad: #ff9d95;
  --good-back: #14361f; --warn-back: #3d2c0b; --bad-back: #471917; --track: #2b3541;
  --stop: #d0160f; --stop-ring: #ffc400; --grid: #2a333e; --focus: #9cc9ff;
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { background: var(--ground); color: var(--ink); font: 16px/1.45 system-ui, "Noto Sans", "DejaVu Sans", sans-serif; }
body { margin: 0 auto; max-width: 1480px; }
h1, h2 { line-height: 1.2; margin: 0; }
h1 { font-size: 1.25rem; }
h2 { font-size: 1.05rem; }
p { margin: .4rem 0; }
.quiet { color: var(--quiet); font-size: .9rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -999px; top: 0; z-index: 9; background: var(--card); color: var(--accent); padding: .6rem 1rem; }
.skip:focus { left: .5rem; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 4px; }
main:focus { outline: none; }

.top { position: sticky; top: 0; z-index: 5; display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1rem;
  padding: .6rem 1rem; background: var(--card); border-bottom: 1px solid var(--line); }
.who { margin-right: auto; min-width: 8rem; }
.who p { margin: 0; }
.pills { display: flex; flex-wrap: wrap; gap: .4rem; margin: 0; }
.pill { padding: .15rem .6rem; border-radius: 1rem; background: var(--track); font-size: .9rem; white-space: nowrap; }
.pill[data-kind="good"] { background: var(--good-back); color: var(--good); }
.pill[data-kind="warn"] { background: var(--warn-back); color: var(--warn); }
.pill[data-kind="bad"] { background: var(--bad-back); color: var(--bad); }

button, select, input { font: inherit; color: inherit; }
button { min-height: 2.5rem; padding: .35rem .9rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--card);
  cursor: pointer; touch-action: manipulation; }
button:hover { border-color: var(--accent); }
button:disabled { opacity: .55; cursor: not-allowed; }
button.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
button.plain { border-color: transparent; background: none; min-width: 2.5rem; padding: .35rem; font-size: 1.2rem; }
button[aria-pressed="true"] { background: var(--accent); color: var(--on-accent); }
button.small { min-height: 2rem; padding: .1rem .6rem; font-size: .9rem; }
select, input[type="password"] { min-height: 2.5rem; padding: .3rem .5rem; border: 1px solid var(--quiet); border-radius: .5rem; background: var(--card); }
input[type="range"] { width: 100%; accent-color: var(--accent); }
.estop { min-height: 3.2rem; padding: .3rem 1.6rem; border: 3px solid var(--stop-ring); border-radius: .8rem; background: var(--stop);
  color: #fff; font-size: 1.3rem; font-weight: 800; letter-spacing: .06em; touch-action: none; user-select: none; }
@media (hover: hover) { .estop:hover { border-color: #fff; } }
.estop:active { transform: translateY(2px); }
.estop-says:empty { display: none; }
.estop-says { margin: .6rem 1rem 0; padding: .7rem 1rem; border-radius: .6rem; background: var(--bad-back); color: var(--bad); font-weight: 600; }

main { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; padding: 1rem; }
.card { min-width: 0; padding: 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .8rem; }
.wide { grid-column: 1 / -1; }
.prompt { border: 2px solid var(--warn); background: var(--warn-back); }
.fault { border: 2px solid var(--bad); background: var(--bad-back); }
#prompt-text, #fault-text { font-size: 1.1rem; font-weight: 600; }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: .6rem; }
.title { display: flex; flex-wrap: wrap; align-items: center; gap: .6rem; margin-bottom: .5rem; }
.title h2 { margin-right: auto; }
.title p { margin: 0; }
.inline { display: inline-flex; align-items: center; gap: .4rem; }
.grow { flex: 1 1 12rem; display: flex; align-items: center; gap: .5rem; }
.problem { color: var(--bad); font-weight: 600; }
#login-form { display: flex; flex-wrap: wrap; align-items: center; gap: .6rem; }
#login-form input { flex: 1 1 14rem; }

.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.2rem, 1fr)); gap: .7rem 1rem; margin: .7rem 0; }
.figures dt { color: var(--quiet); font-size: .85rem; }
.figures dd { margin: 0; font-size: 1.15rem; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.list { margin: 0; padding: 0; list-style: none; }
.list li { padding: .35rem .6rem; border-left: 4px solid var(--line); margin: .35rem 0; }
.list li[data-kind="warn"] { border-color: var(--warn); background: var(--warn-back); }
.list li[data-kind="fail"] { border-color: var(--bad); background: var(--bad-back); }
.list b { display: block; }

.scroll { overflow-x: auto; }
.scroll.low { max-height: 19rem; overflow-y: auto; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .95rem; }
th { color: var(--quiet); font-weight: 600; font-size: .85rem; text-align: left; white-space: nowrap; }
.scroll.low thead th { position: sticky; top: 0; background: var(--card); }
th, td { padding: .35rem .5rem; border-bottom: 1px solid var(--line); }
tbody tr:last-child > * { border-bottom: none; }
tbody th { color: var(--ink); font-size: .95rem; }
.number { text-align: right; white-space: nowrap; }
td[data-kind="warn"] { color: var(--warn); font-weight: 700; }
td[data-kind="bad"] { color: var(--bad); font-weight: 700; }
.less { display: none; }
.faint { color: var(--quiet); font-weight: 400; font-size: .85em; }
meter, .gauge { display: block; }
.gauge { position: relative; height: .8rem; min-width: 7rem; background: var(--track); border-radius: .4rem; }
.gauge i { position: absolute; top: -2px; bottom: -2px; width: 4px; margin-left: -2px; border-radius: 2px; background: var(--accent); }
.gauge i.goal { background: none; border: 1px solid var(--quiet); width: 6px; margin-left: -3px; }
.gauge[data-kind="bad"] i { background: var(--bad); }

.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)); gap: 1rem; }
.charts figure { margin: 0; min-width: 0; }
.charts figcaption { font-size: .9rem; font-weight: 600; display: flex; justify-content: space-between; gap: .5rem; }
.charts figcaption span { font-weight: 400; color: var(--quiet); font-variant-numeric: tabular-nums; }
.chart { width: 100%; height: 11rem; }
.chart.tall { height: 17rem; }
.chart.low { height: 7rem; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem .9rem; margin: .4rem 0 0; padding: 0; list-style: none; font-size: .85rem; }
.legend label { display: inline-flex; align-items: center; gap: .35rem; min-height: 1.6rem; }
.legend svg { width: 22px; height: 8px; }
.dygraph-axis-label { color: var(--quiet); font-size: 12px; }
.dygraph-title, .dygraph-ylabel, .dygraph-xlabel { color: var(--quiet); }
.bars { display: grid; gap: .45rem; align-content: start; }
.bars div { display: grid; grid-template-columns: 8rem 1fr 4.5rem; gap: .6rem; align-items: center; font-size: .9rem; }
.bars span { overflow: hidden; text-overflow: ellipsis; }
.bars output { text-align: right; font-variant-numeric: tabular-nums; }
.pair { display: grid; grid-template-columns: minmax(18rem, 2fr) 3fr; gap: 1.2rem; }
.pair > * { min-width: 0; }
footer { padding: 0 1.2rem 1rem; }
.stale main { opacity: .6; }

@media (max-width: 760px) {
  main { grid-template-columns: 1fr; padding: .7rem; gap: .7rem; }
  body { padding-bottom: 6.2rem; }
  .top { padding: .5rem .8rem; gap: .3rem .6rem; }
  .pills { order: 3; width: 100%; }
  .estop { position: fixed; left: .7rem; right: .7rem; bottom: .7rem; z-index: 6; min-height: 4.4rem; font-size: 1.7rem;
    box-shadow: 0 0 0 .7rem var(--ground); }
  .more { display: none; }
  .less { display: inline; }
  .charts .chart { height: 8.5rem; }
  .pair { grid-template-columns: 1fr; }
  .figures { grid-template-columns: repeat(2, 1fr); }
  .charts { grid-template-columns: 1fr; }
  .card { padding: .8rem .7rem; }
  #joints .faint { display: none; }
  .gauge { min-width: 2.6rem; }
  table { font-size: .82rem; }
  th, td { padding: .4rem .25rem; }
  th { font-size: .78rem; }
  tbody th { font-size: .82rem; white-space: nowrap; }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; scroll-behavior: auto !important; } }
@media (forced-colors: active) { .estop { border-color: ButtonText; } .gauge i { background: CanvasText; } }

"""#

    static let script = #"""
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

"""#

    static let charts = #"""
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

"""#

    static let stream = #"""
// How the page talks to the program: requests with a token, and a stream of events.
//
// EventSource cannot send a header, so the stream is read with fetch. The token is kept for this tab
// only; there are no cookies, so no other site's page can use it.

const storageKey = "sacbot-token";

export const access = {
  get token() { return sessionStorage.getItem(storageKey) ?? ""; },
  set token(text) {
    if (text) sessionStorage.setItem(storageKey, text);
    else sessionStorage.removeItem(storageKey);
  },
};

function headers(more = {}) {
  const fields = { "X-Sacbot": "1", ...more };
  if (access.token) fields.Authorization = `Bearer ${access.token}`;
  return fields;
}

/** Asks for a JSON document; throws an error with `status` and words. */
export async function get(path) {
  return answer(await fetch(path, { headers: headers(), cache: "no-store" }));
}

/** Gives a command; `patience` in milliseconds. */
export async function command(name, patience = 4000) {
  const response = await fetch(`/api/v1/commands/${name}`, {
    method: "POST",
    headers: headers(),
    cache: "no-store",
    keepalive: true,
    signal: AbortSignal.timeout(patience),
  });
  return answer(response);
}

async function answer(response) {
  const document = await response.json().catch(() => ({}));
  if (response.ok) return document;
  const error = new Error(document.message ?? response.statusText);
  error.status = response.status;
  throw error;
}

/**
 * Listens to /events for ever and comes again when the stream ends.
 *
 * `on` has `event(name, data)`, `alive()`, `open()` and `lost(error)`; an error with status 401 ends
 * it, because only a person can help there.
 */
export async function listen(on) {
  for (let pause = 250; ; pause = Math.min(pause * 2, 5000)) {
    try {
      const response = await fetch("/events", { headers: headers(), cache: "no-store" });
      if (!response.ok) await answer(response);
      on.open();
      pause = 250;
      await read(response.body.getReader(), on);
      on.lost(new Error("the stream ended"));
    } catch (error) {
      on.lost(error);
      if (error.status === 401) return;
    }
    await new Promise((done) => setTimeout(done, pause));
  }
}

async function read(reader, on) {
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    on.alive();
    text += decoder.decode(value, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop();
    for (const block of blocks) deliver(block, on);
  }
}

function deliver(block, on) {
  let name = "message";
  const data = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) name = line.slice(7);
    else if (line.startsWith("data: ")) data.push(line.slice(6));
  }
  if (data.length > 0) on.event(name, JSON.parse(data.join("\n")));
}

"""#

    static let episodes = #"""
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

"""#

    static let icon = #"""
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="15" fill="#1b6ac9"/><path d="M9 22 16 9l7 13" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/><circle cx="16" cy="9" r="3" fill="#fff"/></svg>

"""#
}
