// The keypad, on the screen and on the keyboard: number, then key.
//   3 × scan          three of what is scanned next        3, tile      three of it
//   3 Quantity        the chosen line's quantity            22961 Enter  that code
//   20 Cash           that much in cash, while paying       C            clears; again: asks to void the line
// A scan never changes a number that is being keyed in.
//   <section data-behaviour="keypad">… <button data-press="7"> … <output data-entry><span data-figure></span></output>
import { isBlocked, isTyping, request, say, tell } from "lib/till";

const MOST_SIGNS = 18; // of the longest code that is keyed in
let figure = "";
let times = "";
let clearAsked = 0;
let section;

function show() {
  const entry = section.querySelector("[data-entry]");
  section.querySelector("[data-figure]").textContent = times ? `${times} × ${figure}` : figure;
  const isPaying = document.querySelector("#panel[data-paying]");
  section.querySelector("[data-hint]").textContent = times && !figure ? "Now scan or tap the item" : isPaying ? "Amount, then how it is paid" : "Number, then key";
  entry.toggleAttribute("data-armed", Boolean(times));
  const keyed = document.querySelector("#panel[data-paying] [data-keyed]");
  if (keyed && document.activeElement !== keyed) keyed.value = figure;
}

function reset() {
  figure = times = "";
  show();
}

function press(sign) {
  if (sign !== "clear") clearAsked = 0;
  if (/^\d{1,2}$/.test(sign)) figure = (figure + sign).slice(0, MOST_SIGNS);
  else if (sign === "." && !figure.includes(".")) figure = `${figure || "0"}.`;
  else if (sign === "times") armed();
  else if (sign === "back") figure = figure.slice(0, -1);
  else if (sign === "clear") clear();
  else if (sign === "enter") enter();
  show();
}

function armed() {
  if (Number(figure) > 0) [times, figure] = [figure, ""];
  else if (!figure) times = "";
}

function clear() {
  if (figure || times) {
    figure = times = "";
    return;
  }
  const line = document.querySelector(".line[aria-current]");
  if (!line) return;
  if (Date.now() - clearAsked < 3000) {
    clearAsked = 0;
    document.querySelector(".keys__line form[data-with-line]")?.requestSubmit();
    return;
  }
  clearAsked = Date.now();
  say(`Press C again to void ${line.querySelector(".line__name").textContent}.`, "question");
}

function enter() {
  if (!figure) return;
  if (document.querySelector("#panel[data-paying]")) {
    document.querySelector("#panel[data-paying] [data-keyed]").form.querySelector("button")?.click();
    return;
  }
  tell("till:item", { code: figure });
}

// The quantity goes with the next item: a number with ×, or a bare number before a tile.
function onItem(event) {
  const isTile = Boolean(event.detail.product);
  const quantity = times || (isTile ? figure : "");
  if (quantity && !event.detail.quantity) event.detail.quantity = quantity;
  reset();
}

// A key that takes the number at once, such as Quantity; without a number it asks for one.
function onKey(event) {
  const key = event.target.closest?.("[data-takes]");
  if (!key || !figure) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const line = document.querySelector(".line[aria-current]")?.dataset.line ?? "";
  const url = new URL(key.href);
  request("POST", url.pathname, { source: document.getElementById("taker"), target: "#cart", swap: "outerHTML", values: { line, [key.dataset.takes]: figure } });
  reset();
}

function onRequest(event) {
  const key = event.detail.elt.closest("[data-with-figure]");
  if (key && figure) {
    event.detail.parameters[key.dataset.withFigure] = figure;
    reset();
  }
}

const KEYS = { "*": "times", x: "times", X: "times", Enter: "enter", Escape: "clear", Backspace: "back", ".": ".", ",": "." };

function onKeyboard(event) {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target) || isBlocked()) return;
  const sign = KEYS[event.key];
  if (!sign || (sign === "enter" && !figure) || (sign === "clear" && !figure && !times)) return;
  event.preventDefault();
  press(sign);
}

// What came before the rest of a scan was not meant for the keypad.
function onUntyped(event) {
  const digits = event.detail.signs.replace(/\D/g, "");
  if (digits && figure.endsWith(digits)) figure = figure.slice(0, -digits.length);
  show();
}

export function mount(element) {
  section = element;
  element.addEventListener("click", (event) => {
    const key = event.target.closest("[data-press]");
    if (key) press(key.dataset.press);
  });
  document.addEventListener("till:typed", (event) => {
    const sign = /^\d$/.test(event.detail.sign) ? event.detail.sign : KEYS[event.detail.sign];
    if (sign && !isBlocked()) press(sign);
    else if (event.detail.sign === "?" || event.detail.sign === "/") tell("till:shortcut", { key: event.detail.sign });
  });
  document.addEventListener("till:untyped", onUntyped);
  window.addEventListener("till:item", onItem, true);
  document.addEventListener("click", onKey, true);
  document.addEventListener("htmx:configRequest", onRequest);
  document.addEventListener("htmx:beforeRequest", (event) => { if (event.detail.elt.querySelector?.("[data-keyed]")) reset(); });
  document.addEventListener("htmx:afterSettle", (event) => { if (event.detail.elt?.id === "panel" || event.target.id === "panel") show(); });
  document.addEventListener("till:panel", show);
  window.addEventListener("keydown", onKeyboard);
  show();
}
