// Small things that several modules say and show.
const LONGEST_NAME = 40;

export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds || 0));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

// "Welcome to the harbour. The ferry …" is downloaded as welcome-to-the-harbour.
export function fileName(text) {
  const first = text.trim().split(/[.!?;:。！？；：\n]/u).find((each) => /[\p{L}\p{N}]/u.test(each));
  const words = (first ?? "").toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  let name = "";
  for (const word of words) {
    if (name && name.length + 1 + word.length > LONGEST_NAME) break;
    name += (name && "-") + word;
  }
  return [...name].slice(0, LONGEST_NAME).join("") || "speech";
}

export function firstWords(text, length = 60) {
  const line = text.split(/\s+/u).join(" ").trim();
  return line.length <= length ? line : `${line.slice(0, length).replace(/\s+\S*$/u, "")}…`;
}

// An element: make("button", { className: "play" }, child, "text").
export function make(name, properties = {}, ...children) {
  const { dataset = {}, ...others } = properties;
  const element = Object.assign(document.createElement(name), others);
  Object.assign(element.dataset, dataset);
  for (const [key, value] of Object.entries(others)) {
    if (key.startsWith("aria-")) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

// Fills "{name}" in.
export const filled = (words, fields) =>
  words.replace(/\{(\w+)\}/g, (_, name) => fields[name] ?? "");

export function save(blob, name) {
  const link = make("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
