// The keyboard: keys that carry data-key="F7" answer to it; ? shows the map, / goes to the search, arrows choose a line.
import { isBlocked, isTyping, tell } from "lib/till";

const nameOf = (event) => `${event.shiftKey && event.key.length > 1 ? "Shift+" : ""}${event.key}`;

function run(key) {
  if (key === "?") return document.getElementById("shortcuts")?.showModal();
  if (key === "/") return document.getElementById("search")?.focus();
}

function pressed(event) {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") {
    if (document.querySelector("#strip[data-blocks]")) document.querySelector("#strip [data-dismiss]")?.click();
    else if (document.activeElement?.id === "search") { document.activeElement.value = ""; document.activeElement.blur(); tell("till:close", { what: "panel" }); }
    else if (document.querySelector("#panel > *")) tell("till:close", { what: "panel" });
    return;
  }
  const key = document.querySelector(`[data-key="${CSS.escape(nameOf(event))}"]`);
  if (key && !(key.dataset.key === "Delete" && isTyping(event.target))) {
    event.preventDefault();
    if (!isBlocked()) key.click();
    return;
  }
  if (isTyping(event.target)) return;
  if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    if (event.target.closest?.("[role=tablist], .tiles, dialog, .panel")) return;
    event.preventDefault();
    tell("till:move", { step: event.key === "ArrowUp" ? -1 : 1 });
  }
}

export function mount() {
  window.addEventListener("keydown", pressed);
  document.addEventListener("till:shortcut", (event) => run(event.detail.key));
}
