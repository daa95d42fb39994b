// The editor of a draft: saves while one types, asks for remarks, says who else is here, fills the preview.
// The page is a form that works without this file.
import { makeConflict } from './editor/conflict.js';
import { fieldsOf, replaceForm, sameFields, showLanguages } from './editor/fields.js';
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

form.addEventListener('input', (event) => {
  if (event.target.name === 'shown') {
    preview.speaks(event.target.value);
    return;
  }
  saving.changed();
  remarks.changed();
  preview.changed();
});

/** Do what a button of the form does, once everything is saved: the server lays the form out anew. */
async function press(button) {
  if (!(await saving.flush()) || button.value === 'save') return;
  // After a refusal the page has the address of another act.
  const response = await fetch(form.action, {
    method: 'POST',
    body: new URLSearchParams(new FormData(form, button)),
  });
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
  if (!response.ok || !fresh.getElementById('draft')) {
    saving.say(words.refused.replace('%s', fresh.querySelector('.alert')?.textContent.trim() ?? response.status));
    return;
  }
  replaceForm(form, fresh, button.value);
  saving.took(fresh.getElementById('editor').dataset);
  remarks.changed();
  preview.changed();
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  if (event.submitter) press(event.submitter);
});

/** Tell whether an act would be done, and not led to the page of signing in, where what was typed for it is lost. */
async function isSignedIn() {
  try {
    const { status } = await post(editor.dataset.touch, {});
    if (status === 200) return true;
    saving.say(status >= 500 ? words.act_offline : words.act_signed_out);
  } catch {
    saving.say(words.act_offline);
  }
  return false;
}

// What is said about a draft is said about what is stored, by somebody who is signed in.
let leaves = false;
for (const act of document.querySelectorAll('form.act')) {
  let isAsking = false;
  act.addEventListener('submit', async (event) => {
    if (leaves) return;
    event.preventDefault();
    if (isAsking) return;
    isAsking = true;
    leaves = (await saving.flush()) && (await isSignedIn());
    isAsking = false;
    if (leaves) act.requestSubmit();
  });
}

const isTyped = () => [...document.querySelectorAll('form.act textarea')].some((field) => field.value !== field.defaultValue);

addEventListener('beforeunload', (event) => {
  if (!sameFields(page.fields(), saving.stored()) || (!leaves && isTyped())) event.preventDefault();
});
