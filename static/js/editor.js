// The editor of a draft: saves while one types, asks for remarks, says who else is here, fills the preview.
// The page is a form that works without this file.
import { makeConflict } from './editor/conflict.js';
import { fieldsOf, replaceForm, sameFields, showLanguages } from './editor/fields.js';
import { followWriting, sayRefused } from './editor/image.js';
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
followWriting(form);

form.addEventListener('input', (event) => {
  if (event.target.name.startsWith('image.')) return;
  if (event.target.name === 'shown') {
    preview.speaks(event.target.value);
    return;
  }
  saving.changed();
  remarks.changed();
  preview.changed();
});

let pressing = null;

/** Ask for what a button does. Nothing can be typed meanwhile: it would go with the form that the reply replaces. */
async function ask(button, data) {
  form.inert = true;
  try {
    // After a refusal the page has the address of another act.
    const response = await fetch(button.hasAttribute('formaction') ? button.formAction : form.action, {
      method: 'POST',
      body: button.formEnctype === 'multipart/form-data' ? data : new URLSearchParams(data),
    });
    const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
    return { fresh, status: response.status, isDone: response.ok && fresh.getElementById('draft') };
  } catch {
    return null;
  } finally {
    form.inert = false;
  }
}

/** Do what a button of the form does, once everything is saved: the server lays the form out anew. */
async function press(button) {
  if (!(await saving.flush()) || button.value === 'save') return;
  const data = new FormData(form, button);
  saving.rest();
  const reply = await ask(button, data);
  const fresh = reply?.fresh;
  if (!reply?.isDone) {
    button.focus();
    if (saving.isDirty()) saving.changed();
    if (!reply) saving.say(words.act_offline);
    else if (!sayRefused(form, fresh)) saving.say(words.refused.replace('%s', fresh.querySelector('.alert')?.textContent.trim() ?? reply.status));
    return;
  }
  replaceForm(form, fresh, button);
  preview.offers(fresh);
  if (button.value === 'image') form.elements[data.get('image.field')].focus();
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

/** Tell whether an act would be done, and not led to the page of signing in, where what was typed for it is lost. */
async function isSignedIn() {
  try {
    const { status } = await page.post(editor.dataset.touch, {});
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
    await pressing;
    leaves = (await saving.flush()) && (await isSignedIn());
    isAsking = false;
    if (leaves) act.requestSubmit();
  });
}

const isTyped = () => [...document.querySelectorAll('form.act textarea')].some((field) => field.value !== field.defaultValue);

addEventListener('beforeunload', (event) => {
  if (!sameFields(page.fields(), saving.stored()) || (!leaves && isTyped())) event.preventDefault();
});
