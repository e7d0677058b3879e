/* How far a job is, looked at again every two seconds: only the words and the bar change, focus stays where it is. Without scripts there is a link. */
"use strict";
const part = document.querySelector("[data-again]");
const OFTEN = 2000;
const MOST = 900;

function put(fresh, name) {
  const [old, now] = [part, fresh].map((one) => one.querySelector(`[data-part=${name}]`));
  if (old && now && old.innerHTML !== now.innerHTML) old.innerHTML = now.innerHTML;
}

async function look(times) {
  const answer = await fetch(part.dataset.again, { redirect: "error" }).catch(() => null);
  const fresh = answer && answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-job]");
  if (fresh) {
    put(fresh, "state");
    put(fresh, "share");
    if (!fresh.dataset.again) {
      part.querySelector("[data-part=again]").hidden = true;
      part.querySelector("[data-part=ended]").hidden = false;
      return;
    }
  }
  if (times < MOST) setTimeout(look, OFTEN, times + 1);
}

if (part) setTimeout(look, OFTEN, 0);
