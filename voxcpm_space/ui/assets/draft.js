// What a visitor has typed and set, kept in the browser from one visit to the next.
import { follow, linked, opened } from "./link.js";

let isReady = false; // before, what fields had when the page was built would be kept

export function saved(...values) {
  if (!isReady) return [undefined];
  isSettled = true;
  remember(null); // what is kept now is newer
  return [values];
}

// Gradio tells of what is typed a moment late: whoever leaves at once has it kept here.
const TYPED = "voxcpm-typed";
let isSettled = false; // before, fields may be empty that were not when the page was left

const typed = (at) => {
  const field = document.querySelector(`.kept-${at} :is(textarea, [type="text"], [type="number"])`);
  if (field?.type === "number") return field.value === "" ? null : field.valueAsNumber;
  return field?.value ?? null;
};

// What was typed last, by the place of its field; null where nothing was.
function remembered() {
  try {
    return JSON.parse(localStorage.getItem(TYPED)) ?? [];
  } catch {
    return []; // this browser keeps nothing
  }
}

function remember(values) {
  try {
    if (values) localStorage.setItem(TYPED, JSON.stringify(values));
    else localStorage.removeItem(TYPED);
  } catch {
    // as above
  }
}

function keepTyped(count) {
  const earlier = isSettled ? [] : remembered();
  const now = Array.from({ length: count }, (_, at) => typed(at));
  remember(now.map((value, at) => (isSettled ? value : value || (earlier[at] ?? null))));
}

function keepTypedWhenLeft(count) {
  addEventListener("pagehide", () => keepTyped(count));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") keepTyped(count); // a phone may end it, untold
  });
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
  const late = remembered();
  if (late.length === now.length) late.forEach((value, at) => (values[at] = value ?? values[at]));
  keepTypedWhenLeft(now.length);
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
