// The list of the last speeches, each to be played, downloaded, restored and deleted.
import { show } from "./player.js";
import { all, keep, remove } from "./store.js";
import { clock, fileName, filled, firstWords, make, save } from "./text.js";

const ICONS = {
  play: "M8 5.2v13.6L19 12z",
  download: "M11 4h2v8.2l3-3 1.4 1.4L12 16l-5.4-5.4L8 9.2l3 3zM5 18h14v2H5z",
  restore: "M12 5V1.8L7 6.4 12 11V7.2a5 5 0 1 1-4.8 6.3H5.1A7 7 0 1 0 12 5z",
  remove: "M9 4h6l1 2h4v2H4V6h4zM6 9h12l-1 11H7z",
};

let words, list, props, trigger, current;
const deleted = new Map(); // what can be brought back as long as the page is open

function button(kind, act, speech) {
  const name = filled(words[kind], { words: firstWords(speech.text, 40) });
  const made = make("button", { type: "button", title: words[`${kind}_short`], "aria-label": name });
  made.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[kind]}"/></svg>`;
  made.addEventListener("click", act);
  return made;
}

// Tells the page which speech is in the player, and whether its text and settings are wanted.
function choose(speech, isRestored) {
  current = speech.id;
  const { id, tab, values } = speech;
  props.value = JSON.stringify({ id, tab, values, isRestored, turn: Date.now() });
  trigger("select");
  mark();
}

function mark() {
  for (const row of list.children) {
    row.toggleAttribute("aria-current", row.dataset.id === current);
    if (row.dataset.id === current) row.setAttribute("aria-current", "true");
  }
}

// Plays a speech in the player, where all that can be done with one is then about it.
export function play(speech) {
  show(speech, { plays: true });
  choose(speech, false);
}

async function forget(speech) {
  await remove(speech.id);
  deleted.set(speech.id, speech);
  await render();
}

async function bringBack(speech) {
  deleted.delete(speech.id);
  await keep(speech);
  await render();
}

function row(speech) {
  if (deleted.has(speech.id)) {
    const undo = make("button", { type: "button", className: "undo" }, words.undo);
    undo.addEventListener("click", () => bringBack(speech));
    return make("li", { className: "deleted" }, make("span", {}, words.deleted), undo);
  }
  const kind = speech.isLost ? "mp3" : "wav";
  const told = [clock(speech.seconds), ...(speech.isLost ? [words.part] : [])].join(" · ");
  const about = make(
    "div",
    { className: "entry" },
    make("span", { className: "entry-text", dir: "auto" }, firstWords(speech.text)),
    make("span", { className: "entry-facts" }, told),
  );
  const restore = () => {
    show(speech);
    choose(speech, true);
  };
  return make(
    "li",
    { dataset: { id: speech.id } },
    button("play", () => play(speech), speech),
    about,
    button("restore", restore, speech),
    button("download", () => save(speech.audio, `${fileName(speech.text)}.${kind}`), speech),
    button("remove", () => forget(speech), speech),
  );
}

async function render() {
  const kept = [...(await all()), ...deleted.values()].sort((one, other) => other.at - one.at);
  list.replaceChildren(...kept.map(row));
  list.parentElement.hidden = kept.length === 0;
  mark();
}

// Values for the id of the speech, the tabs and their fields, of which `counts` says how many.
export function restored(chosen, counts) {
  const { id, tab, values, isRestored } = JSON.parse(chosen);
  const fields = Object.entries(counts).flatMap(([name, count]) =>
    Array.from({ length: count }, (_, at) =>
      isRestored && name === tab ? (values[at] ?? undefined) : undefined,
    ),
  );
  return [id, isRestored ? { __type__: "update", selected: tab } : undefined, ...fields];
}

export async function mount(element, given, _watch, fire) {
  [props, trigger] = [given, fire];
  words = JSON.parse(props.label);
  list = element.querySelector("ul");
  element.querySelector("h2").textContent = words.title;
  element.querySelector(".hint").textContent = words.empty;
  document.addEventListener("speech-kept", async ({ detail }) => {
    const speech = (await all()).find(({ id }) => id === detail);
    if (speech && props.value !== detail) choose(speech, false);
    await render();
  });
  await render();
}
