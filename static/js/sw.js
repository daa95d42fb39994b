// Shows a running exam where the server can't be reached. It is registered for the pages of one attempt alone, by
// attempt/offline.js, which keeps the copy. Whatever the server answers decides.

const PATIENCE = 4000;
const page = new URL(registration.scope).pathname;
const cookie = `copy_${page.split('/').at(-2).replaceAll('-', '')}`;

/** What is kept of an address, as long as the cookie that names the copy is there. */
async function kept(address) {
  const found = await cookieStore.get(cookie);
  return found && caches.match(address, { cacheName: `${cookie}=${found.value}`, ignoreVary: true });
}

async function forget() {
  for (const name of await caches.keys()) if (name.startsWith(`${cookie}=`)) await caches.delete(name);
  await registration.unregister();
}

/** The server's answer. Where it leads elsewhere or shows no exam to whoever asks now, the copy goes. */
async function ask(request) {
  const reply = await fetch(request).catch(() => null);
  if (reply?.ok) return reply;
  // Other answers come from a proxy or a firewall, and say nothing about the exam.
  const isOver = reply?.type === 'opaqueredirect' || [401, 404, 410].includes(reply?.status);
  const copy = !isOver && await kept(page);
  if (!copy) await forget();
  return copy || reply || Response.error();
}

/** The copy, once the server has taken too long. */
async function late(answer) {
  await new Promise((resolve) => setTimeout(resolve, PATIENCE));
  return await kept(page) ?? answer;
}

addEventListener('install', () => skipWaiting());
addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  if (request.mode === 'navigate') {
    if (pathname !== page) return;
    const answer = ask(request);
    event.waitUntil(answer);
    event.respondWith(Promise.race([answer, late(answer)]));
  } else if (request.destination) {
    // Files are named by their content.
    event.respondWith(kept(request).then((file) => file ?? fetch(request)));
  } else if (pathname.startsWith(`${page}paper/`)) {
    event.respondWith(fetch(request).catch(async () => await kept(request) ?? Response.error()));
  }
});
