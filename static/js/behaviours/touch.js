// A key that was tapped does not keep the focus: Enter after a scan would press it again.
// Keys that were reached by keyboard keep it, and so does everything in a sheet.
export function mount(page) {
  page.addEventListener("click", (event) => {
    if (event.detail === 0 || event.target.closest?.("dialog")) return; // 0: pressed by keyboard or by script
    const key = event.target.closest?.("button, a.key, a.tabs__tab, a.pill, a.devices, .line__select, .row");
    if (key) setTimeout(() => key.contains(document.activeElement) && document.activeElement.blur());
  });
}
