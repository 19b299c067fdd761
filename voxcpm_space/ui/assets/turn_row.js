// One row of a dialogue: who speaks, with which voice, and what. It stays in its place while its
// neighbours change, so that a field that somebody is in keeps focus and caret.
import { filled, make } from "./text.js";
import { detailKind, fillSelect, voiceDetail, voiceSelect } from "./voice_choice.js";

export const key = (name) => name.trim().toLowerCase();

export const scriptOf = (turns) =>
  turns
    .filter(({ said }) => said.trim())
    .map(({ name, said }) => (name.trim() ? `${name.trim()}: ${said}` : said))
    .join("\n");

function speakerField(name, act) {
  const field = make("input", { type: "text", className: "speaker", value: name });
  field.setAttribute("list", "speakers");
  field.addEventListener("change", () => act.rename(field.value));
  return field;
}

function lineField(said, act) {
  const field = make("textarea", { className: "said", rows: 1, value: said });
  field.addEventListener("input", () => act.say(field.value));
  field.addEventListener("keydown", (event) => {
    const isCombined = event.shiftKey || event.ctrlKey || event.metaKey || event.isComposing;
    if (event.key !== "Enter" || isCombined) return;
    event.preventDefault();
    act.add();
  });
  return field;
}

export class TurnRow {
  constructor(turn, act, shared) {
    Object.assign(this, { turn, act, shared, detailed: "" });
    this.speaker = speakerField(turn.name, act);
    this.name = make("strong", {});
    this.voice = voiceSelect(act.setVoice);
    this.line = lineField(turn.said, act);
    this.removal = make("button", { type: "button", className: "remove" }, "×");
    this.removal.addEventListener("click", act.remove);
    this.detail = make("div", { className: "detail" });
    const who = make("div", { className: "who" }, this.speaker, this.name, this.voice);
    this.item = make("li", {}, who, this.line, this.removal, this.detail);
  }

  // `shown` says what of it there is: the line, the choice of a voice, and what that needs.
  update(at, name, voice, shown) {
    const { words } = this.shared;
    const number = { number: at + 1 };
    this.speaker.placeholder = at ? words.same : words.narrator;
    this.speaker.setAttribute("aria-label", filled(words.speaker, number));
    this.line.setAttribute("aria-label", filled(words.line, number));
    this.removal.setAttribute("aria-label", filled(words.remove, number));
    this.name.textContent = name || words.narrator;
    this.name.hidden = shown.line;
    for (const field of [this.speaker, this.line, this.removal]) field.hidden = !shown.line;
    this.voice.hidden = !shown.choice;
    if (shown.choice) fillSelect(this.voice, name, voice, this.shared);
    this.#show(shown.detail ? voice : "", name);
  }

  #show(voice, name) {
    const kind = `${detailKind(voice, this.shared.groups)} ${name}`;
    if (kind === this.detailed) return;
    this.detailed = kind;
    const parts = voiceDetail(name, voice, this.shared, this.act.setVoice);
    this.detail.replaceChildren(...parts);
    this.detail.hidden = parts.length === 0;
  }
}

// Below the rows: a button for each act, whose name is that of its words.
export function rowButtons(acts, words) {
  return Object.entries(acts).map(([name, act]) => {
    const button = make("button", { type: "button", className: "quiet" }, words[name]);
    button.addEventListener("click", () => act(button));
    return button;
  });
}

// Tells whether a name is none, since the server has divided the script otherwise, and marks it.
export function markUnheard(fields, rows, divided) {
  const heard = new Set(divided.map(({ name }) => key(name)));
  const isUnheard = (own, at) => Boolean(own && rows[at].said.trim() && !heard.has(own));
  const wrong = [...fields].map(({ value }, at) => isUnheard(key(value), at));
  wrong.forEach((one, at) => fields[at].setAttribute("aria-invalid", one));
  return wrong.includes(true);
}
