// The PIN pad of the sign-on page: figures go into the hidden field, a name that is chosen puts the cursor there.
//   <form data-behaviour="pin"><input name="pin"><button data-digit="7">
export function mount(form) {
  const field = form.elements.pin;
  form.addEventListener("click", (event) => {
    const key = event.target.closest("[data-digit]");
    if (!key) return;
    const { digit } = key.dataset;
    if (digit === "clear") field.value = "";
    else if (digit === "back") field.value = field.value.slice(0, -1);
    else field.value += digit;
  });
  form.addEventListener("change", (event) => {
    if (event.target.name !== "staff_id") return;
    field.value = "";
    if (matchMedia("(pointer: fine)").matches) field.focus();
  });
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  window.addEventListener("pageshow", () => { sent = false; });
}
