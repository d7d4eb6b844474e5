// Signing on: a name that is chosen puts the cursor into the PIN, and nothing is sent without a name.
//   <form data-behaviour="pin"><input type="radio" name="staff_id"><input name="pin"><p class="refusal" role="alert">
export function mount(form) {
  const field = form.elements.pin;
  const nameless = () => form.querySelector("[name=staff_id]") && !form.querySelector("[name=staff_id]:checked");
  const say = (text) => {
    const words = document.createElement("span");
    words.textContent = text;
    form.querySelector(".refusal").replaceChildren(...(text ? [words] : []));
  };
  form.addEventListener("change", (event) => {
    if (event.target.name !== "staff_id") return;
    say("");
    if (matchMedia("(pointer: fine)").matches) field.focus();
  });
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (nameless()) {
      event.preventDefault();
      say("Choose your name first.");
      return;
    }
    if (sent) event.preventDefault();
    sent = true;
  });
  window.addEventListener("pageshow", () => { sent = false; });
}
