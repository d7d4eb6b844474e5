// What several behaviours ask of the page: small, without state of its own.
export const till = () => document.getElementById("till");
export const totals = () => document.getElementById("totals");
export const version = () => totals()?.dataset.version ?? "";
export const token = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";

export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // a page over plain http on a tablet has no randomUUID
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export const tell = (name, detail = {}, target = document) =>
  target.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));

// By its id, because each scan asks: a selector would have to look at every line of the cart.
const asks = (id) => {
  const sheet = document.getElementById(id);
  return sheet?.open && !sheet.classList.contains("sheet--standing");
};

// Something that must be answered first: an unknown code, or a sheet that asks.
export const isBlocked = () =>
  Boolean(document.getElementById("strip")?.hasAttribute("data-blocks") || asks("sheet") || asks("shortcuts"));

export function say(text, tone = "info") {
  const message = document.getElementById("message");
  if (!message) return;
  message.dataset.tone = tone;
  const words = document.createElement("span");
  words.className = "message__text";
  words.textContent = text;
  message.replaceChildren(words);
}

export const isTyping = (element) =>
  element instanceof HTMLElement &&
  (element.isContentEditable || /^(textarea|select)$/i.test(element.tagName) ||
    (element.tagName === "INPUT" && !/^(checkbox|radio|button|submit|range|hidden)$/.test(element.type)));

// A request of a behaviour's own, in the queue of all the others; who cares for its end listens to htmx's events.
export const request = (verb, path, options) => htmx.ajax(verb, path, options)?.catch(() => {});
