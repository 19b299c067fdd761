"""The keyboard's way from the text to the speech."""

GENERATE, STOP = "take-start", "take-stop"
"""Classes of the buttons that keys press."""

JS = f"""
() => {{
  const press = (name) => {{
    const buttons = [...document.querySelectorAll(`button.${{name}}:enabled`)];
    const shown = buttons.find((button) => button.checkVisibility());
    shown?.click();
    return Boolean(shown);
  }};
  document.addEventListener("keydown", (event) => {{
    if (event.isComposing) return;
    const wanted = {{ Enter: event.ctrlKey || event.metaKey, Escape: true }}[event.key];
    const name = {{ Enter: "{GENERATE}", Escape: "{STOP}" }}[event.key];
    if (wanted && press(name)) event.preventDefault();
  }});
}}
"""
"""Runs once when the page is open: Ctrl+Enter (or Cmd+Enter) generates, Esc stops."""
