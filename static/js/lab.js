/* The lab's page: presses keys without leaving the page, and lets paper come out as it is printed.
   <main data-lab data-place="…" data-seen="1.0" data-touch="/bench/…/touch/" data-token="…"> */
const bench = document.querySelector("[data-lab]");
const problem = document.querySelector("[data-lab-problem]");
const line = document.querySelector("[data-lab-line]");
const still = matchMedia("(prefers-reduced-motion: reduce)");

document.documentElement.classList.add("with-script");

bench.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-hand]");
  if (!form) return;
  event.preventDefault();
  const body = new FormData(form);
  const field = form.matches("[data-scan]") ? form.elements.value : null;
  if (field) { field.value = ""; field.focus(); }
  try {
    const answer = await fetch(bench.dataset.touch, {
      method: "POST", body, headers: { "X-CSRFToken": bench.dataset.token, "X-Requested-With": "lab" },
    });
    say(answer.headers.get("content-type")?.includes("json") ? (await answer.json()).problem : "The lab did not take that. Load the page again.");
  } catch {
    say("The lab cannot be reached. Is it running?");
  }
});

function say(words) {
  problem.textContent = words || "";
}

function rollOf(device) {
  const roll = document.getElementById(`roll-${device}`);
  if (!roll) busy(document.querySelector(`[data-printer="${device}"]`));
  return roll;
}

function busy(link) {
  if (!link) return;
  link.classList.add("lab__place--busy");
  clearTimeout(link.calm);
  link.calm = setTimeout(() => link.classList.remove("lab__place--busy"), 1500);
}

function toEnd(roll, smooth) {
  roll.scrollTo({ top: roll.scrollHeight, behavior: smooth && !still.matches ? "smooth" : "instant" });
}

function advance(strip, height) {
  if (still.matches || document.hidden) return;
  strip.animate([{ transform: `translateY(${height}px)` }, { transform: "none" }], { duration: 60, easing: "linear" });
}

const hear = {
  ink({ device, html }) {
    const roll = rollOf(device);
    if (!roll) return;
    const near = roll.scrollHeight - roll.scrollTop - roll.clientHeight < 120;
    const receipt = roll.querySelector(".receipt--printing");
    const before = receipt.offsetHeight;
    receipt.insertAdjacentHTML("beforeend", html);
    if (near) toEnd(roll);
    advance(receipt, receipt.offsetHeight - before);
  },
  cut({ device }) {
    const roll = rollOf(device);
    if (!roll) return;
    const strip = roll.querySelector("[data-strip]");
    strip.querySelector(".receipt--printing").classList.remove("receipt--printing");
    const next = document.createElement("article");
    next.className = "receipt receipt--printing";
    strip.append(next);
    while (strip.children.length > 30) strip.firstElementChild.remove();
    toEnd(roll, true);
  },
  roll({ device, html }) {
    const roll = rollOf(device);
    if (!roll) return;
    roll.innerHTML = html;
    toEnd(roll);
  },
  panel({ target, html }) {
    const panel = document.getElementById(target);
    if (!panel) return;
    const kept = [...panel.querySelectorAll("[data-keep]")].map((part) => [part.dataset.keep, part.open, part.value, part === document.activeElement]);
    const focused = panel.contains(document.activeElement) ? [...panel.querySelectorAll("button, input, summary")].indexOf(document.activeElement) : -1;
    panel.innerHTML = html;
    for (const [name, open, value, active] of kept) {
      const part = panel.querySelector(`[data-keep="${name}"]`);
      if (!part) continue;
      if (open !== undefined) part.open = open;
      if (value !== undefined) part.value = value;
      if (active) part.focus();
    }
    if (focused >= 0 && !panel.contains(document.activeElement)) panel.querySelectorAll("button, input, summary")[focused]?.focus();
  },
  elsewhere({ place }) {
    const link = document.querySelector(`.lab__place[data-place="${place}"]`);
    if (!link) return location.reload();
    busy(link);
  },
  reload() { location.reload(); },
};

function connect(pause) {
  const address = new URL("/ws/lab/", location.href);
  address.protocol = address.protocol.replace("http", "ws");
  address.searchParams.set("place", bench.dataset.place);
  address.searchParams.set("seen", bench.dataset.seen);
  const socket = new WebSocket(address);
  socket.onopen = () => { line.hidden = true; pause = 500; };
  socket.onmessage = ({ data }) => { const message = JSON.parse(data); hear[message.kind]?.(message); };
  socket.onclose = () => {
    line.hidden = false;
    bench.dataset.seen = "";
    setTimeout(connect, pause, Math.min(pause * 1.7, 8000));
  };
}

for (const roll of document.querySelectorAll("[data-roll]")) toEnd(roll);
connect(500);
