// The page: what people press and what it tells them. All text is set as text, never as HTML.

import decode from "qr/decode.js";
import { verify } from "./ed25519.js";
import { dayOf, judge, keysOf, readList } from "./verdict.js";

const find = (selector) => document.querySelector(selector);
const { words, keys: rowsOfKeys, address, phone, list: listed, made } = JSON.parse(find("#data").textContent);
const keys = keysOf(rowsOfKeys);
const now = Date.now;
let language = (navigator.languages || []).map((one) => one.slice(0, 2)).find((one) => words[one]) || Object.keys(words)[0];
let list = null, trouble = "", shown = null;

const say = (name, values = {}) => words[language][name].replace(/{(\w+)}/g, (_, value) => values[value]);
const dayWords = (day) => {
  try {
    return new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { dateStyle: "long", timeZone: "UTC" }).format(new Date(day));
  } catch {
    return dayOf(Date.parse(day));
  }
};

const rows = ({ code, key }) => [
  ["office", key.name],
  ["number", code.number],
  ["issued", dayWords(code.issued)],
  ["reports", code.reports ? dayWords(code.reports) + (code.reports < dayOf(now()) ? ` (${say("over")})` : "") : say("noday")],
  ["place", code.place || say("noplace")],
];

const ageWords = (one) => {
  const days = Math.max(0, Math.floor((now() - one.made) / 864e5));
  const age = say("listof", { office: one.key.name, made: dayWords(dayOf(one.made)), days });
  return now() > one.until ? `${age} ${say("stale", { until: dayWords(dayOf(one.until)) })}` : age;
};

const draw = () => {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-says]")) element.textContent = say(element.dataset.says);
  for (const button of document.querySelectorAll("nav button")) button.setAttribute("aria-pressed", button.lang === language);
  document.title = say("title");
  find("#about").textContent = say("about", { count: keys.length, made: dayWords(made) });
  find("#listage").textContent = trouble ? say(trouble) : list ? ageWords(list) : "";
  if (shown) drawResult();
};

const drawResult = () => {
  const [heading, because] = words[language][shown.older ? "older" : shown.word];
  find("#result").className = shown.word;
  find("#result").hidden = false;
  find("#verdict").textContent = heading;
  find("#because").textContent = because.replace("{office}", shown.key?.name);
  find("#age").textContent = shown.list ? ageWords(shown.list) : "";
  find("#compare").hidden = !shown.code;
  find("dl").replaceChildren(...(shown.code ? rows(shown) : []).flatMap(([name, value]) => ["dt", "dd"].map((tag, place) => {
    const element = document.createElement(tag);
    element.textContent = place ? value : say(name);
    return element;
  })));
};

const show = (verdict) => {
  shown = verdict;
  drawResult();
  if (verdict.word === "reading") return;
  find("#verdict").focus();
  find("#result").scrollIntoView?.({ block: "nearest" });
};

const check = () => show(judge(find("#text").value, keys, now(), list));

// A code may be a small part of a large photograph, or blurred in a small one: several sizes are tried.
const textIn = async (file) => {
  const picture = await createImageBitmap(file);
  if (window.BarcodeDetector) {
    const found = await new BarcodeDetector({ formats: ["qr_code"] }).detect(picture).catch(() => []);
    if (found.length) return found[0].rawValue;
  }
  for (const size of [900, 1600, 600, 2400, 400]) {
    const scale = Math.min(1, size / Math.max(picture.width, picture.height)), canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [picture.width, picture.height].map((side) => Math.round(side * scale));
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    try {
      return decode(context.getImageData(0, 0, canvas.width, canvas.height));
    } catch { /* not in this size */ }
  }
  throw Error();
};

const photographed = async (file) => {
  show({ word: "reading" });
  await new Promise((done) => setTimeout(done, 30));
  try {
    find("#text").value = await textIn(file);
    check();
  } catch {
    show({ word: "nocode" });
  }
};

const take = async (text) => {
  try {
    const read = await readList(text, keys);
    if (read) list = read;
    trouble = read ? "" : "nolist";
  } catch {
    trouble = window.DecompressionStream ? "nolist" : "oldphone";
  }
  draw();
  if (!trouble && shown?.code) check();
};

const fetched = async () => {
  try {
    const answer = await fetch(listed, { credentials: "omit", cache: "no-store" });
    if (!answer.ok) throw Error();
    await take(await answer.text());
  } catch {
    trouble = "nofetch";
    draw();
  }
};

const fromAddress = () => {
  if (location.hash.length < 2) return;
  find("#text").value = location.hash;
  check();
};

for (const button of document.querySelectorAll("nav button")) {
  button.hidden = !words[button.lang];
  button.onclick = () => { language = button.lang; draw(); };
}
const opened = (selector, then) => {
  find(selector).onchange = (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (file) then(file);
  };
};
opened("#photo", photographed);
opened("#listed", async (file) => take(await file.text()));
find("#check").onclick = check;
find("#fetch").onclick = fetched;
find("#fetch").hidden = !listed || location.protocol === "file:";
find("#address").textContent = address;
find("#phone").textContent = phone;
find("#page").hidden = false;
window.onhashchange = fromAddress;
window.rightcall = { judge, keys, readList, verify };
draw();
fromAddress();
