// Small conveniences of every page. Each page reads and works without this file.

const root = document.documentElement;

/** Applies an appearance at once; the server writes it into the page from then on. */
function applyTheme(value) {
  if (value === 'light' || value === 'dark') root.dataset.theme = value;
  else delete root.dataset.theme;
}

for (const form of document.querySelectorAll('form[data-appearance]')) {
  form.addEventListener('change', () => {
    const data = new FormData(form);
    applyTheme(data.get('theme'));
    fetch(form.action, { method: 'POST', body: data, redirect: 'manual' }).catch(() => {});
  });
}

// The menu closes when one of its links leads to a place on the same page.
document.addEventListener('click', (event) => {
  event.target.closest('[popover]:popover-open a')?.closest('[popover]').hidePopover();
});

// The copy of a running exam is named by a cookie (attempt/offline.js), and goes with it.
const cookies = document.cookie.split('; ');
const isOver = (name) => name.startsWith('copy_') && !cookies.includes(name);
try {
  for (const name of Object.keys(localStorage).filter(isOver)) localStorage.removeItem(name);
  for (const name of (await caches.keys()).filter(isOver)) caches.delete(name);
} catch { /* this browser keeps nothing */ }
