// What is set on the page as programs, one at a time, to be copied.
import { make } from "./text.js";

let words, dialog, tabs, shown, code, copy;
const remembered = { label: "" }; // the language that was looked at last

function choose(snippet) {
  shown = snippet;
  remembered.label = snippet.label;
  code.textContent = snippet.code;
  copy.textContent = words.copy;
  for (const tab of tabs.children) {
    const isChosen = tab.textContent === snippet.label;
    tab.setAttribute("aria-selected", isChosen);
    tab.tabIndex = isChosen ? 0 : -1;
  }
  code.parentElement.setAttribute("aria-label", snippet.label);
}

async function copied() {
  try {
    await navigator.clipboard.writeText(shown.code);
  } catch {
    getSelection().selectAllChildren(code); // where a page may not write there, as over http
    document.execCommand("copy");
  }
  copy.textContent = words.copied;
}

function open(snippets) {
  if (!snippets.length) return;
  const tab = (snippet) => {
    const made = make("button", { type: "button", role: "tab" }, snippet.label);
    made.addEventListener("click", () => choose(snippet));
    return made;
  };
  tabs.replaceChildren(...snippets.map(tab));
  choose(snippets.find(({ label }) => label === remembered.label) ?? snippets[0]);
  if (!dialog.open) dialog.showModal();
  tabs.querySelector('[aria-selected="true"]').focus();
}

function move(event) {
  const all = [...tabs.children];
  const at = all.indexOf(event.target) + ({ ArrowRight: 1, ArrowLeft: -1 }[event.key] ?? 0);
  const next = all.at(at % all.length);
  if (next === event.target) return;
  event.stopPropagation();
  next.click();
  next.focus();
}

export function mount(element, props, watch) {
  words = JSON.parse(props.label);
  dialog = element.querySelector("dialog");
  tabs = element.querySelector('[role="tablist"]');
  const title = element.querySelector("h2");
  title.textContent = words.title;
  dialog.setAttribute("aria-label", words.title);
  code = make("code", {});
  const panel = make("pre", { tabIndex: 0 }, code);
  panel.setAttribute("role", "tabpanel");
  copy = make("button", { type: "button", className: "copy" });
  copy.addEventListener("click", copied);
  const close = make("button", { type: "button", className: "remove", "aria-label": words.close });
  close.append("×");
  close.addEventListener("click", () => dialog.close());
  title.after(close);
  const docs = make("a", { href: `${window.gradio_config.root}/docs`, target: "_blank" }, words.docs);
  dialog.append(panel, make("footer", {}, copy, docs));
  tabs.addEventListener("keydown", move);
  dialog.addEventListener("keydown", (event) => event.key === "Escape" && event.stopPropagation());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  watch("value", () => open(props.value.snippets));
}
