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

// A part that is replaced cannot speak: what is new of it is said by a live region that stays.
document.addEventListener('htmx:afterSwap', () => {
  const told = document.querySelector('[data-told]');
  const text = [...document.querySelectorAll('[data-tell]')].map((part) => part.textContent.trim()).join(' ');
  if (told && told.textContent !== text) told.textContent = text;
});
