// The player: plays a speech while it is made, then holds it, and keeps it in the browser.
// `props.value` is the JSON of player.py's `Playing`, `props.label` that of its words.
import { LivePlayback } from "./live.js";
import { PlayerView } from "./player_view.js";
import { all, keep } from "./store.js";
import { peaksOf } from "./waveform.js";

const BARS = 400;
const NOTHING = { live: "", prebuffer_seconds: 0, peaks: [], seconds: 0, file: "", speech: null };

let words, view, playback, audio;
let playing = NOTHING;
let pending = { tab: "", values: [], text: "" }; // what was asked for last
let shown = null; // the speech in the player, as the history keeps it
let holds = ""; // URL of its audio, once that is here
let isSettled = false; // plays that
let heldURL = null;

// What Generate was pressed for; until it has sound the last speech stays.
export function begin(tab, values) {
  pending = { tab, values, text: values[0] };
  view?.expect(); // it may be pressed before the player is here
}

// What is shown is asked for once more.
export function beginAgain() {
  begin(shown.tab, shown.values);
  pending.text = shown.text;
}

// Plays a part of the speech, so that it can be told whether it is the one.
export function playPart(number) {
  const start = shown?.parts?.[number - 1];
  if (start === undefined) return;
  audio.currentTime = start;
  audio.play().catch(() => {});
}

export function show(entry, { plays = false } = {}) {
  playback.clear();
  playback.hasStarted = true; // only a click plays it
  shown = entry;
  hold(URL.createObjectURL(entry.audio));
  settle();
  view.showSpeech(entry);
  if (plays) playback.play();
}

function hold(url) {
  if (heldURL) URL.revokeObjectURL(heldURL);
  heldURL = url;
  const kind = shown.audio.type.includes("mpeg") ? "mp3" : "wav";
  holds = `${url}#${shown.id}.${kind}`;
  isSettled = false;
}

// Puts what is held in the place of what was listened to, at the same position.
function settle() {
  if (isSettled || !holds) return;
  isSettled = true;
  playback.leaving.abort();
  const plays = playback.goesOn && !playing.muted && !audio.ended;
  const position = audio.ended ? 0 : audio.currentTime;
  audio.src = holds;
  audio.currentTime = position;
  if (plays) playback.play();
}

function listen() {
  playback.clear();
  holds = "";
  shown = { ...pending, id: `part-${Date.now()}`, at: Date.now(), sentences: [], peaks: [] };
  view.showText(shown.text);
  playback.listen(playing.live, playing.prebuffer_seconds);
}

async function finish() {
  const isLive = playing.live && shown && !shown.facts && playback.heard.length > 0;
  if (!isLive) playback.clear();
  const { file, speech } = playing;
  shown = { ...speech, at: Date.now(), peaks: playing.peaks, file };
  holds = "";
  isSettled = false;
  view.showSpeech(shown);
  try {
    const response = await fetch(file);
    if (!response.ok) throw new Error(response.statusText);
    const wav = await response.blob();
    if (shown.id !== speech.id) return;
    shown.audio = new Blob([wav], { type: "audio/wav" });
    shown.peaks = await peaksOf(shown.audio, BARS);
    hold(URL.createObjectURL(shown.audio));
  } catch {
    holds = file;
  }
  view.transport.waveform.show(shown.peaks); // and nothing else: a menu may be open
  // In the middle of a word nothing is changed: the next pause or jump is early enough.
  if (audio.paused || audio.ended || playing.muted) settle();
  if (playing.start) audio.currentTime = playing.start;
  if (shown.audio) await remember(shown);
}

// The server ended in the middle: what was heard stays.
async function lost() {
  if (!playback.heard.length || shown.facts) return;
  const { buffered } = audio;
  const seconds = buffered.length ? buffered.end(buffered.length - 1) : 0;
  shown = { ...shown, audio: playback.recording, seconds, peaks: playing.peaks, isLost: true };
  hold(URL.createObjectURL(shown.audio));
  view.showSpeech(shown);
  if (audio.paused || audio.ended) settle();
  await remember(shown);
}

async function remember(entry) {
  await keep(entry);
  document.dispatchEvent(new CustomEvent("speech-kept", { detail: entry.id }));
}

function follow(before) {
  if (playing.live && playing.live !== before.live) listen();
  if (playing.speech && playing.speech.id !== before.speech?.id) finish();
  else if (playing.live && !playing.speech) view.showProgress(playing.peaks, playing.seconds);
}

export async function mount(element, props, watch) {
  words = JSON.parse(props.label);
  audio = element.querySelector("audio");
  playback = new LivePlayback(audio, lost);
  view = new PlayerView(element, audio, words);
  audio.addEventListener("pause", () => audio.ended || settle());
  audio.addEventListener("ended", settle);
  audio.addEventListener("seeking", settle);
  const changed = () => {
    const before = playing;
    playing = { ...NOTHING, ...JSON.parse(props.value) };
    follow(before);
  };
  watch("value", changed);
  changed();
  const [last] = await all();
  if (last && !shown) {
    show(last);
    document.dispatchEvent(new CustomEvent("speech-kept", { detail: last.id }));
  }
}
