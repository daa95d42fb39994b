// A drill by keys: options by letter, how sure by number, the next question. Without this file all of it works by Tab.

const drill = () => document.getElementById('drill');
const LETTERS = 'abcdef';

/** What a key does; true when it did something. Enter on a choice checks the answer, as in every form. */
function act(key) {
  const option = drill().querySelectorAll('.option > input')[LETTERS.indexOf(key)];
  const sure = drill().querySelector(`[name="confidence"][value="${/^[1-3]$/.test(key) ? key : 0}"]`);
  const target = option ?? sure ?? (key === 'n' && drill().querySelector('[data-next]'));
  if (!target) return false;
  target.focus();
  target.click();
  return true;
}

addEventListener('keydown', (event) => {
  if (drill()?.dataset.keys !== 'on' || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
  if (act(event.key.toLowerCase())) event.preventDefault();
});
