// What this device keeps between visits: one value a name, in IndexedDB.

const [NAME, VERSION, STORE] = ["offline-verification", 1, "kept"];

function finished(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function within(mode, work) {
  const opening = indexedDB.open(NAME, VERSION);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await finished(opening);
  try {
    return await finished(work(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

/** The value of a name; undefined where none was kept. */
export const kept = (name) => within("readonly", (store) => store.get(name));

export const keep = (name, value) => within("readwrite", (store) => store.put(value, name));
