// Plays a speech while it is made, and then holds its file, in one audio element. Gradio gives
// `element`, `props` and `watch`; `props.value` is the JSON of player.py's `Playing`.
const TYPE = "audio/mpeg";
const AUDIBLE_SECONDS = 0.1;
const Source = window.ManagedMediaSource ?? window.MediaSource;
const audio = element.querySelector("audio");
const line = element.querySelector(".subtitles");
const subtitles = audio.addTextTrack("subtitles");

let playing = { live: "", prebuffer_seconds: 0, file: "", subtitles: [], muted: false };
let hasStarted = false; // and is from then on played or paused by the person alone
let isStarved = false; // has to wait for more, which is not the person's wish
let isSettled = false; // plays the file
let leaving = new AbortController(); // ends the listening

const once = (target, event) =>
  new Promise((resolve) => target.addEventListener(event, resolve, { once: true }));

function play() {
  hasStarted = true;
  isStarved = false;
  audio.play().catch(() => {}); // a browser may want a click on the player first
}

function secondsAhead() {
  const { buffered, currentTime } = audio;
  return buffered.length ? buffered.end(buffered.length - 1) - currentTime : 0;
}

function playIfEnough(isWhole) {
  const mayPlay = !hasStarted || isStarved;
  if (mayPlay && (isWhole || secondsAhead() >= playing.prebuffer_seconds)) play();
}

function rest() {
  if (audio.paused || audio.seeking || secondsAhead() > AUDIBLE_SECONDS) return;
  isStarved = true;
  audio.pause();
}

async function append(buffer, bytes) {
  for (;;) {
    try {
      buffer.appendBuffer(bytes);
      return await once(buffer, "updateend");
    } catch (error) {
      if (error.name !== "QuotaExceededError") throw error;
      await once(audio, "timeupdate"); // what has been played makes room
    }
  }
}

async function listen(url, signal) {
  if (!Source?.isTypeSupported(TYPE)) {
    audio.src = url;
    play();
    return;
  }
  const response = await fetch(url, { signal });
  if (!response.ok || signal.aborted) return; // finished meanwhile: the file is on its way
  const source = new Source();
  audio.disableRemotePlayback = true; // what a ManagedMediaSource asks for
  const sourceURL = URL.createObjectURL(source);
  audio.src = sourceURL;
  await once(source, "sourceopen");
  URL.revokeObjectURL(sourceURL);
  const buffer = source.addSourceBuffer(TYPE);
  audio.addEventListener("waiting", rest, { signal });
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (signal.aborted) return;
    if (done) break;
    await append(buffer, value);
    playIfEnough(false);
  }
  source.endOfStream();
  playIfEnough(true);
}

function clear() {
  leaving.abort();
  leaving = new AbortController();
  hasStarted = isStarved = isSettled = false;
  audio.removeAttribute("src");
  audio.load();
  while (subtitles.cues.length) subtitles.removeCue(subtitles.cues[0]);
  line.textContent = "";
}

// Puts the file in the place of what was listened to, at the same position.
function settle() {
  if (isSettled || !playing.file) return;
  isSettled = true;
  leaving.abort();
  const goesOn = (!audio.paused || !hasStarted || isStarved) && !playing.muted;
  const position = audio.ended ? 0 : audio.currentTime;
  const plays = goesOn && !audio.ended;
  if (audio.ended) line.textContent = ""; // of what was listened to no cue ends after its end
  audio.src = playing.file;
  audio.currentTime = position;
  if (plays) play();
}

function finish() {
  for (const [text, start, end] of playing.subtitles) {
    subtitles.addCue(new VTTCue(start, end, text));
  }
  // In the middle of a word nothing is changed: the next pause or jump is early enough.
  if (audio.paused || audio.ended || playing.muted) settle();
}

subtitles.mode = "hidden"; // shown by us, since browsers show none of sound alone
subtitles.addEventListener("cuechange", () => {
  line.textContent = [...subtitles.activeCues].map((cue) => cue.text).join("\n");
});
audio.addEventListener("play", () => (isStarved = false));
audio.addEventListener("pause", () => audio.ended || settle());
audio.addEventListener("ended", settle);
audio.addEventListener("seeking", settle);

watch("value", () => {
  const before = playing;
  playing = JSON.parse(props.value);
  const isAnother = (key) => before[key] && playing[key] !== before[key];
  if (isAnother("live") || isAnother("file")) clear();
  if (playing.live && playing.live !== before.live) {
    listen(playing.live, leaving.signal).catch((error) => {
      if (error.name !== "AbortError") console.error(error);
    });
  }
  if (playing.file && playing.file !== before.file) finish();
});
