// The clips of a batch: of each its text, whether it is made, why it is not, and a button to play.
import { clock, filled, firstWords, make } from "./text.js";

let words, list, now;
const audio = new Audio();

function playButton(row) {
  const button = make("button", { type: "button", className: "hear", disabled: !row.url });
  const isNow = now === row.url && !audio.paused && row.url;
  button.textContent = isNow ? "❚❚" : "▶";
  const name = filled(words.play, { words: firstWords(row.text, 40) });
  button.setAttribute("aria-label", isNow ? words.pause : name);
  button.addEventListener("click", () => {
    if (now !== row.url) audio.src = row.url;
    if (now === row.url && !audio.paused) return audio.pause();
    now = row.url;
    audio.play();
  });
  return button;
}

function about(row) {
  if (row.state === "made") return [row.name, clock(row.seconds)].filter(Boolean).join(" · ");
  return row.state === "failed" ? row.why : [row.name, words[row.state]].filter(Boolean).join(" · ");
}

function item(row) {
  return make(
    "li",
    { dataset: { state: row.state } },
    playButton(row),
    make(
      "div",
      { className: "entry" },
      make("span", { className: "entry-text", dir: "auto" }, row.text),
      make("span", { className: "entry-facts" }, about(row)),
    ),
  );
}

export function mount(element, props, watch) {
  words = JSON.parse(props.label);
  list = element.querySelector("ol");
  list.setAttribute("aria-label", words.clips);
  const render = () => {
    const { rows, zip } = props.value;
    const root = `${window.gradio_config.root}/page/batch/${zip}`;
    const shown = rows.map((row) => {
      return zip && row.file ? { ...row, url: `${root}/${encodeURIComponent(row.file)}` } : row;
    });
    const at = list.contains(document.activeElement)
      ? [...list.children].findIndex((one) => one.contains(document.activeElement))
      : -1;
    list.replaceChildren(...shown.map(item));
    list.hidden = rows.length === 0;
    list.children[at]?.querySelector("button").focus();
    const making = list.querySelector('[data-state="making"]');
    if (making) list.scrollTop = making.offsetTop - list.offsetTop - list.clientHeight / 2;
  };
  for (const event of ["play", "pause", "ended"]) audio.addEventListener(event, render);
  watch("value", render);
  render();
}
