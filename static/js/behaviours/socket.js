// The register's socket: what happened elsewhere (a scan at the station, a device, new data) is put on the page.
// A page that missed a change sees it by the version and fetches the cart; nothing depends on a message arriving.
import { request, say, tell, version } from "lib/till";

const PAUSES = [500, 1000, 2000, 4000, 8000, 15000];
const BEAT = 20000;
let tries = 0;
let lost = null;
let heard = 0;
let page;
let socket;
let paper = null;
let doubted = "";

function pill(state) {
  const element = document.getElementById("pill");
  if (!element || element.dataset.state === state) return;
  const words = { online: "Online", slow: "Slow", offline: `Offline since ${new Date(lost ?? Date.now()).toTimeString().slice(0, 5)}` };
  element.dataset.state = state;
  element.querySelector(".pill__word").textContent = words[state];
}

export const refetch = () => request("GET", page.dataset.cartUrl, { source: document.getElementById("refetch"), target: "#cart", swap: "outerHTML" });

function swap(html) {
  htmx.swap(document.getElementById("message"), html, { swapStyle: "none" });
}

function showPaper() {
  if (!paper || document.getElementById("receipt-state")?.dataset.sale !== paper.source) return;
  const { html } = paper;
  paper = null;
  swap(html);
}

const HANDLERS = {
  hello(message) {
    if (String(message.version) !== version()) refetch();
    swap(message.html);
    tell("till:devices");
  },
  cart(message) {
    if (Number(message.version) < Number(version())) return;
    if (Number(message.version) > Number(version()) && String(message.previous) !== version()) return refetch();
    if (message.whole) {
      htmx.swap(document.getElementById("cart"), message.whole, { swapStyle: "outerHTML" });
      return tell("till:changed", { version: message.version, sound: message.sound });
    }
    if (message.sound === "added") tell("till:next");
    for (const [id, html] of message.lines) {
      const shown = document.getElementById(`line-${id}`);
      htmx.swap(shown ?? document.getElementById("lines"), html, { swapStyle: shown ? "outerHTML" : "beforeend" });
    }
    swap(message.html);
    tell("till:changed", { version: message.version, sound: message.sound });
  },
  payment(message) {
    const isWatched = document.querySelector("#panel[data-card]");
    if (Number(message.version) < Number(version())) return;
    if (message.html) {
      if (Number(message.version) === Number(version()) && !isWatched) return;
      htmx.swap(document.getElementById("cart"), message.html, { swapStyle: "outerHTML" });
      tell("till:changed", { version: message.version, sound: message.sound });
    } else if (Number(message.version) > Number(version()) || (message.work && !isWatched)) refetch();
    else if (message.work) swap(message.work);
  },
  receipt(message) {
    paper = message; // it may be here before the page that shows the sale
    showPaper();
    tell("till:devices"); // how many prints wait, or are unknown
    if (!message.printed || message.printed !== doubted) return;
    doubted = "";
    say(`“${message.printed}” was printed after all.`, "info");
  },
  weight: (message) => tell("till:weight", message),
  devices(message) {
    swap(message.html);
    tell("till:devices");
  },
  job(message) {
    swap(message.html);
    tell("till:devices");
    doubted = message.title;
    say(message.text, "question");
    tell("till:sound", { sound: "question" });
  },
  data(message) {
    swap(message.html);
    say(message.text, "info");
    const shown = document.querySelector("[role=tab][aria-selected=true]")?.id.replace("tab-", "") ?? "";
    request("GET", `${page.dataset.tilesUrl}?grid=${shown}`, { source: document.getElementById("refetch"), target: "#tiles", swap: "outerHTML" });
  },
  away() { location.reload(); },
};

function connect() {
  const address = new URL(page.dataset.socket, location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(address);
  socket.addEventListener("open", () => {
    tries = 0;
    lost = null;
    heard = Date.now();
    pill("online");
  });
  socket.addEventListener("message", (event) => {
    heard = Date.now();
    pill("online");
    const message = JSON.parse(event.data);
    HANDLERS[message.kind]?.(message);
  });
  socket.addEventListener("close", () => {
    lost ??= Date.now();
    if (tries > 0 || !navigator.onLine) pill("offline");
    setTimeout(connect, PAUSES[Math.min(tries, PAUSES.length - 1)] * (0.75 + Math.random() / 2));
    tries += 1;
  });
}

function beat() {
  if (socket?.readyState !== WebSocket.OPEN) return;
  if (Date.now() - heard > 2.5 * BEAT) return socket.close();
  socket.send(JSON.stringify({ kind: "beat" }));
}

export function mount(element) {
  page = element;
  connect();
  setInterval(beat, BEAT);
  window.addEventListener("online", () => { tries = 0; });
  window.addEventListener("offline", () => { lost ??= Date.now(); pill("offline"); });
  document.addEventListener("till:connection", (event) => {
    if (event.detail.state === "offline") lost ??= Date.now();
    pill(event.detail.state);
  });
  document.addEventListener("htmx:afterSettle", showPaper);
  let slow;
  page.addEventListener("htmx:beforeRequest", () => { clearTimeout(slow); slow = setTimeout(() => pill("slow"), 1500); });
  page.addEventListener("htmx:afterRequest", (event) => {
    clearTimeout(slow);
    if (event.detail.xhr?.status) pill("online");
  });
}
