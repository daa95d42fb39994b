// The study page: keys, the time a card took, and where the focus is after the card has changed.

const page = () => document.getElementById('study');
let shown = performance.now();

const turn = () => page().querySelector('.turn');
const press = (selector) => {
  const button = page().querySelector(selector);
  button?.click();
  return Boolean(button);
};

/** What a key does; true when it did something. Ratings count only when the answer can be read. */
function act(key) {
  const card = turn();
  if (key === ' ' && card && !card.open) {
    card.open = true;
    return true;
  }
  if (/^[1-4]$/.test(key) && card?.open) return press(`[name="rating"][value="${key}"]`);
  return key.toLowerCase() === 'z' && press('[name="undo"]');
}

addEventListener('keydown', (event) => {
  if (page()?.dataset.keys !== 'on' || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  // A control keeps its own keys.
  if (event.target.closest('input, select, textarea, button, a, summary') && event.key === ' ') return;
  if (event.target.closest('input, select, textarea')) return;
  if (act(event.key)) event.preventDefault();
});

// The answer is read out, and Tab leads on to the ratings. Opening doesn't bubble.
addEventListener('toggle', (event) => {
  if (event.target === turn() && event.target.open) event.target.querySelector('.back').focus({ preventScroll: true });
}, true);

// How long it took from seeing the front to rating.
addEventListener('click', (event) => {
  const button = event.target.closest('[name="rating"]');
  if (button) button.form.elements.taken.value = Math.round(performance.now() - shown);
}, true);

// The new card is read out, begins in sight, and keys go on working.
document.addEventListener('htmx:afterSwap', () => {
  // What is said when a rating did not arrive.
  document.querySelector('[data-when="failed"]').hidden = true;
  shown = performance.now();
  page().querySelector('[data-front]')?.focus({ preventScroll: true });
  if (page().getBoundingClientRect().top < 0) page().scrollIntoView();
});
