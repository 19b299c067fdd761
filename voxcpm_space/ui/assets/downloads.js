// One menu with every form of a speech: what the browser has, and what the server makes of it.
import { fileName, filled, make, save } from "./text.js";

const KINDS = ["wav", "flac", "mp3", "opus", "srt", "vtt"];
const NAMES = { wav: "WAV", flac: "FLAC", mp3: "MP3", opus: "Opus", srt: "SRT", vtt: "VTT" };
const SUBTITLES = { srt: "text/plain", vtt: "text/vtt" };

// What is in the browser; null where only the server could make it.
function here(speech, kind) {
  if (kind in SUBTITLES) return new Blob([speech[kind]], { type: SUBTITLES[kind] });
  const isThis = speech.audio?.type.includes(kind === "mp3" ? "mpeg" : kind);
  return isThis ? speech.audio : null;
}

async function fromServer(speech, kind) {
  const response = await fetch(`${window.gradio_config.root}/page/speech/${speech.id}.${kind}`);
  if (!response.ok) throw new Error(response.statusText);
  return response.blob();
}

async function offer(speech, kind, status, words) {
  const name = `${fileName(speech.text)}.${kind}`;
  status.textContent = filled(words.making, { kind: NAMES[kind] });
  try {
    save(here(speech, kind) ?? (await fromServer(speech, kind)), name);
    status.textContent = "";
  } catch {
    status.textContent = filled(words.gone, { kind: NAMES[kind] });
  }
}

export function downloads(speech, words) {
  const status = make("p", { className: "hint", role: "status" });
  const kinds = speech.isLost ? ["mp3"] : KINDS;
  const items = kinds.map((kind) => {
    const named = kind in SUBTITLES ? words.subtitles : "{kind}";
    const label = filled(named, { kind: NAMES[kind] });
    const button = make("button", { type: "button" }, label);
    button.addEventListener("click", () => {
      menu.open = false;
      offer(speech, kind, status, words);
    });
    return make("li", {}, button);
  });
  const summary = make("summary", {}, words.download);
  const menu = make("details", { className: "menu" }, summary, make("ul", {}, ...items));
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.stopPropagation();
    menu.open = false;
    summary.focus();
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
  document.addEventListener("click", (event) => menu.contains(event.target) || (menu.open = false));
  return make("div", {}, menu, status);
}
