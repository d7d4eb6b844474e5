// A staff card that is swiped at the station: whoever it is signs on, or is asked for the PIN; a refusal is said.
//   <form data-behaviour="swipe" data-socket="/ws/sign-on/"><input name="swipe"><p class="refusal" role="alert">
const PAUSES = [1000, 2000, 4000, 8000, 15000];

export function mount(form) {
  let tries = 0;
  const hear = ({ swipe, staff_id: staff, text }) => {
    if (swipe) {
      form.elements.swipe.value = swipe;
      return form.submit(); // the card is enough: no name and no PIN is asked for
    }
    const place = form.querySelector(".refusal");
    const words = document.createElement("span");
    words.textContent = text;
    place.replaceChildren(words);
    place.toggleAttribute("data-asks", Boolean(staff));
    if (!staff) return undefined;
    const person = form.querySelector(`[name=staff_id][value="${CSS.escape(staff)}"]`);
    if (person) person.checked = true;
    form.elements.pin.value = "";
    return form.elements.pin.focus();
  };
  const connect = () => {
    const address = new URL(form.dataset.socket, location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    socket.addEventListener("open", () => { tries = 0; form.dataset.reads = ""; });
    socket.addEventListener("message", (event) => hear(JSON.parse(event.data)));
    socket.addEventListener("close", () => {
      delete form.dataset.reads;
      setTimeout(connect, PAUSES[Math.min(tries, PAUSES.length - 1)] * (0.75 + Math.random() / 2));
      tries += 1;
    });
  };
  connect();
}
