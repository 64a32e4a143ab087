// From samples between -1 and 1 to the file that is sent: 8 kHz, 16 bits, mono.

export const RATE = 8000;
const HEADER = 44; // bytes
// The filter: a sinc, faded out over so many new samples at either side. It passes 3400 Hz and stops 3900; the browsers'
// own resamplers leave much more of what 8 kHz cannot carry, and every s would whistle.
const REACH = 24, PASSED = 0.91, FINE = 512; // FINE: how many places between two samples the table knows
const WEIGHTS = Float32Array.from({ length: REACH * FINE + 2 }, (_, place) => {
  const x = place / FINE, turn = Math.PI * PASSED * x;
  return x < REACH ? PASSED * (turn ? Math.sin(turn) / turn : 1) * Math.cos((Math.PI * x) / (2 * REACH)) ** 2 : 0;
});

export const telephone = (samples, rate) => wav(resampled(samples, rate), RATE);

/** The same sound at 8 kHz: each new sample is made of the old ones around its place. */
function resampled(samples, rate) {
  const step = rate / RATE, reach = REACH * step;
  return Float32Array.from({ length: Math.floor(samples.length / step) }, (_, place) => {
    const middle = place * step, last = Math.min(samples.length - 1, Math.floor(middle + reach));
    let sum = 0;
    for (let at = Math.max(0, Math.ceil(middle - reach)); at <= last; at += 1) {
      sum += samples[at] * WEIGHTS[Math.round((Math.abs(at - middle) / step) * FINE)];
    }
    return sum / step;
  });
}

export function wav(samples, rate) {
  const file = new DataView(new ArrayBuffer(HEADER + 2 * samples.length));
  const text = (at, letters) => [...letters].forEach((letter, place) => file.setUint8(at + place, letter.charCodeAt(0)));
  text(0, "RIFF");
  file.setUint32(4, HEADER - 8 + 2 * samples.length, true);
  text(8, "WAVEfmt ");
  file.setUint32(16, 16, true);
  file.setUint16(20, 1, true); // PCM
  file.setUint16(22, 1, true); // one channel
  file.setUint32(24, rate, true);
  file.setUint32(28, 2 * rate, true);
  file.setUint16(32, 2, true);
  file.setUint16(34, 16, true);
  text(36, "data");
  file.setUint32(40, 2 * samples.length, true);
  samples.forEach((sample, place) => file.setInt16(HEADER + 2 * place, Math.max(-32768, Math.min(32767, Math.round(sample * 32768))), true));
  return file.buffer;
}

/** The loudest of each of so many stretches, for a picture of the whole. */
export function outline(samples, stretches) {
  const size = Math.max(1, Math.ceil(samples.length / stretches));
  return Array.from({ length: Math.ceil(samples.length / size) }, (_, place) => peak(samples.subarray(place * size, (place + 1) * size)));
}

export const peak = (samples) => samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
