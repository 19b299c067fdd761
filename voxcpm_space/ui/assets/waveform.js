// A speech as bars on a canvas, under a slider that seeks in it.
const BAR = 3; // CSS pixels, and the gap after it
const GAP = 2;
const LEAST = 0.06; // of the height, of a bar of silence

// Loudest samples, from 0 to 1, of so many stretches of a 16-bit mono WAV file.
export async function peaksOf(wav, count) {
  const view = new DataView(await wav.arrayBuffer());
  let at = 12;
  while (at + 8 < view.byteLength && view.getUint32(at) !== 0x64617461 /* "data" */) {
    at += 8 + view.getUint32(at + 4, true) + (view.getUint32(at + 4, true) % 2);
  }
  const start = at + 8;
  const length = Math.floor((view.byteLength - start) / 2);
  const stretch = Math.max(1, length / count);
  const step = Math.max(1, Math.floor(stretch / 200)); // what a bar shows needs no more samples
  return Array.from({ length: Math.min(count, length) }, (_, bar) => {
    let loudest = 0;
    for (let n = Math.floor(bar * stretch); n < Math.min((bar + 1) * stretch, length); n += step) {
      loudest = Math.max(loudest, Math.abs(view.getInt16(start + 2 * n, true)));
    }
    return loudest / 32768;
  });
}

export class Waveform {
  constructor(canvas) {
    this.canvas = canvas;
    this.peaks = [];
    this.part = 1; // of the width that is made
    this.position = 0;
    new ResizeObserver(() => this.draw()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  show(peaks, part = 1) {
    this.peaks = peaks;
    this.part = part;
    this.draw();
  }

  moveTo(position) {
    const before = this.#played;
    this.position = position;
    if (this.#played !== before) this.draw();
  }

  get #bars() {
    return Math.max(1, Math.floor(this.canvas.clientWidth / (BAR + GAP)));
  }

  get #played() {
    return Math.ceil(this.position * this.#bars);
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const scale = window.devicePixelRatio || 1;
    this.canvas.width = width * scale;
    this.canvas.height = height * scale;
    const context = this.canvas.getContext("2d");
    context.scale(scale, scale);
    const style = getComputedStyle(this.canvas);
    const [behind, ahead, open] = ["--played", "--ahead", "--open"].map((name) =>
      style.getPropertyValue(name),
    );
    const bars = this.#bars;
    const played = this.#played;
    const loudest = Math.max(...this.peaks, 0.05);
    for (let bar = 0; bar < bars; bar++) {
      const part = bar / bars;
      const isMade = part < this.part && this.peaks.length > 0;
      const peak = isMade ? this.#between(part / this.part, (bar + 1) / bars / this.part) : 0;
      const tall = Math.max(LEAST, peak / loudest) * height;
      context.fillStyle = !isMade ? open : bar < played ? behind : ahead;
      context.beginPath();
      context.roundRect(bar * (BAR + GAP), (height - tall) / 2, BAR, tall, BAR / 2);
      context.fill();
    }
  }

  #between(start, end) {
    const { peaks } = this;
    const first = Math.min(peaks.length - 1, Math.floor(start * peaks.length));
    const last = Math.max(first + 1, Math.ceil(Math.min(end, 1) * peaks.length));
    return Math.max(...peaks.slice(first, last));
  }
}
