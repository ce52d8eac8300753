// The page of the offline app: takes evidence, verifies it here, and says how old the lists are.

import { answered, words } from "./words.js";
import { Lists } from "./lists.js";
import { readPicture } from "./pictures.js";
import { showResult } from "./result.js";
import { verify } from "./verify.js";

const MINUTE = 60 * 1000;
const lists = new Lists();
const form = document.getElementById("evidence");
const at = (name) => document.getElementById(name);

async function start() {
  await lists.load();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    examine();
  });
  at("refresh").addEventListener("click", refresh);
  addEventListener("online", refresh);
  addEventListener("offline", showLists);
  setInterval(showLists, MINUTE);
  await install();
  await refresh();
  document.documentElement.dataset.offline = "ready";
}

async function examine() {
  const [file] = at("file").files;
  const typed = at("text").value;
  if (Boolean(file) === Boolean(typed.trim())) return fault(words[file ? "not-both" : "nothing"]);
  fault("");
  const bytes = file ? new Uint8Array(await file.arrayBuffer()) : new TextEncoder().encode(typed);
  if (!lists.trust) return fault(words["no-trust"]);
  const now = Date.now();
  const report = await verify(bytes, {
    rules: lists.rules,
    trust: lists.trust,
    status: lists.status,
    now,
    readPicture,
    clockOff: await lists.clockOff(now),
  });
  showResult(at("result"), report);
}

function fault(text) {
  at("fault").textContent = text;
  at("fault").hidden = !text;
  if (text) at(at("file").files.length ? "file" : "text").focus();
}

async function refresh() {
  at("refreshed").textContent = words[`lists-${await lists.refresh()}`];
  await showLists();
}

async function showLists() {
  const now = Date.now();
  at("network").textContent = words[navigator.onLine ? "network" : "no-network"];
  at("trust-age").textContent = lists.trust
    ? `${lists.trust.issuers.map((issuer) => issuer.name[words.language]).join("; ")} – ${words.fetched} ${age(lists.trustFetched - now)}`
    : words.none;
  at("status-age").textContent = lists.statusTerms.length
    ? lists.statusTerms.map(({ made, ends }) => term(made, ends, now)).join("; ")
    : words.none;
  at("clock").hidden = !(await lists.clockOff(now));
}

const term = (made, ends, now) =>
  `${words["as-of"]} ${age(made - now)}${words.comma}${ends < now ? words.ended : words.ends} ${age(ends - now)}`;

/** A span of time in words, such as "3 hours ago". */
function age(span) {
  const units = [["day", 24 * 60 * MINUTE], ["hour", 60 * MINUTE], ["minute", MINUTE]];
  const [unit, length] = units.find(([, length]) => Math.abs(span) >= length) ?? ["second", 1000];
  const told = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
  return told.format(Math.round(span / length), unit);
}

/** Keep the app on the device. A version that waited is put in place at once, since nothing is on the page yet. */
async function install() {
  if (!("serviceWorker" in navigator)) return answered(at("app"), "app-not-kept");
  const registration = await navigator.serviceWorker.register("/verify/offline/worker.js");
  if (registration.waiting && navigator.serviceWorker.controller) {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    registration.waiting.postMessage("activate");
  }
  navigator.serviceWorker.ready.then(() => {
    answered(at("app"), "app-kept");
    at("app").dataset.kept = "";
  });
}

await start();
