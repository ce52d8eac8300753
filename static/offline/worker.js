// The service worker: keeps the app on the device, one version at a time. `app` stands before this text, as served.
/* global app */

const CACHE = `offline-verification-${app.version}`;
const SETTINGS = "offline-verification-settings";
const LANGUAGE = "/verify/offline/language";

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(replace()));
self.addEventListener("message", (event) => {
  if (event.data === "activate") self.skipWaiting();
});
self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== location.origin) return;
  if (event.request.mode === "navigate") event.respondWith(page(event.request, address));
  else if (app.files.some((file) => file.address === address.pathname)) event.respondWith(file(event.request));
});

/** Fetch everything anew; a file that is not of this version fails the whole, and the old app stays. */
async function fill() {
  const cache = await caches.open(CACHE);
  const wanted = [...app.files, ...Object.values(app.pages).map((address) => ({ address }))];
  await Promise.all(
    wanted.map(async ({ address, integrity = "" }) => {
      const answer = await fetch(address, { cache: "no-store", credentials: "omit", integrity });
      if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
      await cache.put(address, answer);
    }),
  );
}

/** Drop what older versions kept. */
async function replace() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("offline-verification-") && ![CACHE, SETTINGS].includes(name));
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** The page in the language that is asked for, else in the one that was asked for last. */
async function page(request, address) {
  const settings = await caches.open(SETTINGS);
  const asked = address.searchParams.get("lang");
  if (asked in app.pages) await settings.put(LANGUAGE, new Response(asked));
  const last = await (await settings.match(LANGUAGE))?.text();
  const first = self.navigator.language.startsWith("zh") ? "zh" : "en";
  const language = [asked, last].find((one) => one in app.pages) ?? first;
  const kept = address.pathname === app.home && (await (await caches.open(CACHE)).match(app.pages[language]));
  return kept || fetch(request);
}

async function file(request) {
  const kept = await (await caches.open(CACHE)).match(new URL(request.url).pathname);
  return kept ?? fetch(request);
}
