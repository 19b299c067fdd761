// What the player looks like: transport, waveform, the words that are said, downloads.
import { downloads } from "./downloads.js";
import { filled, firstWords, make } from "./text.js";
import { Transport } from "./transport.js";

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export class PlayerView {
  constructor(element, audio, words) {
    Object.assign(this, { audio, words, sentences: [] });
    this.section = element.querySelector(".speech");
    const find = (name) => element.querySelector(name);
    this.said = find(".said");
    this.facts = find(".about");
    this.note = find(".note");
    this.menu = find(".downloads");
    this.toggle = find(".toggle");
    this.transport = new Transport(element, audio, words, (now) => this.#light(now));
    this.#listen();
    this.#open(false);
  }

  #listen() {
    this.toggle.addEventListener("click", () => this.#open(!("open" in this.section.dataset)));
    this.said.addEventListener("click", (event) => this.#jump(event.target));
    this.said.addEventListener("keydown", (event) => this.#move(event));
  }

  // The line below has something new to say.
  expect() {
    this.section.removeAttribute("data-lost");
  }

  showText(text) {
    this.#appear(text);
    this.sentences = [];
    this.said.replaceChildren(text);
    this.said.classList.add("unsaid");
    this.said.tabIndex = 0; // so that keys can scroll it
    this.facts.replaceChildren();
    this.menu.replaceChildren();
    this.note.textContent = "";
    this.transport.waveform.show([], 0);
  }

  showProgress(peaks, seconds) {
    this.transport.expected = seconds.expected;
    this.transport.waveform.show(peaks, Math.min(1, seconds.made / seconds.expected));
    this.transport.showPosition();
  }

  showSpeech(speech) {
    this.#appear(speech.text);
    this.transport.expected = speech.seconds;
    this.sentences = speech.sentences.map(([text, start, end]) => ({ text, start, end }));
    this.said.classList.toggle("unsaid", this.sentences.length === 0);
    this.said.tabIndex = this.sentences.length ? -1 : 0;
    const marked = this.sentences.map(({ text }, at) =>
      make("span", { role: "button", tabIndex: at ? -1 : 0, className: "sentence" }, text),
    );
    this.said.replaceChildren(
      ...(marked.length ? marked.flatMap((one) => [one, " "]) : [speech.text]),
    );
    this.facts.innerHTML = speech.facts ?? ""; // written by our server, with markup escaped
    this.note.textContent = speech.isLost ? this.words.lost : "";
    this.section.toggleAttribute("data-lost", Boolean(speech.isLost));
    this.menu.replaceChildren(downloads(speech, this.words));
    this.transport.waveform.show(speech.peaks);
    this.transport.showPosition();
  }

  #appear(text) {
    this.section.hidden = false;
    const name = filled(this.words.speech, { words: firstWords(text) });
    this.section.setAttribute("aria-label", name);
  }

  #open(isOpen) {
    if (isOpen) this.section.dataset.open = "";
    else delete this.section.dataset.open;
    this.toggle.setAttribute("aria-expanded", isOpen);
    this.toggle.setAttribute("aria-label", isOpen ? this.words.less : this.words.more);
  }

  #light(now) {
    const current = now > 0 ? this.sentences.findIndex(({ end }) => now < end) : -1;
    const spans = this.said.querySelectorAll(".sentence");
    spans.forEach((span, at) => {
      const isCurrent = at === current && now >= this.sentences[at].start - 0.1;
      if (isCurrent === span.hasAttribute("aria-current")) return;
      span.toggleAttribute("aria-current", isCurrent);
      if (isCurrent) span.setAttribute("aria-current", "true");
      if (isCurrent) this.#scrollTo(span);
    });
  }

  #scrollTo(span) {
    const { said } = this;
    const above = span.offsetTop - said.offsetTop;
    if (above < said.scrollTop || above > said.scrollTop + said.clientHeight - 24) {
      said.scrollTop = above - 8;
    }
  }

  #jump(span) {
    const at = [...this.said.querySelectorAll(".sentence")].indexOf(span);
    if (at < 0) return;
    this.audio.currentTime = this.sentences[at].start;
    this.audio.play().catch(() => {});
  }

  #move(event) {
    const spans = [...this.said.querySelectorAll(".sentence")];
    const at = spans.indexOf(event.target);
    if (at < 0) return;
    if (event.key === "Enter" || event.key === " ") this.#jump(event.target);
    const next = spans[at + (STEPS[event.key] ?? 0)];
    if (STEPS[event.key] && next) {
      event.target.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    }
    if (event.key in STEPS || event.key === "Enter" || event.key === " ") event.preventDefault();
  }
}
