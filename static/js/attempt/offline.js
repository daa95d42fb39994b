// What this browser keeps for a reload without a connection: the page with its files, the answers, the time left. All of
// it is named by a cookie and goes with it (site.js, sw.js), which the server takes back when the person signs out.

import { now } from './sender.js';

const DAY = 86400000;

/** Opens the copy of an attempt. `copy` is there where this page is one; `script` tells versions of the page apart. */
export function openCopy({ attempt, texts, copy }, script) {
  const mark = `copy_${attempt.replaceAll('-', '')}=`;
  const nameNow = () => document.cookie.split('; ').find((part) => part.startsWith(mark)) ?? '';
  const paper = [...document.querySelectorAll('form[data-position]')].map(({ outerHTML }) => outerHTML).join('\n');
  let state = { wall: Date.now() };
  let done;

  function write() {
    const name = nameNow();
    try {
      if (name && state.answers) localStorage.setItem(name, JSON.stringify(state));
    } catch { /* A browser that keeps nothing shows nothing without a connection. */ }
  }

  /** Keeps the page and all it loads, once for each sign-in, language and version. The copy of the page names nobody. */
  async function keep() {
    const { pathname } = location;
    const isKept = (address) => caches.match(address, { cacheName: done });
    if (done === nameNow() || !state.answers || !window.cookieStore || !navigator.serviceWorker) return;
    done = nameNow();
    try {
      if (!await isKept(pathname) || !await isKept(script)) {
        // After another sign-in the cookie comes with it.
        const page = await fetch('?copy', { redirect: 'error' });
        done = nameNow();
        if (!page.ok || !done) throw new Error(page.status);
        write();
        const cache = await caches.open(done);
        const files = document.querySelectorAll('link[rel$="preload"], link[rel="stylesheet"], link[rel="icon"], script[src], img');
        await cache.addAll(new Set([...files].map(({ href, src }) => href ?? src).concat(texts ?? [])));
        await cache.put(pathname, new Response((await page.text()).replace('<!--paper-->', () => paper), page));
      }
      await navigator.serviceWorker.register('/sw.js', { scope: pathname });
      // Whoever signed out meanwhile leaves nothing behind.
      if (nameNow() !== done) await caches.delete(done);
    } catch {
      done = undefined;
    }
  }

  const kept = {
    /** Whether this page is a copy, and the server has not replied yet. */
    isOld: copy !== undefined,
    /** Milliseconds left of a copy, by the clock that leaves less: either may have stood still or been set. */
    left: () => (kept.isOld ? (state.left ?? Infinity) - Math.max(Date.now() - state.wall, now() - state.mono) : Infinity),
    /** When the server replied last. */
    since: () => state.wall,
    answers: () => state.answers,
    /** The number of the last lease. */
    number: () => state.number,
    /** The server has just replied: so many milliseconds are left, or no end is set. */
    confirm(left) {
      kept.isOld = false;
      state = { ...state, left: left < Infinity ? left : undefined, wall: Date.now(), mono: now() };
      write();
      keep();
    },
    /** Keeps every answer as it was chosen last, acknowledged or not. */
    save(answers, number) {
      state = { ...state, answers, number };
      write();
    },
    keep,
    async forget() {
      const name = nameNow();
      state.answers = undefined;
      document.cookie = `${mark}; path=/; max-age=0`;
      try {
        localStorage.removeItem(name);
        await caches.delete(name);
      } catch { /* nothing was kept */ }
    },
  };
  if (kept.isOld) {
    try {
      state = JSON.parse(localStorage.getItem(nameNow())) ?? {};
    } catch {
      state = {};
    }
    if (!state.answers || kept.left() < -DAY) kept.forget().then(() => location.reload());
  }
  return kept;
}
