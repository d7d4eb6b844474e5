// What the devices ask of the cashier, at a moment when it does not disturb: paper that is nearly out between two
// sales, a drawer that is left open after half a minute. Everything else is a dot until somebody looks.
//   <a id="devices" data-behaviour="devices"><span data-open-seconds="12"><span data-before-sale="…">
import { say, tell } from "lib/till";

const OPEN_SECONDS = 30;
const STILL_OPEN = "The drawer is still open. Push it shut.";
let said = "";
let reminder;
let listens = false;

const isSaid = (words) => document.getElementById("message")?.textContent.trim() === words;
const isBetweenSales = () => !document.querySelector("#lines > .line, #panel[data-paying], #panel[data-card]");

function beforeSale() {
  const words = document.querySelector("#devices [data-before-sale]")?.dataset.beforeSale ?? "";
  if (words === said || !isBetweenSales()) return;
  if (words) say(words, "question");
  else if (isSaid(said)) say(""); // the roll is changed, the disk has room again
  said = words;
}

function watchDrawer() {
  clearTimeout(reminder);
  const drawer = document.querySelector("#devices [data-open-seconds]");
  if (!drawer) {
    if (isSaid(STILL_OPEN)) say("");
    return;
  }
  drawer.shownAt ??= performance.now(); // not the time of day, which the server knows better
  const open = Number(drawer.dataset.openSeconds) + (performance.now() - drawer.shownAt) / 1000;
  reminder = setTimeout(() => {
    drawer.dataset.state = "warning";
    say(STILL_OPEN, "question");
    tell("till:sound", { sound: "question" });
    reminder = setTimeout(watchDrawer, OPEN_SECONDS * 1000);
  }, Math.max(OPEN_SECONDS - open, 0.1) * 1000);
}

// The answer to a payment does not wait for the station, and one that is away says nothing: its mark does.
function whyNothingPrints() {
  const words = document.querySelector("#receipt-state [data-printing]");
  const away = document.querySelector("#devices [data-station][data-state=down]");
  if (!words || !away) return;
  words.textContent = away.title;
  words.classList.add("paper-state__words--asks");
}

export function mount() {
  watchDrawer();
  beforeSale();
  whyNothingPrints();
  if (listens) return;
  listens = true;
  document.addEventListener("till:changed", () => queueMicrotask(beforeSale));
  document.addEventListener("till:panel", () => {
    queueMicrotask(beforeSale);
    whyNothingPrints();
  });
}
