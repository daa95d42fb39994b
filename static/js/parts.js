// Parts of pages that htmx fetches: a reply that is not ours changes nothing, and a request that failed is told.

// The sign-in page of a hotel's network comes with status 200, too. Every reply of ours to htmx has this header.
document.addEventListener('htmx:beforeSwap', ({ detail }) => {
  if (!detail.xhr.getResponseHeader('Passline')) Object.assign(detail, { shouldSwap: false, isError: true });
});

/** Says below its form what a button could not do. What was said of earlier tries would contradict or repeat it. */
function tellBelow(button, part) {
  part.querySelector('[role="status"]')?.remove();
  button.form.querySelector(':scope > [role="alert"]')?.remove();
  const note = document.createElement('p');
  note.className = 'tag';
  note.dataset.tone = 'wrong';
  note.setAttribute('role', 'alert');
  note.textContent = button.dataset.failed;
  button.form.append(note);
  return note;
}

// What was to be changed stays as it is, and can be sent again; beside a part that did not come is a plain link.
for (const name of ['htmx:sendError', 'htmx:timeout', 'htmx:responseError']) {
  document.addEventListener(name, ({ detail }) => {
    const button = detail.requestConfig.triggeringEvent?.submitter;
    const notes = button?.dataset.failed
      ? [tellBelow(button, detail.target)]
      : document.querySelectorAll('[data-when="failed"]');
    for (const note of notes) {
      note.hidden = false;
      // The button that failed may be far below it.
      note.scrollIntoView({ block: 'nearest' });
    }
  });
}

/** Says whether what a form shows is stored nowhere: typed since it came, or refused and shown again. */
function isUnsaved(form) {
  const shownAtFirst = ({ options, defaultValue }) => (options ? ([...options].find((one) => one.defaultSelected) ?? options[0]).value : defaultValue);
  const fields = [...form.querySelectorAll('textarea, select')];
  return fields.some((field) => field.matches('[aria-invalid]') || field.value !== shownAtFirst(field));
}

// The tools of a question are replaced when one of their forms was sent, or with their question: what was typed
// into the others stays, until it is sent.
const unsaved = new Map();
const addressOf = (form) => form.getAttribute('action').split('?')[0];
let focused;
function keepUnsaved(sent) {
  focused = document.activeElement;
  for (const form of document.querySelectorAll('.own form')) {
    if (form !== sent && isUnsaved(form)) unsaved.set(addressOf(form), form);
  }
}
// Pages that put a part into themselves without a request of htmx say so before (review.js).
document.addEventListener('leaving', () => keepUnsaved());
document.addEventListener('htmx:beforeSwap', ({ detail: { requestConfig, shouldSwap } }) => {
  if (shouldSwap) keepUnsaved(requestConfig.elt);
});
document.addEventListener('htmx:afterSwap', () => {
  for (const form of document.querySelectorAll('.own form')) {
    const old = unsaved.get(addressOf(form));
    if (!old || old === form) continue;
    unsaved.delete(addressOf(form));
    form.closest('details').open = true;
    for (const { name, value } of old.querySelectorAll('textarea, select')) form.elements[name].value = value;
    if (focused.form !== old || !focused.matches('textarea')) continue;
    form.elements[focused.name].focus({ preventScroll: true });
    form.elements[focused.name].setSelectionRange(focused.selectionStart, focused.selectionEnd);
  }
});

// A part that is replaced cannot speak: what is new of it is said by a live region that stays.
document.addEventListener('htmx:afterSwap', () => {
  const told = document.querySelector('[data-told]');
  const text = [...document.querySelectorAll('[data-tell]')].map((part) => part.textContent.trim()).join(' ');
  if (told && told.textContent !== text) told.textContent = text;
});

// A file that was asked for and is ready is fetched at once. Its link stays for another time.
document.addEventListener('htmx:afterSwap', () => {
  const link = document.querySelector('[data-fetch]');
  link?.removeAttribute('data-fetch');
  link?.click();
});
