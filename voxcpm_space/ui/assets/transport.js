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
      this.showPosition();
      if (!audio.paused) requestAnimationFrame(tick);
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

  showPosition() {
    const { length, slider, words } = this;
    const now = this.audio.currentTime;
    slider.max = length || 1;
    slider.value = now;
    const [at, all] = [clock(now), clock(length)];
    slider.setAttribute("aria-valuetext", filled(words.of, { at, all }));
    this.time.textContent = `${at} / ${all}`;
    this.waveform.moveTo(length ? now / length : 0);
    this.onMove(now);
  }
}
