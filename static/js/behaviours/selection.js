// The chosen line: the last one unless another was tapped; line keys act on it. Keeps the newest line in sight.
//   <li class="line" data-line="3"><a data-select>
let picked = "";
let frame;

const lines = () => [...(document.getElementById("lines")?.children ?? [])].filter((line) => !line.classList.contains("line--pending"));
const alive = (line) => !line.classList.contains("line--voided");

function choose(line, { scroll = true } = {}) {
  for (const other of lines()) if (other !== line) other.removeAttribute("aria-current");
  line?.setAttribute("aria-current", "true");
  for (const field of document.querySelectorAll("[data-chosen]")) field.value = line?.dataset.line ?? "";
  if (!scroll) return;
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(() => line?.scrollIntoView({ block: "nearest" })); // in the frame that lays it out anyway
}

function tapped(event) {
  const line = event.target.closest?.("#lines > .line");
  if (!line || event.target.closest(".line__why")) return;
  event.preventDefault();
  if (!alive(line)) return;
  picked = line.dataset.line;
  choose(line, { scroll: false });
}

// After an answer, before the next key is heard: a new line is chosen, once; what was picked stays picked while it counts.
function settle() {
  const all = lines();
  const fresh = all.findLast((line) => line.classList.contains("line--new") && !line.dataset.seen);
  const wanted = fresh ?? all.find((line) => line.dataset.line === picked && alive(line)) ?? all.findLast(alive);
  if (fresh) picked = "";
  choose(wanted);
  for (const line of all) if (line !== fresh) line.classList.remove("line--new");
  if (fresh) fresh.dataset.seen = "";
}

function move(step) {
  const all = lines().filter(alive);
  const at = all.findIndex((line) => line.hasAttribute("aria-current"));
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  if (!next) return;
  picked = next.dataset.line;
  choose(next);
}

export function mount(page) {
  page.addEventListener("click", tapped);
  new MutationObserver((changes) => {
    if (changes.some(({ target }) => target.id === "lines" || target.matches("main"))) settle();
  }).observe(page.querySelector("main"), { childList: true, subtree: true });
  document.addEventListener("till:move", (event) => move(event.detail.step));
  settle();
}
