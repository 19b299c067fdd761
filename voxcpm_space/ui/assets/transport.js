// Play, a waveform that seeks, and the time: for a speech and for a clip.
import { clock, filled } from "./text.js";
import { Waveform } from "./waveform.js";

const PLAY = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M8 5.2v13.6L19 12z"/></svg>';
const PAUSE =
  '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M7 5h3.6v14H7zM13.4 5H17v14h-3.6z"/></svg>';

export class Transport {
  // `onMove` is told the second that is heard.
  constructor(element, audio, words, onMove = () => {}) {
    Object.assign(this, { audio, words, onMove, expected: 0 });
    this.button = element.querySelector(".play");
    this.slider = element.querySelector("input");
    this.time = element.querySelector(".time");
    this.waveform = new Waveform(element.querySelector("canvas"));
    this.slider.setAttribute("aria-label", words.position);
    this.#listen();
    this.#showButton();
  }

  #listen() {
    const { audio } = this;
    this.button.addEventListener("click", () => (audio.paused ? audio.play() : audio.pause()));
    this.slider.addEventListener("input", () => (audio.currentTime = this.slider.value));
    for (const event of ["play", "pause", "ended", "emptied"]) {
      audio.addEventListener(event, () => this.#showButton());
    }
    for (const event of ["timeupdate", "seeking", "durationchange", "loadedmetadata"]) {
      audio.addEventListener(event, () => this.showPosition());
    }
    const tick = () => {
      cancelAnimationFrame(this.frame); // each jump and each wait for more begins anew
      this.showPosition();
      if (!audio.paused) this.frame = requestAnimationFrame(tick);
    };
    audio.addEventListener("playing", tick);
  }

  get length() {
    const { duration } = this.audio;
    return Number.isFinite(duration) && duration > 0 ? duration : this.expected;
  }

  #showButton() {
    const { paused } = this.audio;
    this.button.innerHTML = paused ? PLAY : PAUSE;
    this.button.setAttribute("aria-label", paused ? this.words.play : this.words.pause);
  }

  // As often as the screen is drawn: only what is different is written, so that little is drawn.
  showPosition() {
    const { length, slider } = this;
    const now = this.audio.currentTime;
    if (Number(slider.max) !== (length || 1)) slider.max = length || 1;
    slider.value = now;
    this.#showTime(clock(now), clock(length));
    this.waveform.moveTo(length ? now / length : 0);
    this.onMove(now);
  }

  #showTime(at, all) {
    const time = `${at} / ${all}`;
    if (time === this.time.textContent) return;
    this.time.textContent = time;
    this.slider.setAttribute("aria-valuetext", filled(this.words.of, { at, all }));
  }
}
