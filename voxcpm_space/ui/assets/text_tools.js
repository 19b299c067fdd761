// A pause where the caret is, or was last, in one of the texts of a tab.
const PAUSE = "[pause 1s]";

function insert(field) {
  const { selectionStart: start, selectionEnd: end, value } = field;
  const before = /(^|\s)$/u.test(value.slice(0, start)) ? "" : " ";
  const after = /^\s/u.test(value.slice(end)) ? "" : " ";
  field.focus();
  field.setRangeText(before + PAUSE + after, start, end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

export function mount(element, props, watch) {
  const words = JSON.parse(props.label);
  const [button, length] = [element.querySelector("button"), element.querySelector("span")];
  button.textContent = words.pause;
  button.title = words.title;
  const panel = element.closest('[role="tabpanel"]');
  const texts = () => [...panel.querySelectorAll(".text textarea, textarea.said")];
  let last = null;
  panel.addEventListener("focusin", ({ target }) => {
    if (texts().includes(target)) last = target;
  });
  button.addEventListener("click", () => {
    const shown = texts().filter((field) => field.checkVisibility());
    insert(shown.includes(last) ? last : shown.at(-1));
  });
  const show = () => (length.textContent = props.value);
  watch("value", show);
  show();
}
