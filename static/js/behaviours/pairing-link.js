// A hardware station's pairing link that somebody has opened in a browser, by its QR code for one: says what it is for,
// whether that browser is a till already or not.
// <dialog data-behaviour="pairing-link" data-home="/">… <code></code></dialog>; the code stands behind the link's #.
export function mount(sheet) {
  const code = location.hash.slice(1);
  if (!/^[A-Z0-9]{4}-[A-Z0-9]{4}$/.test(code)) return;
  sheet.querySelector("code").textContent = `tillhouse-station --pair '${new URL(sheet.dataset.home, location.href)}#${code}'`;
  sheet.addEventListener("close", () => history.replaceState(null, "", location.pathname + location.search));
  sheet.showModal();
}
