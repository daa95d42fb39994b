// What the form holds, by the paths of the content.
const NOT_CONTENT = new Set(['csrfmiddlewaretoken', 'revision', 'do', 'shown']);

/** Return the value of each field by its name; a box that is not ticked is not there. */
export function fieldsOf(form) {
  return Object.fromEntries([...new FormData(form)].filter(([name]) => !NOT_CONTENT.has(name) && !name.startsWith('image.')));
}

/** Return what the server laid out, whatever was typed since: also before this script was there. */
export function laidOut(form) {
  const copy = form.cloneNode(true);
  copy.reset();
  return fieldsOf(copy);
}

export function sameFields(one, other) {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

/** Put a value into a field. A box is ticked by any value. */
export function put(form, name, value) {
  const field = form.elements[name];
  if (field.type === 'checkbox') field.checked = Boolean(value);
  else field.value = value;
}

/** Take over a form that the server laid out anew, and go on at the button that was pressed, or near it. */
export function replaceForm(form, fresh, pressed) {
  const shown = form.elements.shown?.value ?? '';
  const before = form.querySelectorAll('.option').length;
  form.replaceChildren(...fresh.getElementById('draft').childNodes);
  showLanguages(form, shown);
  const [act, number] = pressed.split('.');
  const moved = { up: Number(number) - 1, down: Number(number) + 1, 'add-option': before }[act];
  const next = moved === undefined ? form.querySelector(`[value="add-${act.split('-')[1]}"]`) : form.querySelectorAll('.option')[moved];
  const target = next?.matches?.('button') ? next : next?.querySelector('textarea');
  target?.focus();
}

/** Offer to show one language alone, which a phone has room for. */
export function showLanguages(form, shown = '') {
  const choice = form.querySelector('[data-languages]');
  choice.hidden = false;
  const show = (language) => {
    for (const field of form.querySelectorAll('.pair .field')) field.hidden = Boolean(language) && field.dataset.language !== language;
  };
  for (const radio of choice.querySelectorAll('input')) {
    radio.checked = radio.value === shown;
    radio.addEventListener('change', () => show(radio.value));
  }
  show(shown);
}
