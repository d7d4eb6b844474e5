// A hardware station's pairing link that somebody has opened in a browser, by its QR code for one: says what it is for.
// <div data-behaviour="pairing-link" data-home="/" hidden>… <code></code></div>; the code stands behind the link's #.
export function mount(note) {
  const code = location.hash.slice(1);
  if (!/^[A-Z0-9]{4}-[A-Z0-9]{4}$/.test(code)) return;
  note.querySelector("code").textContent = `tillhouse-station --pair '${new URL(note.dataset.home, location.href)}#${code}'`;
  note.hidden = false;
}
