// Where a speaker's voice is chosen: described, of this server, kept, or a clip of one's own.
import { filled, make } from "./text.js";

const isFile = (voice) => typeof voice === "string" && voice.startsWith("data:");

// What the list calls a voice; `groups` are those that the page offers.
function chosen(voice, groups) {
  if (!voice) return "any";
  if (voice.kept) return `kept ${voice.kept}`;
  if (typeof voice === "object") return "clip";
  if (isFile(voice)) return "file";
  const same = (one) => one.is.toLowerCase() === voice.toLowerCase();
  const offered = groups.flatMap(({ voices }) => voices).find(same);
  return offered ? `offered ${offered.is}` : "described";
}

function isNamed(voice, groups) {
  const named = groups.filter((group) => group.isNamed).flatMap(({ voices }) => voices);
  return named.some((one) => one.is.toLowerCase() === voice.toLowerCase());
}

function options(name, voice, { groups, kept, words }) {
  const now = chosen(voice, groups);
  const option = (value, label) => make("option", { value, selected: value === now }, label);
  const group = (label, ...items) => (items.length ? [make("optgroup", { label }, ...items)] : []);
  return [
    option("any", words.chance),
    option("described", now === "described" ? words.described : words.describe),
    ...(now === "file" ? [option("file", words.own)] : []),
    ...groups.flatMap(({ label, voices }) =>
      group(label, ...voices.map((one) => option(`offered ${one.is}`, one.label))),
    ),
    ...group(words.own, ...kept.map((one) => option(`kept ${one.name}`, one.name))),
    ...(name ? [option("clip", words.clip)] : []), // a narrator has none
  ];
}

function taken(value, voice, groups) {
  const [kind, rest] = [value.split(" ")[0], value.slice(value.indexOf(" ") + 1)];
  if (kind === "offered") return rest;
  if (kind === "kept") return { kept: rest };
  if (kind === "clip") return { path: "", mayUse: false };
  const isWords = typeof voice === "string" && !isFile(voice) && !isNamed(voice, groups);
  return kind === "described" ? (isWords && voice) || " " : "";
}

export function voiceSelect(change) {
  const list = make("select", { className: "voice" });
  list.addEventListener("change", () => change(taken(list.value, list.given, list.groups)));
  return list;
}

export function fillSelect(list, name, voice, offered) {
  Object.assign(list, { given: voice, groups: offered.groups });
  const { voice: label, narrator } = offered.words;
  list.setAttribute("aria-label", filled(label, { name: name || narrator }));
  list.replaceChildren(...options(name, voice, offered));
}

function describing(name, voice, { words }, change) {
  const field = make("input", {
    type: "text",
    className: "description",
    value: voice.trim(),
    placeholder: words.placeholder,
    "aria-label": filled(words.description, { name: name || words.narrator }),
  });
  field.addEventListener("input", () => change(field.value || " "));
  return [field];
}

function playButton(name, url, words) {
  const label = filled(words.play, { name });
  const button = make("button", { type: "button", className: "hear", "aria-label": label }, "▶");
  const audio = new Audio(url);
  button.addEventListener("click", () => (audio.paused ? audio.play() : audio.pause()));
  audio.addEventListener("play", () => (button.textContent = "❚❚"));
  for (const event of ["pause", "ended"]) {
    audio.addEventListener(event, () => (button.textContent = "▶"));
  }
  return button;
}

function clip(name, voice, { words, upload }, change) {
  const file = make("input", {
    type: "file",
    accept: "audio/*,video/*",
    "aria-label": filled(words.clip_of, { name }),
  });
  file.addEventListener("change", async () => {
    const [given] = file.files;
    try {
      const { path, url } = await upload(given);
      change({ path, url, orig_name: given.name, mayUse: false });
    } catch {
      change({ path: "", mayUse: false, isLost: true });
    }
  });
  const picker = make("label", { className: "picker" }, voice.orig_name || words.choose, file);
  if (voice.isLost) return [picker, make("span", { className: "advice" }, words.not_uploaded)];
  if (!voice.path) return [picker];
  const tick = make("input", { type: "checkbox", checked: voice.mayUse });
  tick.addEventListener("change", () => change({ ...voice, mayUse: tick.checked }));
  const mayUse = make("label", { className: "may-use" }, tick, words.may_use);
  return [picker, playButton(name, voice.url, words), mayUse];
}

// What there is to say of a voice: nothing, its description, or of which clip it is.
export function detailKind(voice, groups) {
  if (!voice || voice.kept || isFile(voice)) return "";
  if (typeof voice === "object") return `clip ${voice.path} ${voice.isLost ?? ""}`;
  return isNamed(voice, groups) ? "" : "described";
}

export function voiceDetail(name, voice, offered, change) {
  const kind = detailKind(voice, offered.groups);
  if (!kind) return [];
  const detail = kind === "described" ? describing : clip;
  return detail(name, voice, offered, change);
}

// JSON of the files of those voices of a list that are given by name.
export function keptFiles(given, kept) {
  const used = new Set(Object.values(JSON.parse(given || "{}")).map((voice) => voice?.kept));
  const found = kept.filter(({ name }) => used.has(name));
  return JSON.stringify(Object.fromEntries(found.map(({ name, file }) => [name, file])));
}
