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

/** Take over a form that the server laid out anew, and go on where the button that was pressed leads. */
export function replaceForm(form, fresh, pressed) {
  const shown = form.elements.shown?.value ?? '';
  const opened = [...form.querySelectorAll('details[open][id]')].map((one) => one.id);
  form.replaceChildren(...fresh.getElementById('draft').childNodes);
  for (const id of opened) document.getElementById(id)?.setAttribute('open', '');
  showLanguages(form, shown);
  const next = document.getElementById(pressed.dataset.next);
  if (next) reveal(next);
  const target = next?.matches('button, input, textarea') ? next : next?.querySelector('textarea:not([readonly]), input:not([type="hidden"]), button');
  target?.focus();
}

/** Show what stands in something that is folded or hidden. */
export function reveal(target) {
  target.closest('[hidden]')?.removeAttribute('hidden');
  for (let fold = target.closest('details'); fold; fold = fold.parentElement.closest('details')) fold.open = true;
}

/** Offer to show one language alone, which a phone has room for. */
export function showLanguages(form, shown = '') {
  const choice = form.querySelector('[data-languages]');
  if (!choice) return;
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
