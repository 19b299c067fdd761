// A recording of the visitor's voice: three seconds to get ready, then how loud it is, and how long
// it can still be. `props.value` is the path of the upload.
import { clock, filled } from "./text.js";

const READY_SECONDS = 3;
const LOOK_MS = 100;
const REMEMBERED = 20; // looks: two seconds, in which everybody says something
const QUIET_DBFS = -40; // somewhat before quality.py calls a clip very quiet
const FULL_SCALE = 0.97; // of a sample that is clipped, as in downmix.py
const METER_DB = 60;
// The voice as it is: what calls take away from it, its clone would lack, too.
const MICROPHONE = { audio: { echoCancellation: false, noiseSuppression: false } };

class Loudness {
  constructor(stream) {
    this.context = new AudioContext();
    this.analyser = new AnalyserNode(this.context, { fftSize: 4096 });
    this.context.createMediaStreamSource(stream).connect(this.analyser);
    this.samples = new Float32Array(this.analyser.fftSize);
    this.looks = [];
  }

  look() {
    this.analyser.getFloatTimeDomainData(this.samples);
    const power = this.samples.reduce((sum, one) => sum + one * one, 0) / this.samples.length;
    const peak = this.samples.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
    this.looks = [...this.looks, { dbfs: 10 * Math.log10(power + 1e-9), peak }].slice(-REMEMBERED);
  }

  // From 0 to 1, for the meter.
  get level() {
    return Math.min(1, Math.max(0, 1 + this.looks.at(-1).dbfs / METER_DB));
  }

  get advice() {
    if (this.looks.some(({ peak }) => peak >= FULL_SCALE)) return "loud";
    const isLongEnough = this.looks.length === REMEMBERED;
    return isLongEnough && this.looks.every(({ dbfs }) => dbfs < QUIET_DBFS) ? "quiet" : "";
  }
}

class Recorder {
  constructor(root, words, mostSeconds, give) {
    Object.assign(this, { root, words, mostSeconds, give, end: null });
    this.button = root.querySelector("button");
    this.status = root.querySelector("[role=status]");
    this.time = root.querySelector(".time");
    this.meter = root.querySelector(".level");
    this.button.addEventListener("click", () => (this.end ? this.end() : this.#record()));
    this.#show("record");
  }

  #show(label, said = "", time = "") {
    this.root.toggleAttribute("data-on", Boolean(this.end));
    this.button.textContent = this.words[label];
    if (this.status.textContent !== said) this.status.textContent = said; // read out once
    this.time.textContent = time;
  }

  async #record() {
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia(MICROPHONE);
    } catch {
      return this.#show("record", this.words.denied);
    }
    await this.give(null);
    const recorder = new MediaRecorder(stream);
    const pieces = [];
    recorder.addEventListener("dataavailable", ({ data }) => pieces.push(data));
    const wasStarted = await this.#follow(recorder, new Loudness(stream));
    this.end = null;
    for (const track of stream.getTracks()) track.stop();
    this.#show(wasStarted ? "again" : "record");
    if (!wasStarted) return;
    const [type] = recorder.mimeType.split(";");
    const file = new File(pieces, `recording.${type.split("/")[1]}`, { type });
    if (!(await this.give(file))) this.#show("again", this.words.not_uploaded);
  }

  // Returns, once it has ended, whether anything was recorded.
  #follow(recorder, loudness) {
    const began = performance.now();
    return new Promise((resolve) => {
      const timer = setInterval(() => this.#look(recorder, loudness, began), LOOK_MS);
      this.end = () => {
        clearInterval(timer);
        loudness.context.close();
        if (recorder.state === "inactive") return resolve(false);
        recorder.addEventListener("stop", () => resolve(true));
        recorder.stop();
      };
      this.#look(recorder, loudness, began);
    });
  }

  #look(recorder, loudness, began) {
    loudness.look();
    this.meter.value = loudness.level;
    const seconds = (performance.now() - began) / 1000 - READY_SECONDS;
    if (!this.root.checkVisibility() || seconds >= this.mostSeconds) return this.end();
    const number = Math.ceil(-seconds);
    if (seconds < 0) return this.#show("cancel", filled(this.words.ready, { number }));
    if (recorder.state === "inactive") recorder.start();
    const left = Math.ceil(this.mostSeconds - seconds);
    const time = `${clock(Math.floor(seconds))} · ${filled(this.words.left, { left })}`;
    this.#show("stop", this.words[loudness.advice] ?? "", time);
  }
}

export function mount(element, props, _watch, trigger, upload) {
  const words = JSON.parse(props.label);
  const root = element.querySelector(".recorder");
  const give = async (file) => {
    try {
      props.value = file ? (await upload(file)).path : "";
    } catch {
      return false;
    }
    trigger("input");
    return true;
  };
  root.querySelector("meter").setAttribute("aria-label", words.level);
  new Recorder(root, words, Number(root.dataset.most), give);
}
