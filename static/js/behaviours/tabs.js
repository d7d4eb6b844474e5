// Tabs of tiles: switched in the page; arrows move between them. Where more of them lie beyond the edge, data-more says so.
//   <div role="tablist" data-behaviour="tabs"><a role="tab" aria-controls="grid-1">
import { tell } from "lib/till";

export function mount(list) {
  const tabs = [...list.querySelectorAll("[role=tab]")];
  const show = (tab) => {
    for (const other of tabs) {
      const on = other === tab;
      other.setAttribute("aria-selected", on);
      other.tabIndex = on ? 0 : -1;
      document.getElementById(other.getAttribute("aria-controls")).hidden = !on;
    }
    tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    tell("till:close", { what: "panel" });
  };
  const edge = () => list.toggleAttribute("data-more", list.scrollWidth - list.clientWidth - list.scrollLeft > 4);
  list.addEventListener("scroll", edge, { passive: true });
  new ResizeObserver(edge).observe(list);
  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (!tab) return;
    event.preventDefault();
    show(tab);
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
    next.focus();
    show(next);
  });
}
