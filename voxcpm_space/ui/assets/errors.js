// What is wrong with a field stands at it, until somebody mends it or asks again.
import { make } from "./text.js";

const ID = "refusal";

export function clear() {
  document.getElementById(ID)?.remove();
  for (const field of document.querySelectorAll(`[aria-describedby="${ID}"]`)) {
    field.removeAttribute("aria-describedby");
    field.removeAttribute("aria-invalid");
  }
}

// Where the field is folded away, or none of the tab, the button that was pressed is nearest.
function place(panel, field) {
  const block = panel.querySelector(`.field-${field}`);
  return block?.checkVisibility() ? block : panel.querySelector(".generate-row");
}

// `told` is the JSON of generation.py's `_refusing`.
export function refused(told) {
  if (!told) return [];
  const { field, sentence } = JSON.parse(told);
  clear();
  const panels = [...document.querySelectorAll('[role="tabpanel"]:has(.generate-row)')];
  const panel = panels.find((each) => each.checkVisibility());
  const block = place(panel, field);
  const note = make("p", { id: ID, className: "refusal" });
  note.setAttribute("role", "alert");
  note.innerHTML = sentence; // written by our server, with markup escaped
  block.after(note);
  const input = block.querySelector("textarea, input");
  input?.setAttribute("aria-describedby", ID);
  input?.setAttribute("aria-invalid", "true");
  input?.focus();
  panel.addEventListener("input", clear, { once: true });
  return [];
}
