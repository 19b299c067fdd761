// A link carries tab, text and voice, in its fragment, which is sent to no server.
import { make } from "./text.js";

const given = new URLSearchParams(location.hash.slice(1));
const SAID_MS = 3000;

let isFirst = !location.hash || given.size > 1;

export const linked = (name) => given.get(name);

// What a link has brought is a draft like any other from now on, so that a reload keeps the changes.
export function opened(tab) {
  const hash = `#tab=${encodeURIComponent(tab)}`;
  if (location.hash === hash) return;
  if (isFirst) history.replaceState(null, "", hash);
  else history.pushState(null, "", hash);
  isFirst = false;
}

// Back goes to the tab before, and does not leave the page.
export function follow(show) {
  window.addEventListener("popstate", () => {
    const tab = new URLSearchParams(location.hash.slice(1)).get("tab");
    if (tab) show(tab);
  });
}

// Of clips only the examples have names that mean something to others.
const isForOthers = (tab, voice) =>
  voice &&
  (tab !== "voice-cloning" || document.querySelector(`button[data-clip="${CSS.escape(voice)}"]`));

// Puts a link to what stands on the page where it can be pasted from, and says so.
export function copied(text, voice, tab, words) {
  const hash = new URLSearchParams({ tab, text, ...(isForOthers(tab, voice) ? { voice } : {}) });
  const link = `${location.origin}${location.pathname}${location.search}#${hash}`;
  const isPossible = Boolean(navigator.clipboard); // not where the page came over plain HTTP
  if (isPossible) navigator.clipboard.writeText(link);
  else history.replaceState(null, "", link);
  const language = document.documentElement.lang.split("-")[0];
  const said = (words[language] ?? words.en)[isPossible ? "copied" : "above"];
  const note = make("span", { className: "copied" }, said);
  note.setAttribute("role", "status");
  const buttons = [...document.querySelectorAll("button.link-button")];
  buttons.find((each) => each.checkVisibility()).after(note);
  setTimeout(() => note.remove(), SAID_MS);
  return [];
}
