// Every request of the till: which cart the page shows, the id that makes a second arrival harmless, and what
// to say when no answer comes.
//   <form data-once hx-post="…">   one tap, one effect: the id stays until an answer has come, other taps wait
//   <a data-with-line hx-get="…">  gets the chosen line
import { say, tell, token, totals, uuid } from "lib/till";

const kept = new Map(); // what was asked, by its content → the id under which it was sent and not yet answered
let pending = null; // the form that is on its way

const keyOf = (config) =>
  config.path + [...config.formData.entries()].filter(([name]) => name !== "request_id").map(String).sort().join("&");

function configure(event) {
  const { detail } = event;
  const shown = totals();
  if (shown) {
    detail.headers["Till-Version"] = shown.dataset.version;
    detail.headers["Till-Last"] = shown.dataset.last;
  }
  if (detail.elt.closest("[data-with-line]")) {
    detail.parameters.line = document.querySelector(".line[aria-current]")?.dataset.line ?? "";
  }
  if (detail.verb === "get") return;
  detail.headers["X-CSRFToken"] = token();
  if (detail.elt.id === "scan") return; // the queue gives each of its items an id
  if (!detail.elt.matches("[data-once]")) {
    detail.parameters.request_id = uuid();
    return;
  }
  const key = keyOf(detail);
  if (!kept.has(key)) kept.set(key, uuid());
  detail.parameters.request_id = kept.get(key);
  detail.elt.tillKey = key;
}

// A second tap while the first is on its way does nothing.
function guard(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.matches("[data-once]")) return;
  if (pending || event.submitter?.getAttribute("aria-disabled") === "true") {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  keepPressed(form, event.submitter);
}

// Which key was pressed goes with the form also when the request has to wait for others.
function keepPressed(form, key) {
  form.querySelector("[data-pressed]")?.remove();
  if (!key?.name) return;
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: key.name, value: key.value });
  field.dataset.pressed = "";
  form.append(field);
}

function started(event) {
  if (event.target.matches?.("[data-once]")) pending = event.target;
}

function answered(event) {
  const form = event.detail.requestConfig?.elt ?? event.detail.elt; // the answer may have replaced it
  if (!form.matches?.("[data-once]")) return;
  pending = null;
  const status = event.detail.xhr?.status ?? 0;
  if (status && status < 500) kept.delete(form.tillKey);
}

// A refusal of ours says so; whatever else has such a status (a proxy's page, say) is not put into the till.
function onlyOurs(event) {
  const { xhr } = event.detail;
  if (xhr.status < 400 || xhr.getResponseHeader("HX-Trigger")) return;
  event.detail.shouldSwap = false;
  if (event.detail.elt?.id === "scan") return;
  say("The server did not take it. Load the page again if this stays.", "danger");
  tell("till:sound", { sound: "refused" });
}

function failed(event) {
  if (event.detail.elt?.id === "scan") return; // the queue tries again by itself
  say("No answer from the server. Tap again: it is done only once.", "danger");
  tell("till:sound", { sound: "refused" });
}

export function mount(page) {
  page.addEventListener("htmx:configRequest", configure);
  page.addEventListener("submit", guard, true);
  page.addEventListener("htmx:beforeRequest", started);
  page.addEventListener("htmx:afterRequest", answered);
  page.addEventListener("htmx:beforeSwap", onlyOurs);
  page.addEventListener("htmx:sendError", failed);
  page.addEventListener("htmx:timeout", failed);
  page.addEventListener("htmx:responseError", (event) => {
    if (event.detail.elt?.id === "scan") return;
    say("The server could not do it. Nothing was changed; try again.", "danger");
    tell("till:sound", { sound: "refused" });
  });
}
