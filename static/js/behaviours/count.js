// Counting by denominations: pieces times value, summed into the field that data-target names.
export function mount(table) {
  const target = document.getElementById(table.dataset.target);
  const decimals = Number(table.dataset.decimals);
  const unit = 10 ** Math.max(decimals, 2);
  const write = (units) => (units / unit).toFixed(decimals);
  table.addEventListener("input", () => {
    let sum = 0;
    let any = false;
    for (const field of table.querySelectorAll("[data-value]")) {
      const pieces = Number.parseInt(field.value, 10);
      const units = pieces > 0 ? pieces * Math.round(Number(field.dataset.value) * unit) : 0;
      any ||= field.value.trim() !== "";
      sum += units;
      field.parentElement.querySelector("[data-sum]").textContent = units ? write(units) : "";
    }
    if (any && target) target.value = write(sum);
  });
}
