// Takes of one text beside each other: a click plays one, and makes it the speech that is shown.
import { play } from "./history.js";
import { all } from "./store.js";
import { clock, filled, make } from "./text.js";
import { Waveform } from "./waveform.js";

const MOST = 3;

let words, group;
let current = "";

function card(take, number) {
  const canvas = make("canvas", {});
  const label = `${filled(words.take, { number })} · ${clock(take.seconds)}`;
  const button = make("button", { type: "button" }, canvas, make("span", {}, label));
  button.setAttribute("aria-pressed", take.id === current);
  button.addEventListener("click", () => play(take));
  const waveform = new Waveform(canvas);
  waveform.show(take.peaks ?? []);
  waveform.moveTo(take.id === current ? 1 : 0);
  return button;
}

async function render() {
  const kept = await all();
  const now = kept.find(({ id }) => id === current);
  const isTake = ({ tab, text, audio }) => audio && tab === now?.tab && text === now?.text;
  const takes = kept.filter(isTake).slice(0, MOST).reverse();
  const focused = [...group.children].indexOf(document.activeElement);
  group.hidden = takes.length < 2;
  group.replaceChildren(...takes.map((take, at) => card(take, at + 1)));
  group.children[focused]?.focus();
}

export async function shown(id) {
  if (id) current = id;
  if (group) await render();

}

export function mount(element, props) {
  words = JSON.parse(props.label);
  group = element.querySelector("div");
  group.setAttribute("aria-label", words.takes);
  group.hidden = true;
  document.addEventListener("speech-kept", render);
  if (current) render();
}
