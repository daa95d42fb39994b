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

/** Says whether a field holds something else than the page came with: for a list, what it showed at first. */
function isTyped(field) {
  const { options } = field;
  const given = options ? ([...options].find((one) => one.defaultSelected) ?? options[0])?.value : field.defaultValue;
  return field.value !== given;
}

// One form of a part was sent, and the reply brings all of them anew: what was typed into the others stays.
let typed = [];
document.addEventListener('htmx:beforeSwap', ({ detail: { target, requestConfig } }) => {
  typed = [...target.querySelectorAll('textarea, select')]
    .filter((field) => field.form && field.form !== requestConfig.elt && isTyped(field))
    .map(({ form, name, value }) => ({ action: form.getAttribute('action'), name, value }));
});
document.addEventListener('htmx:afterSwap', () => {
  for (const { action, name, value } of typed.splice(0)) {
    const field = [...document.forms].find((form) => form.getAttribute('action') === action)?.elements[name];
    if (!field) continue;
    field.value = value;
    const closed = field.closest('details:not([open])');
    if (closed) closed.open = true;
  }
});

// A part that is replaced cannot speak: what is new of it is said by a live region that stays.
document.addEventListener('htmx:afterSwap', () => {
  const told = document.querySelector('[data-told]');
  const text = [...document.querySelectorAll('[data-tell]')].map((part) => part.textContent.trim()).join(' ');
  if (told && told.textContent !== text) told.textContent = text;
});
