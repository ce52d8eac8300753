// The page of the offline app: takes evidence, verifies it here, and says how old the lists are.

import { showAdded, takeFiles } from "./brought.js";
import { withMatch } from "./comparison.js";
import { clearFaults, fault } from "./faults.js";
import { Lists } from "./lists.js";
import { readPicture } from "./pictures.js";
import { FIELDS, readPresented } from "./presented.js";
import { showResult } from "./result.js";
import { verify } from "./verify.js";
import { answered, words } from "./words.js";

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
  at("next").addEventListener("click", () => at("scan-open").click());
  takeFiles(lists, showLists);
  addEventListener("online", refresh);
  addEventListener("offline", showLists);
  setInterval(showLists, MINUTE);
  await install();
  await refresh();
  document.documentElement.dataset.offline = "ready";
}

async function examine() {
  clearFaults(form);
  const [file] = at("file").files;
  const typed = at("text").value;
  if (file && typed.trim()) return fault(at("file"), words["not-both"]);
  if (!file && !typed.trim()) return fault(at("file"), words.nothing);
  if (!lists.trust) return fault(at("file"), words["no-trust"]);
  const { presented, errors } = readPresented(Object.fromEntries(FIELDS.map((name) => [name, at(name).value])));
  if (errors) return errors.forEach((name) => fault(at(name), words[`wrong-${name}`]));
  const bytes = file ? new Uint8Array(await file.arrayBuffer()) : new TextEncoder().encode(typed);
  const now = Date.now();
  const { rules, trust, status } = lists;
  const report = await verify(bytes, { rules, trust, status, now, readPicture, clockOff: await lists.clockOff(now) });
  showResult(at("result"), withMatch(report, presented, rules));
  at("next").hidden = at("scan").hidden;
}

async function refresh() {
  at("refreshed").textContent = words[`lists-${await lists.refresh()}`];
  await showLists();
}

async function showLists() {
  const now = Date.now();
  at("network").textContent = words[navigator.onLine ? "network" : "no-network"];
  at("trust-age").textContent = lists.trustFetched
    ? `${lists.own.map((issuer) => issuer.name[words.language]).join("; ")} – ${words.fetched} ${age(lists.trustFetched - now)}`
    : words.none;
  at("status-age").textContent = terms(lists.own.map(({ id }) => id), now);
  showAdded(lists, (one) => addedTerm(one, now), showLists);
  at("clock").hidden = !(await lists.clockOff(now));
}

/** What is told of an issuer that was added: who it is, the file and when, and its status lists. */
function addedTerm({ source, added, entry }, now) {
  const told = `${words["added-from"].replace("{file}", source)} ${age(added - now)}`;
  return [entry.id, told, `${words["status-lists"]}${words.colon}${terms([entry.id], now)}`];
}

function terms(issuers, now) {
  const found = lists.terms.filter((one) => issuers.includes(one.issuer));
  return found.length ? term(found, now) : words.none;
}

/** How many lists there are, how old the oldest is, and when the first of them ends. */
function term(terms, now) {
  const [made, ends] = ["begins", "ends"].map((name) => Math.min(...terms.map((one) => one[name])));
  const told = `${words["as-of"]} ${age(made - now)}${words.comma}${ends < now ? words.ended : words.ends} ${age(ends - now)}`;
  return `${terms.length}${words.comma}${words.oldest} ${told}`;
}

/** A span of time in words, such as "3 hours ago". */
function age(span) {
  const units = [["day", 24 * 60 * MINUTE], ["hour", 60 * MINUTE], ["minute", MINUTE]];
  const [unit, length] = units.find(([, length]) => Math.abs(span) >= length) ?? ["second", 1000];
  const told = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
  return told.format(Math.round(span / length), unit);
}

/** Keep the app on the device, and put a newer version in place as soon as it is there and nothing is on the page. */
async function install() {
  if (!("serviceWorker" in navigator)) return answered(at("app"), "app-not-kept");
  const registration = await navigator.serviceWorker.register("/verify/offline/worker.js");
  const renew = () => {
    if (!navigator.serviceWorker.controller || !registration.waiting || !untouched()) return;
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    registration.waiting.postMessage("activate");
  };
  const follow = () => registration.installing?.addEventListener("statechange", renew);
  registration.addEventListener("updatefound", follow);
  follow();
  renew();
  navigator.serviceWorker.ready.then(() => {
    answered(at("app"), "app-kept");
    at("app").dataset.kept = "";
  });
}

const untouched = () =>
  at("result").hidden && !at("text").value && !at("file").files.length && !at("proposed").childElementCount;

await start();
