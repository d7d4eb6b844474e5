// Headquarters' own behaviours, found by data-behaviour. What they add is comfort: every page works without them.
//
//   <p data-behaviour="copy" data-copy="AB12-CD34"><span>AB12-CD34</span></p>     a click copies the text
//   <a data-behaviour="go" href="#tiers">Tiers</a>                                a click opens that tab, or the field's
//   <select data-behaviour="methods" data-methods='{"tender": ["percent_off"]}'>  what a discount of a kind may give

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
  go(root) {
    root.addEventListener("click", (event) => {
      const tab = (name) => document.querySelector(`#tabs-items a[href="#${name}"]`);
      const name = root.hash.slice(1);
      const place = tab(name) || tab("general");
      if (!place) return;
      event.preventDefault();
      place.click();
      // Alpine shows the tab in the next task; what has two parts, as a day and its time, is numbered.
      setTimeout(() => (document.getElementById(name) || document.getElementById(`${name}_0`) || place).focus());
    });
  },
  methods(root) {
    const methods = JSON.parse(root.dataset.methods);
    const narrow = (select, known) => {
      for (const option of select.options) {
        option.hidden = option.disabled = Boolean(option.value) && !known.includes(option.value);
      }
      if (!select.selectedOptions[0]?.disabled) return;
      select.value = [...select.options].find((option) => !option.disabled).value;
      select.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const show = () => {
      const known = methods[root.value];
      if (!known) return;
      const own = document.querySelectorAll("#id_method, [name^='tiers-'][name$='-method']");
      for (const select of own) narrow(select, known);
    };
    root.addEventListener("change", show);
    show();
  },
};

const mount = (scope) => {
  for (const root of scope.querySelectorAll("[data-behaviour]:not([data-mounted])")) {
    root.dataset.mounted = "";
    behaviours[root.dataset.behaviour]?.(root);
  }
};

// Select2 leaves its box without a name where nothing is chosen yet: give it the field's.
const nameSelects = () => {
  for (const box of document.querySelectorAll(".select2-selection__rendered:not([aria-label])")) {
    const field = document.getElementById(box.id.replace(/^select2-/, "").replace(/-container$/, ""));
    const name = field?.getAttribute("aria-label") || field?.labels?.[0]?.textContent.replace("*", "").trim();
    if (!name) continue;
    box.setAttribute("aria-label", name);
    box.parentElement.setAttribute("aria-label", name);
  }
  for (const input of document.querySelectorAll(".select2-search__field:not([aria-label])")) {
    const field = input.closest(".select2-container")?.previousElementSibling;
    input.setAttribute("aria-label", field?.labels?.[0]?.textContent.replace("*", "").trim() || "Search");
  }
};

// Icons are written as words of their font: they are for the eye only.
const hideIcons = () => {
  for (const icon of document.querySelectorAll(".material-symbols-outlined:not([aria-hidden], [aria-label])")) {
    icon.setAttribute("aria-hidden", "true");
    const control = icon.closest("a, button");
    if (control && !control.title && control.textContent.trim() === icon.textContent.trim()) {
      control.setAttribute("aria-label", icon.textContent.trim().replaceAll("_", " "));
    }
  }
};

// Where a list is narrow, each cell says its label: it begins with a capital, as the heads of the columns do.
const capitalLabels = () => {
  for (const cell of document.querySelectorAll("[data-label]")) {
    const label = cell.dataset.label;
    if (label) cell.dataset.label = label[0].toUpperCase() + label.slice(1);
  }
};

// Tabs scroll inside their own bar. The script of the pages measures once, while fonts may still be on their way, and
// would put tabs away into a menu although there is room.
const keepTabs = () => document.getElementById("tabs-dropdown")?.parentElement.remove();

document.addEventListener("DOMContentLoaded", () => {
  keepTabs();
  mount(document);
  capitalLabels();
  hideIcons();
  new MutationObserver(nameSelects).observe(document.body, { childList: true, subtree: true });
  nameSelects();
});
// A part that renews itself does not take away the button that is being pressed.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target.querySelector?.(":active")) event.detail.shouldSwap = false;
});
document.addEventListener("htmx:load", (event) => mount(event.target));
