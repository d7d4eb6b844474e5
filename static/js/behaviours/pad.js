// Figures for the fields of a form, where the keypad is out of reach: they go where the cursor was last.
//   <form>… <input inputmode="numeric"> … <div data-behaviour="pad"><button data-digit="7">
const FIGURES = "input[inputmode=numeric], input[inputmode=decimal], input[data-figures]";

export function mount(pad) {
  const form = pad.closest("form");
  const fields = [...form.querySelectorAll(FIGURES)];
  let field = fields.includes(document.activeElement) ? document.activeElement : fields[0];
  if (matchMedia("(pointer: coarse)").matches) for (const one of fields) one.inputMode = "none"; // the pad is there already
  form.addEventListener("focusin", (event) => { if (fields.includes(event.target)) field = event.target; });
  pad.addEventListener("pointerdown", (event) => event.preventDefault()); // the cursor stays where it is
  pad.addEventListener("click", (event) => {
    const key = event.target.closest("[data-digit]");
    if (!key || !field) return;
    write(field, key.dataset.digit);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

function write(field, sign) {
  const [start, end] = [field.selectionStart ?? field.value.length, field.selectionEnd ?? field.value.length];
  if (sign === "clear") field.value = "";
  else if (sign === "back") field.setRangeText("", start === end ? Math.max(start - 1, 0) : start, end, "end");
  else field.setRangeText(sign, start, end, "end");
}
