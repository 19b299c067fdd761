// Room for the result, and keys: Ctrl+Enter (or Cmd+Enter) generates, Esc stops, arrows go through
// the tabs.
import { choose } from "./clips.js";
import "./generate.js"; // so that no press waits for it
import { linked } from "./link.js";

const BUTTONS = { Enter: "start-button", Escape: "stop-button" };
const NAMES = { Enter: "Control+Enter", Escape: "Escape" };

function press(name) {
  const buttons = [...document.querySelectorAll(`button.${name}:enabled`)];
  const shown = buttons.find((button) => button.checkVisibility());
  shown?.click();
  return Boolean(shown);
}

function turn(event) {
  const tabs = [...(event.target.closest('[role="tablist"]')?.querySelectorAll('[role="tab"]') ?? [])];
  const at = tabs.indexOf(event.target);
  const wanted = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
  if (at < 0 || wanted === undefined) return;
  const tab = tabs.at(wanted % tabs.length);
  tab.click();
  tab.focus();
  event.preventDefault();
}

// On a phone the result is a bar at the bottom: the page ends above it, and scrolls no button below.
function makeRoom(result) {
  const measure = () => {
    const isBar = getComputedStyle(result).position === "fixed";
    const height = isBar ? result.offsetHeight : 0;
    document.body.style.paddingBottom = `${height}px`;
    document.documentElement.style.scrollPaddingBottom = `${height && height + 12}px`;
  };
  new ResizeObserver(measure).observe(result, { box: "border-box" });
}

// Called once, when the page can act: its fields are filled in, and Gradio listens.
export function ready() {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    turn(event);
    const isWanted = event.key === "Escape" || event.ctrlKey || event.metaKey;
    if (isWanted && event.key in BUTTONS && press(BUTTONS[event.key])) event.preventDefault();
  });
  for (const [key, name] of Object.entries(BUTTONS))
    for (const button of document.querySelectorAll(`button.${name}`))
      button.setAttribute("aria-keyshortcuts", NAMES[key]);
  if (linked("tab") === "voice-cloning" && linked("voice")) choose(linked("voice"));
  makeRoom(document.querySelector("#result"));
  window.pressWhatWasKept();
}
