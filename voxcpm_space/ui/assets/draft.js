// What a visitor has typed and set, kept in the browser from one visit to the next.
import { follow, linked, opened } from "./link.js";

let isReady = false; // before, what fields had when the page was built would be kept

export function saved(...values) {
  return isReady ? [values] : [undefined];
}

// Called first, so that `restored` is given what fields have when it runs.
export const loaded = () => [];

// Values for the fields, which are empty still, or what somebody typed while the page was loaded.
// At the first visit the text, which comes first, is a sample in the visitor's language. What a link
// brings goes before what was kept; `texts` says where the text of each tab is.
export function restored(draft, ...given) {
  const [now, samples, texts] = [given.slice(0, -2), ...given.slice(-2)];
  isReady = true;
  const language = document.documentElement.lang.split("-")[0];
  const first = [samples[language] ?? samples.en];
  const values = Array.isArray(draft) && draft.length === now.length ? [...draft] : first;
  const at = texts[linked("tab")];
  if (at !== undefined && linked("text") !== null) values[at] = linked("text");
  if (at === 0 && linked("voice") !== null) values[1] = linked("voice"); // its description
  now[0] ||= document.querySelector(".text textarea")?.value; // typed while this was fetched
  const isTyped = (at) => typeof now[at] === "string" && now[at] !== "";
  return now.map((_, at) => (isTyped(at) ? undefined : (values[at] ?? undefined)));
}

let isTabReady = false;

export function savedTab(tab) {
  if (!isTabReady) return [undefined];
  opened(tab);
  return [tab];
}

// The tab that was open last, and what is kept from now on; one that was clicked meanwhile stays.
export function restoredTab(tab, names) {
  isTabReady = true;
  const tabs = [...document.querySelectorAll('#work [role="tab"]')];
  const clicked = tabs.findIndex((each) => each.getAttribute("aria-selected") === "true");
  follow((name) => tabs[names.indexOf(name)]?.click());
  const wanted = names.includes(linked("tab")) ? linked("tab") : tab;
  opened(clicked > 0 ? names[clicked] : wanted || names[0]);
  if (clicked > 0) return [undefined, names[clicked]];
  return [wanted ? { __type__: "update", selected: wanted } : undefined, undefined];
}
