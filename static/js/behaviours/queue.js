// Sells in order what is scanned, tapped and keyed in: one request on its way, what comes meanwhile goes with the
// next. Each item has its own id, so that sending again after a lost answer adds nothing twice.
//   document.dispatchEvent(new CustomEvent("till:item", {detail: {code: "5010000000000", quantity: "3"}}))
//   <form data-items><button name="product" value="12">…</button></form>
import { isBlocked, request, say, tell, token, uuid } from "lib/till";

const MOST = 25;
const PLACEHOLDER_AFTER = 50;
const RETRIES = [300, 800, 1500, 3000, 5000];
const waiting = [];
let sent = null; // the batch on its way
let failures = 0;
let placeholderTimer;

export function add(item) {
  waiting.push({ id: uuid(), ...item });
  showWaiting();
  pump();
}

function pump() {
  if (sent || !waiting.length || isBlocked()) return;
  sent = waiting.slice(0, MOST);
  placeholderTimer = setTimeout(showPlaceholders, PLACEHOLDER_AFTER);
  send();
}

function send() {
  const form = document.getElementById("scan");
  const values = { request_id: sent[0].id, items: JSON.stringify(sent), csrfmiddlewaretoken: token() };
  request("POST", form.action, { source: form, target: "#cart", swap: "outerHTML", values });
}

function answered(event) {
  if (event.detail.elt.id !== "scan" || !sent) return;
  const { xhr } = event.detail;
  const parameters = event.detail.requestConfig?.parameters;
  if (parameters && parameters.request_id !== sent[0].id) return;
  const taken = Number(xhr?.getResponseHeader?.("Till-Taken") ?? 0);
  if (!taken && (!xhr?.status || [204, 502, 503, 504].includes(xhr.status))) return retry();
  if (!taken) stop(sent[0]);
  if (failures) tell("till:connection", { state: "online" });
  failures = 0;
  clearPlaceholders();
  waiting.splice(0, taken || 1);
  sent = null;
  showWaiting();
  queueMicrotask(pump);
}

function retry() {
  const pause = RETRIES[Math.min(failures, RETRIES.length - 1)];
  failures += 1;
  tell("till:connection", { state: "offline" });
  say(`No answer yet. ${waiting.length} ${waiting.length === 1 ? "scan is" : "scans are"} kept and sent again.`, "question");
  setTimeout(() => sent && send(), pause);
}

// The server failed at this item: say so as loudly as for an unknown code, and go on only when it was seen.
function stop(item) {
  const strip = document.getElementById("strip");
  const parts = [["strip__title", "Not added"], ["strip__code", item.code || `Product ${item.product}`], ["", "The server could not add it. Scan it again."]];
  const words = document.createElement("div");
  for (const [name, text] of parts) {
    const line = document.createElement("p");
    line.className = name;
    line.textContent = text;
    words.append(line);
  }
  const key = document.createElement("button");
  key.className = "key key--destroy";
  key.type = "button";
  key.dataset.dismiss = "";
  key.textContent = "Dismiss";
  strip.dataset.blocks = "";
  strip.replaceChildren(words, key);
  tell("till:sound", { sound: "refused" });
}

// Lines that are on their way, so that the eye has its answer at once.
function showPlaceholders() {
  const list = document.getElementById("lines");
  if (!list || !sent) return;
  for (const item of sent) {
    const line = document.createElement("li");
    line.className = "line line--pending";
    line.dataset.pending = "";
    for (const [name, text] of [["quantity", `${item.quantity ?? 1} ×`], ["name", item.name || item.code || "…"]]) {
      const part = document.createElement("span");
      part.className = `line__${name}`;
      part.textContent = text;
      line.append(part);
    }
    list.append(line);
  }
  list.scrollTop = list.scrollHeight;
}

function clearPlaceholders() {
  clearTimeout(placeholderTimer);
  for (const line of document.querySelectorAll("[data-pending]")) line.remove();
}

function showWaiting() {
  const count = waiting.length - (sent?.length ?? 0);
  const text = isBlocked() && count > 0 ? `${count} ${count === 1 ? "scan is" : "scans are"} waiting` : "";
  for (const place of document.querySelectorAll("[data-waiting]")) if (place.textContent !== text) place.textContent = text;
}

function tapped(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.matches("[data-items]") || !event.submitter) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const name = event.submitter.querySelector(".tile__name, .row__name")?.textContent ?? "";
  tell("till:item", { product: Number(event.submitter.value), name });
  if (form.matches("[data-close-after]")) tell("till:close", { what: "panel" });
}

export function mount(page) {
  document.addEventListener("till:item", (event) => {
    const { code, product, quantity } = event.detail;
    add(Object.fromEntries(Object.entries({ code, product, quantity }).filter(([, value]) => value)));
  });
  document.addEventListener("till:unblocked", () => { showWaiting(); pump(); });
  page.addEventListener("submit", tapped, true);
  page.addEventListener("htmx:beforeSwap", (event) => { if (event.detail.elt?.id === "scan") clearPlaceholders(); });
  page.addEventListener("htmx:afterRequest", answered);
  page.addEventListener("htmx:afterSettle", showWaiting);
}
