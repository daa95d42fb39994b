// The editor of a draft: saves while one types, asks for remarks, says who else is here, fills the preview.
// The page is a form that works without this file.
import { makeConflict } from './editor/conflict.js';
import { fieldsOf, replaceForm, sameFields, showLanguages } from './editor/fields.js';
import { makePeople } from './editor/people.js';
import { makePost } from './editor/post.js';
import { makePreview } from './editor/preview.js';
import { makeRemarks } from './editor/remarks.js';
import { makeSaving } from './editor/saving.js';

const editor = document.getElementById('editor');
const form = document.getElementById('draft');
const words = JSON.parse(editor.dataset.words);

const page = { editor, form, words, post: makePost(form), fields: () => fieldsOf(form) };
const remarks = makeRemarks(page);
const preview = makePreview(page);
const saving = makeSaving(page, makeConflict(page));
makePeople(page, saving);
showLanguages(form);

form.addEventListener('input', (event) => {
  if (event.target.name === 'shown') return;
  saving.changed();
  remarks.changed();
  preview.changed();
});

let pressing = null;

/** Do what a button of the form does, once everything is saved: the server lays the form out anew. */
async function press(button) {
  if (!(await saving.flush()) || button.value === 'save') return;
  const response = await fetch(location.pathname + location.search, {
    method: 'POST',
    body: new URLSearchParams(new FormData(form, button)),
  });
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
  if (!response.ok || !fresh.getElementById('draft')) {
    saving.say(words.refused.replace('%s', fresh.querySelector('.alert')?.textContent.trim() ?? response.status));
    return;
  }
  replaceForm(form, fresh, button);
  preview.offers(fresh);
  saving.took(fresh.getElementById('editor').dataset);
  remarks.changed();
  preview.changed();
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  if (event.submitter) {
    pressing = press(event.submitter).finally(() => {
      pressing = null;
    });
  }
});

// What is said about a draft is said about what is stored.
for (const act of document.querySelectorAll('form.act')) {
  act.addEventListener('submit', async (event) => {
    if (!pressing && sameFields(page.fields(), saving.stored())) return;
    event.preventDefault();
    await pressing;
    if (await saving.flush()) act.requestSubmit();
  });
}

addEventListener('beforeunload', (event) => {
  if (!sameFields(page.fields(), saving.stored())) event.preventDefault();
});
