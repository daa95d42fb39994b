// One question of a drill with feedback at once, by the keys of an exam, with options to strike out. Without this
// file all else works by Tab. What is struck out stays in this window.

const { body } = document;
const words = JSON.parse(body.dataset.words);
const one = (selector) => document.querySelector(selector);
const options = () => [...document.querySelectorAll('#answer .option > input')];
const letterOf = (input) => input.parentElement.querySelector('b').textContent;
const strikeOf = (input) => input.parentElement.querySelector('.strike');
const kept = `struck ${body.dataset.drill}`;
const struck = new Set(JSON.parse(sessionStorage.getItem(kept) ?? '[]'));
let sure;

const say = (key, values) => words[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
const announce = (text) => { one('[data-told]').textContent = text; };
/** Says why something was not done: above the foot, which is in sight wherever the option is. */
const refuse = (text) => Object.assign(one('.refusal'), { textContent: text, hidden: !text });

/** Shows a question that has just come. */
function show() {
  sure = one('#answer [name="confidence"]:checked')?.value;
  for (const input of options()) strikeOf(input).ariaPressed = String(struck.has(input.value) && !input.checked);
  showClear();
  refuse('');
}

/** Shows how many of several are chosen, and the way to clear them. */
function showClear() {
  const n = options().filter(({ checked }) => checked).length;
  one('[data-clear]')?.toggleAttribute('hidden', !n);
  const output = one('#answer .choose output');
  if (output) output.textContent = n ? say('chosen', { n, total: +one('#answer .options').dataset.choose }) : '';
}

function keep(value, on) {
  struck[on ? 'add' : 'delete'](value);
  sessionStorage.setItem(kept, JSON.stringify([...struck]));
}

/** Strikes an option out, or not any more. A chosen one is kept until it is cleared. */
function strike(input) {
  if (!input) return;
  if (input.checked) {
    refuse(words.clearFirst);
    return;
  }
  const on = strikeOf(input).ariaPressed !== 'true';
  strikeOf(input).ariaPressed = String(on);
  keep(input.value, on);
  announce(say(on ? 'struck' : 'unstruck', { letter: letterOf(input) }));
}

/** Clears the answer, and how sure the person was of it. */
function clear() {
  for (const input of document.querySelectorAll('#answer :is([name="selected"], [name="confidence"]):checked')) input.checked = false;
  show();
  options()[0]?.focus();
  announce(words.cleared);
}

document.addEventListener('change', ({ target }) => {
  if (target.name !== 'selected') return;
  const chosen = options().filter(({ checked }) => checked).length;
  const total = +target.closest('.options').dataset.choose;
  refuse('');
  if (target.type === 'checkbox' && chosen > total) {
    target.checked = false;
    refuse(say('full', { n: total, total }));
  }
  if (target.checked) {
    strikeOf(target).ariaPressed = 'false';
    keep(target.value, false);
  }
  showClear();
});

document.addEventListener('click', ({ target }) => {
  if (target.closest('.strike')) strike(target.closest('.option').querySelector('input'));
  else if (target.closest('[data-clear]')) clear();
  else if (target.name === 'confidence') {
    // Said again, it is taken back.
    if (target.value === sure) target.checked = false;
    sure = target.checked ? target.value : undefined;
  }
});

const press = (selector) => {
  const target = one(selector);
  target?.focus({ preventScroll: true });
  target?.click();
};
const KEYS = {
  n: () => press('[rel="next"]'),
  arrowright: () => press('[rel="next"]'),
  p: () => press('[rel="prev"]'),
  arrowleft: () => press('[rel="prev"]'),
  m: () => press('[name="flagged"]'),
  s: (target) => strike((target.closest('.option') ?? one('.option:hover') ?? one('.option:has(:checked)'))?.querySelector('input')),
  delete: clear,
  backspace: clear,
};
[...'abcdef'].forEach((key, index) => {
  KEYS[key] = () => {
    options()[index]?.focus();
    options()[index]?.click();
  };
});
for (const key of '123') KEYS[key] = () => press(`[name="confidence"][value="${key}"]`);

const keysOn = one('[data-keys-on]');
keysOn.checked = (sessionStorage.getItem('keys') ?? body.dataset.keys) === 'on';
keysOn.addEventListener('change', () => sessionStorage.setItem('keys', keysOn.checked ? 'on' : 'off'));

addEventListener('pointerdown', () => { delete body.dataset.keyboard; });
addEventListener('keydown', (event) => {
  body.dataset.keyboard = '';
  const { target } = event;
  const act = KEYS[event.key.toLowerCase()];
  if (!act || !keysOn.checked || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
  if (one('[popover]:popover-open') || target.matches('input:not([type="radio"], [type="checkbox"]), textarea, select')) return;
  // In a group of radios the arrows move the choice, as everywhere.
  if (event.key.startsWith('Arrow') && (event.shiftKey || target.matches('input[type="radio"]'))) return;
  event.preventDefault();
  act(target);
});

document.addEventListener('htmx:afterSwap', ({ target }) => {
  if (target.id !== 'drill') return;
  one('main').scrollTop = 0;
  scrollTo(0, 0);
  show();
});
show();
