// What is keyed while the page still loads: a scan does not wait. The scanner's behaviour takes it over when it is there.
window.earlyKeys = [];
window.keepEarlyKey = (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || (event.key.length !== 1 && event.key !== "Enter")) return;
  const { target } = event;
  if (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) return;
  window.earlyKeys.push({ key: event.key, timeStamp: event.timeStamp });
  event.preventDefault();
};
addEventListener("keydown", window.keepEarlyKey, true);
