// Generate and Stop: which of them can be pressed, and what a click on Generate begins.
import { clear } from "./errors.js";
import { begin, beginAgain } from "./player.js";

const pressable = (interactive) => ({ __type__: "update", interactive });

// Updates for Generate and Stop of so many tabs, of which this one is at work, and for its line.
export function started(...given) {
  const [tab, own, count, line] = given.slice(-4);
  clear();
  if (tab) begin(tab, given.slice(0, -4));
  const states = Array.from({ length: count }, (_, at) => [pressable(false), pressable(at === own)]);
  return [...states.flat(), line];
}

// The same where a part is made again, for which the Stop of every tab is there.
export function redoing(count, line) {
  const states = Array.from({ length: count }, () => [pressable(false), pressable(true)]);
  return [...states.flat(), line];
}

// The same where what is shown is spoken once more.
export function another(count, line) {
  beginAgain();
  return redoing(count, line);
}

export function ended(...given) {
  const count = given.at(-1);
  const states = Array.from({ length: count }, () => [pressable(true), pressable(false)]);
  return [...states.flat(), undefined];
}

// Where nothing came of it: what is said is said elsewhere.
export const failed = (...given) => [...ended(...given).slice(0, -1), ""];
