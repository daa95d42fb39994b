// The review opens and closes all rows in place. Without this file the same links load the page anew.

const rows = () => document.querySelectorAll('details.item');

function openAll(open) {
  for (const row of rows()) row.open = open;
}

document.addEventListener('click', (event) => {
  const link = event.target.closest('a');
  if (link?.dataset.open) {
    event.preventDefault();
    const all = link.dataset.open === 'all';
    openAll(all);
    link.dataset.open = all ? 'none' : 'all';
    link.textContent = all ? link.dataset.none : link.dataset.all;
  }
  // A browser may not open a closed row by itself when a link leads into it.
  const hash = link?.getAttribute('href');
  const row = hash?.startsWith('#q') && document.querySelector(hash)?.closest('details.item');
  if (row) {
    event.preventDefault();
    row.open = true;
    history.replaceState(null, '', hash);
    row.scrollIntoView();
    row.querySelector('summary').focus({ preventScroll: true });
  }
});

// Paper shows every reason. Newer browsers do it by the style sheet alone.
let closed = [];
addEventListener('beforeprint', () => {
  closed = [...rows()].filter((row) => !row.open);
  openAll(true);
});
addEventListener('afterprint', () => {
  for (const row of closed) row.open = false;
});
