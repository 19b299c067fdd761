// Voices to choose from: one fills the voice, and the text only where nobody has typed one. Each can
// be heard; who hears it first waits until it is made.
let chosen = null;
let before = ""; // the description that a voice took the place of
const offered = new Set(); // texts of voices, which nobody has typed

const sounds = new Map(); // data: URLs by name
const audio = new Audio();
let hearing = ""; // the one that was asked for last

export const offer = (text) => offered.add(text);
export const isOurs = (text) => !text.trim() || offered.has(text);

export function mount(element, props, _watch, trigger) {
  offer(JSON.parse(props.label).sample);
  for (const { dataset } of element.querySelectorAll("button[data-text]")) offer(dataset.text);
  element.addEventListener("click", ({ target }) => {
    const more = target.closest("button[aria-expanded]");
    if (more) showOthers(element, more);
    const hear = target.closest("button.hear");
    if (hear) listen(hear, trigger);
    const button = target.closest("button[data-text]");
    if (!button) return;
    chosen = button.dataset;
    trigger("select");
  });
}

// Those in other languages than the visitor's.
function showOthers(element, more) {
  const areShown = more.getAttribute("aria-expanded") === "true";
  more.setAttribute("aria-expanded", !areShown);
  for (const other of element.querySelectorAll("[data-other]")) other.hidden = areShown;
}

function listen(button, trigger) {
  const { name } = button.dataset;
  const isPlaying = hearing === name && !audio.paused;
  audio.pause();
  if (isPlaying) return;
  hearing = name;
  if (sounds.has(name)) {
    play(name);
  } else {
    button.setAttribute("aria-busy", "true");
    trigger("play");
  }
}

function play(name) {
  audio.src = sounds.get(name);
  audio.play().catch(() => {});
}

export const wanted = (_, ...others) => [hearing, ...others];

export function heard(told) {
  const { name, sound } = JSON.parse(told);
  sounds.set(name, sound);
  rest(name);
  if (name === hearing) play(name);
}

export const silent = () => rest(hearing);

function rest(name) {
  for (const button of document.querySelectorAll(".hear[aria-busy]")) {
    if (button.dataset.name === name) button.removeAttribute("aria-busy");
  }
  return [];
}

// Marks the one that is in use, also where a history or a draft has brought it.
export function marked(description, id) {
  for (const button of document.querySelectorAll(`#${id} button[data-description]`)) {
    button.setAttribute("aria-pressed", button.dataset.description === description);
  }
}

// Description and text for the voice that was clicked; clicked again, what was there before.
export function filled(description, text) {
  const wanted = chosen.description;
  if (description === wanted) return [before, undefined];
  const cards = [...document.querySelectorAll("button[data-description]")];
  if (!cards.some(({ dataset }) => dataset.description === description)) before = description;
  return [wanted, isOurs(text) ? chosen.text : undefined];
}
