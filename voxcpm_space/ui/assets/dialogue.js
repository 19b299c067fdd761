// A dialogue: who says what, in rows or as a script, and whose voice each has.
// `props.value` is JSON with the voices by name, as dialogue.py takes them.
import { make } from "./text.js";
import { key, markUnheard, rowButtons, scriptOf, TurnRow } from "./turn_row.js";
import { keptFiles } from "./voice_choice.js";

const shared = { groups: [], kept: [], words: {}, upload: null }; // what can be chosen

let root, list, note, props, trigger;
let rows = [];
let names = new Map(); // as they are written, by their keys
let cast = new Map(); // voices by the keys of names
const drawn = new WeakMap(); // the row of each turn
let told = ""; // what was written into `props.value` last
let unseen = []; // scripts of the rows that the server has not divided yet

const nobody = () => [{ name: "", said: "" }];
const isScript = () => "script" in root.dataset;

// Whoever has no name after the first row goes on with what was said before.
const speakers = () => [
  ...new Set(rows.filter(({ name }, at) => key(name) || !at).map(({ name }) => key(name))),
];

function named(name) {
  if (!names.has(key(name))) names.set(key(name), name.trim());
  return key(name);
}

function tell() {
  const voices = [...cast].filter(([, voice]) => voice);
  told = JSON.stringify(Object.fromEntries(voices.map(([own, voice]) => [names.get(own), voice])));
  props.value = told;
  trigger("input");
  trigger("change");
}

// The voice of somebody who got another name goes along.
function follow(before, now) {
  if (cast.has(before) && !cast.get(now)) cast.set(now, cast.get(before));
}

function add(at) {
  const now = key(rows[at].name);
  const others = rows.slice(0, at).filter(({ name }) => key(name) && key(name) !== now);
  const turn = { name: others.at(-1)?.name ?? "", said: "" };
  rows.splice(at + 1, 0, turn);
  render();
  drawn.get(turn).line.focus();
}

function remove(turn) {
  const at = Math.max(0, rows.indexOf(turn) - 1);
  rows = rows.filter((other) => other !== turn);
  if (!rows.length) rows = nobody();
  render();
  drawn.get(rows[at]).line.focus();
  tell();
}

function acts(turn) {
  return {
    add: () => add(rows.indexOf(turn)),
    remove: () => remove(turn),
    rename(name) {
      const before = key(turn.name);
      turn.name = name;
      const now = named(name);
      if (before && now && !speakers().includes(before)) follow(before, now);
      render();
      tell();
    },
    say(said) {
      turn.said = said;
      tell();
    },
    setVoice(voice) {
      cast.set(named(turn.name), voice);
      render();
      tell();
    },
  };
}

function rowOf(turn) {
  if (!drawn.has(turn)) drawn.set(turn, new TurnRow(turn, acts(turn), shared));
  return drawn.get(turn);
}

// In a script everybody has a row, for the voice alone.
function shownTurns() {
  if (!isScript()) return rows;
  return speakers().map((own) => rows.find(({ name }, at) => key(name) === own && (own || !at)));
}

function render() {
  const seen = new Set();
  const turns = shownTurns();
  for (const [at, turn] of turns.entries()) {
    const own = named(turn.name);
    const goesOn = at > 0 && !own;
    const shown = { line: !isScript(), choice: !goesOn, detail: !goesOn && !seen.has(own) };
    seen.add(own);
    rowOf(turn).update(at, names.get(own), cast.get(own), shown);
  }
  const items = turns.map((turn) => rowOf(turn).item);
  if (items.length !== list.children.length || items.some((one, at) => one !== list.children[at])) {
    list.replaceChildren(...items);
  }
  const known = speakers().filter(Boolean).map((own) => names.get(own));
  const options = known.map((value) => make("option", { value }));
  root.querySelector("datalist").replaceChildren(...options);
}

// The script for the rows, whose values Gradio does not know.
export function written() {
  unseen.push(scriptOf(rows));
  return unseen.slice(-1);
}

// Rows for a script that came from elsewhere, as the server divides it.
export function read(looked, script) {
  const { script: of, turns } = JSON.parse(looked);
  if (of !== script || !list) return; // there is a newer one
  const divided = turns.map(([name, said]) => ({ name, said }));
  const own = unseen.lastIndexOf(script);
  if (own >= 0) unseen = unseen.slice(own + 1); // the rows may be further by now
  else if (script !== scriptOf(rows)) takeOver(divided);
  note.hidden = !markUnheard(list.querySelectorAll(".speaker"), rows, divided);
}

function takeOver(divided) {
  unseen = [];
  const before = speakers();
  rows = divided.length ? divided : nobody();
  rows.forEach(({ name }) => named(name));
  const left = before.filter((own) => own && !speakers().includes(own));
  const joined = speakers().filter((own) => own && !before.includes(own));
  if (left.length === 1 && joined.length === 1) follow(left[0], joined[0]);
  render();
}

export function offered(groups) {
  shared.groups = JSON.parse(groups);
  if (list) render();
}

// Files of the visitor's own voices that speak here, which the voices only name.
export function files(given, own) {
  const before = shared.kept;
  shared.kept = Array.isArray(own) ? own : [];
  if (list && before.length !== shared.kept.length) recognize();
  return [keptFiles(given, shared.kept)];
}

// A file that the history has is that of a voice in the list, if it is there still.
function recognize() {
  for (const [own, voice] of cast) {
    const kept = shared.kept.find(({ file }) => file === voice);
    if (kept) cast.set(own, { kept: kept.name });
  }
  render();
}

function bringBack() {
  if (props.value === told) return;
  told = props.value;
  const voices = Object.entries(JSON.parse(told || "{}"));
  cast = new Map(voices.map(([name, voice]) => [named(name), voice]));
  recognize();
}

// Shows the script in place of its lines, or the lines again.
function toggle(button) {
  root.toggleAttribute("data-script");
  button.textContent = isScript() ? shared.words.rows : shared.words.paste;
  render();
  if (isScript()) root.querySelector(".script textarea").focus();
}

export function mount(element, given, watch, fire, upload) {
  [props, trigger] = [given, fire];
  Object.assign(shared, { words: JSON.parse(props.label), upload });
  root = element.closest("#dialogue");
  list = element.querySelector("ol");
  note = element.querySelector(".advice");
  note.textContent = shared.words.no_name;
  const acts = { add: () => add(rows.length - 1), paste: toggle, example: () => trigger("select") };
  element.querySelector(".row-buttons").append(...rowButtons(acts, shared.words));
  rows = nobody();
  watch("value", bringBack);
  bringBack();
  render();
}
