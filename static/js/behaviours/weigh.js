// The scale's sheet: the weight as it changes, over the socket; a stable one is taken with one tap.
//   <dialog data-behaviour="weigh" data-weigh="/weigh/" data-stop="/weigh/stop/" data-price="1.20" data-decimals="2">
import { request } from "lib/till";

const taker = () => document.getElementById("refetch");

export function mount(sheet) {
  const part = (name) => sheet.querySelector(`[data-${name}]`);
  const { weigh, stop, price, unit, symbol, decimals } = sheet.dataset;
  const isByWeight = ["kg", "lb"].includes(unit.toLowerCase()); // what a scale's own price is for
  const finest = Math.max(decimals, String(Number(price)).split(".")[1]?.length ?? 0); // finer than what is paid
  const each = Number(price) ? `${symbol}${Number(price).toFixed(finest)}/${unit}` : "";
  let job = "";
  let shown = { state: "moving" };

  const begin = () => request("POST", weigh, { source: taker(), swap: "none", values: { price: isByWeight ? price : "" } });

  function show() {
    const gross = Number(shown.weight ?? NaN);
    const places = (shown.weight ?? "").split(".")[1]?.length ?? 3;
    const tare = Number((part("tare").value || "0").replace(",", ".")) || 0;
    const net = Math.round((gross - tare) * 10 ** places) / 10 ** places;
    const isStable = shown.state === "stable";
    const isOtherUnit = isStable && shown.unit && shown.unit.toLowerCase() !== unit.toLowerCase();
    const isTaken = isStable && !isOtherUnit && net > 0;
    part("plate").dataset.state = shown.state;
    part("shown").textContent = Number.isNaN(gross) || isOtherUnit ? "0.000" : net.toFixed(places);
    part("words").textContent = isOtherUnit ? `The scale weighs in ${shown.unit}, and this is sold by ${unit}. Type the weight by hand.`
      : isStable && net <= 0 ? "The tare is heavier than what lies on the scale." : isStable ? "" : shown.words ?? "";
    part("sum").textContent = isTaken && each ? `${symbol}${(net * price).toFixed(decimals)} at ${each}` : each;
    part("net").value = isTaken ? net.toFixed(places) : "";
    part("add").disabled = !isTaken;
    if (isTaken && document.activeElement === part("plate")) part("add").focus();
    part("add-words").textContent = isTaken ? `Add ${net.toFixed(places)} ${unit}` : "Add";
    if (shown.state === "away") part("hand").open = true;
  }

  function heard({ detail }) {
    if (detail.state === "watched") job = detail.job;
    else if (detail.state === "over") { if (detail.job === job) begin(); }
    else if (!detail.job || detail.job === job || !job) { shown = detail; show(); }
  }

  // A scale that was away may be back.
  const again = () => { if (shown.state === "away") begin(); };

  // The sheet is closed, or an answer has taken its place.
  function finish() {
    if (sheet.isConnected && sheet.open) return;
    document.removeEventListener("till:weight", heard);
    document.removeEventListener("till:devices", again);
    document.removeEventListener("htmx:afterSettle", finish);
    if (job) request("POST", stop, { source: taker(), swap: "none", values: { job } });
    job = "";
  }

  document.addEventListener("till:weight", heard);
  document.addEventListener("till:devices", again);
  document.addEventListener("htmx:afterSettle", finish);
  part("tare").addEventListener("input", show);
  sheet.addEventListener("close", finish);
  show();
  begin();
}
