// Three sounds a cashier knows without looking: added, question, refused; and a fourth for a finished sale.
const TONES = {
  added: [[1320, 0, 0.045, "sine", 0.16]],
  question: [[660, 0, 0.09, "triangle", 0.2], [880, 0.12, 0.12, "triangle", 0.2]],
  refused: [[196, 0, 0.22, "sawtooth", 0.22], [147, 0.24, 0.34, "sawtooth", 0.22]],
  concluded: [[784, 0, 0.06, "sine", 0.16], [1175, 0.07, 0.12, "sine", 0.16]],
};
let context;

export function play(name) {
  const tones = TONES[name];
  if (!tones || !window.AudioContext) return;
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume();
  for (const [frequency, start, length, type, loudness] of tones) {
    const oscillator = new OscillatorNode(context, { frequency, type });
    const gain = new GainNode(context, { gain: 0 });
    const at = context.currentTime + start;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(loudness, at + 0.006);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + length);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(at);
    oscillator.stop(at + length + 0.02);
  }
  document.documentElement.dataset.sound = name;
}

export function mount() {
  document.addEventListener("till:changed", (event) => play(event.detail.sound));
  document.addEventListener("till:sound", (event) => play(event.detail.sound));
}
