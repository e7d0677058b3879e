// What a code is worth: the same as code.py, status.py and verdict.py say; tests hold them equal.

import { joined, verify } from "./ed25519.js";

const SIZE = 101, SIGNATURE = 64, DAY = 864e5, LARGEST = 1 << 24;
const utf8 = (text) => new TextEncoder().encode(text);
export const dayOf = (milliseconds) => new Date(milliseconds).toISOString().slice(0, 10);
const later = (day, days) => dayOf(Date.parse(day) + days * DAY);

// Each value has one spelling: whatever does not come back the same is refused.
const bytesOf = (text) => {
  try {
    const raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    const spelled = btoa(raw).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
    return spelled === text ? Uint8Array.from(raw, (sign) => sign.charCodeAt(0)) : null;
  } catch {
    return null;
  }
};

// The keys of the page; the first four bytes of a key are its id.
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
export const keysOf = (rows) => rows.map(([spelled, issuer, name, from, until, withdrawn]) => {
  const raw = bytesOf(spelled);
  return { raw, id: hex(raw.slice(0, 4)), issuer, name, from, until, withdrawn };
});

// 128 bits in Crockford's base32 and two symbols of Reed-Solomon over GF(32), as number.py writes them.
const written = (raw) => {
  const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const times = (left, right) => {
    let product = 0;
    for (; right; right >>= 1, left = (left << 1) ^ (left & 16 ? 37 : 0)) product ^= left * (right & 1);
    return product;
  };
  let whole = raw.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n), first = 0, second = 0;
  const values = Array.from({ length: 26 }, (_, place) => Number((whole >> BigInt(5 * (25 - place))) & 31n));
  for (const value of values) {
    const feedback = value ^ first;
    [first, second] = [second ^ times(feedback, 6), times(feedback, 8)];
  }
  return [...values, first, second].map((value) => alphabet[value]).join("").match(/.{4}/g).join("-");
};

const read = (payload) => {
  const view = new DataView(payload.buffer);
  const day = (place) => (view.getUint16(place) ? dayOf(view.getUint16(place) * DAY) : null);
  const place = String.fromCharCode(...payload.slice(29, 37)).replace(/\0+$/, "");
  if (!/^[A-Z0-9-]{0,8}$/.test(place)) return null;
  return { number: written(payload.slice(5, 21)), index: view.getUint32(21), issued: day(25) ?? dayOf(0), reports: day(27), place };
};

export const judge = (text, keys, now, list) => {
  const payload = bytesOf(text.slice(text.lastIndexOf("#") + 1).replace(/[ \t\r\n]/g, ""));
  if (payload?.length !== SIZE || payload[0] !== 1) return { word: "foreign" };
  const key = keys.find((one) => one.id === hex(payload.slice(1, 5))), code = read(payload);
  if (!key || !code) return { word: "foreign" };
  const body = payload.slice(0, SIZE - SIGNATURE), domain = utf8("rightcall notice code\n");
  if (!verify(payload.slice(SIZE - SIGNATURE), joined(domain, body), key.raw)) return { word: "forged", key };
  if (key.withdrawn || code.issued < key.from || code.issued > key.until) return { word: "key", key };
  if (code.issued > later(dayOf(now), 1)) return { word: "day", key };
  return { ...became(code, key, list), key, code };
};

const became = (code, key, list) => {
  if (!list || list.key.issuer !== key.issuer) return { word: "signed" };
  const status = code.index < list.bits.length * 4 ? (list.bits[code.index >> 2] >> ((code.index % 4) * 2)) & 3 : 2;
  if (status === 2 && dayOf(list.made) <= later(code.issued, 1)) return { word: "signed", older: true, list };
  return { word: ["genuine", "revoked", "unknown", "replaced"][status], list };
};

// The list in a text, or null where no key of the page has signed it. Throws where the browser cannot unpack it.
export const readList = async (text, keys) => {
  const [header, claims, signature, ...more] = text.trim().split(".");
  let head, said;
  try {
    [head, said] = [header, claims].map((part) => JSON.parse(new TextDecoder().decode(bytesOf(part))));
  } catch {
    return null;
  }
  const key = keys.find((one) => one.id === head.kid), raw = bytesOf(signature ?? "");
  if (more.length || head.alg !== "EdDSA" || head.typ !== "statuslist+jwt" || !key || !raw || !verify(raw, utf8(`${header}.${claims}`), key.raw)) return null;
  const made = said.iat * 1000, until = said.exp * 1000, packed = bytesOf(said.status_list?.lst ?? "");
  if (key.withdrawn || !packed || said.status_list.bits !== 2 || dayOf(made) < key.from || dayOf(made) > key.until) return null;
  const bits = await unpacked(packed);
  return bits && { key, made, until, bits };
};

const unpacked = async (packed) => {
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  const parts = [];
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    size += part.value.length;
    if (size > LARGEST) return null;
  }
  return joined(...parts);
};
