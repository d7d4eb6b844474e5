// A scanner that types like a keyboard (a wedge). Its end is its terminator, Enter or Tab; its speed comes second.
// It works whatever has the focus, and what it types never lands in a field: when the second sign comes faster than
// a finger, the field gets back what it held, and everything up to the terminator is swallowed.
//   <form id="scan" data-behaviour="scanner">
// A field that wants scans (the receipt number of a return) says so: <input data-scan-here>.
import { isTyping, say, tell } from "lib/till";

const FAST = 35; // ms between two signs: no finger is that quick
const STEADY = 80; // ms between half of the signs of a code, for slow wireless scanners
const STEADY_IN_FIELD = 45; // where somebody may be typing, a PIN for instance
const PAUSE = 250; // ms after which a new run begins
const STALL = 1000; // ms that a scanner may rest within a code: a radio link does when it sends again
const LEAST = 4; // signs of the shortest code
const SEPARATOR = "\x1d"; // between the fields of a GS1 label; scanners that type send it as Ctrl and ]
const A_HAND = /^(Escape|Tab|Backspace|Delete|Arrow|Home|End|Page|F\d)/; // no scanner types these within a code
const CARD = /^[%;+][A-Za-z]?(\d{8}|.*\?$)/; // a track of a magnetic card, whole or in part (ISO/IEC 7813)
const TORN = 150; // ms after the page began: what is keyed then may be the end of what the page before got

let run = [];
let given = 0; // how many signs of the run the keypad has already got
let field = null;
let before = null;
let swallowing = false;
let torn = false; // its beginning went to the page before
let release;

const typedIn = () => (isTyping(document.activeElement) ? document.activeElement : null);

function begin() {
  run = [];
  given = 0;
  swallowing = torn = false;
  clearTimeout(release);
  field = typedIn();
  before = field && "value" in field ? { value: field.value, start: field.selectionStart, end: field.selectionEnd } : null;
}

function restore() {
  if (!field || !before) return;
  if (field.value !== before.value) {
    field.value = before.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  try { field.setSelectionRange(before.start, before.end); } catch { /* a field of another type has no selection */ }
}

// It was a person, it seems: the keypad gets the signs. When a scan goes on after all (a wireless scanner may hesitate
// after its first sign), they are taken back at its end.
function give() {
  for (const [sign] of run.slice(given)) tell("till:typed", { sign });
  given = run.length;
}

// It was a person after all: give the signs to whom they were meant for.
function giveBack() {
  const target = field;
  if (!target) give();
  const signs = run.map(([sign]) => sign).join("");
  begin();
  if (target?.isConnected && "setRangeText" in target) {
    const start = target.selectionStart ?? target.value.length;
    target.setRangeText(signs, start, target.selectionEnd ?? start, "end");
    target.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

// Whoever keyed it goes on with something else. A late timer may not have given the last signs yet.
function end() {
  if (swallowing || !field) giveBack();
  else begin();
}

// Half of the pauses count: a fast hand has a short one now and then, a scanner a long one.
const isScan = () => {
  if (run.length < LEAST) return false;
  const pauses = run.slice(1).map(([, at], index) => at - run[index][1]).sort((one, other) => one - other);
  return pauses[Math.floor(pauses.length / 2)] <= (field ? STEADY_IN_FIELD : STEADY);
};

const patience = () => (swallowing && (!field || isScan()) ? STALL : PAUSE);

// Half of a code would be another article's: a scan that rests may still go on, though the keypad shows it meanwhile.
function rest() {
  if (!field) give();
  else if (isScan()) release = setTimeout(giveBack, STALL - PAUSE);
  else giveBack();
}

// A shortened code may be another article's: the scan is asked for again.
function refuseTorn(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
  begin();
  say("A scan came while the page was loading. Scan it again.", "question");
  tell("till:sound", { sound: "refused" });
}

function finish(event) {
  if (torn && run.length) return refuseTorn(event);
  if (!isScan() || (event.isTrusted && event.timeStamp - run.at(-1)[1] > patience())) {
    end();
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  restore();
  const code = run.map(([sign]) => sign).join("");
  if (given) tell("till:untyped", { signs: code.slice(0, given) });
  const here = field?.matches("[data-scan-here]") ? field : null;
  begin();
  if (CARD.test(code)) { // it may be a payment card's: it is not shown, sent or kept
    say("That was a magnetic card. Payment cards go into the terminal; nothing of it was kept.", "question");
    tell("till:sound", { sound: "refused" });
  } else if (here) {
    here.value = code;
    here.form.requestSubmit();
  } else tell("till:item", { code });
}

const isSeparator = (event) => run.length > 1 && event.ctrlKey && !event.altKey && !event.metaKey
  && (event.key === "]" || event.key === SEPARATOR);

function key(event) {
  const separates = isSeparator(event);
  if (!separates && (event.ctrlKey || event.altKey || event.metaKey || event.isComposing)) return;
  if (event.key === "Enter" || (event.key === "Tab" && run.length >= LEAST)) return finish(event);
  if (event.key.length !== 1) {
    if ((!swallowing || given === run.length) && A_HAND.test(event.key)) end(); // and the focus may be elsewhere after it
    return;
  }
  const gap = run.length ? event.timeStamp - run.at(-1)[1] : Infinity;
  if (gap > PAUSE && (gap > patience() || typedIn() !== field)) end();
  run.push([separates ? SEPARATOR : event.key, event.timeStamp]);
  if (run.length > 1 && gap <= FAST && !swallowing) {
    swallowing = true;
    restore();
  }
  const isOurs = swallowing || !field;
  if (isOurs && !(event.key === " " && !swallowing && event.target.closest?.("button, a, label, [role=tab]"))) {
    event.preventDefault();
    event.stopImmediatePropagation();
    clearTimeout(release);
    release = swallowing ? setTimeout(rest, PAUSE) : setTimeout(give, FAST * 2);
  }
}

// What was keyed while the page was loading comes first.
function start() {
  window.removeEventListener("keydown", window.keepEarlyKey, true);
  window.addEventListener("keydown", key, true);
  const early = window.earlyKeys ?? [];
  if (!early.length) return;
  begin();
  torn = early[0].timeStamp < TORN;
  for (const { key: sign, timeStamp } of early) {
    if (sign === "Enter") {
      const wasKeyed = !torn && !isScan(); // this Enter reaches nobody else
      finish(new KeyboardEvent("keydown", { key: "Enter" }));
      if (wasKeyed) tell("till:typed", { sign });
    } else {
      swallowing = true;
      run.push([sign, timeStamp]);
    }
  }
  if (run.length) release = setTimeout(rest, PAUSE);
}

export function mount() {
  begin();
  if ("ready" in document.documentElement.dataset) start();
  else document.addEventListener("page:ready", start, { once: true });
}
