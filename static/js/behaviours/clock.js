// The store's clock: <time data-behaviour="clock" data-zone="Europe/London">
export function mount(clock) {
  const format = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: clock.dataset.zone });
  const tick = () => {
    const text = format.format(new Date());
    if (clock.textContent !== text) clock.textContent = text;
    if (clock.isConnected) setTimeout(tick, 1000 - (Date.now() % 1000));
  };
  tick();
}
