// Voices to choose from: one fills the voice, and the text only where nobody has typed one.
let chosen = null;
let before = ""; // the description that a voice took the place of
const offered = new Set(); // texts of voices, which nobody has typed

export function mount(element, props, _watch, trigger) {
  offered.add(JSON.parse(props.label).sample);
  for (const { dataset } of element.querySelectorAll("button")) offered.add(dataset.text);
  element.addEventListener("click", ({ target }) => {
    const button = target.closest("button[data-text]");
    if (!button) return;
    chosen = button.dataset;
    trigger("select");
  });
}

// Marks the one that is in use, also where a history or a draft has brought it.
export function marked(description, id) {
  for (const button of document.querySelectorAll(`#${id} button[data-description]`)) {
    button.setAttribute("aria-pressed", button.dataset.description === description);
  }
}

const isOurs = (text) => !text.trim() || offered.has(text);

// Description and text for the voice that was clicked; clicked again, what was there before.
export function filled(description, text) {
  const wanted = chosen.description;
  if (description === wanted) return [before, undefined];
  const cards = [...document.querySelectorAll("button[data-description]")];
  if (!cards.some(({ dataset }) => dataset.description === description)) before = description;
  return [wanted, isOurs(text) ? chosen.text : undefined];
}
