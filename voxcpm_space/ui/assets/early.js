// Runs in the page's head, before all else: keeps a press of Generate that comes before the page
// can act on it. The last one is given back once it can.
(() => {
  const kinds = ["click", "keydown"];
  let kept = null;

  function wanted(event) {
    if (event.type === "click") return event.target.closest("button.start-button");
    if (event.key !== "Enter" || event.isComposing || !(event.ctrlKey || event.metaKey)) return null;
    return [...document.querySelectorAll("button.start-button")].find((one) => one.checkVisibility());
  }

  function keep(event) {
    const button = wanted(event);
    if (!button) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    kept?.removeAttribute("aria-busy");
    kept = button;
    kept.setAttribute("aria-busy", "true");
  }

  for (const kind of kinds) window.addEventListener(kind, keep, true);
  window.pressWhatWasKept = () => {
    for (const kind of kinds) window.removeEventListener(kind, keep, true);
    kept?.removeAttribute("aria-busy");
    kept?.click();
  };
})();
