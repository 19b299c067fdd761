// Voices to choose from: one fills the voice, and the text only where nobody has typed one.
let chosen = null;
let before = ""; // the description that a voice took the place of
const offered = new Set(); // texts of voices, which nobody has typed

export const offer = (text) => offered.add(text);
export const isOurs = (text) => !text.trim() || offered.has(text);

export function mount(element, props, _watch, trigger) {
  offer(JSON.parse(props.label).sample);
  for (const { dataset } of element.querySelectorAll("button[data-text]")) offer(dataset.text);
  element.addEventListener("click", ({ target }) => {
    const more = target.closest("button[aria-expanded]");
    if (more) showOthers(element, more);
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
