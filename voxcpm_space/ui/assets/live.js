// Plays a speech in one audio element while it is made, and keeps what was heard of it.
const TYPE = "audio/mpeg";
const AUDIBLE_SECONDS = 0.1;
const Source = window.ManagedMediaSource ?? window.MediaSource;

const once = (target, event) =>
  new Promise((resolve) => target.addEventListener(event, resolve, { once: true }));

export class LivePlayback {
  // `onLost` is called where the connection broke in the middle.
  constructor(audio, onLost) {
    this.audio = audio;
    this.onLost = onLost;
    this.clear();
    audio.addEventListener("play", () => (this.isStarved = false));
  }

  clear() {
    this.leaving?.abort(); // ends the listening
    this.leaving = new AbortController();
    this.heard = [];
    this.hasStarted = false; // and is from then on played or paused by the person alone
    this.isStarved = false; // has to wait for more, which is not the person's wish
    this.audio.removeAttribute("src");
    this.audio.load();
  }

  play() {
    this.hasStarted = true;
    this.isStarved = false;
    this.audio.play().catch(() => {}); // a browser may want a click on the player first
  }

  get goesOn() {
    return !this.audio.paused || !this.hasStarted || this.isStarved;
  }

  get recording() {
    return new Blob(this.heard, { type: TYPE });
  }

  async listen(url, prebufferSeconds) {
    const { signal } = this.leaving;
    this.prebufferSeconds = prebufferSeconds;
    if (!Source?.isTypeSupported(TYPE)) {
      this.audio.src = url;
      this.play();
      return;
    }
    try {
      await this.#stream(await fetch(url, { signal }), signal);
    } catch (error) {
      if (signal.aborted) return;
      console.warn("The connection was lost while a speech was made:", error);
      this.onLost();
    }
  }

  async #stream(response, signal) {
    if (!response.ok || signal.aborted) return; // finished meanwhile: the file is on its way
    const source = new Source();
    this.audio.disableRemotePlayback = true; // what a ManagedMediaSource asks for
    const sourceURL = URL.createObjectURL(source);
    this.audio.src = sourceURL;
    await once(source, "sourceopen");
    URL.revokeObjectURL(sourceURL);
    const buffer = source.addSourceBuffer(TYPE);
    this.audio.addEventListener("waiting", () => this.#rest(), { signal });
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (signal.aborted) return;
      if (done) break;
      this.heard.push(value);
      await this.#append(buffer, value);
      this.#playIfEnough(false);
    }
    source.endOfStream();
    this.#playIfEnough(true);
  }

  #secondsAhead() {
    const { buffered, currentTime } = this.audio;
    return buffered.length ? buffered.end(buffered.length - 1) - currentTime : 0;
  }

  #playIfEnough(isWhole) {
    const mayPlay = !this.hasStarted || this.isStarved;
    if (mayPlay && (isWhole || this.#secondsAhead() >= this.prebufferSeconds)) this.play();
  }

  #rest() {
    const { audio } = this;
    if (audio.paused || audio.seeking || this.#secondsAhead() > AUDIBLE_SECONDS) return;
    this.isStarved = true;
    audio.pause();
  }

  async #append(buffer, bytes) {
    for (;;) {
      try {
        buffer.appendBuffer(bytes);
        return await once(buffer, "updateend");
      } catch (error) {
        if (error.name !== "QuotaExceededError") throw error;
        await once(this.audio, "timeupdate"); // what has been played makes room
      }
    }
  }
}
