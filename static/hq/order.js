// The page of an order: each change is sent at once, one after another, and the answer renews the form around what is
// being typed and pressed. Without this script the form is sent as a whole.

const form = document.getElementById("order");
const scans = new WeakMap(); // what was in the field for articles, by the event that sends it
let sent = new Map(); // what the fields said when the request on its way left
let act = ""; // the key that sent it
let scan = ""; // the article that it adds
let answered = 0; // when the last answer came
let refused = false;
let isRenewing = false;
let renewal = null; // an answer that waits until a key is let go

const fields = () => [...form.querySelectorAll("input[type=text]:not([readonly]), input[type=search]")];
const keyOf = ({ triggeringEvent: event }) =>
  event?.type === "submit" && event.submitter?.name ? `${event.submitter.name}=${event.submitter.value}` : "";

// A scan can follow one that is on its way: the field is empty for it.
form.addEventListener("submit", (event) => {
  const add = document.getElementById("sim-add");
  scans.set(event, add?.value || "");
  if (add) add.value = "";
}, true);

form.addEventListener("htmx:configRequest", (event) => {
  const { parameters, triggeringEvent } = event.detail;
  const key = keyOf(event.detail);
  // What was asked for while another request was on its way: nothing, where that was refused, or was the same key.
  const waited = triggeringEvent && triggeringEvent.timeStamp < answered;
  if (waited && (refused || (key && key === act))) return event.preventDefault();
  if (triggeringEvent?.type === "submit") parameters.add = scan = scans.get(triggeringEvent);
  else delete parameters.add; // it is still being typed
  if (key) parameters[triggeringEvent.submitter.name] = triggeringEvent.submitter.value;
  act = key;
  renewal = null;
  sent = new Map(fields().map((field) => [field.id, field.value]));
  sent.set("sim-add", "");
  if (!key.startsWith("do=")) sent.set("why", "");
});

form.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  event.detail.shouldSwap = false;
  answered = performance.now();
  if (xhr.status === 403 || xhr.status === 404) return location.reload();
  if (xhr.status >= 400) return unanswered();
  const fresh = new DOMParser().parseFromString(xhr.response, "text/html").getElementById("order");
  if (!fresh) return location.reload(); // signed out meanwhile
  refused = "refused" in fresh.dataset;
  if (!form.querySelector(":active")) return renew(fresh);
  form.elements.version.value = fresh.elements.version.value;
  renewal = fresh;
});

// After the click that a key gives when it is let go.
for (const name of ["pointerup", "pointercancel", "keyup"]) {
  document.addEventListener(name, () => setTimeout(() => renewal && renew(renewal)));
}

for (const name of ["htmx:sendError", "htmx:timeout"]) form.addEventListener(name, () => unanswered());

const tell = (field) => field.dispatchEvent(new Event("change", { bubbles: true }));

// A browser may tell of a change in what is taken out: the field in its place does, when it is left.
form.addEventListener("change", (event) => isRenewing && event.stopPropagation(), true);

const renew = (fresh) => {
  renewal = null;
  const typed = refused ? [] : fields().filter((field) => field.value !== sent.get(field.id));
  const focus = document.activeElement;
  const { id } = focus;
  const marked = focus.matches("input") ? [focus.selectionStart, focus.selectionEnd] : [];
  isRenewing = true;
  form.replaceChildren(...fresh.childNodes);
  isRenewing = false;
  for (const { id: of, value } of typed) {
    const field = document.getElementById(of);
    if (!field || field.readOnly || field.value === value) continue;
    field.value = value;
    if (!field.matches(".sim-now")) continue;
    if (of !== id) tell(field);
    else field.addEventListener("blur", () => field.value !== sent.get(of) && tell(field), { once: true });
  }
  const again = id ? form.querySelector(`#${CSS.escape(id)}`) : null;
  again?.focus({ preventScroll: true });
  if (again && marked.length) again.setSelectionRange(...marked);
};

const unanswered = () => {
  answered = performance.now();
  refused = true;
  const add = document.getElementById("sim-add");
  if (add && !add.value) add.value = scan;
  const line = form.querySelector(".od-problem") || document.createElement("p");
  line.className = "od-problem";
  line.setAttribute("role", "alert");
  line.textContent = "Headquarters gave no answer: the last change may not be kept. Load the page again, and look at the order.";
  form.prepend(line);
};
