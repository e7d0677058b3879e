// SHA-512 (FIPS 180-4). Browsers have it only on some pages (a saved page, or http, may be without), and then not at once.

const MASK = (1n << 64n) - 1n;
const turn = (x, n) => ((x >> n) | (x << (64n - n))) & MASK;

// The first 64 bits of the fractional part of the n-th root of a whole number, by bisection: the constants of the standard.
const fraction = (number, power) => {
  let low = 0n, high = BigInt(number) << 64n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** power <= BigInt(number) << (64n * power)) low = middle; else high = middle;
  }
  return low & MASK;
};
const primes = [];
for (let n = 2; primes.length < 80; n++) if (primes.every((prime) => n % prime)) primes.push(n);
const ROUND = primes.map((prime) => fraction(prime, 3n));
const START = primes.slice(0, 8).map((prime) => fraction(prime, 2n));

export const sha512 = (message) => {
  const padded = new Uint8Array(Math.ceil((message.length + 17) / 128) * 128);
  padded.set(message);
  padded[message.length] = 128;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(message.length) * 8n);
  let hash = START;
  for (let block = 0; block < padded.length; block += 128) {
    const words = [];
    for (let t = 0; t < 80; t++) {
      if (t < 16) { words.push(view.getBigUint64(block + 8 * t)); continue; }
      const x = words[t - 15], y = words[t - 2];
      words.push((words[t - 16] + (turn(x, 1n) ^ turn(x, 8n) ^ (x >> 7n)) + words[t - 7] + (turn(y, 19n) ^ turn(y, 61n) ^ (y >> 6n))) & MASK);
    }
    let [a, b, c, d, e, f, g, h] = hash;
    for (let t = 0; t < 80; t++) {
      const first = h + (turn(e, 14n) ^ turn(e, 18n) ^ turn(e, 41n)) + ((e & f) ^ (~e & MASK & g)) + ROUND[t] + words[t];
      const second = (turn(a, 28n) ^ turn(a, 34n) ^ turn(a, 39n)) + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) & MASK, c, b, a, (first + second) & MASK];
    }
    hash = hash.map((word, place) => (word + [a, b, c, d, e, f, g, h][place]) & MASK);
  }
  const digest = new DataView(new ArrayBuffer(64));
  hash.forEach((word, place) => digest.setBigUint64(8 * place, word));
  return new Uint8Array(digest.buffer);
};
