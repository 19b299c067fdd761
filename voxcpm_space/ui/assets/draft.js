// What a visitor has typed and set, kept in the browser from one visit to the next.
let isReady = false; // before, what fields had when the page was built would be kept

export function saved(...values) {
  return isReady ? [values] : [undefined];
}

// Called first, so that `restored` is given what fields have when it runs.
export const loaded = () => [];

// Values for the fields, which are empty still, or what somebody typed while the page was loaded.
// At the first visit the text, which comes first, is a sample in the visitor's language.
export function restored(draft, ...given) {
  const [now, samples] = [given.slice(0, -1), given.at(-1)];
  isReady = true;
  const language = document.documentElement.lang.split("-")[0];
  const first = [samples[language] ?? samples.en];
  const values = Array.isArray(draft) && draft.length === now.length ? draft : first;
  now[0] ||= document.querySelector(".text textarea")?.value; // typed while this was fetched
  const isTyped = (at) => typeof now[at] === "string" && now[at] !== "";
  return now.map((_, at) => (isTyped(at) ? undefined : (values[at] ?? undefined)));
}

let isTabReady = false;

export const savedTab = (tab) => [isTabReady ? tab : undefined];

// The tab that was open last, and what is kept from now on; one that was clicked meanwhile stays.
export function restoredTab(tab, names) {
  isTabReady = true;
  const tabs = [...document.querySelectorAll('#work [role="tab"]')];
  const clicked = tabs.findIndex((each) => each.getAttribute("aria-selected") === "true");
  if (clicked > 0) return [undefined, names[clicked]];
  return [tab ? { __type__: "update", selected: tab } : undefined, undefined];
}
