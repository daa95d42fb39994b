// The review changes the question beside its list in place, and fetches the next one before it is asked for.
// Without this file the same links load the page anew.

const kept = new Map();
const pane = () => document.querySelector('#pane');
const list = document.querySelector('#questions');
let wanted;

async function fetchQuestion(address) {
  const reply = await fetch(address, { headers: { 'HX-Request': 'true', 'HX-Target': 'pane' } });
  return reply.ok && reply.headers.has('Passline') ? reply.text() : '';
}

/** Returns the question of an address, "" where it did not come. */
function question(address) {
  if (!kept.has(address)) kept.set(address, fetchQuestion(address).catch(() => ''));
  return kept.get(address);
}

/** Marks the question in the list, and scrolls the list, never the page. */
function mark() {
  const link = list.querySelector(`#q${pane().dataset.q} > a`);
  list.querySelector('[aria-current]')?.removeAttribute('aria-current');
  if (!link) return;
  link.setAttribute('aria-current', 'true');
  const [box, row] = [list.getBoundingClientRect(), link.getBoundingClientRect()];
  if (row.top < box.top || row.bottom > box.bottom) list.scrollTop += row.top - box.top - box.height / 3;
}

async function show(link) {
  const address = wanted = link.href.split('#')[0];
  const html = await question(address);
  // What is said of a question changes: each is fetched anew the next time.
  kept.delete(address);
  if (wanted !== address) return;
  if (!html) { location.assign(link.href); return; }
  const direction = link.rel || 'next';
  document.dispatchEvent(new Event('leaving'));
  list.querySelector('[data-tell]')?.removeAttribute('data-tell');
  window.htmx.swap('#pane', html, { swapStyle: 'outerHTML', swapDelay: 0, settleDelay: 0 });
  history.replaceState(history.state, '', address);
  mark();
  if (pane().getBoundingClientRect().top < 0) pane().scrollIntoView();
  if (document.activeElement === document.body) pane().querySelector('h2').focus({ preventScroll: true });
  fetchNeighbor(direction);
}

function fetchNeighbor(direction) {
  const neighbor = pane()?.querySelector(`[rel="${direction}"]`);
  if (neighbor) question(neighbor.href);
}

document.addEventListener('click', (event) => {
  const link = event.target.closest('.q, #pane [rel]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  show(link);
});

const KEYS = { j: 'next', arrowright: 'next', k: 'prev', arrowleft: 'prev' };
document.addEventListener('keydown', (event) => {
  const direction = document.querySelector('[data-keys="on"]') && KEYS[event.key.toLowerCase()];
  const isTaken = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.target.closest('input, textarea, select, pre, .wide');
  const link = direction && !isTaken && pane()?.querySelector(`[rel="${direction}"]`);
  if (!link) return;
  event.preventDefault();
  show(link);
});

// A drill has tools, but no list.
if (list) fetchNeighbor('next');
