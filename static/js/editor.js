// The editor of a draft: saves while one types, asks for remarks, says who else is here, fills the preview.
// The page is a form that works without this file.
import { makeConflict } from './editor/conflict.js';
import { fieldsOf, replaceForm, sameFields, showLanguages } from './editor/fields.js';
import { followWriting, sayRefused } from './editor/image.js';
import { makePeople } from './editor/people.js';
import { makePreview } from './editor/preview.js';
import { makeRemarks } from './editor/remarks.js';
import { makeSaving } from './editor/saving.js';

const editor = document.getElementById('editor');
const form = document.getElementById('draft');
const words = JSON.parse(editor.dataset.words);
const token = form.elements.csrfmiddlewaretoken.value;

/** Post an object; the reply is its status and its object, null where it is none of ours. */
async function post(address, body, signal) {
  const response = await fetch(address, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRFToken': token },
    body: JSON.stringify(body),
    redirect: 'manual',
    signal,
  });
  const isOurs = response.headers.get('Content-Type')?.includes('json');
  return { status: response.status, body: isOurs ? await response.json() : null };
}

const page = { editor, form, words, post, fields: () => fieldsOf(form) };
const remarks = makeRemarks(page);
const preview = makePreview(page);
const saving = makeSaving(page, makeConflict(page));
makePeople(page, saving);
showLanguages(form);
followWriting(form);

form.addEventListener('input', (event) => {
  if (event.target.name === 'shown' || event.target.name.startsWith('image.')) return;
  saving.changed();
  remarks.changed();
  preview.changed();
});

/** Do what a button of the form does, once everything is saved: the server lays the form out anew. */
async function press(button) {
  if (!(await saving.flush()) || button.value === 'save') return;
  const data = new FormData(form, button);
  const response = await fetch(button.hasAttribute('formaction') ? button.formAction : location.pathname + location.search, {
    method: 'POST',
    body: button.formEnctype === 'multipart/form-data' ? data : new URLSearchParams(data),
  });
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
  if (!response.ok || !fresh.getElementById('draft')) {
    if (sayRefused(form, fresh)) return;
    saving.say(words.refused.replace('%s', fresh.querySelector('.alert')?.textContent.trim() ?? response.status));
    return;
  }
  replaceForm(form, fresh, button.value);
  if (button.value === 'image') form.elements[data.get('image.field')].focus();
  saving.took(fresh.getElementById('editor').dataset);
  remarks.changed();
  preview.changed();
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  if (event.submitter) press(event.submitter);
});

// What is said about a draft is said about what is stored.
for (const act of document.querySelectorAll('form.act')) {
  act.addEventListener('submit', async (event) => {
    if (sameFields(page.fields(), saving.stored())) return;
    event.preventDefault();
    if (await saving.flush()) act.requestSubmit();
  });
}

addEventListener('beforeunload', (event) => {
  if (!sameFields(page.fields(), saving.stored())) event.preventDefault();
});
