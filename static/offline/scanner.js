// The window in which a paper is scanned: the camera's picture, what was read of it, and what to do next, in words.

import { Camera, NoCamera } from "./camera.js";
import { Collected } from "./collected.js";
import { Unread, codes } from "./reading.js";
import { words } from "./words.js";

const at = (name) => document.getElementById(`scan-${name}`);
const [dialog, form] = [at("dialog"), at("open").form];
// Milliseconds between two frames, and until somebody who has read nothing is helped.
const [BETWEEN, PATIENCE] = [40, 8000];
const BUZZ = 60;
const camera = new Camera(at("video"), () => fail("lost"));
let collected = new Collected();
let light = false;
let turns = 0;

/** Open the window and begin. */
export function scan() {
  collected = new Collected();
  show();
  dialog.showModal();
  return start();
}

async function start() {
  const turn = (turns += 1);
  enter("starting");
  say("starting");
  try {
    if (!(await camera.open())) return;
    at("switch").hidden = (await camera.count()) < 2;
    light = false;
    enter("looking");
    say(progress());
    await look(() => dialog.open && dialog.dataset.state === "looking" && turn === turns);
  } catch (error) {
    if (turn === turns) fail(error instanceof NoCamera ? error.reason : error instanceof Unread ? "no-reader" : "failed");
  }
}

/** Read frame after frame, one at a time, as long as the camera runs and something is missing. */
async function look(running) {
  for (let last = Date.now(); running(); await pause(BETWEEN)) {
    const frame = await camera.frame().catch(() => null);
    const found = frame ? collected.take(await codes({ frame })) : "";
    if (!running()) return;
    if (found) last = Date.now();
    if (found === "read") took();
    else if (found) say(found);
    else if (Date.now() - last > PATIENCE) say(collected.text ? "patience-one" : "patience");
    show();
    if (collected.complete) finish();
  }
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What the window is doing: starting, looking, or stopped. */
function enter(state) {
  dialog.dataset.state = state;
  if (state === "starting" && document.activeElement === at("again")) at("close").focus();
  at("again").hidden = state !== "stopped";
  showLight();
}

function took() {
  navigator.vibrate?.(BUZZ);
  say(progress());
}

/** The word for what was read so far and what is to be shown next. */
function progress() {
  if (collected.complete) return "both";
  if (collected.seal) return "seal";
  return collected.proof ? "proof" : "looking";
}

/** Said once: what is said again would be read out again. */
function say(word) {
  if (at("said").dataset.word === word) return;
  at("said").dataset.word = word;
  at("said").textContent = words[`scan-${word}`];
}

function show() {
  for (const name of ["seal", "proof"]) {
    const read = Boolean(collected[name]);
    at(name).dataset.read = read;
    at(`${name}-shape`).textContent = read ? "✓" : "○";
    at(`${name}-state`).textContent = words[read ? "scan-is-read" : "scan-is-missing"];
  }
  at("alone").hidden = !(collected.seal || collected.number);
}

function showLight() {
  at("light").hidden = !camera.hasLight;
  at("light").setAttribute("aria-pressed", String(light));
}

/** Stop with a word why; what was read stays. */
function fail(reason) {
  if (!dialog.open) return;
  camera.stop();
  enter("stopped");
  say(reason);
  at("again").focus();
}

/** Put what was read into the form, and send it as if it had been typed. */
function finish() {
  const { file, text } = form.elements;
  file.value = "";
  text.value = collected.text;
  dialog.close();
  form.requestSubmit();
}

async function change() {
  await camera.next();
  await start();
}

dialog.addEventListener("close", () => camera.stop());
at("close").addEventListener("click", () => dialog.close());
at("alone").addEventListener("click", finish);
at("again").addEventListener("click", start);
at("switch").addEventListener("click", change);
at("light").addEventListener("click", async () => {
  light = !light;
  await camera.light(light);
  showLight();
});
document.addEventListener("visibilitychange", () => document.hidden && fail("paused"));
addEventListener("pagehide", () => fail("paused"));
