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

const tabButton = (condition) => document.querySelector(`#work [role="tab"]${condition}`);
const selectedTab = () => tabButton('[aria-selected="true"]')?.dataset.tabId;

// Told late on a busy machine, when another tab may be open already: then it is no step of its own,
// and does not overwrite where Back has just gone to.
export function savedTab(tab) {
  if (!isTabReady || tab !== (selectedTab() ?? tab)) return [undefined];
  opened(tab);
  return [tab];
}

// The tab that was open last, and what is kept from now on; one that was clicked meanwhile stays.
export function restoredTab(tab, names) {
  isTabReady = true;
  follow((name) => tabButton(`[data-tab-id="${CSS.escape(name)}"]`)?.click());
  const [first] = names;
  const wanted = names.includes(linked("tab")) ? linked("tab") : tab;
  const clicked = selectedTab() ?? first;
  opened(wanted || first);
  if (clicked !== first) {
    opened(clicked);
    return [undefined, clicked];
  }
  return [wanted ? { __type__: "update", selected: wanted } : undefined, undefined];
}
