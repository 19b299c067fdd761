// The last speeches with their audio, in the visitor's browser (IndexedDB), the newest first.
const DATABASE = "voxcpm";
const STORE = "speeches";
const MOST = 20;
const MOST_BYTES = 200 * 2 ** 20;

const memory = new Map(); // where a browser keeps nothing, as in some private windows

const settled = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const opened = (() => {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
  return settled(request).catch(() => null);
})();

async function storage(mode) {
  const database = await opened;
  return database?.transaction(STORE, mode).objectStore(STORE);
}

export async function all() {
  const store = await storage("readonly");
  const kept = store ? await settled(store.getAll()) : [...memory.values()];
  return kept.sort((one, other) => other.at - one.at);
}

export async function remove(id) {
  memory.delete(id);
  const store = await storage("readwrite");
  if (store) await settled(store.delete(id));
}

export async function keep(entry) {
  try {
    const store = await storage("readwrite");
    if (store) await settled(store.put(entry));
    else memory.set(entry.id, entry);
  } catch {
    memory.set(entry.id, entry); // no room: it stays as long as the page is open
  }
  let bytes = 0;
  for (const [place, kept] of (await all()).entries()) {
    bytes += kept.audio?.size ?? 0;
    if (place > 0 && (place >= MOST || bytes > MOST_BYTES)) await remove(kept.id);
  }
}
