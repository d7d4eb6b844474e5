// Panels and sheets close without asking the server; a sheet opens over the page when it arrives.
//   <a data-close="panel">   <a data-close="sheet">   <a data-dismiss> in the strip   <button data-open="shortcuts">
//   <form data-only="#found">   Enter takes what was found, when it is only one; #found says in data-asked what for
import { isBlocked, tell } from "lib/till";

function close(what) {
  if (what === "panel") {
    const panel = document.getElementById("panel");
    panel?.replaceChildren();
    for (const name of ["data-paying", "data-until-next", "aria-labelledby"]) panel?.removeAttribute(name);
    tell("till:panel");
  }
  if (what === "sheet") document.querySelector("dialog#sheet")?.close();
}

function unblocked() {
  if (!isBlocked()) tell("till:unblocked");
}

function dismiss() {
  const strip = document.getElementById("strip");
  strip?.replaceChildren();
  strip?.removeAttribute("data-blocks");
  strip?.classList.remove("strip--question");
  document.getElementById("message")?.replaceChildren(); // it said the same
  document.getElementById("lines")?.focus({ preventScroll: true });
  unblocked();
}

function tapped(event) {
  const closer = event.target.closest?.("[data-close]");
  if (closer) {
    event.preventDefault();
    close(closer.dataset.close);
  }
  if (event.target.closest?.("[data-dismiss]")) {
    event.preventDefault();
    dismiss();
  }
  const opener = event.target.closest?.("[data-open]");
  if (opener) {
    opener.closest("[popover]")?.hidePopover();
    document.getElementById(opener.dataset.open)?.showModal();
  }
  const focus = event.target.closest?.("[data-focus]");
  if (focus) dismiss();
  const menu = event.target.closest?.("[popover]");
  if (menu && event.target.closest("a[hx-get]")) menu.hidePopover();
  if (event.target.classList?.contains("sheet") && event.target.open) event.target.close(); // the ground beside it
}

function arrived() {
  const sheet = document.querySelector("dialog#sheet:not([open])");
  if (!sheet || sheet.dataset.was) return;
  sheet.dataset.was = "";
  sheet.addEventListener("close", () => {
    const nothing = document.createElement("div");
    nothing.id = "sheet";
    if (sheet.isConnected) sheet.replaceWith(nothing);
    unblocked();
  });
  sheet.showModal();
  const field = sheet.querySelector("[autofocus], .field__input:not([type=hidden])");
  field?.focus();
  field?.select?.();
}

// On a phone, what is paid and the change leave room for nothing else.
function room(page) {
  page.toggleAttribute("data-panel-only", Boolean(document.querySelector("#panel:is([data-paying], [data-until-next])")));
}

// The next item starts the next sale: the change has been seen.
function next(event) {
  if ((event.type === "till:next" || event.detail.sound === "added") && document.querySelector("#panel[data-until-next]")) close("panel");
}

// A sheet whose request was done has nothing more to say.
function answered(event) {
  const { xhr } = event.detail;
  const elt = event.detail.requestConfig?.elt ?? event.detail.elt;
  if (elt.closest?.("dialog#sheet") && elt.matches("form") && xhr?.status >= 200 && xhr.status < 300) close("sheet");
}

let isEntered = false; // before what was found had come

function takeOnly(form) {
  const found = document.querySelector(form.dataset.only);
  const rows = found?.querySelectorAll("button.row") ?? [];
  if (rows.length !== 1 || found.dataset.asked !== form.querySelector("input").value.trim()) return false;
  isEntered = false;
  rows[0].click();
  return true;
}

function entered(event) {
  if (!event.target.matches("form[data-only]")) return;
  isEntered = !takeOnly(event.target);
  if (isEntered) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

function found() {
  const form = isEntered && document.querySelector("#panel form[data-only]");
  if (form) takeOnly(form);
}

// A sheet that came with the page, at its own address, is one like the others.
function standing() {
  const sheet = document.querySelector("dialog#sheet.sheet--standing[open]");
  if (!sheet) return;
  sheet.removeAttribute("open");
  sheet.classList.remove("sheet--standing");
  arrived();
}

export function mount(page) {
  page.addEventListener("click", tapped);
  page.addEventListener("submit", entered, { capture: true });
  page.addEventListener("input", () => { isEntered = false; });
  page.addEventListener("change", (event) => { if (event.target.name === "view") close("panel"); });
  document.addEventListener("till:close", (event) => close(event.detail.what));
  document.addEventListener("till:changed", next);
  document.addEventListener("till:next", next);
  document.addEventListener("htmx:afterRequest", answered);
  document.addEventListener("htmx:afterSettle", () => { arrived(); found(); tell("till:panel"); unblocked(); });
  document.addEventListener("htmx:oobAfterSwap", arrived);
  document.getElementById("shortcuts")?.addEventListener("close", unblocked);
  document.addEventListener("till:panel", () => room(page));
  room(page);
  standing();
}
