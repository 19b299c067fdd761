// Example clips to choose from, and which clip is in use, wherever it comes from.
import { isOurs, offer } from "./voices.js";

const OWN = ["upload", "record", "link"]; // which their owner has to agree to

let chosen = null; // the example that was clicked last
let awaited = ""; // the name of one that a link asks for

export function mount(element, _props, _watch, trigger) {
  const cards = () => element.querySelectorAll("button[data-clip]");
  for (const { dataset } of cards()) offer(dataset.text);
  element.addEventListener("click", ({ target }) => {
    const card = target.closest("button[data-clip]");
    if (!card) return;
    chosen = card.dataset;
    for (const each of cards()) each.setAttribute("aria-pressed", each === card);
    trigger("select");
  });
  if (awaited) choose(awaited); // its tab is opened only now
}

// Chooses an example by its name, as a link has it.
export function choose(name) {
  awaited = name;
  document.querySelector(`button[data-clip="${CSS.escape(name)}"]`)?.click();
}

export function located(source, uploaded, recorded, link) {
  const clips = { examples: chosen?.clip, upload: uploaded?.path, record: recorded };
  return [source === "link" ? link.trim() : (clips[source] ?? "")];
}

// The text of the example that was clicked, where nobody has typed one.
export const said = (text) => [isOurs(text) ? chosen.text : undefined];

// Of so many panels the one of the source, and the question whether its voice may be used.
export function opened(source, sources) {
  const panels = sources.map((each) => ({ __type__: "update", visible: each === source }));
  return [...panels, ...asked(source)];
}

// Asked anew for each clip.
export const asked = (source) => [
  { __type__: "update", value: false, visible: OWN.includes(source) },
];

// A transcript is of its clip.
export const heard = (clip) => [{ __type__: "update", value: "", visible: Boolean(clip) }];
