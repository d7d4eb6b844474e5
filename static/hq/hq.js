// Headquarters' own behaviours, found by data-behaviour. What they add is comfort: every page works without them.
//
//   <p data-behaviour="copy" data-copy="AB12-CD34"><span>AB12-CD34</span></p>     a click copies the text

const behaviours = {
  copy(root) {
    if (!navigator.clipboard) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "th-button th-button--quiet";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(root.dataset.copy);
      button.textContent = "Copied";
    });
    root.append(button);
  },
};

const mount = (scope) => {
  for (const root of scope.querySelectorAll("[data-behaviour]:not([data-mounted])")) {
    root.dataset.mounted = "";
    behaviours[root.dataset.behaviour]?.(root);
  }
};

document.addEventListener("DOMContentLoaded", () => mount(document));
document.addEventListener("htmx:load", (event) => mount(event.target));
