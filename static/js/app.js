// Mounts behaviours: <div data-behaviour="keypad"> gets behaviours/keypad.js, whose mount(element) runs once.
// Runs when the page is ready and after every swap; the import map finds the files.
const mounted = new WeakMap();

async function mount(element) {
  const done = mounted.get(element) ?? new Set();
  mounted.set(element, done);
  for (const name of element.dataset.behaviour.split(/\s+/).filter(Boolean)) {
    if (done.has(name)) continue;
    done.add(name);
    const behaviour = await import(`behaviours/${name}`);
    behaviour.mount(element);
  }
}

export function mountAll(root) {
  const found = [...root.querySelectorAll("[data-behaviour]")];
  if (root.matches?.("[data-behaviour]")) found.unshift(root);
  return Promise.all(found.map(mount));
}

document.addEventListener("htmx:load", (event) => mountAll(event.detail.elt));
mountAll(document.documentElement).then(() => {
  document.documentElement.dataset.ready = "";
  document.dispatchEvent(new CustomEvent("page:ready"));
});
