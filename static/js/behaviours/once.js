// A plain form that is sent once: a second tap while the page is on its way does nothing.
//   <form method="post" data-behaviour="once">
export function mount(form) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  window.addEventListener("pageshow", () => { sent = false; });
}
