// Whether an Ed25519 signature holds (RFC 8032, section 5.1.7), strictly: one encoding for each point and scalar, as OpenSSL judges it.
// Nothing here is secret, so nothing has to take the same time. Browsers have it only since 2025, and not on every page.

import { sha512 } from "./sha512.js";

const P = 2n ** 255n - 19n, L = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (x, m = P) => ((x % m) + m) % m;
const power = (base, exponent) => {
  let result = 1n;
  for (; exponent; exponent >>= 1n, base = mod(base * base)) if (exponent & 1n) result = mod(result * base);
  return result;
};
const D = mod(-121665n * power(121666n, P - 2n)), ROOT = power(2n, (P - 1n) / 4n);
const number = (bytes) => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

// The point in 32 bytes, as X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z; null where there is none (5.1.3).
const point = (bytes) => {
  const whole = number(bytes), sign = whole >> 255n, y = whole & (2n ** 255n - 1n);
  if (y >= P) return null;
  const square = mod((y * y - 1n) * power(D * y * y + 1n, P - 2n));
  let x = power(square, (P + 3n) / 8n);
  if (mod(x * x) !== square) x = mod(x * ROOT);
  if (mod(x * x) !== square || (!x && sign)) return null;
  if ((x & 1n) !== sign) x = P - x;
  return [x, y, 1n, mod(x * y)];
};

// 5.1.4; complete, so that it doubles too.
const add = ([x, y, z, t], [x2, y2, z2, t2]) => {
  const a = mod((y - x) * (y2 - x2)), b = mod((y + x) * (y2 + x2)), c = mod(2n * t * t2 * D), d = mod(2n * z * z2);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
};

const times = (scalar, base) => {
  let result = [0n, 1n, 1n, 0n];
  for (; scalar; scalar >>= 1n, base = add(base, base)) if (scalar & 1n) result = add(result, base);
  return result;
};

const BASE = point(Uint8Array.of(0x58, ...Array(31).fill(0x66)));

export const joined = (...parts) => {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  parts.reduce((place, part) => (whole.set(part, place), place + part.length), 0);
  return whole;
};

export const verify = (signature, message, key) => {
  const s = number(signature.slice(32)), of = key.length === 32 && point(key);
  if (signature.length !== 64 || s >= L || !of) return false;
  const k = mod(number(sha512(joined(signature.slice(0, 32), key, message))), L);
  const [x, y, z] = add(times(s, BASE), times(L - k, of)), inverse = power(z, P - 2n);
  return (mod(y * inverse) | ((mod(x * inverse) & 1n) << 255n)) === number(signature.slice(0, 32));
};
